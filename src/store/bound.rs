//! Values of the domain in the form in which every engine binds them. SQL does not belong here.

use crate::domain::key::KeyId;
use crate::domain::llm::LlmSettings;
use crate::domain::page::Page;

/// Empty text and zero mean "not set".
pub(super) fn normalised(settings: &LlmSettings) -> LlmSettings {
    let text = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    LlmSettings {
        endpoint: text(&settings.endpoint),
        description: text(&settings.description),
        api_standard: text(&settings.api_standard),
        model: text(&settings.model),
        dimensions: settings.dimensions.filter(|number| *number > 0),
        context_limit: settings.context_limit.filter(|number| *number > 0),
    }
}

/// What a page binds to LIMIT.
pub(super) fn limit(page: Page) -> i64 {
    i64::from(page.limit)
}

/// What a page binds to OFFSET.
pub(super) fn offset(page: Page) -> i64 {
    i64::try_from(page.offset).unwrap_or(i64::MAX)
}

/// Text ids to try, in order, each once: for most ids the forms that a client may mean are equal.
/// Without those that hold U+0000: no text with it reaches a store, so there is nothing to find,
/// and not every engine can be asked.
pub(super) fn candidates(text_ids: &[String]) -> impl Iterator<Item = &String> {
    let earlier = |at: usize| text_ids.get(..at).unwrap_or_default();
    text_ids
        .iter()
        .enumerate()
        .filter(move |(at, text_id)| !text_id.contains('\0') && !earlier(*at).contains(text_id))
        .map(|(_, text_id)| text_id)
}

/// The generation of a keyring, which never leaves the integers of a database.
pub(super) fn generation(generation: u64) -> i64 {
    i64::try_from(generation).unwrap_or(i64::MAX)
}

/// Ids of keys as a JSON array.
pub(super) fn key_ids(ids: &[KeyId]) -> String {
    let ids: serde_json::Value = ids.iter().map(|id| id.0.as_str()).collect();
    ids.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidates_come_once_in_order_and_without_zero_bytes() {
        let ids = ["a+b", "a b", "a+b", "a\0b", "a%20b", "a b"].map(str::to_owned);
        let tried: Vec<_> = candidates(&ids).collect();
        assert_eq!(tried, ["a+b", "a b", "a%20b"]);
    }

    #[test]
    fn an_offset_beyond_what_a_database_counts_is_the_last_one() {
        let page = Page {
            limit: 1,
            offset: u64::MAX,
        };
        assert_eq!(offset(page), i64::MAX);
    }
}

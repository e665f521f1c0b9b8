//! Numbers with the words that agree with them: one value opens, two values open.
//!
//! Every message that counts something says it by this module, so that none tells of "1 values".

/// The number and the words for one or for several: `counted(1, "value", "values")` is `1 value`.
/// The words may go on to the verb: `counted(2, "value opens", "values open")`. A number that no
/// `u64` holds is shown as the largest of them.
#[must_use]
pub fn counted(count: impl TryInto<u64>, one: &str, many: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    let words = if count == 1 { one } else { many };
    format!("{count} {words}")
}

/// `1 value`, `2 values`.
#[must_use]
pub fn values(count: impl TryInto<u64>) -> String {
    counted(count, "value", "values")
}

/// `1 row`, `2 rows`.
#[must_use]
pub fn rows(count: impl TryInto<u64>) -> String {
    counted(count, "row", "rows")
}

/// `1 key`, `2 keys`.
#[must_use]
pub fn keys(count: impl TryInto<u64>) -> String {
    counted(count, "key", "keys")
}

/// `1 data key`, `2 data keys`.
#[must_use]
pub fn data_keys(count: impl TryInto<u64>) -> String {
    counted(count, "data key", "data keys")
}

/// `1 embedding`, `2 embeddings`.
#[must_use]
pub fn embeddings(count: impl TryInto<u64>) -> String {
    counted(count, "embedding", "embeddings")
}

/// `1 project`, `2 projects`.
#[must_use]
pub fn projects(count: impl TryInto<u64>) -> String {
    counted(count, "project", "projects")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_is_singular() {
        assert_eq!(values(0_u64), "0 values");
        assert_eq!(values(1_usize), "1 value");
        assert_eq!(rows(2_u32), "2 rows");
        assert_eq!(
            counted(1_i64, "value opens", "values open"),
            "1 value opens"
        );
        assert_eq!(keys(21_u64), "21 keys");
    }
}

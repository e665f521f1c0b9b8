//! How many values of each column are protected, and by which keys.

use super::{Direction, EncryptionError, Judge, Judged, Named, Subject, Watch, columns};
use crate::domain::key::KeyId;
use crate::target::cipher::{CannotOpen, ValueKind};
use crate::target::rows::Rows;
use crate::target::table::{Column, Mode, Table};
use std::collections::BTreeMap;

/// One column. Every row is counted in exactly one of the numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnCensus {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// Whether its values can be brought back.
    pub mode: Mode,
    /// Sealed or hashed. Sealed ones opened, unless there was no key to open any.
    pub encrypted: u64,
    /// In clear.
    pub plaintext: u64,
    /// NULL or empty.
    pub empty: u64,
    /// Look sealed, and open under no key at hand.
    pub undecryptable: u64,
    /// Name a key that is not at hand.
    pub unknown_key: u64,
    /// Sealed ones by the key that opened them, or that they name where there was none.
    pub by_key: BTreeMap<KeyId, u64>,
}

/// All columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// In the order in which they were declared.
    pub columns: Vec<ColumnCensus>,
    /// Those that look sealed and do not open.
    pub unopened: Named,
    /// Those in clear that are no text.
    pub unusable: Named,
    /// Those that open to a value that opens again, but for those that were named to stay.
    pub twice: Named,
    /// Those that open to a value that opens again and were named: they stay as they are.
    pub left: u64,
    /// Whether there are sealed values that were not opened, since there was no key.
    pub is_untried: bool,
}

/// What a census says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything is protected, and all that can be opened was.
    Protected,
    /// Something is in clear.
    Plaintext,
    /// Something does not open.
    Undecryptable,
    /// Nothing is in clear, and nothing was opened, since there was no key.
    Unopened,
}

impl Verdict {
    /// The word in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Protected => "protected",
            Self::Plaintext => "plaintext",
            Self::Undecryptable => "undecryptable",
            Self::Unopened => "unopened",
        }
    }
}

impl Census {
    /// How many values a run in this direction would write.
    #[must_use]
    pub fn work(&self, direction: Direction) -> u64 {
        match direction {
            Direction::Encrypt => self.to_seal() + self.to_hash(),
            Direction::Decrypt => self.sealed().saturating_sub(self.left),
        }
    }

    /// How many values are hashed, or look so.
    #[must_use]
    pub fn hashed(&self) -> u64 {
        self.of(Mode::Hash, |column| column.encrypted)
    }

    /// How many values in clear would be hashed, which has no way back.
    #[must_use]
    pub fn to_hash(&self) -> u64 {
        self.of(Mode::Hash, |column| column.plaintext)
    }

    /// How many values in clear would be sealed.
    #[must_use]
    pub fn to_seal(&self) -> u64 {
        self.of(Mode::Encrypt, |column| column.plaintext)
    }

    /// How many values are sealed.
    #[must_use]
    pub fn sealed(&self) -> u64 {
        self.of(Mode::Encrypt, |column| column.encrypted)
    }

    fn of(&self, mode: Mode, count: fn(&ColumnCensus) -> u64) -> u64 {
        let columns = self.columns.iter().filter(|column| column.mode == mode);
        columns.map(count).sum()
    }

    /// What it says, the worst first.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let any = |count: fn(&ColumnCensus) -> u64| self.columns.iter().any(|c| count(c) > 0);
        if any(|column| column.undecryptable) || any(|column| column.unknown_key) {
            Verdict::Undecryptable
        } else if any(|column| column.plaintext) {
            Verdict::Plaintext
        } else if self.is_untried {
            Verdict::Unopened
        } else {
            Verdict::Protected
        }
    }
}

impl ColumnCensus {
    fn of(table: &Table, column: &Column) -> Self {
        Self {
            table: table.to_string(),
            column: column.name.to_string(),
            mode: column.form.mode(),
            encrypted: 0,
            plaintext: 0,
            empty: 0,
            undecryptable: 0,
            unknown_key: 0,
            by_key: BTreeMap::new(),
        }
    }
}

pub(super) async fn take(
    rows: &mut dyn Rows,
    subject: &Subject,
    watch: &Watch<'_>,
) -> Result<Census, EncryptionError> {
    let mut census = Census::default();
    let limit = rows.page_rows();
    for (table, column) in columns(&subject.tables) {
        let judge = Judge::new(subject, table, column);
        let mut counts = ColumnCensus::of(table, column);
        let total = rows.rough_count(table).await?;
        let part = format!("looking at {table}.{}", column.name);
        watch.progress.begin(&part, Some(total));
        let (mut after, mut seen) = (None, 0);
        loop {
            // Rows of a file come without waiting: who listens for a Ctrl-C gets a turn here.
            tokio::task::yield_now().await;
            if watch.stop.is_asked() {
                watch.progress.end();
                return Err(EncryptionError::Interrupted { changed: 0 });
            }
            let page = rows.page(table, column, after.as_ref(), limit).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.key.clone());
            for row in &page {
                let judged = judge.judge(&row.key, row.value.as_ref());
                if let (Judged::Plain, Some(value)) = (&judged, &row.value)
                    && value.kind() != ValueKind::Text
                {
                    let what = "it is no text";
                    census.unusable.add(|| judge.name(&row.key), what);
                }
                if let Judged::Unopened(why, _) = &judged
                    && *why != CannotOpen::NoKey
                {
                    let name = || judge.name(&row.key);
                    census.unopened.add(name, &why.to_string());
                }
                if let Judged::Protected(Some(opened)) = &judged
                    && judge.opens_again(&row.key, opened)
                {
                    if judge.is_named(&row.key) {
                        census.left += 1;
                    } else {
                        let what = "it opens to a value that opens once more";
                        census.twice.add(|| judge.name(&row.key), what);
                    }
                }
                counts.count(judged, &mut census.is_untried);
            }
            seen += u64::try_from(page.len()).unwrap_or_default();
            watch.progress.done(seen);
        }
        watch.progress.end();
        census.columns.push(counts);
    }
    Ok(census)
}

impl ColumnCensus {
    fn count(&mut self, judged: Judged, is_untried: &mut bool) {
        let key = match judged {
            Judged::Empty => {
                self.empty += 1;
                return;
            }
            Judged::Plain => {
                self.plaintext += 1;
                return;
            }
            Judged::Unopened(CannotOpen::UnknownKey(id), _) => {
                self.unknown_key += 1;
                Some(id)
            }
            Judged::Unopened(CannotOpen::Undecryptable | CannotOpen::OneWay, _) => {
                self.undecryptable += 1;
                return;
            }
            Judged::Unopened(CannotOpen::NoKey, id) => {
                *is_untried = true;
                self.encrypted += 1;
                id
            }
            Judged::Protected(opened) => {
                self.encrypted += 1;
                opened.map(|opened| opened.key_id)
            }
        };
        if let Some(key) = key {
            match self.by_key.get_mut(&key) {
                Some(count) => *count += 1,
                None => drop(self.by_key.insert(key, 1)),
            }
        }
    }
}

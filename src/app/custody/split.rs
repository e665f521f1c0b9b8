//! Making shares of the keyring.

use super::{CustodyError, Holder, KeyringFacts, MAX_COPY_BYTES, refuse_taken};
use crate::app::{App, Call};
use crate::crypto::sealed_file;
use crate::crypto::shares::{self, Share, Threshold};
use crate::domain::audit::{Action, Details};
use crate::sys::{fs, handed};
use std::path::{Path, PathBuf};

/// How the keyring is to be split, checked as far as it can be before anything is done.
#[derive(Clone, Debug)]
pub struct SplitPlan {
    threshold: Threshold,
    shares: Vec<SplitShare>,
}

/// Where a share is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SplitShare {
    /// Which one, from 1.
    pub index: u8,
    /// Its file.
    pub file: PathBuf,
    /// For whom it is sealed; nothing when it is not.
    pub holder: Option<Holder>,
}

/// A keyring that was split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// The name of the set.
    pub set_id: String,
    /// What was split.
    pub keyring: KeyringFacts,
}

impl SplitPlan {
    /// Plans `total` shares in a folder, of which `needed` are enough; one for each holder, or
    /// none of them sealed.
    ///
    /// # Errors
    ///
    /// [`CustodyError::Threshold`], [`CustodyError::HolderCount`], [`CustodyError::NoFolder`],
    /// and [`CustodyError::File`] when one of the files is there already.
    pub fn new(
        total: u8,
        needed: u8,
        holders: Vec<Holder>,
        dir: &Path,
    ) -> Result<Self, CustodyError> {
        let threshold = Threshold::new(needed, total)?;
        if !holders.is_empty() && holders.len() != usize::from(total) {
            return Err(CustodyError::HolderCount {
                shares: total,
                recipients: holders.len(),
            });
        }
        if !dir.is_dir() {
            return Err(CustodyError::NoFolder(dir.to_path_buf()));
        }
        let extension = if holders.is_empty() { "txt" } else { "age" };
        let mut holders = holders.into_iter();
        let shares: Vec<SplitShare> = (1..=total)
            .map(|index| SplitShare {
                index,
                file: dir.join(format!("embsec-share-{index}-of-{total}.{extension}")),
                holder: holders.next(),
            })
            .collect();
        for share in &shares {
            refuse_taken(&share.file)?;
        }
        Ok(Self { threshold, shares })
    }

    /// The shares, in their order.
    #[must_use]
    pub fn shares(&self) -> &[SplitShare] {
        &self.shares
    }

    /// How many shares are enough.
    #[must_use]
    pub const fn needed(&self) -> u8 {
        self.threshold.needed()
    }

    /// Writes the shares, reads them back and combines them. What was written is removed again
    /// when anything fails.
    fn write(&self, shares: &[Share], text: &[u8]) -> Result<(), CustodyError> {
        let mut made = Vec::new();
        let outcome = self
            .shares
            .iter()
            .zip(shares)
            .map(|(place, share)| write_share(place, share, &mut made))
            .collect::<Result<Vec<Share>, CustodyError>>()
            .and_then(|read_back| self.prove(&read_back, text));
        if outcome.is_err() {
            for file in made {
                // The first error is the one to report.
                handed::remove(file).unwrap_or_default();
            }
        }
        outcome
    }

    /// Combines as many groups of shares as it takes for each of them to be in one.
    fn prove(&self, shares: &[Share], text: &[u8]) -> Result<(), CustodyError> {
        let needed = usize::from(self.threshold.needed());
        let groups = shares
            .chunks_exact(needed)
            .chain(shares.rchunks_exact(needed).take(1));
        for group in groups {
            match shares::combine(group) {
                Ok(secret) if *secret == *text => {}
                _ => return Err(CustodyError::NotAsSplit),
            }
        }
        Ok(())
    }
}

/// Writes one share, and reads it back: what is sealed for its holder was proven when it was
/// sealed, so there the bytes must be the same.
fn write_share<'p>(
    place: &'p SplitShare,
    share: &Share,
    made: &mut Vec<&'p Path>,
) -> Result<Share, CustodyError> {
    let unreadable = || CustodyError::NotAsWritten(place.file.clone());
    let text = share.render();
    let sealed = match &place.holder {
        Some(Holder(recipient)) => {
            let sealed = sealed_file::seal(std::slice::from_ref(recipient), text.as_bytes())?;
            Some(sealed)
        }
        None => None,
    };
    let content = sealed.as_deref().unwrap_or(text.as_bytes());
    fs::write_secret_file_new(&place.file, content)?;
    made.push(&place.file);
    let back = fs::read_private_file(&place.file, MAX_COPY_BYTES)?;
    if *back != *content {
        return Err(unreadable());
    }
    let readable = if sealed.is_some() {
        text.as_bytes()
    } else {
        &back
    };
    Share::parse(readable).map_err(|_| unreadable())
}

impl App {
    /// Splits the keyring in use. The event is recorded before a share is written; when that
    /// fails, a second one says so.
    ///
    /// # Errors
    ///
    /// Any [`CustodyError`] of making copies. No share is left then.
    pub async fn split_keyring(
        &self,
        call: &Call,
        plan: &SplitPlan,
    ) -> Result<Split, CustodyError> {
        let keyring = self.keys().keyring();
        let text = keyring.render();
        let shares = shares::split(text.as_bytes(), plan.threshold, self.rng.as_ref())?;
        let set_id = shares.first().map(|share| share.set_id().to_string());
        let split = Split {
            set_id: set_id.unwrap_or_default(),
            keyring: KeyringFacts::of(&keyring),
        };
        let mut details = split.keyring.details();
        details.insert("set_id".to_owned(), split.set_id.as_str().into());
        details.insert("needed".to_owned(), plan.needed().into());
        details.insert("shares".to_owned(), plan.threshold.total().into());
        let holders = plan.shares.iter().filter_map(|share| share.holder.as_ref());
        let holders: Vec<&Holder> = holders.collect();
        details.insert("recipients".to_owned(), recipients(&holders));
        self.copying(call, Action::KeyringSplit, details, || {
            plan.write(&shares, text.as_bytes())
        })
        .await?;
        Ok(split)
    }
}

/// The recipients of an event.
pub(super) fn recipients(holders: &[&Holder]) -> serde_json::Value {
    holders.iter().map(ToString::to_string).collect()
}

impl KeyringFacts {
    /// What an event tells of a keyring.
    pub(super) fn details(&self) -> Details {
        Details::from_iter([
            ("generation".to_owned(), self.generation.into()),
            ("master_id".to_owned(), self.master_id.0.as_str().into()),
        ])
    }
}

//! Sends a file, in parts when it is large, and reads back what was stored.
//!
//! Every part that the store has is noted at once, so that a later call sends only the others.
//! The store puts the object together at the end: until then there is none under the name.

use super::client::Client;
use super::journal::{Journal, Plan};
use super::reader;
use super::wire::Trouble;
use crate::blob::content::{self, Local};
use crate::blob::{BlobError, Progress, Sha256Sum, Uploaded};
use futures_util::StreamExt as _;
use object_store::PutPayload;
use object_store::multipart::{MultipartStore as _, PartId};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Mutex;

/// The most parts that an upload has.
const PARTS_MAX: u64 = 10_000;

/// Sends a file under a name.
pub(super) async fn upload(
    client: &Arc<Client>,
    name: &str,
    local: &Path,
    sha256: &Sha256Sum,
    progress: Progress<'_>,
) -> Result<Uploaded, BlobError> {
    let local = Local::checked(local, sha256).await?;
    let sending = Sending {
        client,
        name,
        local: &local,
        sha256,
        progress,
    };
    if sending.is_there().await? {
        Journal::remove(&local.path)?;
        progress(local.size);
        return Ok(Uploaded { sent_bytes: 0 });
    }
    let sent_bytes = if local.size <= client.timing.part_bytes {
        let bytes = local.part(0, local.size).await?;
        client.put(name, bytes).await?;
        progress(local.size);
        local.size
    } else {
        sending.in_parts().await?
    };
    if sending.is_there().await? {
        return Ok(Uploaded { sent_bytes });
    }
    client.remove(name).await?;
    Err(BlobError::Damaged {
        place: client.place().to_owned(),
        name: name.to_owned(),
        why: "the store kept other bytes than it was sent; they are removed".to_owned(),
    })
}

/// A file on its way.
struct Sending<'a> {
    client: &'a Arc<Client>,
    name: &'a str,
    local: &'a Local,
    sha256: &'a Sha256Sum,
    progress: Progress<'a>,
}

impl Sending<'_> {
    /// Whether the store has these bytes under the name: by size, then by reading all of them.
    async fn is_there(&self) -> Result<bool, BlobError> {
        match self.client.head(self.name).await? {
            Some(found) if found.size == self.local.size => {}
            _ => return Ok(false),
        }
        let reader = reader::open(self.client, self.name).await?;
        match content::hash_of(reader).await {
            Ok(found) => Ok(found == *self.sha256),
            Err(BlobError::Damaged { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Sends it in parts, and says how many bytes that were.
    async fn in_parts(&self) -> Result<u64, BlobError> {
        if let Some(journal) = self.begun().await? {
            match self.go_on(journal).await {
                // The store has forgotten the upload: a limit of age, or it was completed.
                Err(BlobError::NotFound { .. }) => Journal::remove(&self.local.path)?,
                other => return other,
            }
            if self.is_there().await? {
                return Ok(0);
            }
        }
        let journal = self.begin().await?;
        self.go_on(journal).await
    }

    fn plan(&self) -> Plan<'_> {
        Plan {
            place: self.client.place(),
            name: self.name,
            size: self.local.size,
            sha256: self.sha256,
            part_bytes: self.part_bytes(),
        }
    }

    /// The size of all parts but the last.
    fn part_bytes(&self) -> u64 {
        let least = self.local.size.div_ceil(PARTS_MAX);
        self.client.timing.part_bytes.max(least)
    }

    /// The upload that an earlier call began. One of other bytes is given up.
    async fn begun(&self) -> Result<Option<Journal>, BlobError> {
        let Some(journal) = Journal::load(&self.local.path) else {
            return Ok(None);
        };
        if journal.is_for(&self.plan()) {
            return Ok(Some(journal));
        }
        let key = self.client.key(self.name)?;
        let aborted = self.client.tried(|| async {
            let aborted = self.client.store.abort_multipart(&key, &journal.upload);
            aborted.await.map_err(|e| Trouble::of(&e))
        });
        // It may belong to another destination, and stores remove such uploads themselves.
        aborted.await.result.unwrap_or_default();
        Journal::remove(&self.local.path)?;
        Ok(None)
    }

    async fn begin(&self) -> Result<Journal, BlobError> {
        let key = self.client.key(self.name)?;
        let begun = self.client.tried(|| async {
            let begun = self.client.store.create_multipart(&key).await;
            begun.map_err(|e| Trouble::of(&e))
        });
        let upload = begun.await.result.map_err(|trouble| self.error(trouble))?;
        let journal = Journal::new(&self.plan(), upload);
        journal.save(&self.local.path)?;
        Ok(journal)
    }

    /// Sends the parts that the store does not have, and has it put them together.
    async fn go_on(&self, journal: Journal) -> Result<u64, BlobError> {
        let part_bytes = self.part_bytes();
        let count = usize::try_from(self.local.size.div_ceil(part_bytes)).unwrap_or(usize::MAX);
        for number in journal.parts.keys() {
            (self.progress)(self.length(*number));
        }
        let missing: Vec<usize> = (0..count)
            .filter(|number| !journal.parts.contains_key(number))
            .collect();
        let journal = Mutex::new(journal);
        // Where one fails, those on their way are let arrive, for the next call; no other begins.
        let failed = AtomicBool::new(false);
        let send = async |number| {
            if failed.load(Ordering::Relaxed) {
                return Ok(0);
            }
            let sent = self.send_part(number, &journal).await;
            failed.fetch_or(sent.is_err(), Ordering::Relaxed);
            sent
        };
        let sent: Vec<Result<u64, BlobError>> = futures_util::stream::iter(missing)
            .map(send)
            .buffer_unordered(self.client.timing.parallel.max(1))
            .collect()
            .await;
        let sent_bytes = sent.into_iter().sum::<Result<u64, BlobError>>()?;
        self.complete(journal.into_inner()).await?;
        Journal::remove(&self.local.path)?;
        Ok(sent_bytes)
    }

    /// How long a part is.
    fn length(&self, number: usize) -> u64 {
        let offset = number as u64 * self.part_bytes();
        self.part_bytes()
            .min(self.local.size.saturating_sub(offset))
    }

    async fn send_part(&self, number: usize, journal: &Mutex<Journal>) -> Result<u64, BlobError> {
        let length = self.length(number);
        let offset = number as u64 * self.part_bytes();
        let payload = PutPayload::from(self.local.part(offset, length).await?);
        let key = self.client.key(self.name)?;
        let upload = journal.lock().await.upload.clone();
        let sent = self.client.tried(|| async {
            let store = &self.client.store;
            let sent = store.put_part(&key, &upload, number, payload.clone()).await;
            sent.map_err(|e| Trouble::of(&e))
        });
        let part = sent.await.result.map_err(|trouble| self.error(trouble))?;
        let mut journal = journal.lock().await;
        journal.parts.insert(number, part.content_id);
        journal.save(&self.local.path)?;
        (self.progress)(length);
        Ok(length)
    }

    async fn complete(&self, journal: Journal) -> Result<(), BlobError> {
        let key = self.client.key(self.name)?;
        let parts: Vec<PartId> = journal
            .parts
            .into_values()
            .map(|content_id| PartId { content_id })
            .collect();
        let done = self.client.tried(|| async {
            let store = &self.client.store;
            let done = store.complete_multipart(&key, &journal.upload, parts.clone());
            done.await.map_err(|e| Trouble::of(&e))
        });
        let done = done.await;
        let Err(trouble) = done.result else {
            return Ok(());
        };
        // An earlier try may have been heard; the store does not know the upload any more then.
        if done.again && self.is_there().await.unwrap_or(false) {
            return Ok(());
        }
        Err(self.error(trouble))
    }

    fn error(&self, trouble: Trouble) -> BlobError {
        self.client.error("send a file", self.name, trouble)
    }
}

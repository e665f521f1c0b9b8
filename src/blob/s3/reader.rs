//! Reads an object range by range, so that a lost connection costs one range.

use super::client::Client;
use crate::blob::{BlobError, BlobReader};
use async_trait::async_trait;
use std::sync::Arc;

/// Opens an object.
pub(super) async fn open(
    client: &Arc<Client>,
    name: &str,
) -> Result<Box<dyn BlobReader>, BlobError> {
    let found = client.head(name).await?;
    let found = found.ok_or_else(|| BlobError::NotFound {
        place: client.place().to_owned(),
        name: name.to_owned(),
    })?;
    Ok(Box::new(Reader {
        client: Arc::clone(client),
        name: name.to_owned(),
        size: found.size,
        e_tag: found.e_tag,
        read: 0,
    }))
}

struct Reader {
    client: Arc<Client>,
    name: String,
    size: u64,
    e_tag: Option<String>,
    read: u64,
}

#[async_trait]
impl BlobReader for Reader {
    fn size_bytes(&self) -> u64 {
        self.size
    }

    async fn next(&mut self) -> Result<Option<Vec<u8>>, BlobError> {
        if self.read == self.size {
            return Ok(None);
        }
        let end = self.size.min(self.read + self.client.timing.part_bytes);
        let range = self.read..end;
        let bytes = self
            .client
            .read_range(&self.name, range, self.e_tag.as_deref());
        let bytes = bytes.await?;
        self.read = end;
        Ok(Some(bytes))
    }
}

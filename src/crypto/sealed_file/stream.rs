//! Large files sealed as streams: age files without armour, to the one identity of a backup.
//!
//! The header is the age crate's. The payload is its STREAM as well (64 KiB chunks of
//! ChaCha20-Poly1305, each with its number and whether it is the last), done with ring, which
//! takes a fraction of the time; the stock `age` tool and the age crate read and write the same.

#[cfg(test)]
mod tests;

use super::recipient::{BackupIdentity, Recipient};
use super::{Keyhole, MAGIC, OpenFileError, SealFileError};
use age::{DecryptError, Decryptor, Encryptor, Identity};
use age_core::format::{FileKey, Stanza};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Salt};
use secrecy::ExposeSecret as _;
use std::io::{self, BufRead as _, BufReader, Read, Write};

/// The bytes of a chunk before it is sealed.
const CHUNK_BYTES: usize = 64 << 10;
/// The bytes of a tag.
const TAG_BYTES: usize = 16;
/// The bytes of the nonce behind the header.
const NONCE_BYTES: usize = 16;
/// What the key of the payload is derived for.
const PAYLOAD: &[u8] = b"payload";
/// The most bytes of a header: room for some hundred recipients.
const MAX_HEADER_BYTES: u64 = 1 << 16;
/// How the last line of a header begins.
const HEADER_END: &[u8] = b"---";

/// Why a stream does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenStreamError {
    /// It is not what was sealed, or not for this identity.
    #[error(transparent)]
    File(#[from] OpenFileError),
    /// The reader below failed.
    #[error("it cannot be read")]
    Read(#[source] io::Error),
}

impl OpenFileError {
    /// What an [`OpeningReader`] found, if this is an error of its own and not of the reader below.
    #[must_use]
    pub fn within(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }
}

/// Seals what is written to it. Without [`finish`](Self::finish) the file does not open.
pub struct SealingWriter<W: Write> {
    writer: W,
    stream: Stream,
    /// What waits to be a chunk; the last chunk is known as such only at the end.
    chunk: Vec<u8>,
}

impl<W: Write> SealingWriter<W> {
    /// Begins a file for this recipient alone, and writes its header.
    ///
    /// # Errors
    ///
    /// That of the writer; [`SealFileError::Failed`] within when the library refuses, a bug.
    pub fn new(mut writer: W, recipient: &Recipient) -> io::Result<Self> {
        let (header, stream) = begin(recipient).ok_or_else(refused)?;
        writer.write_all(&header)?;
        Ok(Self {
            writer,
            stream,
            chunk: Vec::with_capacity(CHUNK_BYTES + TAG_BYTES),
        })
    }

    /// Seals the last chunk and yields the writer.
    ///
    /// # Errors
    ///
    /// That of the writer.
    pub fn finish(mut self) -> io::Result<W> {
        self.seal_chunk(true)?;
        self.writer.flush()?;
        Ok(self.writer)
    }

    fn seal_chunk(&mut self, is_last: bool) -> io::Result<()> {
        let nonce = self.stream.nonce(is_last).ok_or_else(refused)?;
        self.stream
            .key
            .seal_in_place_append_tag(nonce, Aad::empty(), &mut self.chunk)
            .map_err(|_| refused())?;
        let written = self.writer.write_all(&self.chunk);
        self.chunk.clear();
        written
    }
}

impl<W: Write> Write for SealingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.chunk.len() == CHUNK_BYTES && !bytes.is_empty() {
            self.seal_chunk(false)?;
        }
        let count = bytes.len().min(CHUNK_BYTES - self.chunk.len());
        self.chunk
            .extend_from_slice(bytes.get(..count).unwrap_or_default());
        Ok(count)
    }

    /// Flushes the writer below; a chunk that is not full yet stays here.
    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

fn refused() -> io::Error {
    io::Error::other(SealFileError::Failed)
}

/// The header with the nonce behind it, and the stream that follows.
fn begin(recipient: &Recipient) -> Option<(Vec<u8>, Stream)> {
    let keyhole = Keyhole::default();
    let both = [recipient.as_dyn(), &keyhole];
    let encryptor = Encryptor::with_recipients(both.into_iter()).ok()?;
    // An empty file: the header, the nonce, and one chunk that is nothing but a tag. The chunk is
    // dropped, so that the nonce serves once.
    let mut header = encryptor.wrap_output(Vec::new()).ok()?.finish().ok()?;
    header.truncate(header.len().checked_sub(TAG_BYTES)?);
    let nonce = *header.last_chunk()?;
    let file_key = keyhole.0.into_inner()?;
    Some((header, Stream::new(&file_key, nonce)?))
}

/// Opens what is read through it. No byte of a chunk is handed out before the chunk is proven; that
/// nothing is missing is known only when the end was read.
pub struct OpeningReader<R: Read> {
    reader: BufReader<R>,
    stream: Stream,
    chunk: Vec<u8>,
    /// The part of the chunk that is proven and was not handed out.
    ready: std::ops::Range<usize>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Reading,
    Ended,
    Damaged,
}

impl<R: Read> OpeningReader<R> {
    /// Reads the header.
    ///
    /// # Errors
    ///
    /// Any [`OpenStreamError`].
    pub fn new(reader: R, identity: &BackupIdentity) -> Result<Self, OpenStreamError> {
        let mut reader = BufReader::with_capacity(CHUNK_BYTES + TAG_BYTES, reader);
        let header = read_header(&mut reader)?;
        let nonce = *header.last_chunk().ok_or(OpenFileError::Damaged)?;
        let file_key = file_key(&header, identity)?;
        Ok(Self {
            reader,
            stream: Stream::new(&file_key, nonce).ok_or(OpenFileError::Damaged)?,
            chunk: Vec::with_capacity(CHUNK_BYTES + TAG_BYTES),
            ready: 0..0,
            state: State::Reading,
        })
    }

    /// Reads a chunk and proves it.
    fn open_chunk(&mut self) -> io::Result<()> {
        self.chunk.clear();
        let most = u64::try_from(CHUNK_BYTES + TAG_BYTES).unwrap_or(u64::MAX);
        self.reader
            .by_ref()
            .take(most)
            .read_to_end(&mut self.chunk)?;
        // What nothing follows must have been sealed as the last one, and nothing else must.
        let is_last = fill(&mut self.reader)?.is_empty();
        let is_first = self.stream.is_at_start();
        let opened = self.stream.nonce(is_last).and_then(|nonce| {
            let opened = self
                .stream
                .key
                .open_in_place(nonce, Aad::empty(), &mut self.chunk);
            opened.ok().map(|opened| opened.len())
        });
        // Only an empty file may have an empty chunk.
        match opened.filter(|length| *length > 0 || is_first) {
            Some(length) => {
                self.ready = 0..length;
                self.state = if is_last {
                    State::Ended
                } else {
                    State::Reading
                };
                Ok(())
            }
            None => {
                self.state = State::Damaged;
                Err(damaged())
            }
        }
    }
}

impl<R: Read> Read for OpeningReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.ready.is_empty() && !buffer.is_empty() {
            match self.state {
                State::Reading => self.open_chunk()?,
                State::Ended => return Ok(0),
                State::Damaged => return Err(damaged()),
            }
        }
        let ready = self.chunk.get(self.ready.clone()).unwrap_or_default();
        let count = ready.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), ready.get(..count)) {
            to.copy_from_slice(from);
        }
        self.ready.start += count;
        Ok(count)
    }
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, OpenFileError::Damaged)
}

/// The bytes that come next, none at the end.
fn fill<R: Read>(reader: &mut BufReader<R>) -> io::Result<&[u8]> {
    while let Err(error) = reader.fill_buf() {
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
    Ok(reader.buffer())
}

/// The header with the nonce behind it.
fn read_header<R: Read>(reader: &mut BufReader<R>) -> Result<Vec<u8>, OpenStreamError> {
    let mut header = Vec::new();
    loop {
        let start = header.len();
        let left = MAX_HEADER_BYTES.saturating_sub(u64::try_from(start).unwrap_or(u64::MAX));
        reader
            .by_ref()
            .take(left)
            .read_until(b'\n', &mut header)
            .map_err(OpenStreamError::Read)?;
        let line = header.get(start..).unwrap_or_default();
        if start == 0 && !line.starts_with(MAGIC) {
            return Err(OpenFileError::NotSealed.into());
        }
        if !line.ends_with(b"\n") {
            return Err(OpenFileError::Damaged.into());
        }
        if line.starts_with(HEADER_END) {
            break;
        }
    }
    let mut nonce = [0; NONCE_BYTES];
    reader
        .read_exact(&mut nonce)
        .map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => OpenFileError::Damaged.into(),
            _ => OpenStreamError::Read(error),
        })?;
    header.extend(nonce);
    Ok(header)
}

/// The key of a file whose header the identity opens and proves.
fn file_key(header: &[u8], identity: &BackupIdentity) -> Result<FileKey, OpenFileError> {
    let file = Decryptor::new(header).map_err(|_| OpenFileError::Damaged)?;
    if file.is_scrypt() {
        return Err(OpenFileError::NeedsPassphrase);
    }
    let through = Through {
        identity,
        keyhole: Keyhole::default(),
    };
    file.decrypt(std::iter::once(&through as &dyn Identity))
        .map_err(super::why_closed)?;
    through.keyhole.0.into_inner().ok_or(OpenFileError::NoMatch)
}

/// An identity that keeps the key of the file that it opens.
struct Through<'a> {
    identity: &'a BackupIdentity,
    keyhole: Keyhole,
}

impl Identity for Through<'_> {
    fn unwrap_stanza(&self, stanza: &Stanza) -> Option<Result<FileKey, DecryptError>> {
        let opened = self.identity.as_dyn().unwrap_stanza(stanza)?;
        Some(opened.inspect(|key| self.keyhole.keep(key)))
    }
}

/// The chunks of one payload: its key, and which chunk comes next.
struct Stream {
    key: LessSafeKey,
    next: u64,
}

impl Stream {
    fn new(file_key: &FileKey, nonce: [u8; NONCE_BYTES]) -> Option<Self> {
        let key = Salt::new(HKDF_SHA256, &nonce).extract(file_key.expose_secret());
        let key = key.expand(&[PAYLOAD], &CHACHA20_POLY1305).ok()?;
        Some(Self {
            key: LessSafeKey::new(UnboundKey::from(key)),
            next: 0,
        })
    }

    const fn is_at_start(&self) -> bool {
        self.next == 0
    }

    /// The nonce of the next chunk, which no other chunk gets: eleven bytes of its number, and
    /// whether it is the last one.
    fn nonce(&mut self, is_last: bool) -> Option<Nonce> {
        let number = u128::from(self.next) << 8 | u128::from(is_last);
        self.next = self.next.checked_add(1)?;
        let bytes = number.to_be_bytes();
        bytes
            .last_chunk()
            .map(|bytes| Nonce::assume_unique_for_key(*bytes))
    }
}

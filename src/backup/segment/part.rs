//! A part of a block: bytes as they are or compressed, whichever pays. What is in them is not
//! known here.

use super::DecodeError;
use std::io::{self, Read, Write};
use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe::{self, CParameter, ParamSwitch};

/// The level of compression everywhere: higher ones cost much more and gain little on such data.
pub(super) const LEVEL: i32 = 1;

/// Bytes that are stored as they are.
const RAW: u8 = 0;
/// Bytes that are one frame of zstd.
const ZSTD: u8 = 1;

/// How many bytes are looked at to see whether compression pays, in strips all over the part.
const SAMPLE_BYTES: usize = 4096;
/// The length of a strip.
const STRIP_BYTES: usize = 256;
/// From this many bits on that a byte carries, compression doesn't pay. Noise has 7.95 in a sample
/// of this size.
const NOISE_BITS: f32 = 7.8;
/// How many bytes compression passes over in planes, where it finds nothing that repeats: their
/// worth is in some values being likelier than others. That is three times as fast as looking for
/// repetitions, and the result is smaller.
const PLANE_STRIDE: u32 = 64;
/// Compression must save at least one part in this many, or reading it back is wasted work.
const MIN_SAVING: usize = 32;

/// What the bytes of a part are like.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Nature {
    /// Texts and numbers, with repetitions.
    Mixed,
    /// A byte of each number.
    Plane,
}

/// Writes parts. Keeps its buffers from part to part.
pub(super) struct PartWriter {
    mixed: Compressor<'static>,
    plane: Compressor<'static>,
    compressed: Vec<u8>,
}

impl PartWriter {
    pub(super) fn new() -> io::Result<Self> {
        let mut plane = Compressor::new(LEVEL)?;
        plane.set_parameter(CParameter::TargetLength(PLANE_STRIDE))?;
        plane.set_parameter(CParameter::LiteralCompressionMode(ParamSwitch::Enable))?;
        Ok(Self {
            mixed: Compressor::new(LEVEL)?,
            plane,
            compressed: Vec::new(),
        })
    }

    /// Writes one part with its header.
    pub(super) fn write(
        &mut self,
        writer: &mut impl Write,
        kind: u8,
        nature: Nature,
        bytes: &[u8],
    ) -> io::Result<()> {
        let (codec, stored) = if self.compress(nature, bytes)? {
            (ZSTD, self.compressed.as_slice())
        } else {
            (RAW, bytes)
        };
        writer.write_all(&[kind, codec])?;
        writer.write_all(&length(stored)?)?;
        writer.write_all(&length(bytes)?)?;
        writer.write_all(stored)
    }

    /// Whether `compressed` now holds these bytes, in clearly fewer.
    fn compress(&mut self, nature: Nature, bytes: &[u8]) -> io::Result<bool> {
        if is_noise(bytes) {
            return Ok(false);
        }
        self.compressed.clear();
        self.compressed
            .reserve(zstd_safe::compress_bound(bytes.len()));
        let compressor = match nature {
            Nature::Mixed => &mut self.mixed,
            Nature::Plane => &mut self.plane,
        };
        compressor.compress_to_buffer(bytes, &mut self.compressed)?;
        Ok(self.compressed.len() < bytes.len() - bytes.len() / MIN_SAVING)
    }
}

/// A length as it is written.
fn length(bytes: &[u8]) -> io::Result<[u8; 4]> {
    u32::try_from(bytes.len())
        .map(u32::to_be_bytes)
        .map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge))
}

/// Whether the bytes look as if no value was likelier than another.
fn is_noise(bytes: &[u8]) -> bool {
    if bytes.len() < SAMPLE_BYTES {
        return false;
    }
    let mut counts = [0_u16; 256];
    let strips = bytes.chunks_exact(bytes.len() / (SAMPLE_BYTES / STRIP_BYTES));
    for byte in strips.flat_map(|strip| strip.get(..STRIP_BYTES).unwrap_or(strip)) {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count += 1;
        }
    }
    let total: f32 = counts.iter().map(|count| f32::from(*count)).sum();
    let bits: f32 = counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| f32::from(*count) * (total / f32::from(*count)).log2())
        .sum();
    bits > NOISE_BITS * total
}

/// Reads parts. Keeps its buffers from part to part.
pub(super) struct PartReader {
    decompressor: Decompressor<'static>,
    stored: Vec<u8>,
}

impl PartReader {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            decompressor: Decompressor::new()?,
            stored: Vec::new(),
        })
    }

    /// Reads a part into `bytes`, which has at most `most` bytes then. Memory is taken as bytes
    /// arrive, and for what comes out of them once the length is known to be possible.
    pub(super) fn read(
        &mut self,
        reader: &mut impl Read,
        kind: u8,
        most: usize,
        bytes: &mut Vec<u8>,
    ) -> Result<(), DecodeError> {
        let [found, codec] = array(reader)?;
        let stored = u32::from_be_bytes(array(reader)?);
        let raw = u32::from_be_bytes(array(reader)?);
        let raw_bytes = usize::try_from(raw).unwrap_or(usize::MAX);
        if found != kind || raw_bytes > most {
            return Err(DecodeError::Damaged("a part is not the one that follows"));
        }
        bytes.clear();
        match codec {
            RAW if stored == raw => exactly(reader, stored, bytes),
            ZSTD if stored < raw => {
                exactly(reader, stored, &mut self.stored)?;
                self.decompress(raw_bytes, bytes)
            }
            RAW | ZSTD => Err(DecodeError::Damaged("the lengths of a part cannot be")),
            _ => Err(DecodeError::Damaged("a part has an unknown compression")),
        }
    }

    fn decompress(&mut self, raw_bytes: usize, bytes: &mut Vec<u8>) -> Result<(), DecodeError> {
        const BAD: DecodeError = DecodeError::Damaged("a part does not decompress");
        let said = zstd_safe::get_frame_content_size(&self.stored);
        if said.ok().flatten() != u64::try_from(raw_bytes).ok() {
            return Err(BAD);
        }
        bytes.reserve(raw_bytes);
        self.decompressor
            .decompress_to_buffer(&self.stored, bytes)
            .map_err(|_| BAD)?;
        if bytes.len() == raw_bytes {
            Ok(())
        } else {
            Err(BAD)
        }
    }
}

/// Reads exactly this many bytes, and takes no memory for those that don't come.
pub(super) fn exactly(
    reader: &mut impl Read,
    length: u32,
    bytes: &mut Vec<u8>,
) -> Result<(), DecodeError> {
    bytes.clear();
    let read = reader
        .take(u64::from(length))
        .read_to_end(bytes)
        .map_err(DecodeError::Read)?;
    if u32::try_from(read) == Ok(length) {
        Ok(())
    } else {
        Err(DecodeError::Truncated)
    }
}

/// Reads a few bytes.
pub(super) fn array<const LENGTH: usize>(
    reader: &mut impl Read,
) -> Result<[u8; LENGTH], DecodeError> {
    let mut bytes = [0; LENGTH];
    reader
        .read_exact(&mut bytes)
        .map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => DecodeError::Truncated,
            _ => DecodeError::Read(error),
        })?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes without a pattern.
    fn noise(length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        blake3::Hasher::new().finalize_xof().fill(&mut bytes);
        bytes
    }

    #[test]
    fn noise_is_stored_as_it_is_and_everything_else_compressed() {
        let exponents: Vec<u8> = noise(1 << 16).iter().map(|byte| 0x78 | byte & 7).collect();
        let (mixed, plane) = (Nature::Mixed, Nature::Plane);
        for (bytes, nature, codec) in [
            (noise(1 << 16), plane, RAW),
            (noise(1 << 16), mixed, RAW),
            (noise(100), mixed, RAW),
            (exponents, plane, ZSTD),
            (vec![0; 1 << 16], plane, ZSTD),
            (b"the same again and again ".repeat(99), mixed, ZSTD),
            (Vec::new(), plane, RAW),
        ] {
            let mut written = Vec::new();
            let mut writer = PartWriter::new().unwrap();
            writer.write(&mut written, 7, nature, &bytes).unwrap();
            assert_eq!(written[..2], [7, codec], "{} bytes", bytes.len());
            let (mut parts, mut read) = (PartReader::new().unwrap(), Vec::new());
            parts
                .read(&mut written.as_slice(), 7, bytes.len(), &mut read)
                .unwrap();
            assert_eq!(read, bytes);
        }
    }

    #[test]
    fn no_memory_is_taken_on_the_word_of_a_length() {
        let huge = u32::MAX.to_be_bytes();
        let file = [&[0, RAW], &huge[..], &huge[..], b"few bytes"].concat();
        let (mut parts, mut read) = (PartReader::new().unwrap(), Vec::new());
        let outcome = parts.read(&mut file.as_slice(), 0, usize::MAX, &mut read);
        assert!(matches!(outcome, Err(DecodeError::Truncated)));
        assert!(read.capacity() < 1 << 16);
        let outcome = parts.read(&mut file.as_slice(), 0, 1 << 20, &mut read);
        assert!(matches!(outcome, Err(DecodeError::Damaged(_))));
    }
}

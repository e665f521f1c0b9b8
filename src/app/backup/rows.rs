//! Reads a database into segments.

use super::{BackupError, Watch};
use crate::backup::manifest::{FileEntry, FileKind, TableEntry};
use crate::backup::segment::SegmentFormat;
use crate::backup::writer::{Content, Failed, Made, SegmentWriter};
use crate::domain::backup::{BLOCK_BYTES, Block, RowFormat, RowSum, TableShape};
use crate::sys::fs::{self, FsError};
use crate::target::dump::{BlockSink, Dump, DumpError, SinkClosed};
use async_trait::async_trait;
use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// How tables are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// Numbers of vectors apart from the rest, which is smaller and quicker.
    #[default]
    Split,
    /// As `COPY` takes them: decoding needs no embsec and no script.
    Portable,
}

/// A file that travels beside the tables.
pub(super) struct FileToSend<'f> {
    pub(super) kind: FileKind,
    pub(super) name: String,
    pub(super) from: From<'f>,
}

/// Where the bytes of a file are.
pub(super) enum From<'f> {
    /// So many bytes of a file.
    Disk(&'f Path, u64),
    Memory(&'f [u8]),
}

/// What was read, by its places among the segments.
#[derive(Default)]
pub(super) struct Places {
    tables: Vec<(TableShape, Range<usize>)>,
    files: Vec<(FileKind, String, u64, Range<usize>)>,
}

/// Reads all tables.
pub(super) async fn tables(
    dump: &mut dyn Dump,
    writer: &mut SegmentWriter,
    form: Form,
    places: &mut Places,
    watch: &Watch<'_>,
) -> Result<(), BackupError> {
    let shapes = dump.tables().to_vec();
    watch
        .progress
        .begin("reading rows, bytes", Some(dump.estimated_bytes()));
    let mut read_bytes = 0;
    for shape in shapes {
        let from = writer.end().await.map_err(failed)?;
        let shape = Arc::new(shape);
        let mut sink = Sink {
            content: Content {
                format: format_of(&shape, form),
                shape: Some(Arc::clone(&shape)),
            },
            writer,
            watch,
            read_bytes: &mut read_bytes,
        };
        let copied = dump.copy(&shape, &mut sink).await;
        copied.map_err(|error| {
            if watch.stop.is_asked() {
                BackupError::Interrupted("while the rows were read; nothing is left of it")
            } else {
                error.into()
            }
        })?;
        let to = writer.end().await.map_err(failed)?;
        places.tables.push((Arc::unwrap_or_clone(shape), from..to));
    }
    watch.progress.end();
    Ok(())
}

const fn format_of(shape: &TableShape, form: Form) -> SegmentFormat {
    match (shape.format, form) {
        (RowFormat::Text, _) => SegmentFormat::PgcopyText,
        (RowFormat::Binary, Form::Split) => SegmentFormat::PgcopySplit,
        (RowFormat::Binary, Form::Portable) => SegmentFormat::PgcopyBinary,
    }
}

/// Whatever stopped the writer is told when it is finished.
const fn failed(_: Failed) -> BackupError {
    BackupError::Dump(DumpError::Closed(SinkClosed))
}

struct Sink<'s, 'w> {
    content: Content,
    writer: &'s mut SegmentWriter,
    watch: &'s Watch<'w>,
    read_bytes: &'s mut u64,
}

#[async_trait]
impl BlockSink for Sink<'_, '_> {
    async fn block(&mut self, block: Block) -> Result<(), SinkClosed> {
        if self.watch.stop.is_asked() {
            return Err(SinkClosed);
        }
        *self.read_bytes += u64::try_from(block.bytes.len()).unwrap_or(0);
        self.watch.progress.done(*self.read_bytes);
        let pushed = self.writer.push(&self.content, block).await;
        pushed.map_err(|_| SinkClosed)
    }

    fn spare(&mut self) -> Vec<u8> {
        self.writer.spare()
    }
}

/// Reads a file.
pub(super) async fn file(
    file: &FileToSend<'_>,
    writer: &mut SegmentWriter,
    places: &mut Places,
    watch: &Watch<'_>,
) -> Result<(), BackupError> {
    let content = Content {
        format: SegmentFormat::Bytes,
        shape: None,
    };
    let first = writer.end().await.map_err(failed)?;
    let mut size_bytes = 0;
    match file.from {
        From::Memory(bytes) => {
            for chunk in bytes.chunks(BLOCK_BYTES) {
                size_bytes += push(writer, &content, chunk.to_vec()).await?;
            }
        }
        From::Disk(path, most_bytes) => {
            let opened = File::open(path).map_err(|error| fs::cannot("open", path, error))?;
            let mut opened = opened.take(most_bytes);
            watch
                .progress
                .begin("reading files, bytes", Some(most_bytes));
            while let Some(chunk) = chunk(&mut opened, path, writer.spare())? {
                if watch.stop.is_asked() {
                    return Err(BackupError::Interrupted(
                        "while the file was read; nothing is left of it",
                    ));
                }
                size_bytes += push(writer, &content, chunk).await?;
                watch.progress.done(size_bytes);
            }
            watch.progress.end();
        }
    }
    let end = writer.end().await.map_err(failed)?;
    places
        .files
        .push((file.kind, file.name.clone(), size_bytes, first..end));
    Ok(())
}

async fn push(
    writer: &mut SegmentWriter,
    content: &Content,
    bytes: Vec<u8>,
) -> Result<u64, BackupError> {
    let length = u64::try_from(bytes.len()).unwrap_or(0);
    let block = Block { bytes, rows: 0 };
    writer.push(content, block).await.map_err(failed)?;
    Ok(length)
}

fn chunk(
    file: &mut impl Read,
    path: &Path,
    mut bytes: Vec<u8>,
) -> Result<Option<Vec<u8>>, FsError> {
    let limit = u64::try_from(BLOCK_BYTES).unwrap_or(u64::MAX);
    bytes.reserve(BLOCK_BYTES);
    file.by_ref()
        .take(limit)
        .read_to_end(&mut bytes)
        .map_err(|error| fs::cannot("read", path, error))?;
    Ok((!bytes.is_empty()).then_some(bytes))
}

impl Places {
    /// What the manifest says of tables and files, now that their segments are made.
    pub(super) fn settle(self, made: &[Made]) -> (Vec<TableEntry>, Vec<FileEntry>) {
        let tables = self.tables.into_iter().map(|(shape, range)| {
            let mut entry = TableEntry {
                shape,
                rows: 0,
                raw_bytes: 0,
                row_sum: String::new(),
                segments: range.clone().collect(),
            };
            let mut sum = RowSum::default();
            for made in made.get(range).unwrap_or_default() {
                entry.rows += made.entry.rows;
                entry.raw_bytes += made.entry.raw_bytes;
                sum.add(made.sum);
            }
            entry.row_sum = sum.to_string();
            entry
        });
        let files = self
            .files
            .into_iter()
            .map(|(kind, name, size_bytes, range)| FileEntry {
                kind,
                name,
                size_bytes,
                segments: range.collect(),
            });
        (tables.collect(), files.collect())
    }
}

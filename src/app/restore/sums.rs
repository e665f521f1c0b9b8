//! Compares what was restored with what the backup says of it, table by table.

use super::RestoreError;
use crate::app::backup::{OpenBackup, Watch};
use crate::backup::segment::count_rows;
use crate::domain::backup::{Block, RowFormat, RowSum};
use crate::target::dump::{BlockSink, SinkClosed};
use crate::target::load::Load;
use async_trait::async_trait;

/// Adds up the rows of a table as they come.
struct Sum {
    format: RowFormat,
    rows: u64,
    sum: RowSum,
    /// Room of the block before.
    spare: Vec<u8>,
}

#[async_trait]
impl BlockSink for Sum {
    async fn block(&mut self, block: Block) -> Result<(), SinkClosed> {
        let counted = count_rows(self.format, &block.bytes).map_err(|_| SinkClosed)?;
        self.rows += counted.rows;
        self.sum.add(counted.sum);
        self.spare = block.bytes;
        Ok(())
    }

    fn spare(&mut self) -> Vec<u8> {
        self.spare.clear();
        std::mem::take(&mut self.spare)
    }
}

/// Reads every table of the restored database and adds it up.
pub(super) async fn compare(
    backup: &OpenBackup,
    load: &mut dyn Load,
    watch: &Watch<'_>,
) -> Result<(), RestoreError> {
    let tables = &backup.manifest.tables;
    let total = tables.iter().map(|table| table.rows).sum();
    watch.progress.begin("comparing, rows", Some(total));
    let mut done = 0;
    for table in tables {
        if watch.stop.is_asked() {
            return Err(RestoreError::Interrupted);
        }
        let mut sum = Sum {
            format: table.shape.format,
            rows: 0,
            sum: RowSum::default(),
            spare: Vec::new(),
        };
        load.read_back(&table.shape, &mut sum).await?;
        if sum.rows != table.rows || sum.sum.to_string() != table.row_sum {
            return Err(RestoreError::Differs(format!("table {}", table.shape)));
        }
        done += table.rows;
        watch.progress.done(done);
    }
    watch.progress.end();
    Ok(())
}

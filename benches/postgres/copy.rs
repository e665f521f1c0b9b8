//! Rows in the binary format of COPY (PostgreSQL documentation, COPY, "Binary Format").

use crate::server::execute;
use embsec::vector::HalfVector;
use sqlx::postgres::PgConnection;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// The columns that a file of rows holds.
const COLUMNS: &str = "project_id, instance_id, data_revision, created_at, updated_at, text_id, \
    vector_dim, vector, text, metadata";
const COLUMN_COUNT: i16 = 10;

/// A row to copy.
pub(crate) struct CopyRow<'r> {
    pub(crate) project_id: i64,
    pub(crate) text_id: String,
    pub(crate) vector: &'r [f32],
    pub(crate) text: &'r str,
    pub(crate) metadata: &'r str,
}

/// Writes a file that [`copy_in`] reads.
pub(crate) fn write(path: &Path, rows: &[CopyRow<'_>]) {
    let mut file = BufWriter::new(File::create(path).unwrap());
    file.write_all(SIGNATURE).unwrap();
    for row in rows {
        let mut tuple = COLUMN_COUNT.to_be_bytes().to_vec();
        for number in [row.project_id, 1, 1, 0, 0] {
            field(&mut tuple, &number.to_be_bytes());
        }
        field(&mut tuple, row.text_id.as_bytes());
        let dim = u16::try_from(row.vector.len()).unwrap();
        field(&mut tuple, &i32::from(dim).to_be_bytes());
        // pgvector sends a halfvec as its length, two unused bytes, and the components.
        let mut vector = dim.to_be_bytes().to_vec();
        vector.extend_from_slice(&[0, 0]);
        let halves = HalfVector::from_f32(row.vector).unwrap().to_le_bytes();
        vector.extend(halves.chunks_exact(2).flat_map(|half| [half[1], half[0]]));
        field(&mut tuple, &vector);
        field(&mut tuple, row.text.as_bytes());
        field(&mut tuple, row.metadata.as_bytes());
        file.write_all(&tuple).unwrap();
    }
    file.write_all(&(-1_i16).to_be_bytes()).unwrap();
    file.flush().unwrap();
}

fn field(tuple: &mut Vec<u8>, bytes: &[u8]) {
    let length = i32::try_from(bytes.len()).unwrap();
    tuple.extend_from_slice(&length.to_be_bytes());
    tuple.extend_from_slice(bytes);
}

/// Has the server read a file of rows.
pub(crate) async fn copy_in(connection: &mut PgConnection, path: &Path) {
    let path = path.to_str().unwrap();
    let sql = format!("COPY embeddings ({COLUMNS}) FROM '{path}' (FORMAT binary)");
    execute(connection, &sql).await;
}

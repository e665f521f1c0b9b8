//! Names in statements.

use crate::domain::backup::{Column, TableShape};

/// A name in quotes, whatever it holds.
pub(in crate::target) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A name with its schema, both in quotes.
pub(in crate::target) fn qualified(schema: &str, name: &str) -> String {
    format!("{}.{}", quoted(schema), quoted(name))
}

/// The table of a statement that copies it, with its columns in order. A table without columns that
/// travel has no list, which the server would not take.
pub(in crate::target) fn copied(table: &TableShape) -> String {
    let name = qualified(&table.schema, &table.name);
    if table.columns.is_empty() {
        return name;
    }
    let columns: Vec<String> = table.columns.iter().map(column).collect();
    format!("{name} ({})", columns.join(", "))
}

fn column(column: &Column) -> String {
    quoted(&column.name)
}

//! What of a database is meant: the columns and the values that were named.

use super::TargetError;
use crate::target::table::Table;

/// Every column by its name, `table.column`.
fn names(tables: &[Table]) -> Vec<String> {
    tables
        .iter()
        .flat_map(|table| {
            let columns = table.columns.iter();
            columns.map(move |column| format!("{table}.{}", column.name))
        })
        .collect()
}

/// Refuses names that no value has, whatever the rows are: `table.column:key`.
pub(super) fn require_names(tables: &[Table], named: &[String]) -> Result<(), TargetError> {
    let known = names(tables);
    let is_known = |name: &String| {
        let mut columns = known.iter();
        columns.any(|column| {
            name.strip_prefix(column.as_str())
                .is_some_and(|rest| rest.starts_with(':'))
        })
    };
    match named.iter().find(|name| !is_known(name)) {
        None => Ok(()),
        Some(name) => Err(TargetError::NoValue {
            named: name.clone(),
            known,
        }),
    }
}

/// The tables with only the columns that were named.
pub(super) fn chosen(mut tables: Vec<Table>, named: &[String]) -> Result<Vec<Table>, TargetError> {
    let known = names(&tables);
    for named in named {
        let suffix = format!(".{named}");
        if !known
            .iter()
            .any(|known| known == named || known.ends_with(&suffix))
        {
            return Err(TargetError::NoColumn {
                named: named.clone(),
                known,
            });
        }
    }
    if named.is_empty() {
        return Ok(tables);
    }
    for table in &mut tables {
        let whole = table.to_string();
        table.columns.retain(|column| {
            let column = column.name.as_str();
            named
                .iter()
                .any(|named| named == column || *named == format!("{whole}.{column}"))
        });
    }
    tables.retain(|table| !table.columns.is_empty());
    Ok(tables)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::llm_proxy;

    #[test]
    fn a_value_is_named_by_its_column_and_its_row() {
        let tables = llm_proxy::tables().unwrap();
        let named = |name: &str| require_names(&tables, &[name.to_owned()]);
        assert!(named("projects.api_key:p3").is_ok());
        assert!(named("projects.api_key:a:b").is_ok());
        for wrong in ["p3", "projects.api_key", "projects.name:p3", "api_key:p3"] {
            let refused = named(wrong);
            assert!(
                matches!(refused, Err(TargetError::NoValue { .. })),
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_column_is_named_alone_or_with_its_table() {
        let columns = |named: &[&str]| {
            let named: Vec<String> = named.iter().map(|name| (*name).to_owned()).collect();
            let tables = chosen(llm_proxy::tables().unwrap(), &named)?;
            Ok::<_, TargetError>(names(&tables))
        };
        assert_eq!(columns(&[]).unwrap().len(), 2);
        assert_eq!(columns(&["token"]).unwrap(), ["tokens.token"]);
        assert_eq!(
            columns(&["projects.api_key"]).unwrap(),
            ["projects.api_key"]
        );
        assert!(matches!(
            columns(&["name"]),
            Err(TargetError::NoColumn { .. })
        ));
    }
}

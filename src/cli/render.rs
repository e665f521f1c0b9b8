//! Results: one struct each, printed as a JSON document, a table for people, or plain lines for
//! scripts.

use super::args::OutputFormat;
use super::error::CliError;
use super::ui::Ui;
use jiff::Timestamp;
use serde::Serialize;
use std::fmt::Write as _;
use tabled::builder::Builder;
use tabled::settings::{Padding, Style};

/// A result that can be printed.
pub trait Render: Serialize {
    /// The name and version of the JSON document, such as `embsec.users.list/1`.
    const SCHEMA: &'static str;

    /// The result for people.
    fn table(&self) -> String;

    /// The result for scripts that don't read JSON: a line each, fields separated by tabs.
    fn plain(&self) -> String;
}

/// Prints a result in the form that was asked for. A reader that has read enough and gone away, as
/// `head` does, changes nothing of how the command ends.
///
/// # Errors
///
/// When stdout takes no more.
pub fn print<R: Render>(ui: &Ui, result: &R) -> Result<(), CliError> {
    match write(ui, result) {
        Err(error) if error.reader_is_gone() => Ok(()),
        written => written,
    }
}

/// Prints a result that is shown this once, such as a new key.
///
/// # Errors
///
/// When stdout takes no more, or nobody reads it.
pub fn print_once<R: Render>(ui: &Ui, result: &R) -> Result<(), CliError> {
    write(ui, result).map_err(CliError::of_unread)
}

fn write<R: Render>(ui: &Ui, result: &R) -> Result<(), CliError> {
    match ui.format() {
        OutputFormat::Json => ui.out(json_document(R::SCHEMA, result)?),
        OutputFormat::Table => ui.out(result.table()),
        OutputFormat::Plain => ui.out(result.plain()),
    }
}

/// Prints a result that only reports what was done: `--quiet` silences it.
///
/// # Errors
///
/// When stdout takes no more.
pub fn report<R: Render>(ui: &Ui, result: &R) -> Result<(), CliError> {
    if ui.is_quiet() {
        Ok(())
    } else {
        print(ui, result)
    }
}

/// One JSON document: the fields of the result behind `schema`.
fn json_document(schema: &str, result: &impl Serialize) -> Result<String, CliError> {
    let mut fields = serde_json::to_string_pretty(result).map_err(CliError::internal)?;
    if fields == "{}" {
        fields = "{\n}".to_owned();
    }
    // The order of fields is part of what people read, and a JSON value in between would lose it.
    let rest = fields.strip_prefix("{\n").ok_or_else(|| {
        CliError::internal(anyhow::anyhow!("the result `{schema}` is no JSON object"))
    })?;
    let comma = if rest == "}" { "" } else { "," };
    Ok(format!("{{\n  \"schema\": \"{schema}\"{comma}\n{rest}\n"))
}

/// A table with a line of headings and columns of even width.
#[must_use]
pub fn table<const N: usize>(
    headings: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut builder = Builder::default();
    builder.push_record(headings);
    for row in rows {
        builder.push_record(row.map(|cell| visible(&cell)));
    }
    let mut table = builder.build();
    table.with(Style::empty()).with(Padding::new(0, 2, 0, 0));
    let mut text = String::new();
    for line in table.to_string().lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Lines of fields separated by tabs.
#[must_use]
pub fn lines<const N: usize>(rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut text = String::new();
    for row in rows {
        text.push_str(&row.map(|field| visible(&field)).join("\t"));
        text.push('\n');
    }
    text
}

/// A time as people read it: to the second, in UTC.
#[must_use]
pub fn time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A size as people read it, in powers of 1,000 as disks are sold.
#[must_use]
pub fn bytes(bytes: u64) -> String {
    const STEPS: [(u64, &str); 4] = [
        (1_000_000_000_000, "TB"),
        (1_000_000_000, "GB"),
        (1_000_000, "MB"),
        (1_000, "kB"),
    ];
    for (step, unit) in STEPS {
        if bytes >= step {
            let (whole, tenth) = (bytes / step, bytes % step * 10 / step);
            return format!("{whole}.{tenth} {unit}");
        }
    }
    format!("{bytes} B")
}

/// How much a part is of a whole, in percent.
#[must_use]
pub fn percent(part: u64, whole: u64) -> String {
    let percent = part.saturating_mul(100).checked_div(whole);
    percent.map_or_else(|| "-".to_owned(), |percent| format!("{percent} %"))
}

/// Milliseconds as seconds.
#[must_use]
pub fn secs_of_millis(millis: u64) -> f64 {
    std::time::Duration::from_millis(millis).as_secs_f64()
}

/// Text that a terminal shows and does not obey: whatever could move the cursor, break the line
/// or turn the direction of writing is spelled out. Names come from other people.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if c.is_control() || turns || matches!(c, '\u{2028}' | '\u{2029}') {
            // Writing to a String can't fail.
            let _infallible = write!(shown, "\\u{{{:x}}}", u32::from(c));
        } else {
            shown.push(c);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::super::ui::{UiOptions, Verbosity};
    use super::*;
    use proptest::prelude::*;

    #[derive(Serialize)]
    struct Fields {
        zulu: u8,
        alpha: &'static str,
    }

    #[derive(Serialize)]
    struct Empty {}

    #[test]
    fn a_document_names_its_schema_first_and_keeps_the_order_of_fields() {
        let fields = Fields {
            zulu: 1,
            alpha: "x",
        };
        assert_eq!(
            json_document("embsec.test/1", &fields).expect("JSON"),
            "{\n  \"schema\": \"embsec.test/1\",\n  \"zulu\": 1,\n  \"alpha\": \"x\"\n}\n"
        );
        assert_eq!(
            json_document("embsec.test/1", &Empty {}).expect("JSON"),
            "{\n  \"schema\": \"embsec.test/1\"\n}\n"
        );
    }

    #[test]
    fn what_is_no_object_is_a_fault_of_ours() {
        let error = json_document("embsec.test/1", &[1]).expect_err("refused");
        assert_eq!(error.kind(), super::super::exit::ExitKind::Internal);
    }

    #[test]
    fn columns_are_even_and_lines_end_with_their_text() {
        let rows = [
            ["a".to_owned(), "x".to_owned()],
            ["long".to_owned(), String::new()],
        ];
        assert_eq!(table(["ID", "NAME"], rows), "ID    NAME\na     x\nlong\n");
    }

    #[test]
    fn a_name_cannot_command_the_terminal() {
        assert_eq!(
            visible("a\x1b[2Jb\n\u{202e}c"),
            "a\\u{1b}[2Jb\\u{a}\\u{202e}c"
        );
        assert_eq!(visible("Zoë Ünal 名"), "Zoë Ünal 名");
    }

    struct NobodyReads;

    impl std::io::Write for NobodyReads {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[derive(Serialize)]
    struct Key;

    impl Render for Key {
        const SCHEMA: &'static str = "embsec.test/1";

        fn table(&self) -> String {
            "a key\n".to_owned()
        }

        fn plain(&self) -> String {
            self.table()
        }
    }

    #[test]
    fn what_is_shown_only_once_has_to_be_read() {
        let options = UiOptions {
            verbosity: Verbosity::Normal,
            format: OutputFormat::Table,
            color: false,
        };
        let ui = Ui::new(options, Box::new(NobodyReads), Box::new(std::io::sink()));
        assert!(print(&ui, &Key).is_ok());
        let unread = print_once(&ui, &Key).expect_err("nobody has the key");
        assert_eq!(unread.kind(), super::super::exit::ExitKind::Unavailable);
        assert!(!unread.reader_is_gone());
    }

    #[test]
    fn a_size_has_one_decimal_and_a_unit() {
        for (size, shown) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (339_249_999, "339.2 MB"),
            (5_000_000_000_000_000, "5000.0 TB"),
        ] {
            assert_eq!(bytes(size), shown);
        }
        assert_eq!(percent(1, 3), "33 %");
        assert_eq!(percent(1, 0), "-");
    }

    #[test]
    fn a_time_is_shown_to_the_second() {
        let time_of_day = "2026-03-01T12:00:00.123456789Z".parse().expect("a time");
        assert_eq!(time(time_of_day), "2026-03-01T12:00:00Z");
    }

    proptest! {
        #[test]
        fn a_row_stays_one_line_with_its_fields(a in ".*", b in ".*") {
            let text = lines([[a, b]]);
            prop_assert_eq!(text.matches('\n').count(), 1);
            prop_assert_eq!(text.matches('\t').count(), 1);
        }
    }
}

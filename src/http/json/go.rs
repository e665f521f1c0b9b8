//! How Go's `encoding/json` writes numbers and strings when HTML escaping is off.

use super::half;
use serde_json::ser::{CompactFormatter, Formatter};
use std::fmt::LowerExp;
use std::io::{self, Write};

/// Longest decimal text of a float: sign, 17 digits, point, `e-308`.
const FLOAT_MAX_BYTES: usize = 32;

/// The formatter.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct GoFormatter;

impl Formatter for GoFormatter {
    fn write_f32<W: ?Sized + Write>(&mut self, writer: &mut W, value: f32) -> io::Result<()> {
        match half::text(value) {
            Some(text) => writer.write_all(text),
            None => write_shortest_f32(writer, value),
        }
    }

    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        let mut buffer = [0; FLOAT_MAX_BYTES];
        let mut rest = &mut buffer[..];
        CompactFormatter.write_f64(&mut rest, value)?;
        let left = rest.len();
        let text = buffer.get(..FLOAT_MAX_BYTES - left).unwrap_or_default();
        if is_positional(text) {
            return writer.write_all(without_zero_fraction(text));
        }
        let size = value.abs();
        write_extreme(writer, value, !(1e-6..1e21).contains(&size))
    }

    /// Go escapes U+2028 and U+2029, which end a line in JavaScript, even without HTML escaping.
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(['\u{2028}', '\u{2029}']) {
            let (before, separator) = rest.split_at(at);
            let (separator, after) = separator.split_at('\u{2028}'.len_utf8());
            writer.write_all(before.as_bytes())?;
            writer.write_all(if separator == "\u{2028}" {
                b"\\u2028"
            } else {
                b"\\u2029"
            })?;
            rest = after;
        }
        writer.write_all(rest.as_bytes())
    }
}

/// Writes the fewest digits that read back as the same value.
pub(super) fn write_shortest_f32<W: ?Sized + Write>(writer: &mut W, value: f32) -> io::Result<()> {
    let mut buffer = [0; FLOAT_MAX_BYTES];
    let mut rest = &mut buffer[..];
    CompactFormatter.write_f32(&mut rest, value)?;
    let left = rest.len();
    let text = buffer.get(..FLOAT_MAX_BYTES - left).unwrap_or_default();
    if is_positional(text) {
        return writer.write_all(without_zero_fraction(text));
    }
    let size = value.abs();
    write_extreme(writer, value, !(1e-6..1e21).contains(&size))
}

/// Whether the shortest digits, as serde writes them, stand without an exponent. Both encoders
/// agree on the digits; serde takes to exponents earlier.
fn is_positional(text: &[u8]) -> bool {
    !text.contains(&b'e')
}

/// Go writes `1` where serde writes `1.0`.
fn without_zero_fraction(text: &[u8]) -> &[u8] {
    text.strip_suffix(b".0").unwrap_or(text)
}

/// A value that serde writes with an exponent: Go does so below 1e-6 and from 1e21.
fn write_extreme<W: ?Sized + Write, F: LowerExp + std::fmt::Display>(
    writer: &mut W,
    value: F,
    exponent: bool,
) -> io::Result<()> {
    if !exponent {
        return write!(writer, "{value}");
    }
    let text = format!("{value:e}");
    match text.split_once('e') {
        Some((digits, power)) if !power.starts_with('-') => write!(writer, "{digits}e+{power}"),
        _ => writer.write_all(text.as_bytes()),
    }
}

//! How long a key before still works: the option `--grace`.

use super::error::CliError;
use jiff::{SignedDuration, Span, SpanRelativeTo};

/// Reads a time such as `24h`; a day is 24 hours.
pub(super) fn read(text: &str) -> Result<SignedDuration, CliError> {
    let wrong = || {
        CliError::usage(anyhow::anyhow!(
            "`--grace` takes a time such as 24h or 7d, not {text:?}"
        ))
    };
    let span: Span = text.parse().map_err(|_| wrong())?;
    let relative = SpanRelativeTo::days_are_24_hours();
    let duration = span.to_duration(relative).map_err(|_| wrong())?;
    if duration.is_negative() {
        Err(wrong())
    } else {
        Ok(duration)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grace_window_is_read_as_people_write_it() {
        for (text, hours) in [("24h", 24), ("7d", 168), ("0s", 0), ("1d 12h", 36)] {
            assert_eq!(
                read(text).unwrap(),
                SignedDuration::from_hours(hours),
                "{text}"
            );
        }
        for wrong in ["", "24", "-1h", "tomorrow", "1mo"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}

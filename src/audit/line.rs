//! One line of the log: its fields, their order, how text is escaped, and the way back.
//!
//! The shape is that of llm-proxy's audit file, so that its readers read this one too, with
//! `seq` and `stream` at the end. Files, numbers and times are given from outside.

use crate::domain::audit::{Action, AuditEvent, Details, Origin, Outcome};
use crate::domain::ids::{ProjectId, RequestId};
use jiff::Timestamp;
use serde::ser::{SerializeMap as _, SerializeSeq as _};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use serde_json::ser::Formatter;
use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;

/// The longest line that is written, newline included. An event whose details do not fit is
/// written with the size of its details in their place, so that no caller can keep an event out
/// of the log by making it long.
pub(super) const MAX_LINE_BYTES: usize = 64 * 1024;

/// The fields of a line in the order in which they are written. llm-proxy has `correlation_id`
/// after `request_id`; nothing sets it yet.
#[derive(Serialize)]
struct Line<'a> {
    timestamp: String,
    action: &'a str,
    actor: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    project_id: Option<String>,
    #[serde(skip_serializing_if = "str::is_empty")]
    request_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_ip: Option<IpAddr>,
    result: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    details: BTreeMap<&'a str, Sorted<'a>>,
    seq: u64,
    stream: &'a str,
}

impl<'a> Line<'a> {
    fn of(event: &'a AuditEvent, timestamp: Timestamp, seq: u64, stream: &'a str) -> Self {
        // Facts of the event stand before facts of its request under the same name.
        let details = event.origin.details.iter().chain(event.details.iter());
        Self {
            timestamp: timestamp.to_string(),
            action: event.action.as_str(),
            actor: &event.origin.actor,
            project_id: event.project_id.map(|id| id.to_string()),
            request_id: &event.origin.request_id.0,
            client_ip: event.origin.client_ip,
            result: event.outcome.as_str(),
            details: details
                .map(|(key, value)| (key.as_str(), Sorted(value)))
                .collect(),
            seq,
            stream,
        }
    }

    fn write(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        let mut serializer = serde_json::Serializer::with_formatter(&mut *out, GoEscapes);
        self.serialize(&mut serializer)?;
        out.push(b'\n');
        Ok(())
    }
}

/// Why an event has no line.
#[derive(Debug, thiserror::Error)]
pub(super) enum LineError {
    /// The serialiser refused a value.
    #[error("an event cannot be written as JSON")]
    Json(#[from] serde_json::Error),
    /// Too long even without its details.
    #[error("an event is longer than {MAX_LINE_BYTES} bytes without its details")]
    TooLong,
}

/// Appends the line of an event, newline included. After an error `out` is as it was.
pub(super) fn write_line(
    out: &mut Vec<u8>,
    event: &AuditEvent,
    timestamp: Timestamp,
    seq: u64,
    stream: &str,
) -> Result<(), LineError> {
    let start = out.len();
    let mut line = Line::of(event, timestamp, seq, stream);
    let mut written = line.write(out).map_err(LineError::from);
    let length = out.len() - start;
    if written.is_ok() && length > MAX_LINE_BYTES {
        out.truncate(start);
        let omitted = Value::from(length);
        line.details = BTreeMap::from([("omitted_line_bytes", Sorted(&omitted))]);
        written = line.write(out).map_err(LineError::from);
        if out.len() - start > MAX_LINE_BYTES {
            written = Err(LineError::TooLong);
        }
    }
    if written.is_err() {
        out.truncate(start);
    }
    written
}

/// A value whose objects are written with their keys sorted by bytes, whatever order they have
/// in memory: that order depends on a feature of `serde_json` that any dependency can turn on.
struct Sorted<'a>(&'a Value);

impl Serialize for Sorted<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(object) => {
                let sorted: BTreeMap<&String, &Value> = object.iter().collect();
                let mut map = serializer.serialize_map(Some(sorted.len()))?;
                for (key, value) in sorted {
                    map.serialize_entry(key, &Sorted(value))?;
                }
                map.end()
            }
            Value::Array(items) => {
                let mut seq = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    seq.serialize_element(&Sorted(item))?;
                }
                seq.end()
            }
            plain => plain.serialize(serializer),
        }
    }
}

/// Compact JSON with the escapes of Go's `encoding/json`: beyond what JSON asks for, the
/// characters that mean something to HTML and the two line separators that mean something to
/// JavaScript.
struct GoEscapes;

impl Formatter for GoEscapes {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((index, escape)) = rest
            .char_indices()
            .find_map(|(index, c)| go_escape(c).map(|escape| (index, (escape, c.len_utf8()))))
        {
            let (plain, found) = rest.split_at(index);
            let (text, width) = escape;
            writer.write_all(plain.as_bytes())?;
            writer.write_all(text)?;
            rest = found.get(width..).unwrap_or_default();
        }
        writer.write_all(rest.as_bytes())
    }
}

const fn go_escape(c: char) -> Option<&'static [u8]> {
    match c {
        '<' => Some(b"\\u003c"),
        '>' => Some(b"\\u003e"),
        '&' => Some(b"\\u0026"),
        '\u{2028}' => Some(b"\\u2028"),
        '\u{2029}' => Some(b"\\u2029"),
        _ => None,
    }
}

/// A line as it stands in a file. Words are kept as text, so that a line of a newer version is
/// known for a whole line even where its action is not known.
#[derive(Debug, Deserialize)]
struct RawRecord {
    timestamp: String,
    action: String,
    actor: String,
    #[serde(default)]
    project_id: Option<String>,
    #[serde(default)]
    request_id: String,
    #[serde(default)]
    client_ip: Option<IpAddr>,
    result: String,
    #[serde(default)]
    details: Details,
    seq: u64,
    /// Read so that a line without it is no line; the file's name tells the stream.
    #[serde(rename = "stream")]
    _stream: String,
}

/// A whole line that was read back.
#[derive(Debug)]
pub(super) struct Record {
    /// When, after clamping.
    pub(super) timestamp: Timestamp,
    /// The number in its stream.
    pub(super) seq: u64,
    raw: RawRecord,
}

impl Record {
    /// Reads one line, with or without its newline; `None` when it is no line of an audit log.
    pub(super) fn parse(line: &[u8]) -> Option<Self> {
        let raw: RawRecord = serde_json::from_slice(line).ok()?;
        Some(Self {
            timestamp: raw.timestamp.parse().ok()?,
            seq: raw.seq,
            raw,
        })
    }

    /// The event, with the facts of its request among its own; `None` where a word or the
    /// project's id is not known to this version.
    pub(super) fn into_event(self) -> Option<AuditEvent> {
        let project_id = match self.raw.project_id {
            Some(id) => Some(ProjectId(id.parse().ok()?)),
            None => None,
        };
        Some(AuditEvent {
            action: Action::parse(&self.raw.action)?,
            outcome: Outcome::parse(&self.raw.result)?,
            origin: Origin {
                actor: self.raw.actor,
                request_id: RequestId(self.raw.request_id),
                client_ip: self.raw.client_ip,
                details: Details::new(),
            },
            project_id,
            details: self.raw.details,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn object(value: Value) -> Details {
        match value {
            Value::Object(object) => object,
            other => panic!("{other} is no object"),
        }
    }

    fn event(details: Value) -> AuditEvent {
        AuditEvent {
            action: Action::ProjectCreate,
            outcome: Outcome::Success,
            origin: Origin {
                actor: "alice".to_owned(),
                request_id: RequestId("018c-1".to_owned()),
                client_ip: None,
                details: Details::new(),
            },
            project_id: None,
            details: object(details),
        }
    }

    fn text(event: &AuditEvent, timestamp: &str) -> String {
        let mut out = Vec::new();
        write_line(&mut out, event, timestamp.parse().unwrap(), 1, "h-0").unwrap();
        String::from_utf8(out).unwrap()
    }

    /// The verified line of llm-proxy, with this log's two fields at its end.
    #[test]
    fn the_shape_is_that_of_llm_proxy_with_seq_and_stream_at_the_end() {
        let details = json!({
            "token_id": "tok-1234...cdef",
            "http_method": "POST",
            "endpoint": "/manage/tokens",
            "duration_minutes": 60,
        });
        let details = object(details);
        let line = Line {
            timestamp: "2023-12-01T10:00:00Z"
                .parse::<Timestamp>()
                .unwrap()
                .to_string(),
            action: "token.create",
            actor: "management_api",
            project_id: Some("proj-123".to_owned()),
            request_id: "req-456",
            client_ip: Some("192.168.1.100".parse().unwrap()),
            result: "success",
            details: details
                .iter()
                .map(|(key, value)| (key.as_str(), Sorted(value)))
                .collect(),
            seq: 7,
            stream: "host-0",
        };
        let mut out = Vec::new();
        line.write(&mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            concat!(
                r#"{"timestamp":"2023-12-01T10:00:00Z","action":"token.create","#,
                r#""actor":"management_api","project_id":"proj-123","request_id":"req-456","#,
                r#""client_ip":"192.168.1.100","result":"success","details":{"#,
                r#""duration_minutes":60,"endpoint":"/manage/tokens","http_method":"POST","#,
                r#""token_id":"tok-1234...cdef"},"seq":7,"stream":"host-0"}"#,
                "\n"
            )
        );
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let mut event = event(json!({}));
        event.origin.request_id = RequestId(String::new());
        assert_eq!(
            text(&event, "2026-01-02T03:04:05Z"),
            concat!(
                r#"{"timestamp":"2026-01-02T03:04:05Z","action":"project.create","#,
                r#""actor":"alice","result":"success","seq":1,"stream":"h-0"}"#,
                "\n"
            )
        );
    }

    #[test]
    fn a_fraction_is_written_without_trailing_zeros() {
        for time in [
            "2026-01-02T03:04:05Z",
            "2026-01-02T03:04:05.1Z",
            "2026-01-02T03:04:05.12Z",
            "2026-01-02T03:04:05.00012Z",
            "2026-01-02T03:04:05.000000001Z",
            "2026-01-02T03:04:05.12345678Z",
        ] {
            let line = text(&event(json!({})), time);
            assert!(
                line.contains(&format!("\"timestamp\":\"{time}\"")),
                "{line}"
            );
        }
    }

    #[test]
    fn text_is_escaped_as_go_escapes_it() {
        let line = text(
            &event(json!({"<k>": "a<b>&\u{2028}\u{2029}\n\t\"\\\u{1}\u{7f}é"})),
            "2026-01-02T03:04:05Z",
        );
        assert!(
            line.contains(concat!(
                r#""details":{"\u003ck\u003e":"a\u003cb\u003e\u0026\u2028\u2029\n\t\"\\\u0001"#,
                "\u{7f}é\"}"
            )),
            "{line}"
        );
    }

    #[test]
    fn details_are_sorted_at_every_depth_and_the_event_wins_over_its_request() {
        let mut event = event(json!({"b": {"z": 1, "a": [{"d": 1, "c": 2}]}, "a": "event"}));
        event.origin.details = object(json!({"a": "request", "route": "/x"}));
        assert!(
            text(&event, "2026-01-02T03:04:05Z").contains(
                r#""details":{"a":"event","b":{"a":[{"c":2,"d":1}],"z":1},"route":"/x"}"#
            )
        );
    }

    #[test]
    fn an_event_with_too_much_to_say_is_recorded_without_its_details() {
        let mut long = event(json!({"user_agent": "x".repeat(MAX_LINE_BYTES)}));
        let line = text(&long, "2026-01-02T03:04:05Z");
        assert!(line.len() < 300, "{}", line.len());
        assert!(
            line.contains(r#""details":{"omitted_line_bytes":657"#),
            "{line}"
        );
        long.origin.actor = "x".repeat(MAX_LINE_BYTES);
        let mut out = b"before".to_vec();
        let refused = write_line(&mut out, &long, Timestamp::UNIX_EPOCH, 1, "h-0");
        assert!(matches!(refused, Err(LineError::TooLong)));
        assert_eq!(out, b"before");
    }

    #[test]
    fn a_line_of_a_newer_version_is_a_whole_line() {
        let line = br#"{"timestamp":"2026-01-02T03:04:05Z","action":"moon.land","actor":"a",
            "result":"success","seq":9,"stream":"h-0","later":1}"#;
        let record = Record::parse(line).unwrap();
        assert_eq!(record.seq, 9);
        assert!(record.into_event().is_none());
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            "[<>&\u{2028}\u{2029}\\\\\"\r\n]{0,9}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    prop_compose! {
        fn any_event()(
            action in prop::sample::select(Action::ALL),
            outcome in prop::sample::select(vec![
                Outcome::Success, Outcome::Failure, Outcome::Denied, Outcome::Error,
            ]),
            actor in any::<String>(),
            request_id in any::<String>(),
            client_ip in any::<Option<IpAddr>>(),
            project_id in any::<Option<i64>>(),
            details in prop::collection::btree_map(any::<String>(), value(), 0..4),
        ) -> AuditEvent {
            AuditEvent {
                action,
                outcome,
                origin: Origin {
                    actor,
                    request_id: RequestId(request_id),
                    client_ip,
                    details: Details::new(),
                },
                project_id: project_id.map(ProjectId),
                details: details.into_iter().collect(),
            }
        }
    }

    proptest! {
        #[test]
        fn every_line_reads_back_to_its_event(
            event in any_event(),
            nanos in -1_000_000_000_000_000_000_i128..4_000_000_000_000_000_000,
            seq in any::<u64>(),
        ) {
            let timestamp = Timestamp::from_nanosecond(nanos).unwrap();
            let mut out = Vec::new();
            write_line(&mut out, &event, timestamp, seq, "host-0").unwrap();
            prop_assert_eq!(out.iter().filter(|byte| **byte == b'\n').count(), 1);
            prop_assert_eq!(out.last(), Some(&b'\n'));
            prop_assert!(!out.iter().any(|byte| b"<>&\r".contains(byte)));
            let record = Record::parse(&out).unwrap();
            prop_assert_eq!(record.timestamp, timestamp);
            prop_assert_eq!(record.seq, seq);
            prop_assert_eq!(record.into_event().unwrap(), event);
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes in any::<Vec<u8>>()) {
            drop(Record::parse(&bytes).map(Record::into_event));
        }
    }
}

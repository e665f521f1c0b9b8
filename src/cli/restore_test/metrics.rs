//! How restore tests ended, for the textfile collector of Prometheus
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/>).

use crate::app::backup::DrillVerdict;
use crate::app::restore::drill::DrillReport;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::render::secs_of_millis;
use crate::sys::fs;
use std::path::Path;
use std::time::Duration;

/// Writes the file whole, for a collector that may read it at any moment.
pub(super) fn write(
    context: &Context,
    path: &Path,
    reports: &[&DrillReport],
) -> Result<(), CliError> {
    let text = render(reports, context.clock.now().as_second());
    fs::replace_public_file(path, text.as_bytes()).map_err(CliError::unavailable)
}

/// What is told of each test.
type Value = fn(&DrillReport) -> Option<f64>;

const GAUGES: [(&str, &str, Value); 4] = [
    (
        "embsec_restore_test_ok",
        "Whether the restore test ended well.",
        |report| Some(f64::from(u8::from(report.verdict == DrillVerdict::Ok))),
    ),
    (
        "embsec_restore_test_rpo_seconds",
        "How old the newest data of the backup were.",
        |report| Some(Duration::from_secs(report.times.rpo_secs).as_secs_f64()),
    ),
    (
        "embsec_restore_test_rto_data_seconds",
        "How long it took until the data could be read.",
        |report| report.times.rto_data_millis.map(secs_of_millis),
    ),
    (
        "embsec_restore_test_rto_index_seconds",
        "How long it took until the indexes were there.",
        |report| report.times.rto_index_millis.map(secs_of_millis),
    ),
];

fn render(reports: &[&DrillReport], now: i64) -> String {
    let mut text = String::new();
    for (name, help, value) in GAUGES {
        text.push_str(&format!("# HELP {name} {help}\n# TYPE {name} gauge\n"));
        for report in reports {
            if let Some(value) = value(report) {
                let id = &report.id;
                text.push_str(&format!("{name}{{backup_id=\"{id}\"}} {value}\n"));
            }
        }
    }
    let ended_well = reports
        .iter()
        .any(|report| report.verdict == DrillVerdict::Ok);
    let times = [
        (
            "embsec_restore_test_timestamp_seconds",
            "When restore tests last ran.",
            true,
        ),
        (
            "embsec_backup_last_verified_timestamp",
            "When a restore test last ended well.",
            ended_well,
        ),
    ];
    for (name, help, _) in times.iter().filter(|(_, _, is_known)| *is_known) {
        text.push_str(&format!(
            "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {now}\n"
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::backup::BackupId;

    #[test]
    fn a_test_that_did_not_end_well_does_not_move_the_time_of_the_last_that_did() {
        let id = BackupId::parse("20261128T182417Z-az27a7").unwrap();
        let report = DrillReport::inconclusive(&id, "no identity".to_owned());
        let text = render(&[&report], 7);
        assert!(
            text.contains("\nembsec_restore_test_ok{backup_id=\"20261128T182417Z-az27a7\"} 0\n")
        );
        assert!(text.contains("\nembsec_restore_test_timestamp_seconds 7\n"));
        assert!(!text.contains("last_verified"), "{text}");
    }
}

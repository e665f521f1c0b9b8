//! The metrics: their names, what they mean, and the exposition in Prometheus' text format.
//!
//! A metric is recorded where it happens; its name must stand in [`METRICS`], which a snapshot
//! test and the documentation hold.

use super::server::{self, ConnectionLimits};
use axum::Router;
use axum::routing::get;
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// What kind of number it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// A distribution.
    Histogram,
}

/// One metric.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Name, units in it.
    pub name: &'static str,
    /// Kind.
    pub kind: Kind,
    /// Labels.
    pub labels: &'static [&'static str],
    /// What it tells.
    pub help: &'static str,
}

/// Requests answered.
pub const HTTP_REQUESTS: &str = "embsec_http_requests_total";
/// Time to answer.
pub const HTTP_REQUEST_DURATION: &str = "embsec_http_request_duration_seconds";
/// Open connections.
pub const HTTP_CONNECTIONS: &str = "embsec_http_connections";
/// Refused keys.
pub const AUTH_FAILURES: &str = "embsec_auth_failures_total";
/// Refused rights.
pub const ACCESS_DENIED: &str = "embsec_access_denied_total";
/// Memory of matrices.
pub const SEARCH_MATRIX_BYTES: &str = "embsec_search_matrix_bytes";
/// Content that does not open.
pub const UNREADABLE_VALUES: &str = "embsec_unreadable_values_total";
/// Readiness per part.
pub const READY: &str = "embsec_ready";
/// Version.
pub const BUILD_INFO: &str = "embsec_build_info";

/// Every metric.
pub const METRICS: &[Metric] = &[
    Metric {
        name: HTTP_REQUESTS,
        kind: Kind::Counter,
        labels: &["method", "route", "status"],
        help: "Requests answered, by method, route and status.",
    },
    Metric {
        name: HTTP_REQUEST_DURATION,
        kind: Kind::Histogram,
        labels: &["method", "route"],
        help: "Time from the request's head to the answer, in seconds.",
    },
    Metric {
        name: HTTP_CONNECTIONS,
        kind: Kind::Gauge,
        labels: &[],
        help: "Connections open now.",
    },
    Metric {
        name: AUTH_FAILURES,
        kind: Kind::Counter,
        labels: &[],
        help: "Requests without a usable key where one was needed.",
    },
    Metric {
        name: ACCESS_DENIED,
        kind: Kind::Counter,
        labels: &[],
        help: "Requests with a usable key that lacked the right.",
    },
    Metric {
        name: SEARCH_MATRIX_BYTES,
        kind: Kind::Gauge,
        labels: &[],
        help: "Memory that holds matrices for searches, in bytes.",
    },
    Metric {
        name: UNREADABLE_VALUES,
        kind: Kind::Counter,
        labels: &["column"],
        help: "Times that stored content could not be opened, by column.",
    },
    Metric {
        name: READY,
        kind: Kind::Gauge,
        labels: &["part"],
        help: "1 if the part (database, audit, keyring) works, else 0.",
    },
    Metric {
        name: BUILD_INFO,
        kind: Kind::Gauge,
        labels: &["version"],
        help: "Always 1; the version is the label.",
    },
];

/// Buckets of request durations, in seconds: from a key look-up to a slow search.
const DURATION_BUCKETS: [f64; 12] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0,
];

/// How often histograms give back the memory of old samples.
const UPKEEP: Duration = Duration::from_secs(5);

/// Installs the recorder of this process and describes every metric.
///
/// # Errors
///
/// When a recorder is installed already.
pub fn install() -> Result<PrometheusHandle, BuildError> {
    let builder = PrometheusBuilder::new().set_buckets_for_metric(
        Matcher::Full(HTTP_REQUEST_DURATION.to_owned()),
        &DURATION_BUCKETS,
    )?;
    let handle = builder.install_recorder()?;
    for metric in METRICS {
        match metric.kind {
            Kind::Counter => metrics::describe_counter!(metric.name, metric.help),
            Kind::Gauge => metrics::describe_gauge!(metric.name, metric.help),
            Kind::Histogram => metrics::describe_histogram!(metric.name, metric.help),
        }
    }
    metrics::gauge!(BUILD_INFO, "version" => env!("CARGO_PKG_VERSION")).set(1);
    Ok(handle)
}

/// Serves `/metrics` until the flag changes or its sender is gone.
pub async fn serve(
    listener: TcpListener,
    handle: PrometheusHandle,
    mut stopped: watch::Receiver<bool>,
) {
    let upkeep = handle.clone();
    let router = Router::new().route(
        "/metrics",
        get(move || {
            let text = handle.render();
            async move { ([("content-type", "text/plain; version=0.0.4")], text) }
        }),
    );
    let limits = ConnectionLimits {
        max_connections: 16,
        ..ConnectionLimits::with_shutdown_secs(1)
    };
    let mut serving = std::pin::pin!(server::serve(listener, router, limits, async move {
        // A sender that is gone means the same as one that says so.
        let _stopping = stopped.changed().await;
    }));
    let mut tick = tokio::time::interval(UPKEEP);
    loop {
        tokio::select! {
            _ = tick.tick() => upkeep.run_upkeep(),
            _ = &mut serving => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_metrics_is_a_reviewed_surface() {
        let lines: Vec<String> = METRICS
            .iter()
            .map(|metric| {
                format!(
                    "{} {:?} [{}]",
                    metric.name,
                    metric.kind,
                    metric.labels.join(", ")
                )
            })
            .collect();
        insta::assert_snapshot!(lines.join("\n"));
    }

    #[test]
    fn every_metric_is_on_the_page_for_operators() {
        let page = include_str!("../../docs/operating.md");
        for metric in METRICS {
            let row = format!("| `{}` |", metric.name);
            assert!(page.contains(&row), "{} is not on the page", metric.name);
        }
    }
}

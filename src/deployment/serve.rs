//! Serves an open deployment: the API, the metrics, and the small work that goes on beside them.

use super::{Deployment, KeyringWatch};
use crate::app::App;
use crate::app::heartbeat::Heartbeat;
use crate::config::{self, Config};
use crate::domain::audit::{Action, Details, Origin, Outcome};
use crate::http::pipeline::{self, HeldBack};
use crate::http::server::{self, ConnectionLimits, Stopped};
use crate::http::state::{ApiSettings, ApiState, CorsOrigins};
use crate::http::wire::Profile;
use crate::http::{metrics as exposition, router};
use metrics_exporter_prometheus::PrometheusHandle;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior};

/// How often the throttle of authentication failures is asked what it held back.
const THROTTLE_TICK: Duration = Duration::from_secs(1);

/// How often the keyring is looked at for a change.
const KEYRING_TICK: Duration = Duration::from_millis(500);
/// How often a server tells of itself in the database when nothing changed.
const BEAT_TICK: Duration = Duration::from_secs(5);
/// How often it is looked whether the keyring in use is another one, which is told at once.
const KEYRING_LOOK: Duration = Duration::from_millis(100);

/// How often a server asks whether data keys were destroyed.
const DESTRUCTION_TICK: Duration = Duration::from_secs(1);

/// The sockets of a server.
pub struct Listeners {
    /// The API.
    pub api: TcpListener,
    /// The metrics and what renders them.
    pub metrics: Option<(TcpListener, PrometheusHandle)>,
}

impl Deployment {
    /// The state of the HTTP edge for this deployment.
    #[must_use]
    pub fn api_state(&self, config: &config::api::ApiConfig) -> Arc<ApiState> {
        let settings = ApiSettings {
            profile: match config.compat {
                config::api::Compat::Embapi => Profile::Embapi,
                config::api::Compat::Vdb => Profile::Vdb,
            },
            allow_reset: config.allow_reset,
            max_body_bytes: config.max_body_bytes,
            body_timeout: config.body_timeout,
            cors: match &config.cors {
                config::api::Cors::Origins(origins) => CorsOrigins::Listed(origins.clone()),
                config::api::Cors::Any => CorsOrigins::Any,
            },
        };
        Arc::new(ApiState::new(
            Arc::clone(&self.app),
            settings,
            self.keyring_question(),
        ))
    }

    /// Whether the keyring works, asked on a thread that may wait.
    fn keyring_question(&self) -> Box<dyn Fn() -> bool + Send + Sync> {
        let watch = Arc::clone(self.keyring_watch());
        Box::new(move || Handle::current().block_on(watch.look()))
    }

    /// Serves until `stop` is ready, then finishes what is in flight.
    ///
    /// # Errors
    ///
    /// When the audit log does not take the event of the start: nothing is served unrecorded.
    pub async fn serve(
        &self,
        config: &Config,
        listeners: Listeners,
        stop: impl Future<Output = ()>,
    ) -> Result<Stopped, crate::app::error::AppError> {
        let state = self.api_state(&config.api);
        self.record(Action::ServerStart).await?;
        let (stopping, stopped) = watch::channel(false);
        let limits = ConnectionLimits::with_shutdown_secs(config.serve.shutdown.as_secs());
        let throttle = tokio::spawn(throttle_ticks(Arc::clone(&state), stopped.clone()));
        let watch = Arc::clone(self.keyring_watch());
        let keyring = tokio::spawn(keyring_ticks(watch, stopped.clone()));
        let beats = self.heartbeat().map(|heartbeat| {
            tokio::spawn(beats(Arc::clone(&self.app), heartbeat, stopped.clone()))
        });
        let forgetting = tokio::spawn(destruction_ticks(Arc::clone(&self.app), stopped.clone()));
        let metrics = listeners
            .metrics
            .map(|(listener, handle)| tokio::spawn(exposition::serve(listener, handle, stopped)));
        let how = server::serve(listeners.api, router::router(&state), limits, stop).await;
        // The receivers may be gone already, which is all that matters here.
        let _unheard = stopping.send(true);
        for task in [
            Some(throttle),
            Some(keyring),
            Some(forgetting),
            beats,
            metrics,
        ]
        .into_iter()
        .flatten()
        {
            if let Err(error) = task.await {
                tracing::error!(%error, "a task of the server failed");
            }
        }
        record_held_back(&state, HeldBack::All).await;
        self.record(Action::ServerStop).await?;
        Ok(how)
    }

    async fn record(&self, action: Action) -> Result<(), crate::app::error::AppError> {
        let mut details = Details::new();
        details.insert("version".to_owned(), env!("CARGO_PKG_VERSION").into());
        details.insert("pid".to_owned(), std::process::id().into());
        let origin = Origin {
            actor: "system".to_owned(),
            request_id: self.app.new_request_id(),
            client_ip: None,
            details: Details::new(),
        };
        self.app
            .record(origin, action, Outcome::Success, details)
            .await
    }
}

async fn throttle_ticks(state: Arc<ApiState>, mut stopped: watch::Receiver<bool>) {
    let mut tick = tokio::time::interval(THROTTLE_TICK);
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            _ = stopped.changed() => return,
        }
        record_held_back(&state, HeldBack::Due).await;
    }
}

/// Forgets the keys that the console or a timer destroys.
async fn destruction_ticks(app: Arc<App>, mut stopped: watch::Receiver<bool>) {
    let mut tick = tokio::time::interval(DESTRUCTION_TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut known = None;
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            _ = stopped.changed() => return,
        }
        // A database that is away answers no request either; it is asked again.
        if let Ok(count) = app.forget_destroyed(known).await {
            known = Some(count);
        }
    }
}

async fn keyring_ticks(watch: Arc<KeyringWatch>, mut stopped: watch::Receiver<bool>) {
    let mut tick = tokio::time::interval(KEYRING_TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            _ = stopped.changed() => return,
        }
        watch.look().await;
    }
}

/// Tells of this server every few seconds, and at once when it uses another keyring.
async fn beats(app: Arc<App>, mut heartbeat: Heartbeat, mut stopped: watch::Receiver<bool>) {
    let mut look = tokio::time::interval(KEYRING_LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut told = Instant::now();
    loop {
        tokio::select! {
            _ = look.tick() => {}
            _ = stopped.changed() => return,
        }
        if told.elapsed() < BEAT_TICK && !heartbeat.is_behind(&app.keys().keyring()) {
            continue;
        }
        if let Err(error) = app.beat(&mut heartbeat).await {
            tracing::warn!(%error, "the server could not tell of itself in the database");
        }
        told = Instant::now();
    }
}

async fn record_held_back(state: &ApiState, which: HeldBack) {
    if let Err(problem) = pipeline::record_held_back(state, which).await {
        let detail = problem.detail();
        tracing::error!(detail, "authentication failures could not be recorded");
    }
}

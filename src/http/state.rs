//! What every request needs: the use-cases, the settings of the API, the ready-made documents.

use super::body::Room;
use super::docs::Docs;
use super::openapi::Documents;
use super::operation::Operation;
use super::probe::{Probe, Question};
use super::wire::Profile;
use crate::app::App;
use crate::audit::FailureThrottle;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Which pages may call the API from a browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CorsOrigins {
    /// Those of these origins; none by default.
    Listed(Vec<String>),
    /// All. Credentials that a browser sends by itself are not allowed in any case.
    Any,
}

/// The settings of the API.
#[derive(Clone, Debug)]
pub struct ApiSettings {
    /// Dialect.
    pub profile: Profile,
    /// Whether the administrator may wipe all data.
    pub allow_reset: bool,
    /// Largest request body, in bytes.
    pub max_body_bytes: usize,
    /// Time for a request body to arrive.
    pub body_timeout: Duration,
    /// Which pages may call.
    pub cors: CorsOrigins,
}

/// The state of the HTTP edge.
pub struct ApiState {
    pub(super) app: Arc<App>,
    pub(super) settings: ApiSettings,
    pub(super) operations: Vec<Operation>,
    pub(super) documents: Documents,
    pub(super) docs: Docs,
    pub(super) failures: Mutex<FailureThrottle>,
    pub(super) room: Room,
    /// Whether the keyring can be read and still opens the data keys.
    pub(super) keyring: Probe,
}

impl ApiState {
    /// Renders the documents and puts the state together.
    #[must_use]
    pub fn new(app: Arc<App>, settings: ApiSettings, keyring_works: Question) -> Self {
        let operations = super::operations::all(settings.profile);
        Self {
            documents: Documents::render(&operations),
            docs: Docs::render(&operations),
            app,
            settings,
            operations,
            failures: Mutex::new(FailureThrottle::default()),
            room: Room::default(),
            keyring: Probe::new(keyring_works),
        }
    }

    /// Every route.
    #[must_use]
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }
}

//! Whether the keyring opens what is sealed in a restored database.

use super::BackupOpenError;
use crate::app::backup::Watch;
use crate::app::encryption::{self, Verdict};
use crate::app::restore::drill::KeysProof;
use crate::config::database::Location;
use crate::config::secret::SecretRef;
use crate::config::{Config, Environment};
use crate::deployment::{
    KeyringSource, Look, LookError, OpenError, OtherSide, Target, TargetProfile, TargetRequest,
};
use crate::domain::backup::Program;
use crate::sys::clock::Clock;
use crate::sys::rng::Rng;
use secrecy::SecretString;
use std::sync::Arc;

/// A restored database, and what may open what is sealed in it.
pub struct Sealed<'a> {
    /// The settings.
    pub config: &'a Config,
    /// Where references of settings lead.
    pub environment: &'a Environment,
    /// The keyring of the settings.
    pub keyring: &'a KeyringSource,
    /// The key of another program, as it has it in `ENCRYPTION_KEY`.
    pub service_key: Option<SecretString>,
    /// The database.
    pub place: &'a OtherSide,
    /// Whose tables it holds.
    pub program: Program,
    /// Time.
    pub clock: &'a Arc<dyn Clock>,
    /// Randomness.
    pub rng: &'a Arc<dyn Rng>,
}

/// Opens every sealed value of a restored database.
///
/// # Errors
///
/// When it was interrupted. Everything else is an answer.
pub async fn prove_keys(
    sealed: Sealed<'_>,
    watch: &Watch<'_>,
) -> Result<KeysProof, BackupOpenError> {
    match sealed.program {
        Program::Embsec => prove_own(&sealed, watch).await,
        Program::Other => Ok(KeysProof::NothingSealed),
        Program::Embapi => prove_service(sealed, TargetProfile::Embapi, watch).await,
        Program::LlmProxy => prove_service(sealed, TargetProfile::LlmProxy, watch).await,
    }
}

/// Opens what another program sealed, with its own key.
async fn prove_service(
    sealed: Sealed<'_>,
    profile: TargetProfile,
    watch: &Watch<'_>,
) -> Result<KeysProof, BackupOpenError> {
    if sealed.service_key.is_none() {
        return Ok(KeysProof::Untried(
            "there is no key of the program to open what it sealed: name it with `--key-file`"
                .to_owned(),
        ));
    }
    let target = Target::of(TargetRequest {
        database: sealed.place.clone(),
        profile,
        columns: Vec::new(),
        key: sealed.service_key,
        keyring: None,
        treat_as_plaintext: Vec::new(),
        clock: Arc::clone(sealed.clock),
        rng: Arc::clone(sealed.rng),
    })?;
    let watch = encryption::Watch {
        progress: watch.progress,
        stop: watch.stop.clone(),
    };
    let census = match target.status(&watch).await {
        Ok(census) => census,
        Err(error) => return Ok(KeysProof::Untried(error.to_string())),
    };
    let opened = census.columns.iter().map(|column| column.encrypted).sum();
    Ok(match census.verdict() {
        Verdict::Protected | Verdict::Plaintext => KeysProof::Opens(opened),
        Verdict::Unopened => KeysProof::Untried("nothing was opened".to_owned()),
        Verdict::Undecryptable => {
            KeysProof::DoesNotOpen("values that are sealed do not open".to_owned())
        }
    })
}

/// Opens what embsec sealed, with the keyring.
async fn prove_own(sealed: &Sealed<'_>, watch: &Watch<'_>) -> Result<KeysProof, BackupOpenError> {
    let Sealed {
        config,
        environment,
        keyring,
        place,
        ..
    } = *sealed;
    let mut config = config.clone();
    config.database.location = match place {
        OtherSide::Sqlite(path) => Location::Sqlite(path.clone()),
        OtherSide::Postgres(url) => Location::Postgres(SecretRef::Given(SecretString::from(
            url.reveal().to_owned(),
        ))),
    };
    let look = Look {
        config: &config,
        environment,
        keyring,
        progress: watch.progress,
        stop: &watch.stop,
    };
    let looked = match look.run().await {
        Ok(looked) => looked,
        Err(LookError::Open(error @ (OpenError::WrongKeyring(_) | OpenError::DataKey(_)))) => {
            return Ok(KeysProof::DoesNotOpen(error.to_string()));
        }
        Err(error) => return Ok(KeysProof::Untried(error.to_string())),
    };
    if let Some(error) = looked.no_keyring {
        return Ok(KeysProof::Untried(error.to_string()));
    }
    let status = looked.status;
    let opened = status.columns.values().map(|counts| counts.encrypted).sum();
    Ok(match status.verdict() {
        Verdict::Protected | Verdict::Plaintext => KeysProof::Opens(opened),
        Verdict::Unopened => KeysProof::Untried("nothing was opened".to_owned()),
        Verdict::Undecryptable => KeysProof::DoesNotOpen(format!(
            "{} that are sealed do not open",
            crate::domain::count::values(status.unopened_count())
        )),
    })
}

//! `embsec keys shred`.

use crate::app::deletion::Shredded;
use crate::app::job::Stop;
use crate::app::{App, Call};
use crate::cli::backup;
use crate::cli::console;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::ExitKind;
use crate::cli::progress::ProgressArgs;
use crate::cli::projects;
use crate::cli::prompt;
use crate::cli::render::{self, Render};
use crate::domain::access::ObjectPath;
use crate::domain::count::{self, counted};
use crate::domain::ids::ProjectId;
use crate::domain::key::KeyId;
use crate::store::Remains;
use serde::Serialize;
use std::collections::BTreeSet;

/// Destroy the keys of deleted projects for good, and then their rows
///
/// With `--due`, for a timer: every project whose time to be brought back is over. With
/// `project:OWNER/HANDLE --now`: one project, live or deleted, at once; what is lost is said, and
/// asked for.
///
/// A text that is sealed cannot be read without its key, wherever a copy of it is. Vectors are not
/// encrypted by embsec: older backups keep them until they expire, and much of a text can be
/// recovered from its vector.
#[derive(clap::Args, Debug)]
#[command(group = clap::ArgGroup::new("what").required(true))]
pub(crate) struct Args {
    /// Destroy this project, live or deleted
    #[arg(value_name = "project:OWNER/HANDLE", group = "what", requires = "now")]
    scope: Option<String>,

    /// Destroy whatever is due
    #[arg(long, group = "what")]
    due: bool,

    /// Do not wait until the project is due
    #[arg(long, requires = "scope", conflicts_with = "due")]
    now: bool,

    /// Which one, when several projects have or had that name: its id
    #[arg(long, value_name = "ID", requires = "scope", conflicts_with = "due")]
    id: Option<i64>,

    /// Say what would be destroyed, and destroy nothing
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    progress: ProgressArgs,
}

#[derive(Serialize)]
struct Report {
    key_ids: Vec<String>,
    projects: u64,
    embeddings: u64,
    /// What is left of the bytes: `none`, `log` or `server`; absent for a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    remains: Option<&'static str>,
    dry_run: bool,
}

/// One project that is named to be destroyed.
struct Doomed {
    id: ProjectId,
    path: ObjectPath,
    is_live: bool,
    embeddings: u64,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<ExitKind, CliError> {
    let named = match &args.scope {
        Some(scope) => Some(path_of_scope(scope)?),
        None => None,
    };
    let (report, kind, destroyed) = console::run(context, "keys shred", async |app, call| {
        let doomed = match &named {
            Some(path) => Some(find(app, call, path, args.id.map(ProjectId)).await?),
            None => None,
        };
        if args.dry_run {
            return Ok((
                plan(app, doomed.as_ref()).await?,
                ExitKind::Done,
                BTreeSet::new(),
            ));
        }
        if let Some(doomed) = &doomed {
            context.ui.note(doomed.sentence());
            prompt::confirm(context, &format!("Destroy {} for good?", doomed.path))?;
        }
        let shredded = shred(context, args, app, call, doomed.as_ref()).await?;
        let destroyed = app.destroyed_key_ids().await?;
        Ok((Report::of(&shredded), tell(context, &shredded), destroyed))
    })?;
    render::report(&context.ui, &report)?;
    if args.dry_run {
        return Ok(kind);
    }
    // All that were ever destroyed: an earlier run may not have reached every backup.
    let reached = backup::reach(
        context,
        "keys shred",
        "embsec keys shred --due",
        async |backups| backups.forget(&destroyed).await,
    )?;
    Ok(match (kind, reached) {
        (ExitKind::Done, false) => ExitKind::Incomplete,
        (kind, _) => kind,
    })
}

/// Reads `project:OWNER/HANDLE`.
fn path_of_scope(scope: &str) -> Result<ObjectPath, CliError> {
    let path = scope.strip_prefix("project:").ok_or_else(|| {
        CliError::usage(anyhow::anyhow!(
            "what is destroyed is named project:OWNER/HANDLE, not {scope:?}"
        ))
    })?;
    projects::path(path)
}

/// The one project of this name. Where a live and a deleted one have it, the id decides.
async fn find(
    app: &App,
    call: &Call,
    path: &ObjectPath,
    id: Option<ProjectId>,
) -> Result<Doomed, CliError> {
    let doomed = |id, is_live, embeddings| Doomed {
        id,
        path: path.clone(),
        is_live,
        embeddings,
    };
    let mut found: Vec<Doomed> = app
        .deleted_projects_of(path, id)
        .await?
        .into_iter()
        .map(|project| doomed(project.id, false, project.number_of_embeddings))
        .collect();
    let live = app.live_project(call, path).await?;
    let live = live.filter(|project| id.is_none_or(|id| id == project.id));
    found.extend(live.map(|project| doomed(project.id, true, project.number_of_embeddings)));
    match (found.pop(), found.is_empty()) {
        (Some(only), true) => Ok(only),
        (None, _) => Err(
            CliError::usage(anyhow::anyhow!("there is no project {path}")).hinted(
                "`embsec projects list` and `embsec projects list --deleted` name them all.",
            ),
        ),
        (Some(last), false) => {
            let all = found.iter().chain([&last]);
            let all: Vec<String> = all.map(Doomed::name).collect();
            Err(CliError::usage(anyhow::anyhow!(
                "several projects have or had the name {path}: {}",
                all.join(", ")
            ))
            .hinted("Say which one with `--id ID`."))
        }
    }
}

impl Doomed {
    fn name(&self) -> String {
        let state = if self.is_live { "live" } else { "deleted" };
        format!("{} ({state})", self.id)
    }

    fn sentence(&self) -> String {
        let (path, embeddings) = (&self.path, self.embeddings);
        let which = if self.is_live {
            "is live and goes out of service at once"
        } else {
            "is deleted and cannot be brought back any more"
        };
        format!(
            "{path} {which}. Its data keys are destroyed: nobody can read a text that was sealed \
             with them, in whatever copy or backup. Then {} removed. \
             Vectors are not encrypted by embsec: older backups keep them until they expire, and \
             much of a text can be recovered from its vector.",
            counted(embeddings, "embedding is", "embeddings are")
        )
    }
}

async fn plan(app: &App, doomed: Option<&Doomed>) -> Result<Report, CliError> {
    let (projects, keys) = app.due().await?;
    let due = || -> (u64, u64, Vec<KeyId>) {
        let embeddings = projects.iter().map(|project| project.number_of_embeddings);
        let count = u64::try_from(projects.len()).unwrap_or(u64::MAX);
        (count, embeddings.sum(), keys.clone())
    };
    let (count, embeddings, mut key_ids) = match doomed {
        Some(doomed) => (1, doomed.embeddings, Vec::new()),
        None => due(),
    };
    let ids: Vec<ProjectId> = match doomed {
        Some(doomed) => vec![doomed.id],
        None => projects.iter().map(|project| project.id).collect(),
    };
    for id in ids {
        key_ids.extend(app.project_keys(id).await?);
    }
    Ok(Report {
        key_ids: key_ids.iter().map(ToString::to_string).collect(),
        projects: count,
        embeddings,
        remains: None,
        dry_run: true,
    })
}

/// Works until it is done, or ends with its batch at Ctrl-C.
async fn shred(
    context: &Context,
    args: &Args,
    app: &App,
    call: &Call,
    doomed: Option<&Doomed>,
) -> Result<Shredded, CliError> {
    let stop = Stop::default();
    let teller = args.progress.teller(&context.ui);
    let work = async {
        match doomed {
            Some(doomed) => app.shred_now(call, doomed.id, &teller, &stop).await,
            None => app.shred_due(call, &teller, &stop).await,
        }
    };
    let asked = async {
        while tokio::signal::ctrl_c().await.is_ok() {
            stop.ask();
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        done = work => Ok(done?),
        () = asked => Err(CliError::internal(anyhow::anyhow!("no signal can be heard"))),
    }
}

/// Says what is left to know or to do, and how the command ends.
fn tell(context: &Context, shredded: &Shredded) -> ExitKind {
    let has_destroyed = !shredded.key_ids.is_empty();
    if shredded.remains == Remains::WithTheServer && has_destroyed {
        context.ui.note(
            "PostgreSQL keeps the deleted rows until it reuses their space (`VACUUM embsec.data_keys` \
             lets it), and in its write-ahead log and the archive of that until those expire. \
             There, and in backups, a key is sealed by the master key.",
        );
    }
    if shredded.interrupted {
        context.ui.warn(
            "Interrupted: the keys are destroyed, and rows are left. `embsec keys shred --due` \
             removes them.",
        );
        return ExitKind::Interrupted;
    }
    if shredded.remains == Remains::InTheLog {
        context.ui.warn(
            "The keys are destroyed, and the write-ahead log of the database still holds them, \
             sealed by the master key, since another process reads an older state. \
             `embsec keys shred --due` empties it later.",
        );
        return ExitKind::Incomplete;
    }
    ExitKind::Done
}

impl Report {
    fn of(shredded: &Shredded) -> Self {
        Self {
            key_ids: shredded.key_ids.iter().map(ToString::to_string).collect(),
            projects: shredded.projects,
            embeddings: shredded.embeddings,
            remains: Some(match shredded.remains {
                Remains::Gone => "none",
                Remains::InTheLog => "log",
                Remains::WithTheServer => "server",
            }),
            dry_run: false,
        }
    }
}

impl Render for Report {
    const SCHEMA: &'static str = "embsec.keys.shred/1";

    fn table(&self) -> String {
        let (keys, projects) = (self.key_ids.len(), self.projects);
        let embeddings = self.embeddings;
        if keys == 0 && projects == 0 {
            return "Nothing is due.\n".to_owned();
        }
        let verb = if self.dry_run {
            "Would destroy"
        } else {
            "Destroyed"
        };
        format!(
            "{verb} {}, and {} with {}.\n",
            count::data_keys(keys),
            count::projects(projects),
            count::embeddings(embeddings)
        )
    }

    fn plain(&self) -> String {
        render::lines(self.key_ids.iter().map(|id| [id.clone()]))
    }
}

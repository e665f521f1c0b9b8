//! What only the administrator does: the sanity check and the reset.

use super::error::AppResult;
use super::{App, Call, metadata};
use crate::domain::count::counted;
use crate::domain::ids::EmbeddingId;
use crate::domain::project::ProjectHealth;

/// The result of a sanity check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SanityReport {
    /// Projects looked at.
    pub total_projects: u64,
    /// What is wrong.
    pub issues: Vec<String>,
    /// What may be wrong.
    pub warnings: Vec<String>,
}

/// Rows whose metadata is read at once.
const METADATA_BATCH_ROWS: u32 = 1_000;

/// Schema violations named per project, so that the answer stays readable.
const VIOLATIONS_NAMED: usize = 10;

impl App {
    /// Checks every project: has an instance, vectors of its dimension, metadata by its schema.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn sanity_check(&self) -> AppResult<SanityReport> {
        let projects = self.store.project_health().await?;
        let mut issues = Vec::new();
        let mut warnings = Vec::new();
        for project in &projects {
            let name = &project.path;
            match &project.instance {
                None => issues.push(format!("Project {name} has no LLM service instance")),
                Some(instance) if instance.dimensions.is_none() => {
                    issues.push(format!("Project {name}: its instance has no dimensions"));
                }
                Some(_) => {}
            }
            if project.wrong_dimension > 0 {
                issues.push(format!(
                    "Project {name}: {} another dimension than its instance",
                    counted(project.wrong_dimension, "embedding has", "embeddings have")
                ));
            }
            match &project.metadata_scheme {
                Some(scheme) => self.check_metadata(project, scheme, &mut issues).await?,
                None if project.number_of_embeddings > 0 => {
                    warnings.push(format!(
                        "Project {name} has embeddings but no metadata schema"
                    ));
                }
                None => {}
            }
        }
        let total_projects = u64::try_from(projects.len()).unwrap_or(u64::MAX);
        Ok(SanityReport {
            total_projects,
            issues,
            warnings,
        })
    }

    async fn check_metadata(
        &self,
        project: &ProjectHealth,
        scheme: &str,
        issues: &mut Vec<String>,
    ) -> AppResult<()> {
        let scheme = match metadata::Scheme::compile(scheme) {
            Ok(scheme) => scheme,
            Err(error) => {
                issues.push(format!(
                    "Project {}: its metadata schema is none: {error}",
                    project.path
                ));
                return Ok(());
            }
        };
        let mut named = 0;
        let mut after = EmbeddingId(0);
        loop {
            let rows = self
                .store
                .scan_vectors(project.id, after, METADATA_BATCH_ROWS)
                .await?;
            let Some(last) = rows.last() else {
                return Ok(());
            };
            after = last.id;
            let ids: Vec<EmbeddingId> = rows.iter().map(|row| row.id).collect();
            let stored = self.store.metadata_of(project.id, &ids).await?;
            for (id, found) in self.try_open_metadata(project.id, &stored).await? {
                let verdict = match found.map(Option::unwrap_or_default) {
                    Err(_) => Err(vec!["its stored metadata cannot be read".to_owned()]),
                    Ok(found) if scheme.work(&found) > metadata::MAX_WORK => {
                        Err(vec!["too much to be checked".to_owned()])
                    }
                    Ok(found) => scheme.check(&found),
                };
                let row = rows.iter().find(|row| row.id == id);
                if let (Err(violations), Some(row)) = (verdict, row) {
                    named += 1;
                    if named <= VIOLATIONS_NAMED {
                        issues.push(format!(
                            "Project {}: embedding {}: {}",
                            project.path,
                            row.text_id,
                            violations.join("; ")
                        ));
                    }
                }
            }
        }
    }

    /// Wipes all data, where `api.allow_reset` lets it.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn reset(&self, call: &Call) -> AppResult<()> {
        let recorder = self.recorder(call);
        self.store
            .reset(self.destroy_after(self.clock.now()), &recorder)
            .await?;
        self.authenticator.forget();
        self.matrices.clear();
        Ok(())
    }

    /// Which part, if any, does not work: the database, the audit log.
    pub async fn unready_parts(&self) -> Vec<&'static str> {
        let mut parts = Vec::new();
        if self.store.ping().await.is_err() {
            parts.push("database");
        }
        if !self.audit.is_healthy() {
            parts.push("audit");
        }
        parts
    }
}

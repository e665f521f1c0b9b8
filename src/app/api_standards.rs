//! API standards: how requests to a family of providers look.

use super::error::{AppError, AppResult};
use super::{App, Call};
use crate::domain::ids::Handle;
use crate::domain::llm::ApiStandard;
use crate::domain::page::Page;
use crate::store::{Missing, Put};

impl App {
    /// Standards in list order. An empty page is [`AppError::Empty`].
    ///
    /// # Errors
    ///
    /// When nothing is on the page, or the database fails.
    pub async fn list_api_standards(&self, page: Page) -> AppResult<Vec<ApiStandard>> {
        let standards = self.store.list_api_standards(page).await?;
        if standards.is_empty() {
            return Err(AppError::Empty("no API standards found.".to_owned()));
        }
        Ok(standards)
    }

    /// One standard.
    ///
    /// # Errors
    ///
    /// [`Missing::ApiStandard`], or when the database fails.
    pub async fn api_standard(&self, handle: &Handle) -> AppResult<ApiStandard> {
        let standard = self.store.api_standard(handle).await?;
        standard.ok_or_else(|| Missing::ApiStandard(handle.clone()).into())
    }

    /// Creates or replaces a standard.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn put_api_standard(&self, call: &Call, standard: &ApiStandard) -> AppResult<Put> {
        let recorder = self.recorder(call);
        Ok(self
            .store
            .put_api_standard(standard, self.clock.now(), &recorder)
            .await?)
    }

    /// Deletes a standard.
    ///
    /// # Errors
    ///
    /// [`Missing::ApiStandard`], a conflict while it is used, or when the database fails.
    pub async fn delete_api_standard(&self, call: &Call, handle: &Handle) -> AppResult<()> {
        Ok(self
            .store
            .delete_api_standard(handle, &self.recorder(call))
            .await?)
    }
}

//! Whether a bucket keeps what is replaced and removed, which the client has no call for.

use super::client::Client;
use super::wire::Trouble;
use crate::blob::BlobError;
use object_store::aws::AwsAuthorizer;
use object_store::client::{HttpRequest, HttpRequestBody};

impl Client {
    /// The answer of `GetBucketVersioning`; `None` when the store does not know that call or does
    /// not let us make it.
    pub(super) async fn keeps_old_versions(&self) -> Result<Option<bool>, BlobError> {
        let tried = self.tried(|| self.versioning()).await;
        match tried.result {
            Ok(body) => Ok(Some(
                body.contains("<Status>Enabled<") || body.contains("<Status>Suspended<"),
            )),
            Err(Trouble::Denied(_) | Trouble::Unsupported | Trouble::Refused { .. }) => Ok(None),
            Err(trouble) => Err(self.error("ask for versions", "", trouble)),
        }
    }

    async fn versioning(&self) -> Result<String, Trouble> {
        let local = |_| Trouble::Local("the request could not be made".to_owned());
        let mut request = HttpRequest::new(HttpRequestBody::empty());
        let url = format!("{}?versioning=", self.bucket_url);
        *request.uri_mut() = url
            .parse()
            .map_err(|_| Trouble::Local("the endpoint is no address".to_owned()))?;
        let credential = self.store.credentials().get_credential().await;
        let credential = credential.map_err(local)?;
        AwsAuthorizer::new(&credential, "s3", &self.region)
            .try_authorize(&mut request, None)
            .map_err(local)?;
        let failed = |error| {
            Trouble::of(&object_store::Error::Generic {
                store: "S3",
                source: Box::new(error),
            })
        };
        let answer = self.http.execute(request).await.map_err(failed)?;
        let body = answer.into_body().bytes().await.map_err(failed)?;
        Ok(String::from_utf8_lossy(&body).into_owned())
    }
}

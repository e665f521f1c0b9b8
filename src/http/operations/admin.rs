//! What only the administrator may do.

use super::{get, post};
use crate::http::operation::{Access, Operation, answer};
use crate::http::wire::admin::SanityCheckResponse;

const TAG: &str = "Administration";

pub(super) fn operations() -> Vec<Operation> {
    vec![
        get("/v1/admin/footgun", "get-footgun")
            .summary("Delete all data; only where `api.allow_reset` is set, else 405")
            .tag(TAG)
            .access(Access::ADMIN)
            .fails(&[405]),
        post("/v1/admin/footgun", "post-footgun")
            .summary("Delete all data; only where `api.allow_reset` is set, else 403")
            .tag(TAG)
            .access(Access::ADMIN)
            .fails(&[403]),
        get("/v1/admin/sanity-check", "get-sanity-check")
            .summary("Look for projects whose data and settings do not fit")
            .tag(TAG)
            .access(Access::ADMIN)
            .answers(200, answer::<SanityCheckResponse>()),
    ]
}

//! Projects, their embeddings, and similars.

use super::{delete, get, page_rows, paged, patch, post, put};
use crate::http::operation::ObjectKind::Project;
use crate::http::operation::{Access, Operation, answer};
use crate::http::schema::{double, text};
use crate::http::wire::Wire as _;
use crate::http::wire::embeddings::{
    EmbeddingList, Embeddings, SimilarInput, SimilarResponse, UploadInput, UploadResponse,
};
use crate::http::wire::policy::ProjectPolicy;
use crate::http::wire::projects::{
    ProjectBrief, ProjectFull, ProjectList, ProjectShares, ProjectSubmission, ShareProjectResponse,
    TransferProjectInput, TransferProjectResponse,
};
use crate::http::wire::shares::ShareInput;

const PROJECTS: &str = "Projects";
const EMBEDDINGS: &str = "Embeddings";
const SIMILARS: &str = "Similars";

pub(super) fn operations() -> Vec<Operation> {
    [collection(), one(), sharing(), policy()].concat()
}

fn collection() -> Vec<Operation> {
    vec![
        paged(get("/v1/projects/{user_handle}", "get-projects"), 10)
            .summary("List the projects that a user owns or that are shared with them")
            .tag(PROJECTS)
            .access(Access::OWNER)
            .answers(200, answer::<ProjectList>())
            .fails(&[404]),
        post("/v1/projects/{user_handle}", "post-project")
            .summary("Create or replace a project")
            .tag(PROJECTS)
            .access(Access::OWNER)
            .reads(ProjectSubmission::schema())
            .answers(201, answer::<ProjectBrief>())
            .fails(&[403, 404, 409]),
    ]
}

fn one() -> Vec<Operation> {
    const PATH: &str = "/v1/projects/{user_handle}/{project_handle}";
    vec![
        get(PATH, "get-project")
            .summary("Show a project")
            .tag(PROJECTS)
            .access(Access::PUBLIC_READER)
            .answers(200, answer::<ProjectFull>())
            .fails(&[404]),
        put(PATH, "put-project")
            .summary("Create or replace a project; what is left out is reset")
            .tag(PROJECTS)
            .access(Access::owner_of(Project))
            .reads(ProjectSubmission::schema())
            .answers(201, answer::<ProjectBrief>())
            .fails(&[403, 404, 409]),
        patch(PATH, "patch-project")
            .summary("Change some properties of a project")
            .tag(PROJECTS)
            .access(Access::owner_of(Project))
            .answers(201, answer::<ProjectBrief>())
            .fails(&[403, 404, 409]),
        delete(PATH, "delete-project")
            .summary("Delete a project and its embeddings")
            .tag(PROJECTS)
            .access(Access::owner_of(Project))
            .fails(&[403, 404]),
    ]
}

fn sharing() -> Vec<Operation> {
    vec![
        post(
            "/v1/projects/{user_handle}/{project_handle}/share",
            "share-project",
        )
        .summary("Share a project with a user, or change their role")
        .tag(PROJECTS)
        .access(Access::owner_of(Project))
        .reads(ShareInput::schema())
        .answers(201, answer::<ShareProjectResponse>())
        .fails(&[403, 404]),
        delete(
            "/v1/projects/{user_handle}/{project_handle}/share/{unshare_with_handle}",
            "unshare-project",
        )
        .summary("Take a share of a project back")
        .tag(PROJECTS)
        .access(Access::owner_of(Project))
        .fails(&[400, 403, 404]),
        get(
            "/v1/projects/{user_handle}/{project_handle}/shared-with",
            "get-project-shared-users",
        )
        .summary("List the users that a project is shared with")
        .tag(PROJECTS)
        .access(Access::owner_of(Project))
        .answers(200, answer::<ProjectShares>())
        .fails(&[403, 404]),
        post(
            "/v1/projects/{user_handle}/{project_handle}/transfer-ownership",
            "transfer-project-ownership",
        )
        .summary("Give a project, with its data, to another user")
        .tag(PROJECTS)
        .access(Access::owner_of(Project))
        .reads(TransferProjectInput::schema())
        .answers(200, answer::<TransferProjectResponse>())
        .fails(&[403, 404, 409]),
    ]
}

/// Of embsec's own: the bodies of the contract do not tell what is sealed.
fn policy() -> Vec<Operation> {
    const PATH: &str = "/v1/projects/{user_handle}/{project_handle}/policy";
    vec![
        get(PATH, "get-project-policy")
            .summary("Show what of a project is encrypted when it is written")
            .tag(PROJECTS)
            .access(Access::reader_of(Project))
            .answers(200, answer::<ProjectPolicy>())
            .fails(&[404]),
        patch(PATH, "patch-project-policy")
            .summary("Set what of a project is encrypted when it is written")
            .tag(PROJECTS)
            .access(Access::owner_of(Project))
            .answers(200, answer::<ProjectPolicy>())
            .fails(&[403, 404]),
    ]
}

pub(super) fn embeddings() -> Vec<Operation> {
    const PATH: &str = "/v1/embeddings/{user_handle}/{project_handle}";
    const ITEM: &str = "/v1/embeddings/{user_handle}/{project_handle}/{text_id}";
    vec![
        post(PATH, "post-proj-embeddings")
            .summary("Upload a batch of embeddings: all of it is stored, or nothing")
            .tag(EMBEDDINGS)
            .access(Access::editor_of(Project))
            .reads(UploadInput::schema())
            .answers(201, answer::<UploadResponse>())
            .fails(&[403, 404, 409]),
        paged(get(PATH, "get-proj-embeddings"), 20)
            .summary("List the embeddings of a project")
            .tag(EMBEDDINGS)
            .access(Access::PUBLIC_READER)
            .answers(200, answer::<EmbeddingList>())
            .fails(&[404]),
        delete(PATH, "delete-proj-embeddings")
            .summary("Delete all embeddings of a project")
            .tag(EMBEDDINGS)
            .access(Access::editor_of(Project))
            .fails(&[403, 404]),
        get(ITEM, "get-doc-embeddings")
            .summary("Show an embedding")
            .tag(EMBEDDINGS)
            .access(Access::PUBLIC_READER)
            .answers(200, answer::<Embeddings>())
            .fails(&[404]),
        delete(ITEM, "delete-doc-embeddings")
            .summary("Delete an embedding")
            .tag(EMBEDDINGS)
            .access(Access::editor_of(Project))
            .fails(&[403, 404]),
    ]
}

/// The parameters of both searches.
fn search(operation: Operation) -> Operation {
    paged(
        operation.query(
            "count",
            page_rows()
                .about("Most results; the smaller one of `count` and `limit` holds.")
                .default_value(10),
        ),
        10,
    )
    .query(
        "threshold",
        double()
            .within(0.0, 1.0)
            .about("Least similarity.")
            .default_value(0.5),
    )
    .query(
        "metadata_path",
        text().about("A key of the metadata; rows where it equals `metadata_value` are left out."),
    )
    .query(
        "metadata_value",
        text().about("The value, as text, of the rows to leave out."),
    )
    .tag(SIMILARS)
    .access(Access::PUBLIC_READER)
    .answers(200, answer::<SimilarResponse>())
}

pub(super) fn similars() -> Vec<Operation> {
    vec![
        search(get(
            "/v1/similars/{user_handle}/{project_handle}/{text_id}",
            "get-similars",
        ))
        .summary("Find texts that are similar to a stored one")
        .fails(&[400, 403, 404]),
        search(post(
            "/v1/similars/{user_handle}/{project_handle}",
            "post-similars",
        ))
        .summary("Find texts that are similar to a vector")
        .reads(SimilarInput::schema())
        .fails(&[403, 404]),
    ]
}

//! LLM service definitions and instances, and API standards.

use super::{delete, get, paged, patch, post, put};
use crate::http::operation::ObjectKind::{Definition as Def, Instance};
use crate::http::operation::{Access, Answer, Operation, answer};
use crate::http::schema::{Schema, text};
use crate::http::wire::Wire as _;
use crate::http::wire::api_standards::{ApiStandard, ApiStandardList, UploadApiStandardResponse};
use crate::http::wire::definitions::{
    Definition, DefinitionBrief, DefinitionList, ShareDefinitionResponse,
};
use crate::http::wire::instances::{
    InstanceFull, InstanceInput, InstanceList, InstanceShares, ShareInstanceResponse,
    UploadInstanceResponse,
};
use crate::http::wire::shares::{ShareDefinitionInput, ShareInput};
use std::sync::LazyLock;

const DEFINITIONS: &str = "LLM definitions";
const INSTANCES: &str = "LLM instances";
const STANDARDS: &str = "API standards";

/// Who a definition is shared with: handles.
static HANDLES: LazyLock<Schema> = LazyLock::new(text);

pub(super) fn definitions() -> Vec<Operation> {
    const LIST: &str = "/v1/llm-definitions/{user_handle}";
    const PATH: &str = "/v1/llm-definitions/{user_handle}/{definition_handle}";
    let mut operations = vec![
        paged(get(LIST, "get-definitions"), 20)
            .summary("List the definitions that a user owns, shares, or gets from the system")
            .access(Access::OWNER)
            .answers(200, answer::<DefinitionList>())
            .fails(&[404]),
        post(LIST, "post-definition")
            .summary("Create or replace a definition")
            .access(Access::OWNER)
            .reads(Definition::schema())
            .answers(201, answer::<DefinitionBrief>())
            .fails(&[403, 404, 409]),
        get(PATH, "get-definition")
            .summary("Show a definition")
            .access(Access::reader_of(Def))
            .answers(200, answer::<Definition>())
            .fails(&[403, 404]),
        put(PATH, "put-definition")
            .summary("Create or replace a definition")
            .access(Access::owner_of(Def))
            .reads(Definition::schema())
            .answers(201, answer::<DefinitionBrief>())
            .fails(&[403, 404, 409]),
        patch(PATH, "patch-definition")
            .summary("Change some properties of a definition")
            .access(Access::owner_of(Def))
            .answers(201, answer::<DefinitionBrief>())
            .fails(&[403, 404, 409]),
        delete(PATH, "delete-definition")
            .summary("Delete a definition; instances made from it stay")
            .access(Access::owner_of(Def))
            .fails(&[403, 404]),
    ];
    operations.extend(definition_sharing());
    under(DEFINITIONS, operations)
}

fn definition_sharing() -> Vec<Operation> {
    vec![
        post(
            "/v1/llm-definitions/{user_handle}/{definition_handle}/share",
            "share-definition",
        )
        .summary("Share a definition with a user")
        .access(Access::owner_of(Def))
        .reads(ShareDefinitionInput::schema())
        .answers(201, answer::<ShareDefinitionResponse>())
        .fails(&[403, 404]),
        delete(
            "/v1/llm-definitions/{user_handle}/{definition_handle}/share/{unshare_with_handle}",
            "unshare-definition",
        )
        .summary("Take a share of a definition back; also when there is none")
        .access(Access::owner_of(Def))
        .fails(&[403, 404]),
        paged(
            get(
                "/v1/llm-definitions/{user_handle}/{definition_handle}/shared-with",
                "get-definition-shared-users",
            ),
            100,
        )
        .summary("List the users that a definition is shared with")
        .access(Access::owner_of(Def))
        .answers(200, Answer::List(&HANDLES))
        .fails(&[403, 404]),
    ]
}

pub(super) fn instances() -> Vec<Operation> {
    const LIST: &str = "/v1/llm-instances/{user_handle}";
    const PATH: &str = "/v1/llm-instances/{user_handle}/{instance_handle}";
    let mut operations = vec![
        paged(get(LIST, "get-instances"), 20)
            .summary("List the instances that a user owns or that are shared with them")
            .access(Access::OWNER)
            .answers(200, answer::<InstanceList>())
            .fails(&[404]),
        post(LIST, "post-instance")
            .summary("Create or replace an instance")
            .access(Access::OWNER)
            .reads(InstanceInput::schema())
            .answers(201, answer::<UploadInstanceResponse>())
            .fails(&[403, 404, 409]),
        post(
            "/v1/llm-instances/{user_handle}/from-definition",
            "post-instance-from-definition",
        )
        .summary("Make an instance from a definition; what is left out is taken from there")
        .access(Access::OWNER)
        .reads(InstanceInput::schema())
        .answers(200, answer::<UploadInstanceResponse>())
        .fails(&[403, 404, 409]),
        get(PATH, "get-instance")
            .summary("Show an instance, without its provider key")
            .access(Access::reader_of(Instance))
            .answers(200, answer::<InstanceFull>())
            .fails(&[403, 404]),
        put(PATH, "put-instance")
            .summary("Create or replace an instance; without `api_key` a stored one stays")
            .access(Access::owner_of(Instance))
            .reads(InstanceInput::schema())
            .answers(201, answer::<UploadInstanceResponse>())
            .fails(&[403, 404, 409]),
        patch(PATH, "patch-instance")
            .summary("Change some properties of an instance")
            .access(Access::owner_of(Instance))
            .answers(201, answer::<UploadInstanceResponse>())
            .fails(&[403, 404, 409]),
        delete(PATH, "delete-instance")
            .summary("Delete an instance that nothing uses")
            .access(Access::owner_of(Instance))
            .fails(&[403, 404, 409]),
    ];
    operations.extend(instance_sharing());
    under(INSTANCES, operations)
}

fn instance_sharing() -> Vec<Operation> {
    vec![
        post(
            "/v1/llm-instances/{user_handle}/{instance_handle}/share",
            "share-instance",
        )
        .summary("Share an instance with a user, or change their role")
        .access(Access::owner_of(Instance))
        .reads(ShareInput::schema())
        .answers(201, answer::<ShareInstanceResponse>())
        .fails(&[403, 404]),
        delete(
            "/v1/llm-instances/{user_handle}/{instance_handle}/share/{unshare_with_handle}",
            "unshare-instance",
        )
        .summary("Take a share of an instance back")
        .access(Access::owner_of(Instance))
        .fails(&[403, 404]),
        paged(
            get(
                "/v1/llm-instances/{user_handle}/{instance_handle}/shared-with",
                "get-instance-shared-users",
            ),
            100,
        )
        .summary("List the users that an instance is shared with")
        .access(Access::owner_of(Instance))
        .answers(200, answer::<InstanceShares>())
        .fails(&[403, 404]),
    ]
}

pub(super) fn api_standards() -> Vec<Operation> {
    const PATH: &str = "/v1/api-standards/{api_standard_handle}";
    let operations = vec![
        paged(get("/v1/api-standards", "get-api-standards"), 20)
            .summary("List API standards")
            .answers(200, answer::<ApiStandardList>())
            .fails(&[404]),
        post("/v1/api-standards", "post-api-standard")
            .summary("Create or replace an API standard")
            .access(Access::ADMIN)
            .reads(ApiStandard::schema())
            .answers(201, answer::<UploadApiStandardResponse>()),
        get(PATH, "get-api-standard")
            .summary("Show an API standard")
            .answers(200, answer::<ApiStandard>())
            .fails(&[404]),
        put(PATH, "put-api-standard")
            .summary("Create or replace an API standard")
            .access(Access::ADMIN)
            .reads(ApiStandard::schema())
            .answers(201, answer::<UploadApiStandardResponse>()),
        patch(PATH, "patch-api-standard")
            .summary("Change some properties of an API standard")
            .access(Access::ADMIN)
            .answers(201, answer::<UploadApiStandardResponse>())
            .fails(&[404]),
        delete(PATH, "delete-api-standard")
            .summary("Delete an API standard that nothing uses")
            .access(Access::ADMIN)
            .fails(&[400, 404]),
    ];
    under(STANDARDS, operations)
}

fn under(tag: &'static str, operations: Vec<Operation>) -> Vec<Operation> {
    operations.into_iter().map(|o| o.tag(tag)).collect()
}

use super::admin::SanityCheckResponse;
use super::api_standards::{ApiStandard, ApiStandardList, UploadApiStandardResponse};
use super::definitions::{Definition, DefinitionBrief, DefinitionInput, ShareDefinitionResponse};
use super::embeddings::{Embeddings, SimilarInput, SimilarItem, SimilarResponse, UploadResponse};
use super::health::{PartStatus, Readiness, ReadinessParts};
use super::instances::{InstanceFull, InstanceInput, InstanceShares, UploadInstanceResponse};
use super::projects::{
    ProjectBrief, ProjectFull, ProjectSubmission, ShareProjectResponse, TransferProjectResponse,
    Viewer,
};
use super::shares::SharedUser;
use super::users::{KeyField, User, UserInput, UserList, UserResponse};
use super::{Profile, Wire};
use crate::domain::access::{ObjectPath, Role, Share};
use crate::domain::embedding::Embedding;
use crate::domain::ids::{DefinitionId, Handle, InstanceId, ProjectId, UserId};
use crate::domain::llm::{self, Instance, InstanceBrief, LlmSettings};
use crate::domain::project::{self, Project};
use crate::domain::user::{self, Membership, UserState, UserSummary};
use crate::http::json::encode;
use crate::http::schema::Schema;
use crate::http::validate;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use serde_json::{Value, json};

fn handle(text: &str) -> Handle {
    Handle::parse(text).unwrap()
}

fn path(owner: &str, name: &str) -> ObjectPath {
    ObjectPath {
        owner: handle(owner),
        handle: handle(name),
    }
}

/// The bytes of an answer, and proof that its schema describes it: the keys are properties in
/// the schema's order, the values are of their types, and no required one is missing.
fn golden<T: Serialize>(schema: &Schema, value: &T) -> String {
    let text = String::from_utf8(encode(value)).unwrap();
    let mut parsed: Value = serde_json::from_str(&text).unwrap();
    assert_keys_in_order(schema, &parsed, &text);
    // A check drops what only answers carry; as an answer everything is to be checked.
    let errors = validate::checked_body(schema, parsed.take()).err();
    assert_eq!(errors, None, "{text}");
    text.trim_end().to_owned()
}

fn assert_keys_in_order(schema: &Schema, value: &Value, text: &str) {
    let Some(object) = schema.as_object() else {
        return;
    };
    let mut from = 0;
    for property in &object.properties {
        if value.get(property.name).is_some() {
            let key = format!("\"{}\":", property.name);
            let at = text[from..].find(&key);
            from += at.unwrap_or_else(|| panic!("{key} comes too early in {text}")) + key.len();
        }
    }
}

fn answer<T: Serialize + Wire>(value: &T) -> String {
    golden(T::schema(), value)
}

fn a_user() -> user::User {
    let membership = |name: &str, role| Membership {
        handle: handle(name),
        owner: handle("bob"),
        role,
    };
    user::User {
        id: UserId(1),
        handle: handle("alice"),
        name: Some("Alice".to_owned()),
        email: "alice@example.org".to_owned(),
        state: UserState::Active,
        created_at: Timestamp::UNIX_EPOCH,
        keys: Vec::new(),
        projects: vec![membership("proj", Role::Editor)],
        instances: vec![membership("inst", Role::Reader)],
    }
}

#[test]
fn a_user_is_shown_without_a_key() {
    assert_eq!(
        golden(User::schema(Profile::Embapi), &User::from(a_user())),
        concat!(
            r#"{"user_handle":"alice","name":"Alice","email":"alice@example.org","#,
            r#""projects":[{"project_handle":"proj","owner":"bob","role":"editor"}],"#,
            r#""instances":[{"instance_handle":"inst","owner":"bob","role":"reader"}]}"#
        )
    );
    let bare = user::User {
        name: Some(String::new()),
        projects: Vec::new(),
        instances: Vec::new(),
        ..a_user()
    };
    assert_eq!(
        golden(User::schema(Profile::Vdb), &User::from(bare)),
        r#"{"user_handle":"alice","email":"alice@example.org"}"#
    );
}

#[test]
fn the_dialects_differ_in_the_name_of_the_key_and_in_the_list_of_users() {
    let response = |profile, key| {
        let response = UserResponse::new(profile, "alice".to_owned(), key);
        golden(UserResponse::schema(profile), &response)
    };
    let fresh = || KeyField::Fresh(SecretString::from("emb_x"));
    assert_eq!(
        response(Profile::Embapi, fresh()),
        r#"{"user_handle":"alice","embapi_key":"emb_x"}"#
    );
    assert_eq!(
        response(Profile::Vdb, KeyField::NotChanged),
        r#"{"user_handle":"alice","vdb_key":"not changed"}"#
    );
    let users = || {
        vec![UserSummary {
            handle: handle("alice"),
            name: Some("Alice".to_owned()),
            email: "alice@example.org".to_owned(),
            state: UserState::Active,
            created_at: Timestamp::UNIX_EPOCH,
            number_of_projects: 1,
            number_of_definitions: 2,
            number_of_instances: 3,
        }]
    };
    let UserList::Embapi(rows) = UserList::new(Profile::Embapi, users()) else {
        panic!("not a list of objects")
    };
    assert_eq!(
        answer(&rows[0]),
        concat!(
            r#"{"user_handle":"alice","name":"Alice","number_of_projects":1,"#,
            r#""number_of_definitions":2,"number_of_instances":3}"#
        )
    );
    let handles = encode(&UserList::new(Profile::Vdb, users()));
    assert_eq!(handles, b"[\"alice\"]\n");
}

fn a_project() -> Project {
    Project {
        id: ProjectId(7),
        path: path("alice", "proj"),
        description: Some("d".to_owned()),
        metadata_scheme: Some("{}".to_owned()),
        public_read: true,
        instance: Some(InstanceBrief {
            id: InstanceId(3),
            path: path("bob", "inst"),
            access_role: Some(Role::Reader),
            number_of_projects: 1,
            number_of_shared_users: 2,
        }),
        shared_with: vec![Share {
            user_handle: handle("carol"),
            role: Role::Reader,
        }],
        role: Some(Role::Owner),
        number_of_embeddings: 9,
    }
}

#[test]
fn the_owner_of_a_project_sees_with_whom_it_is_shared() {
    assert_eq!(
        answer(&ProjectFull::new(a_project(), Viewer::User)),
        concat!(
            r#"{"project_id":7,"project_handle":"proj","owner":"alice","description":"d","#,
            r#""metadataScheme":"{}","public_read":true,"shared_with":["#,
            r#"{"user_handle":"*","role":"reader"},{"user_handle":"alice","role":"owner"},"#,
            r#"{"user_handle":"carol","role":"reader"}],"instance":{"owner":"bob","#,
            r#""instance_handle":"inst","instance_id":3,"access_role":"reader","#,
            r#""number_of_projects":1,"number_of_shared_users":2},"role":"owner","#,
            r#""number_of_embeddings":9}"#
        )
    );
}

#[test]
fn others_see_a_project_without_its_shares_and_an_empty_instance_is_filled_with_zeros() {
    let bare = || Project {
        description: None,
        metadata_scheme: None,
        public_read: false,
        instance: None,
        role: None,
        ..a_project()
    };
    let admin = answer(&ProjectFull::new(bare(), Viewer::Admin));
    assert_eq!(
        admin,
        concat!(
            r#"{"project_id":7,"project_handle":"proj","owner":"alice","public_read":false,"#,
            r#""instance":{"owner":"","instance_handle":"","instance_id":0,"#,
            r#""number_of_projects":0,"number_of_shared_users":0},"role":"admin","#,
            r#""number_of_embeddings":9}"#
        )
    );
    for (viewer, role, shown) in [
        (Viewer::Public, None, "owner"),
        (Viewer::User, Some(Role::Editor), "editor"),
    ] {
        let full = ProjectFull::new(Project { role, ..bare() }, viewer);
        assert_eq!((full.role, full.shared_with), (Some(shown), Vec::new()));
    }
}

#[test]
fn the_other_answers_about_projects_keep_their_order() {
    let brief = ProjectBrief::from(project::ProjectBrief {
        id: ProjectId(7),
        path: path("alice", "proj"),
        public_read: false,
        role: Some(Role::Owner),
        number_of_embeddings: 0,
    });
    assert_eq!(
        answer(&brief),
        concat!(
            r#"{"owner":"alice","project_handle":"proj","project_id":7,"public_read":false,"#,
            r#""role":"owner","number_of_embeddings":0}"#
        )
    );
    let shared = ShareProjectResponse {
        owner: "alice".to_owned(),
        project_handle: "proj".to_owned(),
        project_id: 7,
        shared_with_handle: "bob".to_owned(),
        shared_with_role: "reader",
    };
    assert_eq!(
        answer(&shared),
        concat!(
            r#"{"owner":"alice","project_handle":"proj","project_id":7,"#,
            r#""shared_with_handle":"bob","shared_with_role":"reader"}"#
        )
    );
    let transfer = TransferProjectResponse {
        project_id: 7,
        project_handle: "proj".to_owned(),
        old_owner: "alice".to_owned(),
        new_owner: "bob".to_owned(),
    };
    assert_eq!(
        answer(&transfer),
        r#"{"project_id":7,"project_handle":"proj","old_owner":"alice","new_owner":"bob"}"#
    );
}

#[test]
fn a_vector_is_shown_as_it_was_rounded_by_its_shortest_digits() {
    let halves: [u16; 5] = [0xa556, 0x24be, 0x2ad2, 0x2c92, 0x251f];
    let embedding = Embedding {
        text_id: "a".to_owned(),
        owner: handle("alice"),
        project_handle: handle("proj"),
        project_id: ProjectId(7),
        instance_handle: handle("inst"),
        text: Some("x".to_owned()),
        vector_half: halves.iter().flat_map(|half| half.to_le_bytes()).collect(),
        vector_dim: 5,
        metadata: json!({"b": 1, "a": 2.0}).as_object().cloned(),
    };
    assert_eq!(
        answer(&Embeddings::from(embedding)),
        concat!(
            r#"{"text_id":"a","user_handle":"alice","project_handle":"proj","project_id":7,"#,
            r#""instance_handle":"inst","text":"x","vector":[-0.020843506,0.01852417,"#,
            r#"0.05328369,0.07141113,0.020004272],"vector_dim":5,"metadata":{"a":2,"b":1}}"#
        )
    );
}

#[test]
fn similars_and_uploads_keep_their_order() {
    let response = SimilarResponse {
        user_handle: "alice".to_owned(),
        project_handle: "proj".to_owned(),
        results: vec![SimilarItem {
            id: "a".to_owned(),
            similarity: 1.0,
        }],
    };
    assert_eq!(
        answer(&response),
        r#"{"user_handle":"alice","project_handle":"proj","results":[{"id":"a","similarity":1}]}"#
    );
    let ids = vec!["a".to_owned()];
    assert_eq!(answer(&UploadResponse { ids }), r#"{"ids":["a"]}"#);
}

fn settings() -> LlmSettings {
    LlmSettings {
        endpoint: Some("https://llm.example/v1".to_owned()),
        description: Some(String::new()),
        api_standard: Some("openai".to_owned()),
        model: Some("m".to_owned()),
        dimensions: Some(384),
        context_limit: Some(0),
    }
}

#[test]
fn a_definition_leaves_out_what_is_empty_or_zero() {
    let definition = |is_public| llm::Definition {
        id: DefinitionId(4),
        path: path("alice", "def"),
        settings: settings(),
        is_public,
        number_of_instances: 2,
    };
    assert_eq!(
        answer(&Definition::from(definition(true))),
        concat!(
            r#"{"definition_id":4,"definition_handle":"def","owner":"alice","#,
            r#""endpoint":"https://llm.example/v1","api_standard":"openai","model":"m","#,
            r#""dimensions":384,"is_public":true}"#
        )
    );
    assert_eq!(
        answer(&DefinitionBrief::from(definition(false))),
        concat!(
            r#"{"definition_id":4,"definition_handle":"def","owner":"alice","#,
            r#""is_public":false,"number_of_instances":2}"#
        )
    );
    let shared = ShareDefinitionResponse {
        owner: "alice".to_owned(),
        definition_handle: "def".to_owned(),
        shared_with: vec!["bob".to_owned()],
    };
    assert_eq!(
        answer(&shared),
        r#"{"owner":"alice","definition_handle":"def","shared_with":["bob"]}"#
    );
}

#[test]
fn an_instance_says_whether_it_has_a_key_and_never_which() {
    let instance = |has_provider_key| Instance {
        id: InstanceId(3),
        path: path("alice", "inst"),
        access_role: Some(Role::Owner),
        definition_id: Some(DefinitionId(4)),
        definition: Some(path("bob", "def")),
        settings: settings(),
        has_provider_key,
    };
    assert_eq!(
        answer(&InstanceFull::from(instance(true))),
        concat!(
            r#"{"owner":"alice","instance_handle":"inst","instance_id":3,"access_role":"owner","#,
            r#""definition_id":4,"definition_owner":"bob","definition_handle":"def","#,
            r#""endpoint":"https://llm.example/v1","has_api_key":true,"api_standard":"openai","#,
            r#""model":"m","dimensions":384}"#
        )
    );
    assert!(!answer(&InstanceFull::from(instance(false))).contains("has_api_key"));
    let stored = UploadInstanceResponse {
        owner: "alice".to_owned(),
        instance_handle: "inst".to_owned(),
        instance_id: 3,
    };
    assert_eq!(
        answer(&stored),
        r#"{"owner":"alice","instance_handle":"inst","instance_id":3}"#
    );
    let shares = InstanceShares {
        owner: "alice".to_owned(),
        instance_handle: "inst".to_owned(),
        shared_with: vec![SharedUser::everybody()],
    };
    assert!(answer(&shares).ends_with(r#""shared_with":[{"user_handle":"*","role":"reader"}]}"#));
}

#[test]
fn the_small_answers_keep_their_order() {
    let standard = || ApiStandard {
        api_standard_handle: "openai".to_owned(),
        description: "d".to_owned(),
        key_method: "auth_bearer".to_owned(),
        key_field: "Authorization".to_owned(),
    };
    assert_eq!(
        answer(&standard()),
        concat!(
            r#"{"api_standard_handle":"openai","description":"d","key_method":"auth_bearer","#,
            r#""key_field":"Authorization"}"#
        )
    );
    let list = ApiStandardList {
        api_standards: vec![standard()],
    };
    assert!(answer(&list).starts_with(r#"{"api_standards":[{"#));
    let stored = UploadApiStandardResponse {
        api_standard_handle: "openai".to_owned(),
    };
    assert_eq!(answer(&stored), r#"{"api_standard_handle":"openai"}"#);
    let warned = SanityCheckResponse::new(2, Vec::new(), vec!["w".to_owned()]);
    assert_eq!(
        answer(&warned),
        concat!(
            r#"{"status":"WARNING","total_projects":2,"issues_count":0,"warnings_count":1,"#,
            r#""warnings":["w"]}"#
        )
    );
    let failing = Readiness::from(ReadinessParts {
        database: PartStatus::Ok,
        audit: PartStatus::Failing,
        keyring: PartStatus::Ok,
    });
    assert_eq!(
        answer(&failing),
        concat!(
            r#"{"status":"failing","parts":{"database":"ok","audit":"failing","#,
            r#""keyring":"ok"}}"#
        )
    );
}

#[test]
fn every_input_reads_what_its_schema_admits() {
    let project: ProjectSubmission = validate::read(
        br#"{"Project_Handle":"proj","metadataScheme":"{}","public_read":null,
            "shared_with":[{"user_handle":"bob","role":"editor"}]}"#,
    )
    .unwrap();
    assert_eq!(project.project_handle, "proj");
    assert_eq!(project.metadata_scheme.as_deref(), Some("{}"));
    assert_eq!((project.public_read, project.shared_with.len()), (false, 1));
    let key = "k".repeat(64);
    for (profile, name) in [(Profile::Embapi, "embapi_key"), (Profile::Vdb, "vdb_key")] {
        let body = json!({"user_handle": "alice", "email": "a@b.c", name: key}).to_string();
        let user: UserInput = validate::read_as(User::schema(profile), body.as_bytes()).unwrap();
        assert_eq!((user.user_handle.as_str(), user.name), ("alice", None));
    }
    let definition: DefinitionInput = validate::read_as(
        Definition::schema(),
        br#"{"definition_handle":"def","owner":"x","api_standard":"openai","dimensions":384.0}"#,
    )
    .unwrap();
    assert_eq!(definition.dimensions, Some(384));
    let similar: SimilarInput = validate::read(br#"{"vector":[1,0.5]}"#).unwrap();
    assert_eq!(similar.vector, [1.0, 0.5]);
}

#[test]
fn a_provider_key_comes_in_and_is_never_shown() {
    let instance: InstanceInput =
        validate::read(br#"{"instance_handle":"inst","api_key":"hunter2"}"#).unwrap();
    assert!(!format!("{instance:?}").contains("hunter2"));
    let key = instance.api_key.unwrap();
    assert_eq!(key.expose_secret(), "hunter2");
    let without: InstanceInput = validate::read(br#"{"instance_handle":"inst"}"#).unwrap();
    assert!(without.api_key.is_none());
}

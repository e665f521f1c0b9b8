//! Worlds by chance: everything that an embsec may hold, in a few rows that often clash.

use super::memory::Memory;
use crate::domain::access::{ObjectPath, Role};
use crate::domain::ids::{DefinitionId, EmbeddingId, Handle, InstanceId, ProjectId};
use crate::domain::llm::{KeyMethod, LlmSettings};
use crate::domain::project::ContentPolicy;
use crate::domain::record::{
    AdminKeyRecord, ApiStandardRecord, DefinitionRecord, DefinitionShareRecord, EmbeddingRecord,
    InstanceRecord, InstanceShareRecord, ProjectRecord, ProjectShareRecord, Record, Table,
    UserKeyRecord, UserRecord,
};
use crate::domain::user::UserState;
use crate::sys::rng::{Rng as _, SeededRng};
use secrecy::SecretString;

struct Dice(SeededRng);

impl Dice {
    fn below(&self, limit: u8) -> u8 {
        let mut byte = [0];
        self.0.fill(&mut byte).unwrap();
        byte[0] % limit
    }

    fn often(&self) -> bool {
        self.below(3) > 0
    }

    fn pick<T: Clone>(&self, items: &[T]) -> T {
        items[usize::from(self.below(u8::try_from(items.len()).unwrap()))].clone()
    }
}

fn handle(text: &str) -> Handle {
    Handle::parse(text).unwrap()
}

/// A world whose rows are in order.
pub(crate) fn world(seed: u64) -> Memory {
    let dice = Dice(SeededRng::new(seed));
    let mut world = Memory::default();
    let users = people(&dice, &mut world);
    let standards = standards(&dice, &mut world);
    let definitions = definitions(&dice, &mut world, &users, &standards);
    let instances = instances(&dice, &mut world, &users, &definitions);
    let projects = projects(&dice, &mut world, &users, &instances);
    embeddings(&dice, &mut world, &projects, &instances);
    world.check().unwrap();
    for table in Table::ALL {
        world.highest.insert(table, i64::from(dice.below(200)));
    }
    world
}

/// Puts a row in unless it clashes with one that is there.
fn try_put(world: &mut Memory, record: Record) -> bool {
    let before = world.clone();
    world.put(record);
    let fits = world.check().is_ok();
    if !fits {
        *world = before;
    }
    fits
}

fn people(dice: &Dice, world: &mut Memory) -> Vec<Handle> {
    let mut users = Vec::new();
    for name in ["_system", "Zoe", "ann", "bob", "cleo", "dan"] {
        let user = UserRecord {
            id: None,
            handle: handle(name),
            name: dice.often().then(|| name.to_owned()),
            email: format!("{}@example.org", dice.below(8)),
            state: dice.pick(&[UserState::Active, UserState::Disabled]),
            created_at: 1,
            updated_at: i64::from(dice.below(3)),
        };
        if (name == "_system" || dice.often()) && try_put(world, Record::User(user)) {
            users.push(handle(name));
        }
    }
    for number in 0..6 {
        if dice.often() && !users.is_empty() {
            world.put(Record::UserKey(UserKeyRecord {
                digest: format!("digest{number}"),
                user: dice.pick(&users),
                created_at: 1,
                expires_at: dice.often().then_some(7),
            }));
        }
        if dice.below(4) == 0 {
            world.put(Record::AdminKey(AdminKeyRecord {
                digest: format!("admin{number}"),
                created_at: 1,
                expires_at: None,
            }));
        }
    }
    users
}

fn standards(dice: &Dice, world: &mut Memory) -> Vec<String> {
    let names = ["openai", "cohere", "gemini"];
    let kept: Vec<String> = names
        .into_iter()
        .filter(|_| dice.often())
        .map(str::to_owned)
        .collect();
    for name in &kept {
        world.put(Record::ApiStandard(ApiStandardRecord {
            handle: handle(name),
            description: String::new(),
            key_method: dice.pick(&KeyMethod::ALL),
            key_field: "field".to_owned(),
            created_at: 1,
            updated_at: 1,
        }));
    }
    kept
}

fn path(dice: &Dice, users: &[Handle]) -> ObjectPath {
    ObjectPath {
        owner: dice.pick(users),
        handle: handle(dice.pick(&["one", "two", "three"])),
    }
}

fn definitions(
    dice: &Dice,
    world: &mut Memory,
    users: &[Handle],
    standards: &[String],
) -> Vec<i64> {
    let mut kept = Vec::new();
    for id in 1..7 {
        let definition = DefinitionRecord {
            id: DefinitionId(id),
            path: path(dice, users),
            settings: LlmSettings {
                api_standard: (!standards.is_empty()).then(|| dice.pick(standards)),
                ..LlmSettings::default()
            },
            is_public: dice.often(),
            created_at: 1,
            updated_at: 1,
        };
        if dice.often() && try_put(world, Record::Definition(definition)) {
            kept.push(id);
            world.put(Record::DefinitionShare(DefinitionShareRecord {
                definition: DefinitionId(id),
                user: dice.pick(users),
                created_at: 1,
            }));
        }
    }
    kept
}

fn instances(
    dice: &Dice,
    world: &mut Memory,
    users: &[Handle],
    definitions: &[i64],
) -> Vec<InstanceId> {
    let mut kept = Vec::new();
    for id in 1..7 {
        let linked = !definitions.is_empty() && dice.often();
        let instance = InstanceRecord {
            id: InstanceId(id),
            path: path(dice, users),
            definition: linked.then(|| DefinitionId(dice.pick(definitions))),
            settings: LlmSettings::default(),
            provider_key: dice
                .often()
                .then(|| SecretString::from(format!("sk-{}", dice.below(2)))),
            created_at: 1,
            updated_at: 1,
        };
        if dice.often() && try_put(world, Record::Instance(instance)) {
            kept.push(InstanceId(id));
            world.put(Record::InstanceShare(InstanceShareRecord {
                instance: InstanceId(id),
                user: dice.pick(users),
                role: dice.pick(&[Role::Reader, Role::Editor]),
                created_at: 1,
                updated_at: 1,
            }));
        }
    }
    kept
}

fn projects(
    dice: &Dice,
    world: &mut Memory,
    users: &[Handle],
    instances: &[InstanceId],
) -> Vec<ProjectId> {
    let mut kept = Vec::new();
    for id in 1..7 {
        let project = ProjectRecord {
            id: ProjectId(id),
            path: path(dice, users),
            description: None,
            metadata_scheme: None,
            public_read: dice.often(),
            instance: (!instances.is_empty()).then(|| dice.pick(instances)),
            policy: ContentPolicy {
                encrypt_text: dice.often(),
                encrypt_metadata: dice.often(),
            },
            created_at: 1,
            updated_at: 1,
        };
        if dice.often() && try_put(world, Record::Project(project)) {
            kept.push(ProjectId(id));
            world.put(Record::ProjectShare(ProjectShareRecord {
                project: ProjectId(id),
                user: dice.pick(users),
                role: dice.pick(&[Role::Reader, Role::Editor]),
                created_at: 1,
                updated_at: 1,
            }));
        }
    }
    kept
}

fn embeddings(dice: &Dice, world: &mut Memory, projects: &[ProjectId], instances: &[InstanceId]) {
    if projects.is_empty() || instances.is_empty() {
        return;
    }
    for id in 1..25 {
        let embedding = EmbeddingRecord {
            id: EmbeddingId(id),
            project: dice.pick(projects),
            instance: dice.pick(instances),
            text_id: format!("text{}", dice.below(9)),
            vector_dim: 2,
            vector_half: vec![0, 0x3c, dice.below(9), 0x3c],
            text: dice
                .often()
                .then(|| dice.pick(&["text", "other", "enc:v2:text", ""]).to_owned()),
            metadata: dice.often().then(|| r#"{"a": 1}"#.to_owned()),
            created_at: 1,
            updated_at: i64::from(dice.below(2)),
        };
        if dice.often() {
            try_put(world, Record::Embedding(embedding));
        }
    }
}

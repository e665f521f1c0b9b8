//! Calls of every route without sense: values of one place in another, of any shape and size, by
//! any caller. Whatever they are, they are the client's mistake.

use crate::dice::Dice;
use crate::world::World;
use embsec::http::operation::Operation;
use embsec::http::operations;
use embsec::http::wire::Profile;
use serde_json::{Value, json};

const SEEDS: u64 = 4;
const CALLS: usize = 1_200;

const SEGMENTS: [&str; 16] = [
    "alice",
    "bob",
    "notes",
    "mini",
    "mine",
    "one",
    "_system",
    "openai",
    "admin",
    "*",
    "..",
    "%00%00%00",
    "%ff",
    "a%2Fb",
    "%C3%BC%C3%BC%C3%BC",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
];
const QUERIES: [&str; 12] = [
    "",
    "",
    "?limit=1",
    "?limit=0",
    "?limit=99999999999999999999",
    "?offset=9223372036854775807",
    "?offset=18446744073709551615",
    "?threshold=nan",
    "?threshold=1e400&limit=200",
    "?metadata_path=%00&metadata_value=%00",
    "?count=-1&count=2",
    "?%ff=%fe&=&&",
];
const NAMES: [&str; 24] = [
    "user_handle",
    "email",
    "name",
    "project_handle",
    "instance_handle",
    "instance_owner",
    "definition_handle",
    "definition_owner",
    "api_standard",
    "api_standard_handle",
    "key_method",
    "key_field",
    "description",
    "metadataScheme",
    "shared_with",
    "share_with_handle",
    "role",
    "new_owner_handle",
    "embeddings",
    "vector",
    "vector_dim",
    "metadata",
    "text_id",
    "dimensions",
];
const TEXTS: [&str; 14] = [
    "alice",
    "bob",
    "notes",
    "mini",
    "mine",
    "openai",
    "_system",
    "reader",
    "",
    "\u{0}\u{0}\u{0}",
    "{\"type\":\"object\"}",
    "{\"$ref\":\"#\"}",
    "/../%2e",
    "\u{1f980}\u{1f980}\u{1f980}",
];
const NUMBERS: [&str; 9] = [
    "0",
    "1",
    "-1",
    "3",
    "1e400",
    "-0.0",
    "65504",
    "9223372036854775807",
    "1e-320",
];
const MEDIA: [&str; 4] = [
    "application/json",
    "application/merge-patch+json",
    "application/json-patch+json",
    "text/plain",
];

fn value(dice: &Dice, depth: usize) -> String {
    match dice.below(if depth == 0 { 3 } else { 7 }) {
        0 => Value::from(dice.one(&TEXTS)).to_string(),
        1 => dice.one(&NUMBERS).to_owned(),
        2 => dice.one(&["null", "true", "false", "[]", "{}"]).to_owned(),
        3 => {
            let items: Vec<_> = (0..dice.below(4)).map(|_| value(dice, depth - 1)).collect();
            format!("[{}]", items.join(","))
        }
        _ => {
            let count = dice.below(7);
            let property = |_| format!("\"{}\":{}", dice.one(&NAMES), value(dice, depth - 1));
            let properties: Vec<_> = (0..count).map(property).collect();
            format!("{{{}}}", properties.join(","))
        }
    }
}

/// A body that the route may like, with one property that it may not.
fn sensible(dice: &Dice, operation: &Operation) -> Value {
    let mut body = match operation.tag {
        "Users" => json!({"user_handle": "carol", "email": "carol@example.org"}),
        "Projects" => json!({"project_handle": "notes", "instance_handle": "mini"}),
        "LLM instances" => json!({"instance_handle": "mini", "dimensions": 3}),
        "LLM definitions" => json!({"definition_handle": "mine", "api_standard": "openai"}),
        "Embeddings" => json!({"embeddings": [crate::world::note("one", &[1.0, 0.0, 0.0])]}),
        "Similars" => json!({"vector": [1, 0, 0]}),
        _ => json!({
            "api_standard_handle": "local", "description": "", "key_method": "body_form",
            "key_field": "key",
        }),
    };
    if dice.once_in(2) {
        let given = serde_json::from_str(&value(dice, 2)).unwrap_or(Value::Null);
        if let Some(item) = body.pointer_mut("/embeddings/0") {
            item[dice.one(&NAMES)] = given;
        } else {
            body[dice.one(&NAMES)] = given;
        }
    }
    body
}

fn target(dice: &Dice, operation: &Operation) -> String {
    let segments = operation.path.split('/').map(|segment| {
        let likely = match segment {
            "{user_handle}" => "alice",
            "{project_handle}" => "notes",
            "{instance_handle}" => "mini",
            "{definition_handle}" => "mine",
            "{text_id}" => "one",
            _ if segment.starts_with('{') => "openai",
            fixed => return fixed,
        };
        if dice.once_in(4) {
            dice.one(&SEGMENTS)
        } else {
            likely
        }
    });
    segments.collect::<Vec<_>>().join("/") + dice.one(&QUERIES)
}

async fn play(seed: u64) {
    let dice = Dice::of(seed);
    let mut world = World::open().await;
    world.alice_with_notes().await;
    world.user("bob").await;
    let operations = operations::all(Profile::Embapi);
    let mut well = 0;
    for _ in 0..CALLS {
        let operation = &operations[dice.below(operations.len())];
        let line = format!("{} {}", operation.method, target(&dice, operation));
        let caller = dice.one(&["admin", "admin", "alice", "alice", "bob", "nobody"]);
        let mut ask = world.ask(caller, &line);
        let mut sent = String::new();
        if operation.body.is_some() {
            sent = match dice.below(3) {
                0 => value(&dice, 4),
                _ => sensible(&dice, operation).to_string(),
            };
            ask = ask.body(sent.clone());
            if dice.once_in(3) {
                ask = ask.header("content-type", dice.one(&MEDIA));
            }
        }
        let answer = ask.send().await;
        let status = answer.status;
        assert!(
            status < 500,
            "seed {seed}: {line} by {caller}: {sent}: {}",
            answer.text()
        );
        if status >= 400 {
            let problem = answer.json();
            assert_eq!(problem["status"], status, "{line}");
        } else {
            well += 1;
        }
        // What a call has deleted is there again for the next.
        if operation.method_name() == "DELETE" && status == 204 {
            let again = world.ask("admin", "GET /v1/users/alice").send().await;
            if again.status == 404 {
                world.alice_with_notes().await;
            }
        }
    }
    assert!(well > CALLS / 10, "hardly any call made sense: {well}");
}

#[test]
fn no_call_is_answered_with_a_fault_of_the_server() {
    let threads: Vec<_> = (0..SEEDS)
        .map(|seed| {
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build();
                runtime.unwrap().block_on(play(seed));
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

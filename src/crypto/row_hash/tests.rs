use super::*;
use crate::domain::ids::{EmbeddingId, InstanceId, ProjectId};
use proptest::prelude::*;

fn embedding() -> EmbeddingRecord {
    EmbeddingRecord {
        id: EmbeddingId(7),
        project: ProjectId(2),
        instance: InstanceId(3),
        text_id: "doc%2F1".to_owned(),
        vector_dim: 2,
        vector_half: vec![0x00, 0x3c, 0x00, 0xc0],
        text: None,
        metadata: Some(r#"{"b": 1.0, "a": "x"}"#.to_owned()),
        created_at: 1_700_000_000_000,
        updated_at: 1_700_000_000_001,
    }
}

fn instance(key: Option<&str>) -> Record {
    Record::Instance(InstanceRecord {
        id: InstanceId(3),
        path: ObjectPath {
            owner: Handle::parse("alice").unwrap(),
            handle: Handle::parse("small").unwrap(),
        },
        definition: None,
        settings: LlmSettings::default(),
        provider_key: key.map(SecretString::from),
        created_at: 1,
        updated_at: 2,
    })
}

fn hex(hash: RowHash) -> String {
    let mut table = TableHash::default();
    table.add(hash);
    table.to_string()
}

#[test]
fn the_form_of_a_row_is_what_is_documented() {
    let mut form = Vec::new();
    let mut field = |bytes: &[u8]| {
        form.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
        form.extend_from_slice(bytes);
    };
    field(b"embeddings");
    for number in [7_i64, 2, 3] {
        field(&number.to_be_bytes());
    }
    field(b"doc%2F1");
    field(&2_i64.to_be_bytes());
    field(&[0x00, 0x3c, 0x00, 0xc0]);
    form.extend_from_slice(&[0xff; 8]);
    let mut field = |bytes: &[u8]| {
        form.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
        form.extend_from_slice(bytes);
    };
    field(br#"{"a":"x","b":1}"#);
    field(&1_700_000_000_000_i64.to_be_bytes());
    field(&1_700_000_000_001_i64.to_be_bytes());
    let expected: [u8; 32] = Sha256::digest([ROW_LABEL, &form].concat()).into();
    assert_eq!(of(&Record::Embedding(embedding())), RowHash(expected));
}

#[test]
fn every_part_of_a_row_counts() {
    let same = of(&Record::Embedding(embedding()));
    let changes: [fn(&mut EmbeddingRecord); 8] = [
        |row| row.id.0 += 1,
        |row| row.project.0 += 1,
        |row| row.text_id.push('x'),
        |row| row.vector_half[0] = 1,
        |row| row.text = Some(String::new()),
        |row| row.metadata = None,
        |row| row.created_at += 1,
        |row| row.updated_at += 1,
    ];
    for change in changes {
        let mut row = embedding();
        change(&mut row);
        assert_ne!(of(&Record::Embedding(row.clone())), same, "{row:?}");
    }
    let keys = [None, Some("sk-1"), Some("sk-2")].map(|key| of(&instance(key)));
    assert!(keys[0] != keys[1] && keys[1] != keys[2]);
}

#[test]
fn metadata_are_compared_by_value() {
    for (one, other) in [
        (r#"{"a":1,"b":[2]}"#, r#"{ "b" : [ 2.0 ], "a" : 1e0 }"#),
        (r#"{"a":"ä"}"#, r#"{"a":"\u00e4"}"#),
        (r#"{"a":1e16}"#, r#"{"a":10000000000000000}"#),
        (r#"{"a":-0.0}"#, r#"{"a":0}"#),
        (r#"{"a":1e300}"#, r#"{"a":1.0e300}"#),
    ] {
        assert_eq!(canonical_json(one), canonical_json(other));
    }
    for (one, other) in [
        (r#"{"a":1}"#, r#"{"a":"1"}"#),
        (r#"{"a":0.1}"#, r#"{"a":0.2}"#),
        (r#"{"a":9007199254740993}"#, r#"{"a":9007199254740992}"#),
        (r#"{"a":null}"#, "{}"),
    ] {
        assert_ne!(canonical_json(one), canonical_json(other));
    }
    assert_eq!(canonical_json("no json"), "no json");
}

#[test]
fn a_sum_carries_from_one_limb_to_the_next_and_wraps_around() {
    let mut low = [0; 32];
    low[24..].fill(0xff);
    let mut one = [0; 32];
    one[31] = 1;
    let mut table = TableHash::default();
    table.add(RowHash(low));
    table.add(RowHash(one));
    assert_eq!(
        table.to_string(),
        format!("{}{:016x}{:016x}", "0".repeat(32), 1, 0)
    );
    let mut table = TableHash::default();
    table.add(RowHash([0xff; 32]));
    table.add(RowHash(one));
    assert_eq!((table.rows(), table.to_string()), (2, "0".repeat(64)));
}

#[test]
fn the_hash_of_a_row_does_not_change_between_versions() {
    assert_eq!(
        hex(of(&instance(Some("sk-1")))),
        "ca21841392b82bc2b47473aec7f2adaf97066cad67aeebe52ed9479b60f73ceb"
    );
}

proptest! {
    #[test]
    fn the_order_of_rows_does_not_matter(ids in proptest::collection::vec(any::<i64>(), 0..20)) {
        let sum = |ids: &[i64]| {
            let mut table = TableHash::default();
            for id in ids {
                let row = EmbeddingRecord { id: EmbeddingId(*id), ..embedding() };
                table.add(of(&Record::Embedding(row)));
            }
            table
        };
        let reversed: Vec<i64> = ids.iter().rev().copied().collect();
        prop_assert_eq!(sum(&ids), sum(&reversed));
    }

    #[test]
    fn any_text_has_a_canonical_form(text in "\\PC*") {
        let once = canonical_json(&text);
        prop_assert_eq!(canonical_json(&once), once);
    }

    #[test]
    fn a_canonical_form_is_its_own(double in any::<f64>()) {
        prop_assume!(double.is_finite());
        let once = canonical_json(&format!("[{double:e}]"));
        prop_assert_eq!(canonical_json(&once), once);
    }
}

//! Searches in memory, searches in the database, and a search written as plainly as possible say
//! the same, whatever is uploaded, replaced and deleted in between.

use crate::desk::{Desk, admin, item, notes, tag};
use embsec::app::App;
use embsec::app::error::AppError;
use embsec::app::search::{MetadataFilter, SearchQuery, Similar};
use embsec::vector::{HalfVector, similarity};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is done to the project.
#[derive(Clone, Debug)]
enum Step {
    Upload(Vec<(u8, [i8; 3], Option<u8>)>),
    Delete(u8),
    DeleteAll,
    /// Changes the dimension of the instance: 2 or 3.
    Dimension(u32),
    ByVector([i8; 3], Query),
    ById(u8, Query),
}

/// How a search is limited; the filter leaves out one tag.
#[derive(Clone, Debug)]
struct Query {
    limit: u32,
    offset: u64,
    threshold: f64,
    without: Option<u8>,
}

fn query() -> impl Strategy<Value = Query> {
    let threshold = prop_oneof![Just(0.0), Just(0.5), Just(1.0), Just(-1.0)];
    (1..6_u32, 0..3_u64, threshold, proptest::option::of(0..3_u8)).prop_map(
        |(limit, offset, threshold, without)| Query {
            limit,
            offset,
            threshold,
            without,
        },
    )
}

/// Few different values, so that ties are common; the first component keeps it from being zero.
fn vector() -> impl Strategy<Value = [i8; 3]> {
    (1..3_i8, -1..2_i8, -1..2_i8).prop_map(|(a, b, c)| [a, b, c])
}

fn step() -> impl Strategy<Value = Step> {
    let item = (0..6_u8, vector(), proptest::option::of(0..3_u8));
    prop_oneof![
        5 => proptest::collection::vec(item, 1..5).prop_map(Step::Upload),
        2 => (0..6_u8).prop_map(Step::Delete),
        1 => Just(Step::DeleteAll),
        2 => (2..4_u32).prop_map(Step::Dimension),
        4 => (vector(), query()).prop_map(|(vector, query)| Step::ByVector(vector, query)),
        4 => (0..6_u8, query()).prop_map(|(id, query)| Step::ById(id, query)),
    ]
}

#[derive(Clone)]
struct Row {
    vector: HalfVector,
    tag: Option<u8>,
}

/// The project as it should be, and the searches over it.
struct Model {
    desk: Desk,
    searchers: [Arc<App>; 3],
    rows: BTreeMap<String, Row>,
    dimension: u32,
}

impl Model {
    async fn new() -> Self {
        let desk = Desk::with_notes(3).await;
        // All of it fits; nothing fits; it fits until it grows.
        let searchers = [desk.beside(usize::MAX), desk.beside(1), desk.beside(2_000)];
        Self {
            desk,
            searchers,
            rows: BTreeMap::new(),
            dimension: 3,
        }
    }

    fn cut(&self, vector: [i8; 3]) -> Vec<f32> {
        let wanted = usize::try_from(self.dimension).unwrap();
        vector.into_iter().take(wanted).map(f32::from).collect()
    }

    async fn take(&mut self, step: Step) {
        match step {
            Step::Upload(items) => self.upload(items).await,
            Step::Delete(id) => {
                let ids = [name(id)];
                let deleted = self
                    .desk
                    .app
                    .delete_embedding(&admin(), &notes(), &ids)
                    .await;
                assert_eq!(deleted.is_ok(), self.rows.remove(&ids[0]).is_some());
            }
            Step::DeleteAll => {
                self.desk
                    .app
                    .delete_embeddings(&admin(), &notes())
                    .await
                    .unwrap();
                self.rows.clear();
            }
            Step::Dimension(dimension) => {
                self.desk.mini(dimension).await;
                self.dimension = dimension;
            }
            Step::ByVector(vector, query) => {
                let vector = self.cut(vector);
                let half = HalfVector::from_f32(&vector).unwrap();
                let expected = self.naive(&half, None, &query);
                for searcher in &self.searchers {
                    let wanted = search_query(&query);
                    let found = searcher
                        .similar_to_vector(&admin(), &notes(), &vector, &wanted)
                        .await;
                    assert_eq!(results(found), expected);
                }
            }
            Step::ById(id, query) => self.by_id(&name(id), &query).await,
        }
    }

    async fn upload(&mut self, given: Vec<(u8, [i8; 3], Option<u8>)>) {
        let mut items = Vec::new();
        for (id, vector, given_tag) in given {
            let (id, vector) = (name(id), self.cut(vector));
            items.push(item(&id, &vector, given_tag.and_then(tag)));
            // Metadata that is left out stays.
            let before = self.rows.get(&id).and_then(|row| row.tag);
            let row = Row {
                vector: HalfVector::from_f32(&vector).unwrap(),
                tag: given_tag.or(before),
            };
            self.rows.insert(id, row);
        }
        let app = &self.desk.app;
        app.upload_embeddings(&admin(), &notes(), &items)
            .await
            .unwrap();
    }

    async fn by_id(&self, id: &str, query: &Query) {
        let ids = [id.to_owned()];
        for searcher in &self.searchers {
            let found = searcher
                .similar_to_embedding(&admin(), &notes(), &ids, &search_query(query))
                .await;
            match self.rows.get(id) {
                None => assert!(matches!(found, Err(AppError::Missing(_)))),
                Some(row) => {
                    assert_eq!(results(found), self.naive(&row.vector, Some(id), query));
                }
            }
        }
    }

    fn naive(&self, wanted: &HalfVector, excluded: Option<&str>, query: &Query) -> Vec<Similar> {
        let mut found: Vec<Similar> = self
            .rows
            .iter()
            .filter(|(id, row)| {
                Some(id.as_str()) != excluded
                    && row.vector.dim() == wanted.dim()
                    && (query.without.is_none() || row.tag != query.without)
            })
            .map(|(id, row)| Similar {
                text_id: id.clone(),
                similarity: similarity(wanted, &row.vector).unwrap(),
            })
            .filter(|similar| similar.similarity >= query.threshold)
            .collect();
        found.sort_by(|a, b| {
            let by_similarity = b.similarity.total_cmp(&a.similarity);
            by_similarity.then_with(|| a.text_id.cmp(&b.text_id))
        });
        let offset = usize::try_from(query.offset).unwrap();
        let limit = usize::try_from(query.limit).unwrap();
        found.into_iter().skip(offset).take(limit).collect()
    }
}

fn name(id: u8) -> String {
    format!("text-{id:02}")
}

fn search_query(query: &Query) -> SearchQuery {
    SearchQuery {
        limit: query.limit,
        offset: query.offset,
        threshold: query.threshold,
        without: query.without.map(|tag| MetadataFilter {
            key: "tag".to_owned(),
            value: tag.to_string(),
        }),
    }
}

fn results(found: Result<Vec<Similar>, AppError>) -> Vec<Similar> {
    match found {
        Ok(found) => {
            assert!(!found.is_empty(), "nothing found is an error of its own");
            found
        }
        Err(AppError::Empty(_)) => Vec::new(),
        Err(error) => panic!("{error}"),
    }
}

fn run(steps: Vec<Step>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(async {
        let mut model = Model::new().await;
        for step in steps {
            model.take(step).await;
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 32,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn memory_database_and_the_plain_search_say_the_same(
        steps in proptest::collection::vec(step(), 20..70)
    ) {
        run(steps);
    }
}

#[test]
fn a_row_that_changes_its_dimension_is_found_in_the_new_one_only() {
    let all = |without| Query {
        limit: 5,
        offset: 0,
        threshold: -1.0,
        without,
    };
    run(vec![
        Step::Upload(vec![
            (1, [1, 0, 0], None),
            (2, [1, 1, 0], None),
            (3, [1, 0, 1], None),
        ]),
        Step::ByVector([1, 0, 0], all(None)),
        Step::Dimension(2),
        Step::Upload(vec![(1, [1, 0, 0], None)]),
        // The second row still has three components, and so has what is similar to it.
        Step::ById(2, all(None)),
        Step::ByVector([1, 0, 0], all(None)),
        Step::ById(1, all(None)),
    ]);
}

#[test]
fn a_filter_that_leaves_out_nearly_all_finds_what_is_left() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(async {
        let desk = Desk::with_notes(2).await;
        let mut items: Vec<_> = (0_u16..400)
            .map(|number| {
                let slope = f32::from(number) / 1_000.0;
                item(&format!("text-{number:03}"), &[1.0, slope], tag("common"))
            })
            .collect();
        items.push(item("rare", &[1.0, 0.9], tag("rare")));
        items.push(item("bare", &[1.0, 0.95], None));
        desk.app
            .upload_embeddings(&admin(), &notes(), &items)
            .await
            .unwrap();
        let query = SearchQuery {
            limit: 2,
            offset: 0,
            threshold: 0.0,
            without: Some(MetadataFilter {
                key: "tag".to_owned(),
                value: " common ".to_owned(),
            }),
        };
        for searcher in [desk.beside(usize::MAX), desk.beside(1)] {
            let found = searcher
                .similar_to_vector(&admin(), &notes(), &[1.0, 0.0], &query)
                .await;
            let ids: Vec<_> = results(found)
                .into_iter()
                .map(|similar| similar.text_id)
                .collect();
            assert_eq!(ids, ["rare", "bare"]);
        }
    });
}

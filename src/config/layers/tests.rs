//! A flag wins over the environment, that over the file, that over the default; names of other
//! systems are taken for embsec's own, and announced.

use super::*;
use crate::config::settings::{LOG_LEVEL, SERVE_LISTEN};
use std::path::Path;

struct Merged {
    layers: Layers,
    problems: Vec<Problem>,
}

impl Merged {
    fn of(file: &str, environment: &[(&str, &str)], flags: &[FlagValue]) -> Self {
        let (entries, mut problems) =
            super::super::file::parse(Path::new("e.toml"), file).expect("TOML");
        let environment = environment.iter().copied().collect();
        let layers = Layers::merge(entries, &environment, flags, &mut problems);
        Self { layers, problems }
    }

    fn at(&self, setting: &Setting) -> (String, String) {
        match self.layers.get(setting) {
            Some((Value::Text(text), origin)) => (text.clone(), origin.to_string()),
            _ => panic!("{} is no text", setting.key),
        }
    }

    fn talk(&self) -> Vec<String> {
        self.layers
            .announcements
            .iter()
            .map(ToString::to_string)
            .collect()
    }
}

fn pair(value: &str, origin: &str) -> (String, String) {
    (value.to_owned(), origin.to_owned())
}

#[test]
fn each_layer_wins_over_the_one_below() {
    let file = "[serve]\n\nlisten = \"127.0.0.1:2\"\n";
    let variable = [("EMBSEC_SERVE__LISTEN", "127.0.0.1:3")];
    let flag = [FlagValue {
        setting: &SERVE_LISTEN,
        flag: "--listen",
        value: "127.0.0.1:4".to_owned(),
    }];
    let at = |file, variables: &[_], flags: &[_]| {
        let merged = Merged::of(file, variables, flags);
        assert!(merged.problems.is_empty());
        merged.at(&SERVE_LISTEN)
    };
    assert_eq!(at("", &[], &[]), pair("127.0.0.1:8880", "default"));
    assert_eq!(at(file, &[], &[]), pair("127.0.0.1:2", "\"e.toml\" line 3"));
    assert_eq!(
        at(file, &variable, &[]),
        pair("127.0.0.1:3", "EMBSEC_SERVE__LISTEN")
    );
    assert_eq!(at(file, &variable, &flag), pair("127.0.0.1:4", "--listen"));
}

#[test]
fn every_setting_can_be_set_by_its_variable() {
    for setting in SETTINGS {
        let text = match setting.kind {
            settings::Kind::Int { max, .. } => max.to_string(),
            settings::Kind::Choice(words) => words[words.len() - 1].to_owned(),
            _ => "true".to_owned(),
        };
        let variable = setting.variable();
        let merged = Merged::of("", &[(&variable, &text)], &[]);
        assert!(merged.problems.is_empty(), "{variable}");
        let origin = merged
            .layers
            .get(setting)
            .map(|(_, origin)| origin.to_string());
        assert_eq!(origin, Some(variable));
    }
}

#[test]
fn lists_are_separated_by_commas() {
    let merged = Merged::of(
        "",
        &[("EMBSEC_API__CORS_ORIGINS", " https://a, https://b,,")],
        &[],
    );
    match merged.layers.get(&settings::API_CORS_ORIGINS) {
        Some((Value::List(members), _)) => assert_eq!(members, &["https://a", "https://b"]),
        _ => panic!("no list"),
    }
}

#[test]
fn host_and_port_of_the_other_system_are_halves_of_the_address() {
    let file = "[serve]\nlisten = \"127.0.0.9:9\"\n";
    for (variables, value, origin) in [
        (
            vec![("SERVICE_PORT", "8888")],
            "127.0.0.9:8888",
            "SERVICE_PORT",
        ),
        (
            vec![("SERVICE_HOST", "localhost")],
            "localhost:9",
            "SERVICE_HOST",
        ),
        (
            vec![("SERVICE_HOST", "::1"), ("SERVICE_PORT", "1")],
            "[::1]:1",
            "SERVICE_HOST and SERVICE_PORT",
        ),
    ] {
        let merged = Merged::of(file, &variables, &[]);
        assert_eq!(merged.at(&SERVE_LISTEN), pair(value, origin));
        assert_eq!(
            merged.talk(),
            [format!(
                "{origin} in the environment overrides `serve.listen` of \"e.toml\" line 2."
            )]
        );
    }
}

#[test]
fn an_alias_over_a_default_is_not_worth_a_word() {
    let merged = Merged::of("", &[("SERVICE_PORT", "8888")], &[]);
    assert_eq!(merged.at(&SERVE_LISTEN).0, "127.0.0.1:8888");
    assert!(merged.talk().is_empty());
}

#[test]
fn embsecs_own_variable_wins_over_an_alias_and_says_so() {
    let variables = [
        ("SERVICE_PORT", "1"),
        ("EMBSEC_SERVE__LISTEN", "127.0.0.1:2"),
    ];
    let merged = Merged::of("", &variables, &[]);
    assert_eq!(merged.at(&SERVE_LISTEN).0, "127.0.0.1:2");
    assert_eq!(
        merged.talk(),
        ["SERVICE_PORT is ignored, because EMBSEC_SERVE__LISTEN sets `serve.listen`."]
    );
}

#[test]
fn only_the_word_true_asks_for_debugging() {
    for (value, level) in [
        ("true", "debug"),
        ("True", "info"),
        ("1", "info"),
        ("", "info"),
    ] {
        let merged = Merged::of("", &[("SERVICE_DEBUG", value)], &[]);
        assert_eq!(merged.at(&LOG_LEVEL).0, level, "{value}");
    }
}

#[test]
fn an_unknown_variable_is_refused_and_other_programs_are_left_alone() {
    let variables = [
        ("EMBSEC_CONFIG", "/x"),
        ("EMBSEC_SERVE_LISTEN", "127.0.0.1:1"),
        ("EMBSEC_SERVICE_PORT_HTTP", "8880"),
        ("SERVICE_DBHOST", "db"),
        ("ENCRYPTION_KEY", "x"),
    ];
    let merged = Merged::of("", &variables, &[]);
    let told: Vec<_> = merged
        .problems
        .iter()
        .map(|problem| {
            (
                problem.to_string(),
                problem.fault.hint().unwrap_or_default(),
            )
        })
        .collect();
    assert_eq!(
        told[0],
        pair(
            "`EMBSEC_SERVE_LISTEN` in the environment: there is no such setting",
            "Did you mean `EMBSEC_SERVE__LISTEN`?"
        )
    );
    assert!(told[1].1.contains("enableServiceLinks"));
    assert_eq!(told.len(), 2);
}

#[test]
fn a_bad_value_is_named_with_its_variable() {
    let merged = Merged::of("", &[("DATABASE_POOL_SIZE", "many")], &[]);
    assert_eq!(
        merged.problems[0].to_string(),
        "`database.pool_size` (DATABASE_POOL_SIZE): expects a whole number from 0 to 500, not \
         \"many\""
    );
}

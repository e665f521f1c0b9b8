//! Takes a script of `pg_dump` apart into its statements.

/// Settings of a session that a script begins with. The session has been told what it needs, and
/// a newer `pg_dump` sets what an older server does not know.
const SESSION_SETTINGS: [&str; 10] = [
    "statement_timeout",
    "lock_timeout",
    "idle_in_transaction_session_timeout",
    "transaction_timeout",
    "client_encoding",
    "standard_conforming_strings",
    "check_function_bodies",
    "xmloption",
    "client_min_messages",
    "row_security",
];

/// The statements of a script, without comments before them, without the semicolon, and without
/// those that only set what the session has been told already.
pub(super) fn statements(script: &str) -> Vec<&str> {
    let mut statements = Vec::new();
    let mut rest = script;
    loop {
        rest = without_comments(rest);
        if rest.is_empty() {
            return statements;
        }
        let end = end_of_statement(rest);
        let statement = rest[..end].trim_end();
        if !statement.is_empty() && !sets_the_session(statement) {
            statements.push(statement);
        }
        rest = rest.get(end + 1..).unwrap_or_default();
    }
}

fn sets_the_session(statement: &str) -> bool {
    let mut words = statement.split_ascii_whitespace();
    words.next() == Some("SET")
        && words
            .next()
            .is_some_and(|name| SESSION_SETTINGS.contains(&name))
}

/// The script from its next statement on.
fn without_comments(mut script: &str) -> &str {
    loop {
        script = script.trim_start();
        if script.starts_with("--") {
            script = &script[line_end(script)..];
        } else if script.starts_with("/*") {
            script = &script[comment_end(script)..];
        } else {
            return script;
        }
    }
}

fn line_end(text: &str) -> usize {
    text.find('\n').unwrap_or(text.len())
}

/// Behind a comment, in which others may stand.
fn comment_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut depth, mut at) = (0_u32, 0);
    while at < bytes.len() {
        match bytes.get(at..at + 2) {
            Some(b"/*") => {
                depth += 1;
                at += 2;
            }
            Some(b"*/") => {
                depth = depth.saturating_sub(1);
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Where the semicolon stands that ends the first statement, or the end of the text. As `psql`
/// does it: not in quotes, comments, parentheses, nor in the body of a function that is written as
/// statements between BEGIN ATOMIC and END.
fn end_of_statement(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut parentheses = 0_u32;
    let mut body = Body::default();
    while let Some(byte) = bytes.get(at) {
        let rest = &text[at..];
        at += match byte {
            b';' if parentheses == 0 && body.depth == 0 => return at,
            b'(' => {
                parentheses += 1;
                1
            }
            b')' => {
                parentheses = parentheses.saturating_sub(1);
                1
            }
            b'\'' => quoted_end(rest, b'\'', is_escape_string(bytes, at)),
            b'"' => quoted_end(rest, b'"', false),
            b'-' if rest.starts_with("--") => line_end(rest),
            b'/' if rest.starts_with("/*") => comment_end(rest),
            b'$' => dollar_quoted_end(rest).unwrap_or(1),
            byte if is_word(*byte) => {
                let length = word_length(rest);
                if parentheses == 0 {
                    body.word(&rest[..length]);
                }
                length
            }
            _ => 1,
        };
    }
    bytes.len()
}

/// Whether the quote at this place begins a string with escapes: `E'…'`.
fn is_escape_string(bytes: &[u8], at: usize) -> bool {
    let before = |back: usize| at.checked_sub(back).and_then(|at| bytes.get(at));
    matches!(before(1), Some(b'e' | b'E')) && !before(2).is_some_and(|byte| is_word(*byte))
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// The bytes of a word, in which `$` may stand behind the first.
fn word_length(text: &str) -> usize {
    let mut bytes = text.bytes();
    bytes
        .position(|byte| !is_word(byte) && byte != b'$')
        .unwrap_or(text.len())
}

/// Behind a text in quotes. Two quotes stand for one, which reads as two texts side by side.
fn quoted_end(text: &str, quote: u8, has_escapes: bool) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        at += 1;
        if *byte == quote {
            return at;
        }
        if has_escapes && *byte == b'\\' {
            at += 1;
        }
    }
    bytes.len()
}

/// Behind `$tag$…$tag$`; nothing, when it is none.
fn dollar_quoted_end(text: &str) -> Option<usize> {
    let tag_end = 1 + text.get(1..)?.find('$')?;
    let tag = &text[..=tag_end];
    let name = &tag[1..tag_end];
    if name.starts_with(|first: char| first.is_ascii_digit()) || !name.bytes().all(is_word) {
        return None;
    }
    let behind = &text[tag.len()..];
    Some(
        behind
            .find(tag)
            .map_or(text.len(), |end| tag.len() + end + tag.len()),
    )
}

/// Counts how deep in the body of a function the text is.
#[derive(Default)]
struct Body {
    words: u32,
    creates: bool,
    is_routine: bool,
    depth: u32,
}

impl Body {
    fn word(&mut self, word: &str) {
        let is = |other: &str| word.eq_ignore_ascii_case(other);
        self.words += 1;
        match self.words {
            1 => self.creates = is("CREATE"),
            // CREATE FUNCTION or CREATE OR REPLACE FUNCTION.
            2..=4 if self.creates && (is("FUNCTION") || is("PROCEDURE")) => self.is_routine = true,
            _ => {}
        }
        if !self.is_routine {
            return;
        }
        if is("BEGIN") || (self.depth > 0 && is("CASE")) {
            self.depth += 1;
        } else if is("END") {
            self.depth = self.depth.saturating_sub(1);
        }
    }
}

/// What a statement makes, for people.
pub(super) fn what(statement: &str) -> &'static str {
    let mut words = statement.split_ascii_whitespace();
    let (first, second) = (words.next().unwrap_or_default(), words.next());
    match (first, second.unwrap_or_default()) {
        ("ALTER", "TABLE") if statement.contains("FOREIGN KEY") => "a foreign key",
        ("ALTER", "TABLE") if statement.contains("ADD CONSTRAINT") => "a constraint",
        ("CREATE", "INDEX" | "UNIQUE") => "an index",
        ("CREATE", "TRIGGER" | "CONSTRAINT" | "EVENT") => "a trigger",
        ("REFRESH", _) => "a materialized view",
        ("ANALYZE", _) => "the statistics",
        _ => "what follows the rows",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_comes_apart_at_the_semicolons_between_statements_only() {
        let script = "\
            --\n-- a; comment\n--\n\nSET statement_timeout = 0;\nSET default_tablespace = '';\n\
            SELECT pg_catalog.set_config('search_path', '', false);\n\
            CREATE TABLE \"a;b\" (c text DEFAULT 'x;''y;');\n\
            COMMENT ON TABLE t IS E'it\\'s; so';\n/* a /* nested; */ one; */\n\
            CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $_$ SELECT 1; SELECT '$$'; $_$;\n\
            CREATE FUNCTION g(i int) RETURNS int LANGUAGE sql\n    BEGIN ATOMIC\n\
             SELECT CASE WHEN i > 1 THEN 2 ELSE 3 END;\n SELECT 4;\nEND;\n\
            CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2);\n\
            CREATE VIEW v AS SELECT 1 AS begin$x; SELECT $1;SELECT 'last'";
        let found = statements(script);
        assert_eq!(found.len(), 10, "{found:#?}");
        assert_eq!(found[0], "SET default_tablespace = ''");
        assert_eq!(found[2], "CREATE TABLE \"a;b\" (c text DEFAULT 'x;''y;')");
        assert_eq!(found[3], "COMMENT ON TABLE t IS E'it\\'s; so'");
        assert!(found[4].ends_with("$_$"));
        assert!(found[5].ends_with("SELECT 4;\nEND"));
        assert!(found[6].ends_with("SELECT 2)"));
        assert_eq!(found[7], "CREATE VIEW v AS SELECT 1 AS begin$x");
        assert_eq!(found[9], "SELECT 'last'");
    }

    #[test]
    fn what_does_not_end_is_one_statement() {
        for text in [
            "SELECT 'open; x",
            "SELECT $a$ ; $b$",
            "SELECT \"x;",
            "SELECT 1 /* ; ",
        ] {
            assert_eq!(statements(text), [text.trim_end()], "{text}");
        }
        assert_eq!(statements(" ;; -- only\n;"), Vec::<&str>::new());
    }

    #[test]
    fn a_step_is_told_by_its_kind() {
        for (statement, kind) in [
            (
                "ALTER TABLE ONLY a.b\n    ADD CONSTRAINT c PRIMARY KEY (d)",
                "a constraint",
            ),
            (
                "ALTER TABLE ONLY a.b ADD CONSTRAINT c FOREIGN KEY (d) REFERENCES e(f)",
                "a foreign key",
            ),
            ("CREATE UNIQUE INDEX a ON b USING btree (c)", "an index"),
            (
                "ALTER INDEX a.b ATTACH PARTITION a.c",
                "what follows the rows",
            ),
        ] {
            assert_eq!(what(statement), kind);
        }
    }
}

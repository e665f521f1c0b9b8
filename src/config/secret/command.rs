//! Programs that print a secret. They are run directly: a shell would read more into the words
//! than stands there.

use super::SecretError;
use std::io::{self, Read as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// How long a program has. Long enough for a vault across the network, short enough for a start
/// that hangs to be noticed.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Splits a line into words at white space; single or double quotes hold a word together.
/// `None` without any word or with a quote left open.
pub(super) fn split(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    for c in line.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => word.get_or_insert_default().push(c),
            None if c == '"' || c == '\'' => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            None if c.is_whitespace() => words.extend(word.take()),
            None => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    let program_is_named = words.first().is_some_and(|program| !program.is_empty());
    (quote.is_none() && program_is_named).then_some(words)
}

/// Runs a program and returns what it printed on stdout, up to one byte more than `max_bytes`.
/// It has no stdin, and what it says on stderr goes to ours.
pub(super) fn run(words: &[String], max_bytes: u64) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    let Some((program, arguments)) = words.split_first() else {
        return Err(SecretError::CommandLine);
    };
    let not_started = |source| SecretError::CommandStart {
        program: program.clone(),
        source,
    };
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(not_started)?;
    let deadline = Instant::now() + TIMEOUT;
    let printed = collect(&mut child, max_bytes, deadline);
    match printed.and_then(|bytes| Ok(wait(&mut child, deadline)?.map(|status| (status, bytes)))) {
        Ok(Some((status, bytes))) if status.success() => Ok(bytes),
        Ok(Some((status, _))) => Err(SecretError::CommandFailed {
            program: program.clone(),
            how: status.to_string(),
        }),
        Ok(None) => {
            end(&mut child);
            Err(SecretError::CommandTimeout {
                program: program.clone(),
                secs: TIMEOUT.as_secs(),
            })
        }
        Err(error) => {
            end(&mut child);
            Err(not_started(error))
        }
    }
}

/// Reads stdout on a thread of its own, because a read can't be given up. What is there when the
/// time is over is enough: [`wait`] then finds the program still running.
fn collect(child: &mut Child, max_bytes: u64, deadline: Instant) -> io::Result<Zeroizing<Vec<u8>>> {
    let Some(stdout) = child.stdout.take() else {
        return Ok(Zeroizing::default());
    };
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Zeroizing::new(Vec::new());
        let result = stdout.take(max_bytes + 1).read_to_end(&mut bytes);
        // Nobody listens any more when the time was over.
        drop(sender.send(result.map(|_| bytes)));
    });
    receiver
        .recv_timeout(deadline.saturating_duration_since(Instant::now()))
        .unwrap_or_else(|_| Ok(Zeroizing::default()))
}

/// Waits for the end; `None` when the time is over.
fn wait(child: &mut Child, deadline: Instant) -> io::Result<Option<ExitStatus>> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= deadline {
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Ends a program that is of no more use. If it is gone already, so much the better.
fn end(child: &mut Child) {
    drop(child.kill());
    drop(child.wait());
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quotes_hold_a_word_together() {
        let words = |line| split(line).unwrap_or_default();
        assert_eq!(
            words("vault read -field=key x"),
            ["vault", "read", "-field=key", "x"]
        );
        assert_eq!(
            words(r#"  get "a b" 'c "d"' "" "#),
            ["get", "a b", "c \"d\"", ""]
        );
        assert_eq!(words("$HOME/x;y"), ["$HOME/x;y"]);
    }

    #[test]
    fn a_line_without_a_program_or_with_an_open_quote_is_refused() {
        for line in ["", "   ", "\"\"", "get \"a", "'"] {
            assert_eq!(split(line), None, "{line:?}");
        }
    }

    proptest! {
        #[test]
        fn splitting_quoted_words_gives_them_back(
            words in proptest::collection::vec("[a-z $;|&<>\\\\\"]{1,8}", 1..5),
        ) {
            let line = words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ");
            prop_assert_eq!(split(&line), Some(words));
        }

        #[test]
        fn splitting_never_panics(line in ".*") {
            drop(split(&line));
        }
    }
}

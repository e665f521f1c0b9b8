//! The one door to the terminal: results to stdout, talk and errors to stderr.
//!
//! What is said is decided by the commands; how it looks when printed is in `render`.

use super::args::{ColorChoice, OutputFormat};
use super::error::CliError;
use std::fmt;
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::sync::{Mutex, PoisonError};

/// How much is said on stderr.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Warnings and errors.
    Quiet,
    /// Also what happens.
    Normal,
    /// Also how and with which files.
    Verbose,
}

/// What the door looks like.
#[derive(Clone, Copy, Debug)]
pub struct UiOptions {
    /// How much is said.
    pub verbosity: Verbosity,
    /// The form of results.
    pub format: OutputFormat,
    /// Whether stderr takes colours.
    pub color: bool,
}

/// The door. It can be shared: each line goes out whole.
pub struct Ui {
    options: UiOptions,
    stdout: Mutex<Box<dyn Write + Send>>,
    stderr: Mutex<Box<dyn Write + Send>>,
}

/// The look of a word that heads a line on stderr (ECMA-48 section 8.3.117).
#[derive(Clone, Copy)]
enum Style {
    Error,
    Warning,
    Hint,
    Plain,
}

impl Style {
    const fn start(self) -> &'static str {
        match self {
            Self::Error => "\x1b[1;31m",
            Self::Warning => "\x1b[1;33m",
            Self::Hint => "\x1b[1;36m",
            Self::Plain => "\x1b[1m",
        }
    }
}

impl Ui {
    /// The door to the real terminal.
    #[must_use]
    pub fn terminal(options: UiOptions) -> Self {
        Self::new(
            options,
            Box::new(BufWriter::new(io::stdout())),
            Box::new(io::stderr()),
        )
    }

    /// A door to anywhere, for tests.
    #[must_use]
    pub fn new(
        options: UiOptions,
        stdout: Box<dyn Write + Send>,
        stderr: Box<dyn Write + Send>,
    ) -> Self {
        Self {
            options,
            stdout: Mutex::new(stdout),
            stderr: Mutex::new(stderr),
        }
    }

    /// The form of results.
    #[must_use]
    pub const fn format(&self) -> OutputFormat {
        self.options.format
    }

    /// Whether only warnings, errors and what was asked to be shown are wanted.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.options.verbosity == Verbosity::Quiet
    }

    /// Writes a result as it is and sends it off.
    ///
    /// # Errors
    ///
    /// When stdout takes no more. A reader that has gone away is no failure: see
    /// [`CliError::reader_is_gone`].
    pub fn out(&self, result: impl fmt::Display) -> Result<(), CliError> {
        let mut stdout = self.stdout.lock().unwrap_or_else(PoisonError::into_inner);
        write!(stdout, "{result}")
            .and_then(|()| stdout.flush())
            .map_err(CliError::output)
    }

    /// Says what happened. Silenced by `--quiet`.
    pub fn note(&self, sentence: impl fmt::Display) {
        if self.options.verbosity >= Verbosity::Normal {
            self.say(None, &sentence);
        }
    }

    /// Says how it happens. Heard with `--verbose` only.
    pub fn detail(&self, sentence: impl fmt::Display) {
        if self.options.verbosity >= Verbosity::Verbose {
            self.say(None, &sentence);
        }
    }

    /// Writes a line that a program asked for by name, such as progress in JSON. Never silenced.
    pub fn report_line(&self, line: impl fmt::Display) {
        self.say(None, &line);
    }

    /// Says what may go wrong. Never silenced.
    pub fn warn(&self, sentence: impl fmt::Display) {
        self.say(Some(("Warning:", Style::Warning)), &sentence);
    }

    /// Says what to do next. Silenced by `--quiet`.
    pub fn hint(&self, sentence: impl fmt::Display) {
        if self.options.verbosity >= Verbosity::Normal {
            self.say(Some(("Hint:", Style::Hint)), &sentence);
        }
    }

    /// Says what went wrong: one JSON document with `--json`, else sentences. Never silenced.
    pub fn error(&self, error: &CliError) {
        if self.options.format == OutputFormat::Json {
            self.say(None, &error.to_json());
            return;
        }
        self.say(Some(("Error:", Style::Error)), &error.message());
        let causes = error.causes();
        if let [cause] = causes.as_slice() {
            self.say(Some(("Caused by:", Style::Plain)), cause);
        } else if !causes.is_empty() {
            self.say(Some(("Caused by:", Style::Plain)), &"");
            for (number, cause) in (1..).zip(&causes) {
                self.say(None, &format_args!("  {number}: {cause}"));
            }
        }
        for hint in error.hints() {
            self.say(Some(("Hint:", Style::Hint)), hint);
        }
    }

    /// Writes one line to stderr. When stderr takes no more there is nobody left to tell.
    fn say(&self, heading: Option<(&str, Style)>, sentence: &dyn fmt::Display) {
        let line = match heading {
            Some((heading, style)) if self.options.color => {
                format!("{}{heading}\x1b[0m {sentence}", style.start())
            }
            Some((heading, _)) => format!("{heading} {sentence}"),
            None => sentence.to_string(),
        };
        let mut stderr = self.stderr.lock().unwrap_or_else(PoisonError::into_inner);
        let _nobody_left = writeln!(stderr, "{}", line.trim_end());
    }
}

/// Whether stderr takes colours: as asked, or when it is a terminal that shows them and nobody
/// objects (<https://no-color.org>).
#[must_use]
pub fn wants_color(choice: ColorChoice, no_color: Option<&str>, term: Option<&str>) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => {
            no_color.is_none() && term != Some("dumb") && io::stderr().is_terminal()
        }
    }
}

#[cfg(test)]
pub(crate) mod testing {
    //! A door that remembers what went through it.

    use super::*;
    use std::sync::Arc;

    /// What went through.
    #[derive(Clone, Default)]
    pub(crate) struct Recorder(Arc<Mutex<Vec<u8>>>);

    impl Recorder {
        pub(crate) fn text(&self) -> String {
            String::from_utf8(self.0.lock().expect("lock").clone()).expect("UTF-8")
        }
    }

    impl Write for Recorder {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("lock").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A door and its recorders of stdout and stderr.
    pub(crate) fn recorded(options: UiOptions) -> (Ui, Recorder, Recorder) {
        let (stdout, stderr) = (Recorder::default(), Recorder::default());
        let ui = Ui::new(options, Box::new(stdout.clone()), Box::new(stderr.clone()));
        (ui, stdout, stderr)
    }
}

#[cfg(test)]
mod tests {
    use super::testing::recorded;
    use super::*;

    fn options(verbosity: Verbosity, format: OutputFormat) -> UiOptions {
        UiOptions {
            verbosity,
            format,
            color: false,
        }
    }

    fn talk(verbosity: Verbosity) -> String {
        let (ui, stdout, stderr) = recorded(options(verbosity, OutputFormat::Table));
        ui.detail("Detail.");
        ui.note("Note.");
        ui.hint("Do this.");
        ui.warn("Beware.");
        ui.error(&CliError::usage(anyhow::anyhow!("it is wrong")));
        ui.out("result\n").expect("written");
        assert_eq!(stdout.text(), "result\n");
        stderr.text()
    }

    #[test]
    fn quiet_silences_talk_and_never_warnings_or_errors() {
        assert_eq!(
            talk(Verbosity::Quiet),
            "Warning: Beware.\nError: It is wrong.\n"
        );
        assert_eq!(
            talk(Verbosity::Normal),
            "Note.\nHint: Do this.\nWarning: Beware.\nError: It is wrong.\n"
        );
        assert!(talk(Verbosity::Verbose).starts_with("Detail.\nNote.\n"));
    }

    #[test]
    fn causes_are_numbered_when_there_are_several() {
        let (ui, _, stderr) = recorded(options(Verbosity::Normal, OutputFormat::Plain));
        let error = anyhow::anyhow!("no such file")
            .context("cannot read \"a\"")
            .context("cannot start");
        ui.error(&CliError::usage(error).hinted("Try `b`."));
        assert_eq!(
            stderr.text(),
            "Error: Cannot start.\nCaused by:\n  1: cannot read \"a\"\n  2: no such file\n\
             Hint: Try `b`.\n"
        );
    }

    #[test]
    fn with_json_an_error_is_one_document() {
        let (ui, _, stderr) = recorded(options(Verbosity::Quiet, OutputFormat::Json));
        let error = anyhow::anyhow!("no such file").context("cannot start");
        ui.error(&CliError::usage(error).hinted("Try `b`."));
        let document: serde_json::Value = serde_json::from_str(&stderr.text()).expect("JSON");
        assert_eq!(
            document,
            serde_json::json!({
                "schema": "embsec.error/1",
                "code": 2,
                "message": "Cannot start.",
                "causes": ["no such file"],
                "hint": "Try `b`.",
            })
        );
    }

    #[test]
    fn colours_are_for_the_heading_only() {
        let (ui, _, stderr) = recorded(UiOptions {
            color: true,
            ..options(Verbosity::Normal, OutputFormat::Table)
        });
        ui.warn("Beware.");
        assert_eq!(stderr.text(), "\x1b[1;33mWarning:\x1b[0m Beware.\n");
    }

    #[test]
    fn no_color_objects_unless_colour_is_asked_for_by_name() {
        assert!(wants_color(ColorChoice::Always, Some("1"), None));
        assert!(!wants_color(ColorChoice::Never, None, None));
        assert!(!wants_color(ColorChoice::Auto, Some(""), None));
    }
}

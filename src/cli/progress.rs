//! How far long work came, on stderr: a bar on a terminal, a line now and then elsewhere, or JSON
//! lines for a program.

use super::ui::Ui;
use crate::app::job::Progress;
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, IsTerminal as _};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often a line is written where there is no terminal.
const BETWEEN_LINES: Duration = Duration::from_secs(10);
/// How often a program is told.
const BETWEEN_DOCUMENTS: Duration = Duration::from_millis(100);
/// Nothing that takes less is worth a rate.
const SHORT: Duration = Duration::from_secs(1);
/// The bar, as wide as the terminal lets it be: what is done of how much, and how long it takes
/// still.
const BAR: &str = "{msg} [{wide_bar}] {human_pos} of {human_len}, {eta} left";
/// The same of a part that nobody knows the end of.
const SPINNER: &str = "{msg}: {elapsed}";

/// How progress is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Choice {
    /// A bar on a terminal, else lines
    #[default]
    Auto,
    /// A bar
    Bar,
    /// A line every ten seconds
    Lines,
    /// A JSON document a line
    Json,
    /// Not at all
    None,
}

/// The option of commands that can take long.
#[derive(clap::Args, Clone, Copy, Debug, Default)]
pub(crate) struct ProgressArgs {
    /// Tell how far it came, on stderr, in this way
    #[arg(long, value_enum, value_name = "HOW", default_value_t)]
    progress: Choice,
}

impl ProgressArgs {
    /// Who tells it.
    pub(crate) fn teller(self, ui: &Ui) -> Teller<'_> {
        let choice = match self.progress {
            Choice::Auto if ui.is_quiet() => Choice::None,
            Choice::Auto if io::stderr().is_terminal() => Choice::Bar,
            Choice::Auto => Choice::Lines,
            other => other,
        };
        Teller {
            ui,
            choice,
            part: Mutex::default(),
            bar: Mutex::default(),
        }
    }
}

/// Tells how far work came.
pub(crate) struct Teller<'u> {
    ui: &'u Ui,
    choice: Choice,
    part: Mutex<Option<Part>>,
    bar: Mutex<Option<ProgressBar>>,
}

struct Part {
    name: String,
    total: Option<u64>,
    done: u64,
    began: Instant,
    told: Instant,
}

/// A bar on the terminal. A part of which there is nothing has no end to show.
fn bar(name: &str, total: Option<u64>) -> ProgressBar {
    let target = ProgressDrawTarget::stderr();
    let known = total.filter(|total| *total > 0);
    let template = if known.is_some() { BAR } else { SPINNER };
    // A template that is none would be a bar without our words, which is all that is lost then.
    let style =
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(known, target)
        .with_style(style.progress_chars("##."))
        .with_message(name.to_owned())
}

impl Teller<'_> {
    fn bar(&self) -> MutexGuard<'_, Option<ProgressBar>> {
        self.bar.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn clear_bar(&self) {
        if let Some(bar) = self.bar().take() {
            bar.finish_and_clear();
        }
    }

    fn tell(&self, part: &mut Part) {
        let now = Instant::now();
        let since = now.saturating_duration_since(part.told);
        let elapsed = now.saturating_duration_since(part.began);
        match self.choice {
            Choice::Bar => {
                if let Some(bar) = self.bar().as_ref() {
                    bar.set_position(part.done);
                }
            }
            Choice::Lines if since >= BETWEEN_LINES => self.ui.note(part.line(elapsed)),
            Choice::Json if since >= BETWEEN_DOCUMENTS => self.ui.report_line(part.json()),
            _ => return,
        }
        part.told = now;
    }
}

impl Progress for Teller<'_> {
    fn begin(&self, name: &str, total: Option<u64>) {
        let began = Instant::now();
        let part = Part {
            name: name.to_owned(),
            total,
            done: 0,
            began,
            told: began,
        };
        match self.choice {
            Choice::Bar => *self.bar() = Some(bar(name, total)),
            Choice::Json => self.ui.report_line(part.json()),
            _ => {}
        }
        *self.part.lock().unwrap_or_else(PoisonError::into_inner) = Some(part);
    }

    fn done(&self, units: u64) {
        let mut part = self.part.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(part) = part.as_mut() {
            part.done = units;
            self.tell(part);
        }
    }

    fn end(&self) {
        let part = self
            .part
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        match (self.choice, part) {
            (Choice::Bar, _) => self.clear_bar(),
            (Choice::Json, Some(part)) => self.ui.report_line(part.json()),
            _ => {}
        }
    }
}

impl Drop for Teller<'_> {
    /// Work that failed in the middle of a part leaves no half bar before its error.
    fn drop(&mut self) {
        self.clear_bar();
    }
}

impl Part {
    fn line(&self, elapsed: Duration) -> String {
        format!("{}: {}", self.name, self.rest(elapsed))
    }

    /// The numbers behind the name.
    fn rest(&self, elapsed: Duration) -> String {
        let Some(total) = self.total else {
            return format!("{} s", elapsed.as_secs());
        };
        let mut text = format!("{} of {}", self.done, total.max(self.done));
        let seconds = elapsed.as_secs();
        if elapsed >= SHORT
            && let Some(rate) = self.done.checked_div(seconds).filter(|rate| *rate > 0)
        {
            let left = total.saturating_sub(self.done) / rate;
            text.push_str(&format!(", {rate}/s, {left} s left"));
        }
        text
    }

    fn json(&self) -> serde_json::Value {
        serde_json::json!({
            "schema": "embsec.progress/1",
            "part": self.name,
            "done": self.done,
            "total": self.total,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::context::testing::context;
    use crate::cli::prompt::Asking;

    fn part(done: u64, total: Option<u64>) -> Part {
        let now = Instant::now();
        Part {
            name: "embeddings".to_owned(),
            total,
            done,
            began: now,
            told: now,
        }
    }

    #[test]
    fn a_line_tells_how_far_it_is_and_how_long_it_takes() {
        assert_eq!(
            part(500, Some(2_000)).line(Duration::from_secs(5)),
            "embeddings: 500 of 2000, 100/s, 15 s left"
        );
        assert_eq!(part(3, Some(0)).line(Duration::ZERO), "embeddings: 3 of 3");
        assert_eq!(
            part(0, None).line(Duration::from_secs(7)),
            "embeddings: 7 s"
        );
    }

    #[test]
    fn the_words_of_the_bar_are_understood() {
        for template in [BAR, SPINNER] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }

    #[test]
    fn a_program_gets_a_document_for_each_part() {
        let (context, _, stderr) = context(Asking::Refuse);
        let args = ProgressArgs {
            progress: Choice::Json,
        };
        let teller = args.teller(&context.ui);
        teller.begin("users", Some(2));
        teller.done(2);
        teller.end();
        let lines: Vec<serde_json::Value> = stderr
            .text()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0]["done"], 0);
        assert_eq!(lines[1]["done"], 2);
    }
}

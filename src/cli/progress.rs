//! How far long work came, on stderr: a bar on a terminal, a line now and then elsewhere, or JSON
//! lines for a program.

use super::ui::Ui;
use crate::app::job::Progress;
use clap::ValueEnum;
use std::io::{self, IsTerminal as _};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often a line is written where there is no terminal.
const BETWEEN_LINES: Duration = Duration::from_secs(10);
/// How often a bar is drawn.
const BETWEEN_BARS: Duration = Duration::from_millis(100);
/// Nothing that takes less is worth a rate.
const SHORT: Duration = Duration::from_secs(1);
/// Characters of a bar.
const WIDTH: u64 = 30;

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
        }
    }
}

/// Tells how far work came.
pub(crate) struct Teller<'u> {
    ui: &'u Ui,
    choice: Choice,
    part: Mutex<Option<Part>>,
}

struct Part {
    name: String,
    total: Option<u64>,
    done: u64,
    began: Instant,
    told: Instant,
}

impl Teller<'_> {
    fn tell(&self, part: &mut Part) {
        let now = Instant::now();
        let since = now.saturating_duration_since(part.told);
        let elapsed = now.saturating_duration_since(part.began);
        match self.choice {
            Choice::Bar if since >= BETWEEN_BARS => self.ui.redraw(part.bar(elapsed)),
            Choice::Lines if since >= BETWEEN_LINES => self.ui.note(part.line(elapsed)),
            Choice::Json if since >= BETWEEN_BARS => self.ui.report_line(part.json()),
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
            Choice::Bar => self.ui.redraw(part.bar(Duration::ZERO)),
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
            (Choice::Bar, _) => self.ui.redraw(""),
            (Choice::Json, Some(part)) => self.ui.report_line(part.json()),
            _ => {}
        }
    }
}

impl Drop for Teller<'_> {
    /// Work that failed in the middle of a part leaves no half bar before its error.
    fn drop(&mut self) {
        if self.choice == Choice::Bar {
            self.ui.redraw("");
        }
    }
}

impl Part {
    fn bar(&self, elapsed: Duration) -> String {
        let Some(total) = self.total.filter(|total| *total > 0) else {
            return self.line(elapsed);
        };
        let full = (self.done.min(total) * WIDTH) / total;
        let bar: String = (0..WIDTH)
            .map(|at| if at < full { '#' } else { '.' })
            .collect();
        format!("{} [{bar}] {}", self.name, self.rest(elapsed))
    }

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
    fn a_bar_shows_how_far_it_is_and_how_long_it_takes() {
        assert_eq!(
            part(500, Some(2_000)).bar(Duration::from_secs(5)),
            "embeddings [#######.......................] 500 of 2000, 100/s, 15 s left"
        );
        assert_eq!(part(3, Some(0)).bar(Duration::ZERO), "embeddings: 3 of 3");
        assert_eq!(part(0, None).bar(Duration::from_secs(7)), "embeddings: 7 s");
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

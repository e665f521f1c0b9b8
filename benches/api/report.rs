//! Medians, ratios and the lines that `scripts/bench` reads.

use std::time::{Duration, Instant};

/// What a ratio has to reach.
#[derive(Clone, Copy)]
pub(crate) enum Goal {
    /// This or more.
    AtLeast(f64),
    /// This or less.
    AtMost(f64),
}

/// Prints one figure without a goal.
pub(crate) fn print_figure(name: &str, value: f64, unit: &str) {
    println!("{name:<44} {value:10.2} {unit}");
}

/// Prints one ratio with its goal.
pub(crate) fn print_ratio(name: &str, ratio: f64, goal: Goal) {
    let (words, limit) = match goal {
        Goal::AtLeast(limit) => ("at least", limit),
        Goal::AtMost(limit) => ("at most", limit),
    };
    println!("{name:<44} {ratio:10.2}   ({words} {limit})");
}

/// The two sides of a ratio, measured in turns.
#[derive(Default)]
pub(crate) struct Pairs(Vec<(f64, f64)>);

impl Pairs {
    pub(crate) fn push(&mut self, api: f64, other: f64) {
        self.0.push((api, other));
    }

    /// The median of the first side.
    pub(crate) fn api(&self) -> f64 {
        median(self.0.iter().map(|(api, _)| *api))
    }

    /// The median of the second side.
    pub(crate) fn other(&self) -> f64 {
        median(self.0.iter().map(|(_, other)| *other))
    }

    /// The median of the ratios of the turns.
    pub(crate) fn ratio(&self) -> f64 {
        median(self.0.iter().map(|(api, other)| api / other))
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Runs something and tells how long it took.
pub(crate) async fn time<T>(work: impl Future<Output = T>) -> Duration {
    let begin = Instant::now();
    std::hint::black_box(work.await);
    begin.elapsed()
}

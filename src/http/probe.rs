//! A question about a part that may take a while to answer, such as a file or a program.

use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Mutex;

/// The question itself; it may block.
pub type Question = Box<dyn Fn() -> bool + Send + Sync>;

/// Asks a question for everybody who wants to know. However many do at a time, it is asked once,
/// and on a thread that may wait: anybody can make a server ask, without a key.
pub struct Probe {
    question: Arc<dyn Fn() -> bool + Send + Sync>,
    /// The last answer, and when it began to be looked for.
    last: Mutex<Option<(Instant, bool)>>,
}

impl Probe {
    /// Asks nothing yet.
    #[must_use]
    pub fn new(question: Question) -> Self {
        Self {
            question: Arc::from(question),
            last: Mutex::new(None),
        }
    }

    /// The answer of now: it was looked for after this was called. `false` when the question
    /// itself fails.
    pub async fn ask(&self) -> bool {
        let called = Instant::now();
        let mut last = self.last.lock().await;
        if let Some((began, answer)) = *last
            && began >= called
        {
            return answer;
        }
        let began = Instant::now();
        let question = Arc::clone(&self.question);
        let answer = tokio::task::spawn_blocking(move || question()).await;
        let answer = answer.unwrap_or(false);
        *last = Some((began, answer));
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    #[tokio::test]
    async fn a_crowd_asks_once_or_twice_and_every_later_call_asks_again() {
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&asked);
        let probe = Arc::new(Probe::new(Box::new(move || {
            std::thread::sleep(Duration::from_millis(50));
            counted.fetch_add(1, Ordering::SeqCst).is_multiple_of(2)
        })));
        let crowd: Vec<_> = (0..100)
            .map(|_| {
                let probe = Arc::clone(&probe);
                tokio::spawn(async move { probe.ask().await })
            })
            .collect();
        for one in crowd {
            one.await.unwrap();
        }
        let times = asked.load(Ordering::SeqCst);
        assert!(times <= 2, "{times}");
        let first = probe.ask().await;
        assert_ne!(first, probe.ask().await);
    }
}

//! Who hears how far work on a backup came, and may end it.
//!
//! The work is done by threads that outlive no borrow, so what they did is counted, and the count
//! is told from beside them.

use crate::app::job::{Progress, Stop};
use crate::backup::verify::Heard;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How often the count is told.
const BETWEEN: Duration = Duration::from_millis(100);

/// Who hears, and who may end it.
#[derive(Clone)]
pub struct Watch<'w> {
    /// Who hears how far it came.
    pub progress: &'w dyn Progress,
    /// Who may end it.
    pub stop: Stop,
}

/// What threads did.
pub(super) struct Count {
    bytes: AtomicU64,
    stop: Stop,
}

impl Heard for Count {
    fn bytes(&self, more: u64) {
        self.bytes.fetch_add(more, Ordering::Relaxed);
    }

    fn is_stopped(&self) -> bool {
        self.stop.is_asked()
    }
}

impl Watch<'_> {
    /// Runs a part that counts bytes, and tells the count meanwhile.
    pub(super) async fn counted<T>(
        &self,
        part: &str,
        total: Option<u64>,
        work: impl AsyncFnOnce(Arc<dyn Heard>) -> T,
    ) -> T {
        let count = Arc::new(Count {
            bytes: AtomicU64::new(0),
            stop: self.stop.clone(),
        });
        self.progress.begin(part, total);
        let heard: Arc<dyn Heard> = Arc::clone(&count) as Arc<dyn Heard>;
        let done = self.told(&count, work(heard)).await;
        self.progress.done(count.bytes.load(Ordering::Relaxed));
        self.progress.end();
        done
    }

    async fn told<T>(&self, count: &Count, work: impl Future<Output = T>) -> T {
        tokio::pin!(work);
        let mut ticks = tokio::time::interval(BETWEEN);
        loop {
            tokio::select! {
                done = &mut work => return done,
                _ = ticks.tick() => self.progress.done(count.bytes.load(Ordering::Relaxed)),
            }
        }
    }
}

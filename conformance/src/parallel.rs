//! The one pool of threads, for all that runs in parallel.
//!
//! A worker that panics is a failure for whoever asked: what it did not come to is not to be
//! taken for done.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::Duration;

/// Time between two looks around where nothing is said.
const TICK: Duration = Duration::from_millis(100);

/// Messages of a worker that may be unheard. With none a worker waits for whoever hears, and its core idles
/// for a tenth of the time.
const AHEAD: usize = 2;

/// The payload of a worker's panic.
pub(crate) type Payload = Box<dyn Any + Send>;

/// A worker's line to whoever asked.
pub(crate) struct Line<'a, M> {
    sender: SyncSender<M>,
    has_died: &'a AtomicBool,
}

impl<M> Line<'_, M> {
    /// Says something, and waits where too much is not yet heard; whether to go on. There is no point in it
    /// once another worker has died.
    pub(crate) fn tell(&self, message: M) -> bool {
        self.sender.send(message).is_ok() && !self.has_died.load(Relaxed)
    }
}

/// Has so many workers work, and hears what each says while they do; nothing from time to time.
///
/// # Errors
/// What the first worker to die panicked with. The others end when they next say something, and
/// all that was said has been heard.
pub(crate) fn workers<M: Send>(
    jobs: usize,
    work: impl Fn(&Line<M>) + Sync,
    mut hear: impl FnMut(Option<M>),
) -> Result<(), Payload> {
    let (has_died, jobs) = (AtomicBool::new(false), jobs.max(1));
    thread::scope(|scope| {
        let (sender, receiver) = mpsc::sync_channel(AHEAD * jobs);
        let worker = || {
            let (sender, has_died, work) = (sender.clone(), &has_died, &work);
            scope.spawn(move || {
                let line = Line { sender, has_died };
                let result = panic::catch_unwind(AssertUnwindSafe(|| work(&line)));
                result.inspect_err(|_| has_died.store(true, Relaxed))
            })
        };
        let threads: Vec<_> = (0..jobs).map(|_| worker()).collect();
        drop(sender);
        loop {
            match receiver.recv_timeout(TICK) {
                Ok(message) => hear(Some(message)),
                Err(RecvTimeoutError::Timeout) => hear(None),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        let ends = threads
            .into_iter()
            .map(|thread| thread.join().and_then(|end| end));
        ends.fold(Ok(()), Result::and)
    })
}

/// Does the parts `0..count` on so many threads, each with a state of its own, and tells of
/// each as it ends. What came of them, in order; none for those that were not begun, because
/// `stop` was set. Nobody is far ahead of what was told, so that a stop is heard soon.
///
/// # Panics
/// If a part does, with what it panicked with, once all that came before was told.
pub(crate) fn in_order<S, T: Send>(
    count: usize,
    jobs: usize,
    stop: &AtomicBool,
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, usize) -> T + Sync,
    mut tell: impl FnMut(&T),
) -> Vec<Option<T>> {
    let next = AtomicUsize::new(0);
    let mut done: Vec<Option<T>> = (0..count).map(|_| None).collect();
    let work = |line: &Line<(usize, T)>| {
        let mut state = state();
        while !stop.load(Relaxed) {
            let at = next.fetch_add(1, Relaxed);
            if at >= count || !line.tell((at, work(&mut state, at))) {
                return;
            }
        }
    };
    let result = workers(jobs, work, |part| {
        if let Some((at, part)) = part {
            tell(&part);
            done[at] = Some(part);
        }
    });
    if let Err(payload) = result {
        panic::resume_unwind(payload);
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::panic_words;

    #[test]
    fn parts_are_in_order_on_any_number_of_threads() {
        for jobs in [0, 1, 3, 20] {
            let mut told = 0;
            let stop = AtomicBool::new(false);
            let parts = in_order(10, jobs, &stop, || (), |(), at| at * at, |_| told += 1);
            assert_eq!(parts, (0..10).map(|at| Some(at * at)).collect::<Vec<_>>());
            assert_eq!(told, 10);
        }
    }

    #[test]
    fn after_a_stop_nothing_is_begun() {
        let stop = AtomicBool::new(false);
        let parts = in_order(
            10,
            1,
            &stop,
            || (),
            |(), at| at,
            |_| stop.store(true, Relaxed),
        );
        assert!(parts[0].is_some() && parts[9].is_none(), "{parts:?}");
    }

    /// Guards S26.3.
    #[test]
    #[should_panic = "part 3"]
    fn a_part_that_panics_is_not_taken_for_done() {
        let stop = AtomicBool::new(false);
        let work = |(): &mut (), at| assert_ne!(at, 3, "part 3");
        let _ = in_order(10, 2, &stop, || (), work, |()| ());
    }

    /// Guards S26.3.
    #[test]
    fn the_others_end_after_a_death_and_what_was_said_is_heard() {
        for jobs in [1, 2, 8] {
            let (next, mut heard) = (AtomicUsize::new(0), 0);
            let work = |line: &Line<usize>| {
                loop {
                    let at = next.fetch_add(1, Relaxed);
                    assert!(at != 100, "piece {at}");
                    if !line.tell(at) {
                        return;
                    }
                }
            };
            let result = workers(jobs, work, |said| heard += usize::from(said.is_some()));
            assert_eq!(panic_words(&*result.unwrap_err()), "piece 100");
            assert!(heard >= 100 - jobs, "{heard} of {jobs}");
        }
    }
}

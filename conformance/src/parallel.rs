//! Work that is cut into numbered parts, on some threads.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc;
use std::thread;

/// Does the parts `0..count` on so many threads, each with a state of its own, and tells of
/// each as it ends. What came of them, in order; none for those that were not begun, because
/// `stop` was set. Nobody is ahead of what was told, so that a stop is heard at once.
///
/// # Panics
/// If a part does: what it did not come to is not to be taken for done.
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
    thread::scope(|scope| {
        let (sender, receiver) = mpsc::sync_channel(0);
        for _ in 0..jobs.max(1) {
            let (sender, next, state, work) = (sender.clone(), &next, &state, &work);
            scope.spawn(move || {
                let mut state = state();
                while !stop.load(Relaxed) {
                    let at = next.fetch_add(1, Relaxed);
                    if at >= count || sender.send((at, work(&mut state, at))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        for (at, part) in receiver {
            tell(&part);
            done[at] = Some(part);
        }
    });
    done
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    #[should_panic = "a scoped thread panicked"]
    fn a_part_that_panics_is_not_taken_for_done() {
        let stop = AtomicBool::new(false);
        let work = |(): &mut (), at| assert_ne!(at, 3);
        let _ = in_order(10, 2, &stop, || (), work, |()| ());
    }
}

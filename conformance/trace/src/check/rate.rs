//! How fast samples came, and how fast they were to come.
//!
//! A thread's timer counts its CPU time, and a signal is due each period of it. A trace says when
//! goroutines ran on which thread. So the time that they ran, divided by the period, is how many
//! samples were to come; and between two samples of a thread it is one period, or as many whole
//! ones as samples are missing there, if the thread had a CPU all the time:
//!
//! ```text
//! runs      |=====|  |===========|     |==========================|
//! samples         s          s                s                   s
//! between            1 period      1 period         2 periods: one is missing
//! ```
//!
//! A thread may wait for a CPU that other threads or programs have, or that a quota holds back.
//! The trace does not say so: goroutines seem to run. Then there are fewer samples than the time
//! has room for, and the times between them are no whole periods. What is said of missing samples
//! depends on which of these it is (S8.20 to S8.22).

mod calls;
mod comes;
mod gaps;
mod histogram;
mod tick;

use std::collections::HashMap;

use serde::Serialize;

use crate::trace::v1::hash::IdHash;
use calls::Calling;
pub use calls::Calls;
pub use comes::{Comes, Expected, ShortGaps, TooFew};
pub use gaps::Gap;
use gaps::Gaps;
use histogram::Histogram;
use tick::Phases;

/// Samples below which nothing is said of their rate.
pub(super) const ENOUGH: u64 = 20;

/// The rate of a trace's samples. Times are nanoseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Rate {
    /// The time that goroutines ran on threads, summed.
    pub running_ns: u64,
    /// Samples of threads on which goroutines ran.
    pub samples: u64,
    /// The time that goroutines ran between the trace's first sample and its last, summed.
    pub inside_ns: u64,
    /// Samples of threads while goroutines ran on them.
    pub inside_samples: u64,
    /// Of fifty times between two samples of a thread one is shorter; none if there are none.
    pub short_gap_ns: Option<u64>,
    /// The median of these times.
    pub median_gap_ns: Option<u64>,
    /// The kernel's tick, if samples come on one: at whole multiples of it (S8.28).
    pub tick_ns: Option<u64>,
    /// The longest times without a sample during which goroutines ran, the first one first.
    pub gaps: Vec<Gap>,
    /// The time in calls of C and of the system, in which goroutines may have had a CPU as well.
    pub calls: Calls,
    /// Threads on which goroutines ran, in the order of their numbers.
    pub threads: Vec<ThreadRate>,
    /// The times that a thread ran between two of its samples.
    #[serde(skip)]
    between: Histogram,
    /// How long all threads together ran between two samples of any.
    #[serde(skip)]
    waits: Histogram,
}

/// A thread of a [`Rate`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ThreadRate {
    /// The thread; where the trace does not say which it was, its P.
    pub thread: u64,
    /// The time that goroutines ran on it.
    pub running_ns: u64,
    /// Samples that were taken on it.
    pub samples: u64,
}

/// A thread on which goroutines run. There may be many: each takes 32 bytes, and its place.
#[derive(Clone, Copy, Debug)]
struct Thread {
    /// [`NEVER`] if no goroutine runs there.
    running_since: i64,
    /// The time that goroutines have run.
    ran_ns: u64,
    /// That time when its last sample was taken; [`NONE_YET`] before the first.
    ran_at_sample: u64,
    samples: u64,
}

const NEVER: i64 = i64::MIN;
const NONE_YET: u64 = u64::MAX;

impl Default for Thread {
    fn default() -> Self {
        Self {
            running_since: NEVER,
            ran_ns: 0,
            ran_at_sample: NONE_YET,
            samples: 0,
        }
    }
}

impl Thread {
    fn runs(&self) -> bool {
        self.running_since != NEVER
    }

    /// The time that goroutines have run up to this moment.
    fn ran(&self, time: i64) -> u64 {
        let now = if self.runs() {
            between(self.running_since, time)
        } else {
            0
        };
        self.ran_ns.saturating_add(now)
    }
}

/// The rate as events go by.
#[derive(Clone, Debug, Default)]
pub(super) struct Rates {
    threads: HashMap<u64, Thread, IdHash>,
    samples: u64,
    inside_samples: u64,
    between: Histogram,
    phases: Phases,
    gaps: Gaps,
    calling: Calling,
}

impl Rates {
    /// Time goes on.
    pub(super) fn time(&mut self, time: i64) {
        self.gaps.time(time);
    }

    /// A goroutine begins to run on a thread, or does so no more.
    pub(super) fn runs(&mut self, thread: u64, time: i64, is_running: bool) {
        let thread = self.threads.entry(thread).or_default();
        self.gaps.running(thread.runs(), is_running);
        thread.ran_ns = thread.ran(time);
        thread.running_since = if is_running { time } else { NEVER };
    }

    /// A sample was taken on a thread.
    pub(super) fn sample(&mut self, thread: u64, time: i64) {
        self.gaps.sample(time);
        let Some(thread) = self.threads.get_mut(&thread) else {
            return;
        };
        self.samples += 1;
        self.phases.add(time);
        self.inside_samples += u64::from(thread.runs());
        thread.samples += 1;
        if !thread.runs() {
            // It had a CPU in a call, or for the scheduler: how long, nothing says.
            thread.ran_at_sample = NONE_YET;
            return;
        }
        let ran = thread.ran(time);
        if thread.ran_at_sample != NONE_YET {
            // Time may fall where a trace lies.
            self.between.add(ran.saturating_sub(thread.ran_at_sample));
        }
        thread.ran_at_sample = ran;
    }

    /// Goroutines in calls of C and of the system.
    pub(super) fn calling(&mut self) -> &mut Calling {
        &mut self.calling
    }

    /// A sample came that was taken two generations before, while a goroutine ran.
    pub(super) fn leaked(&mut self) {
        self.samples += 1;
        self.inside_samples += 1;
    }

    /// The rate of a trace that ends at this time.
    pub(super) fn end(mut self, time: i64) -> Rate {
        self.gaps.time(time);
        let threads = self.threads.iter().map(|(&thread, state)| ThreadRate {
            thread,
            running_ns: state.ran(time),
            samples: state.samples,
        });
        let mut threads: Vec<_> = threads.collect();
        threads.sort_unstable_by_key(|t| t.thread);
        let inside_ns = self.gaps.inside_ns();
        let (gaps, waits) = self.gaps.end(time);
        Rate {
            running_ns: threads
                .iter()
                .fold(0, |sum, t| sum.saturating_add(t.running_ns)),
            samples: self.samples,
            inside_ns,
            inside_samples: self.inside_samples,
            short_gap_ns: self.between.quantile(1),
            median_gap_ns: self.between.quantile(25),
            tick_ns: self.phases.tick_ns(),
            waits,
            gaps,
            calls: self.calling.end(time),
            threads,
            between: self.between,
        }
    }
}

fn between(from: i64, to: i64) -> u64 {
    to.saturating_sub(from).max(0).unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLI: i64 = 1_000_000;

    /// A thread runs for a second, with a sample each so many milliseconds.
    fn rate(gap: i64) -> Rate {
        let mut rates = Rates::default();
        rates.runs(7, 0, true);
        for time in (1..=1000 / gap).map(|n| n * gap * MILLI) {
            rates.time(time);
            rates.sample(7, time);
        }
        // One of a thread that never ran.
        rates.sample(8, 1000 * MILLI);
        rates.end(1000 * MILLI)
    }

    /// Guards S8.19.
    #[test]
    fn samples_that_come_more_seldom_than_asked_for_are_told() {
        let slow = rate(4);
        assert_eq!((slow.running_ns, slow.samples), (1_000_000_000, 250));
        // A bucket is a thirty-second wide at the most.
        assert!((3_870_000..=4_000_000).contains(&slow.short_gap_ns.unwrap()));
        let tenths = |rate: &Rate, period| rate.too_few(period).map(|few| few.tenths);
        assert_eq!(tenths(&slow, MILLI / 10), Some(400));
        assert_eq!(tenths(&slow, MILLI), Some(40));
        assert_eq!(tenths(&slow, 2 * MILLI), Some(20));
        assert_eq!(tenths(&slow, 10 * MILLI / 3), None);
        assert_eq!(tenths(&slow, 0), None);
        // Too few to say.
        assert_eq!(tenths(&rate(100), MILLI), None);
    }

    /// Threads that wait for a CPU have it for a while now and then.
    ///
    /// Guards S8.19.
    #[test]
    fn threads_that_wait_for_a_cpu_are_no_tick() {
        let mut rates = Rates::default();
        rates.runs(7, 0, true);
        for n in 1..=100 {
            rates.sample(7, n * 8 * MILLI);
            rates.sample(7, n * 8 * MILLI + MILLI);
        }
        assert_eq!(rates.end(1000 * MILLI).too_few(MILLI), None);
        // At 100 Hz no tick is too slow.
        assert_eq!(rate(40).too_few(10 * MILLI), None);
    }

    /// Many are missing, but those that are there came as fast as asked for.
    ///
    /// Guards S8.19.
    #[test]
    fn a_gap_is_no_tick() {
        let mut rates = Rates::default();
        rates.runs(7, 0, true);
        for time in (1..=50).map(|n| n * MILLI) {
            rates.sample(7, time);
        }
        assert_eq!(rates.end(1000 * MILLI).too_few(MILLI), None);
    }

    /// A thread that does not run gets no samples, and none are expected of it.
    ///
    /// Guards S8.20.
    #[test]
    fn time_counts_while_goroutines_run() {
        let mut rates = Rates::default();
        for second in 0..10 {
            let at = |milli: i64| (1000 * second + milli) * MILLI;
            rates.time(at(0));
            rates.runs(7, at(0), true);
            for n in 1..=50 {
                rates.time(at(10 * n));
                rates.sample(7, at(10 * n));
            }
            rates.time(at(500));
            rates.runs(7, at(500), false);
        }
        let rate = rates.end(10_000 * MILLI);
        assert_eq!(rate.threads.len(), 1);
        assert_eq!(rate.threads[0].samples, 500);
        assert_eq!(rate.threads[0].running_ns, 5_000_000_000);
        // Of the first period the first sample is the end.
        assert_eq!((rate.inside_ns, rate.inside_samples), (4_990_000_000, 500));
        let expected = rate.expected(None);
        assert_eq!((expected.period_ns, expected.expected), (10_000_000, 499));
        assert_eq!(expected.comes, Comes::AsExpected);
    }

    /// Samples each 10 ms on as many threads, of which `keep` says which there are.
    fn came(threads: u64, count: i64, keep: impl Fn(u64, i64) -> bool) -> Expected {
        let mut rates = Rates::default();
        for thread in 0..threads {
            rates.runs(thread, 0, true);
        }
        for n in 1..=count {
            for thread in 0..threads {
                // Not all at once.
                let time = n * 10 * MILLI + i64::try_from(thread).unwrap() * MILLI / 10;
                rates.time(time);
                if keep(thread, n) {
                    rates.sample(thread, time);
                }
            }
        }
        rates.end((count + 1) * 10 * MILLI).expected(None)
    }

    /// Guards S8.21.
    #[test]
    fn single_samples_that_are_missing_are_seen() {
        assert_eq!(came(4, 150, |_, _| true).comes, Comes::AsExpected);
        let twentieth = came(4, 150, |thread, n| (n + thread.cast_signed()) % 20 != 0);
        assert_eq!((twentieth.expected, twentieth.came), (596, 572));
        assert_eq!(twentieth.comes, Comes::Missing);
        assert_eq!(came(1, 1000, |_, n| n % 2 == 0).comes, Comes::Missing);
        assert_eq!(came(1, 1000, |_, n| n % 10 == 0).comes, Comes::Fewer);
        assert_eq!(came(1, 18, |_, _| true).comes, Comes::TooFew);
    }

    /// Guards S8.22.
    #[test]
    fn a_time_without_samples_is_seen() {
        let gap = came(2, 500, |_, n| !(200..=250).contains(&n));
        assert_eq!(gap.comes, Comes::Gap);
        let [gap] = gap.gaps[..] else {
            panic!("{gap:?}")
        };
        let (from, to) = (1990 * MILLI + MILLI / 10, 2510 * MILLI);
        assert_eq!((gap.from_ns, gap.to_ns), (from, to));
        assert_eq!(gap.running_ns, 2 * (to - from).unsigned_abs());
        // A quota holds threads back for less.
        let short = came(2, 500, |_, n| !(200..=220).contains(&n));
        assert_eq!(short.gaps, []);
        assert_eq!(short.comes, Comes::Missing);
    }

    /// A process that is stopped has no events either.
    ///
    /// Guards S8.22.
    #[test]
    fn silence_is_no_gap() {
        let mut rates = Rates::default();
        rates.runs(7, 0, true);
        for n in (1..=100).chain(200..=300) {
            rates.time(n * 10 * MILLI);
            rates.sample(7, n * 10 * MILLI);
        }
        assert_eq!(rates.end(3000 * MILLI).expected(None).gaps, []);
    }

    /// Threads that have a CPU half of the time, for times of any length.
    ///
    /// Guards S8.21.
    #[test]
    fn threads_that_wait_for_a_cpu_are_told() {
        let mut rates = Rates::default();
        rates.runs(7, 0, true);
        let mut time = 0;
        for n in 0..500 {
            time += (12 + 13 * n % 9) * MILLI;
            rates.time(time);
            rates.sample(7, time);
        }
        let rate = rates.end(time);
        assert_eq!(rate.expected(None).comes, Comes::Waited);
    }
}

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

mod comes;
mod gaps;
mod histogram;

use std::collections::HashMap;

use serde::Serialize;

use crate::trace::v1::hash::IdHash;
pub use comes::{Comes, Expected};
pub use gaps::Gap;
use gaps::Gaps;
use histogram::Histogram;

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
    /// The longest times without a sample during which goroutines ran, the first one first.
    pub gaps: Vec<Gap>,
    /// Threads on which goroutines ran, in the order of their numbers.
    pub threads: Vec<ThreadRate>,
    /// The times that a thread ran between two of its samples.
    #[serde(skip)]
    between: Histogram,
}

/// A thread of a [`Rate`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ThreadRate {
    /// The thread; where the trace does not say which it was, its P.
    pub thread: u64,
    /// The time that goroutines ran on it.
    pub running_ns: u64,
    /// Its samples.
    pub samples: u64,
}

/// A thread on which goroutines run. There may be many: each takes 32 bytes.
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
    gaps: Gaps,
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
        self.inside_samples += u64::from(thread.runs());
        thread.samples += 1;
        let ran = thread.ran(time);
        if thread.ran_at_sample != NONE_YET {
            self.between.add(ran - thread.ran_at_sample);
        }
        thread.ran_at_sample = ran;
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
        Rate {
            running_ns: threads
                .iter()
                .fold(0, |sum, t| sum.saturating_add(t.running_ns)),
            samples: self.samples,
            inside_ns: self.gaps.inside_ns(),
            inside_samples: self.inside_samples,
            short_gap_ns: self.between.quantile(1),
            median_gap_ns: self.between.quantile(25),
            gaps: self.gaps.end(time),
            threads,
            between: self.between,
        }
    }
}

fn between(from: i64, to: i64) -> u64 {
    to.saturating_sub(from).max(0).unsigned_abs()
}

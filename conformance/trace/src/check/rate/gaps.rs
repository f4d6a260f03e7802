//! Times without a sample during which goroutines ran.

use serde::Serialize;

use super::Rate;
use super::histogram::Histogram;
use crate::check::ring::Ring;

/// The longest gaps that are kept.
const KEPT: usize = 8;

/// A thread that runs makes an event each 10 to 20 ms, as it is preempted then. Without any event
/// for longer, the process may have been stopped.
const SILENCE_NS: u64 = 50_000_000;

/// A gap shorter than this is none: quotas of CPU time hold a process back for up to 100 ms.
const SHORTEST_NS: i64 = 250_000_000;

/// A time without a sample. Times are nanoseconds, moments since the trace's first event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// The sample before it; none: the trace's beginning.
    pub from_ns: i64,
    /// The sample after it, or the trace's end.
    pub to_ns: i64,
    /// The time that goroutines ran on threads, summed, but for times without any event.
    pub running_ns: u64,
    /// Whether there is a sample before it and one after it.
    pub is_inside: bool,
}

impl Gap {
    /// The part of it between two moments; none if that is too short.
    pub(super) fn within(&self, from_ns: i64, to_ns: i64) -> Option<Self> {
        let (from, to) = (self.from_ns.max(from_ns), self.to_ns.min(to_ns));
        let part = u128::from(super::between(from, to));
        let whole = u128::from(super::between(self.from_ns, self.to_ns)).max(1);
        let running = u128::from(self.running_ns) * part / whole;
        (to.saturating_sub(from) >= SHORTEST_NS).then(|| Self {
            from_ns: from,
            to_ns: to,
            running_ns: u64::try_from(running).unwrap_or(u64::MAX),
            ..*self
        })
    }
}

impl Rate {
    /// The same without gaps whose samples came later.
    pub(in crate::check) fn without_leaks(mut self, ring: &Ring) -> Self {
        let leaks = || ring.replay.iter().flat_map(|replay| &replay.leaks);
        let is_in = |gap: &Gap, ns: i64| (gap.from_ns..=gap.to_ns).contains(&ns);
        self.gaps
            .retain(|gap| !leaks().any(|leak| is_in(gap, leak.first_taken_ns)));
        self
    }
}

/// Gaps as events go by.
#[derive(Clone, Debug, Default)]
pub(super) struct Gaps {
    /// Threads on which goroutines run.
    running: u64,
    now: i64,
    /// The time that they ran since the last sample: all of it, and without silence.
    ran_ns: u64,
    ran_awake_ns: u64,
    /// From the first sample to the last.
    inside_ns: u64,
    last_sample: Option<i64>,
    longest: Vec<Gap>,
    /// How long all threads together ran between two samples of any.
    waits: Histogram,
}

impl Gaps {
    /// Time goes on: threads have run until now.
    pub(super) fn time(&mut self, time: i64) {
        let step = super::between(self.now, time);
        self.now = self.now.max(time);
        if self.running > 0 && step > 0 {
            let ran = |step: u64| step.saturating_mul(self.running);
            self.ran_ns = self.ran_ns.saturating_add(ran(step));
            let awake = ran(step.min(SILENCE_NS));
            self.ran_awake_ns = self.ran_awake_ns.saturating_add(awake);
        }
    }

    /// A thread ran, and does so from now on, or not.
    pub(super) fn running(&mut self, before: bool, after: bool) {
        self.running = self.running + u64::from(after) - u64::from(before);
    }

    pub(super) fn sample(&mut self, time: i64) {
        let is_first = self.last_sample.is_none();
        if !is_first {
            self.inside_ns = self.inside_ns.saturating_add(self.ran_ns);
            self.waits.add(self.ran_awake_ns);
        }
        self.add(time, !is_first);
        self.last_sample = Some(time);
        (self.ran_ns, self.ran_awake_ns) = (0, 0);
    }

    fn add(&mut self, to_ns: i64, is_inside: bool) {
        let from_ns = self.last_sample.unwrap_or(0);
        if to_ns.saturating_sub(from_ns) < SHORTEST_NS || self.ran_awake_ns == 0 {
            return;
        }
        self.longest.push(Gap {
            from_ns,
            to_ns,
            running_ns: self.ran_awake_ns,
            is_inside,
        });
        if self.longest.len() > KEPT {
            let shortest = self.longest.iter().enumerate();
            let shortest = shortest.min_by_key(|(_, gap)| gap.running_ns);
            let at = shortest.map_or(0, |(at, _)| at);
            self.longest.remove(at);
        }
    }

    /// The time that goroutines ran between the first sample and the last.
    pub(super) fn inside_ns(&self) -> u64 {
        self.inside_ns
    }

    /// The longest gaps of a trace that ends at this time, and how long all threads together ran
    /// between two samples of any.
    pub(super) fn end(mut self, time: i64) -> (Vec<Gap>, Histogram) {
        self.add(time, false);
        (self.longest, self.waits)
    }
}

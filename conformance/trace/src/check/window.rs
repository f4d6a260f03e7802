//! How long either side ran, and how many samples fit into a time.
//!
//! A v1 trace does not say at which time of day it began. What is known of the
//! profile's window is how long it is, and that it holds the trace's samples; so it
//! lies between these two places:
//!
//! ```text
//! trace              |------s---s--s----------|      s: a sample
//! as early       |=================|                 ends with the last sample
//! as late                   |=================|      begins with the first
//! ```
//!
//! The part of it that sticks out of the trace, where it sticks out most, is what can
//! hold samples which the trace does not have (S8.11).

use serde::Serialize;

use super::loss::Loss;
use super::reason::Reason;

/// The time of day in a profile is taken up to so long after its first signals may come, where no
/// thread waits for a CPU (Go: `runtime/pprof/pprof.go`, `profileWriter`).
pub(super) const LATE_NS: i64 = 50_000_000;

/// A profile ends up to so long after its last signals may come: its writer sleeps for 100 ms at a
/// time.
const LATE_END_NS: i64 = 250_000_000;

/// The lengths of the two windows, and the rate. Times are nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Windows {
    /// From the trace's first event to its last.
    pub trace_ns: i64,
    /// From the profile's start to its stop; none if it does not say.
    pub profile_ns: Option<i64>,
    /// CPU time between two samples; none if the profile does not say.
    pub period_ns: Option<i64>,
    /// The first sample of the trace, since the trace's first event.
    pub first_sample_ns: Option<i64>,
    /// The last sample of the trace, since the trace's first event.
    pub last_sample_ns: Option<i64>,
    /// When the profile began, by both clocks, since the trace's first event; none if one of them
    /// does not say.
    pub profile_begins_ns: Option<i64>,
    /// How much earlier it may have begun: the profile's writer takes the time when it comes to run,
    /// which it does later where threads wait for a CPU.
    pub start_slack_ns: i64,
    /// Threads that can have been sampled at once, at the most: those that took a P, and
    /// at least GOMAXPROCS.
    pub max_threads: u64,
}

impl Windows {
    /// How much longer the profile ran than the trace, or, where both clocks are known, how much of
    /// it lies outside of the trace; 0 if none, none if the profile does not say.
    #[must_use]
    pub fn profile_longer_ns(&self) -> Option<i64> {
        if self.profile_window().is_some() {
            return self.profile_outside_ns();
        }
        Some(self.profile_ns?.saturating_sub(self.trace_ns).max(0))
    }

    /// The profile's window by both clocks, since the trace's first event.
    #[must_use]
    pub fn profile_window(&self) -> Option<(i64, i64)> {
        let (begins, long) = (self.profile_begins_ns?, self.profile_ns?);
        Some((begins, begins.saturating_add(long)))
    }

    /// The moments between which the profiler was on, by both clocks.
    pub(super) fn profile_surely_ran(&self) -> Option<(i64, i64)> {
        let (from, to) = self.profile_window()?;
        Some((from, to.saturating_sub(LATE_END_NS)))
    }

    /// Whether the two lie apart, by their clocks.
    #[must_use]
    pub fn are_apart(&self) -> bool {
        self.profile_window().is_some_and(|(from, to)| {
            to < 0 || from.saturating_sub(self.start_slack_ns) > self.trace_ns
        })
    }

    /// How long both ran at once, at the most.
    #[must_use]
    pub fn common_ns(&self) -> Option<i64> {
        let profile = self.profile_ns?;
        Some(match self.profile_window() {
            Some((from, to)) => to.min(self.trace_ns).saturating_sub(from.max(0)).max(0),
            None => profile.min(self.trace_ns),
        })
    }

    /// How much of the profile's window can lie outside of the trace's, at the most.
    #[must_use]
    pub fn profile_outside_ns(&self) -> Option<i64> {
        let profile = self.profile_ns?;
        if let Some((from, to)) = self.profile_window() {
            let before = self.start_slack_ns.saturating_sub(from).max(0);
            let after = to.saturating_sub(self.trace_ns).max(0);
            return Some(before.saturating_add(after).min(profile));
        }
        let (Some(first), Some(last)) = (self.first_sample_ns, self.last_sample_ns) else {
            return Some(profile);
        };
        let inside_if_early = last.min(profile);
        let inside_if_late = self.trace_ns.saturating_sub(first).min(profile);
        Some(profile - inside_if_early.min(inside_if_late).max(0))
    }

    /// How much longer the trace ran than the profile, or, where both clocks are known, how much of
    /// it lies outside of the profile; 0 if none, none if the profile does not say.
    #[must_use]
    pub fn trace_longer_ns(&self) -> Option<i64> {
        if let Some((from, to)) = self.profile_window() {
            let before = from
                .saturating_sub(self.start_slack_ns)
                .clamp(0, self.trace_ns.max(0));
            let after = self
                .trace_ns
                .saturating_sub(to)
                .clamp(0, self.trace_ns.max(0));
            return Some(before.saturating_add(after).min(self.trace_ns));
        }
        Some(self.trace_ns.saturating_sub(self.profile_ns?).max(0))
    }

    /// Samples that fit into `ns` at the most, with all threads busy, and one each for a
    /// period that was begun before; none if that cannot be known.
    #[must_use]
    pub fn fit(&self, ns: i64) -> Option<u64> {
        let ns = u64::try_from(ns).unwrap_or(0);
        if ns == 0 {
            return Some(0);
        }
        let period = self.period_ns?.unsigned_abs();
        let per_thread = (ns / period).checked_add(1)?;
        per_thread.checked_mul(self.max_threads)
    }

    /// Whether the profile may have ended while the trace ran.
    fn profile_ended_within(&self) -> bool {
        let end = match self.profile_window() {
            Some((_, to)) => to,
            None => self.profile_ns.unwrap_or(i64::MAX),
        };
        end.saturating_sub(LATE_END_NS) < self.trace_ns
    }

    /// The moments between which the profile ran, wherever it lay; none if it does not say.
    fn profile_ran(&self) -> Option<(i64, i64)> {
        let profile = self.profile_ns?;
        if let Some((from, to)) = self.profile_window() {
            return Some((from.saturating_sub(self.start_slack_ns), to));
        }
        let last = self.last_sample_ns.unwrap_or(0);
        let first = self.first_sample_ns.unwrap_or(self.trace_ns);
        let (early, late) = (last.saturating_sub(profile), first.saturating_add(profile));
        Some((early.min(0), late.max(self.trace_ns)))
    }

    /// Samples that the profile can have and the trace not.
    pub(super) fn losses_of_trace(&self) -> Vec<Loss> {
        let outside = self.profile_outside_ns().and_then(|ns| self.fit(ns));
        let (Some((from, to)), Some(outside)) = (self.profile_ran(), outside) else {
            return vec![Loss::unknown()];
        };
        let longer = self.profile_longer_ns().and_then(|ns| self.fit(ns));
        let longer = longer.unwrap_or(outside).min(outside);
        let loss = |reason, at_most| Loss {
            reason,
            from,
            to,
            at_most: Some(at_most),
        };
        vec![
            loss(Reason::Window, longer),
            loss(Reason::Shift, outside - longer),
        ]
    }

    /// Samples that the trace can have and the profile not: those of when it alone ran; and if the
    /// profile ended while the trace ran, one of each thread whose handler was at work as it did (Go:
    /// `runtime/proc.go`, `sigprof`, which looks at `prof.hz` first).
    pub(super) fn loss_of_profile(&self) -> Loss {
        let Some(at_most) = self.trace_longer_ns().and_then(|ns| self.fit(ns)) else {
            return Loss::unknown();
        };
        let in_handlers = if self.profile_ended_within() {
            self.max_threads
        } else {
            0
        };
        let at_most = at_most.saturating_add(in_handlers);
        Loss {
            reason: Reason::Window,
            from: 0,
            to: self.trace_ns,
            at_most: Some(at_most),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000_000;

    /// Two seconds each, with samples from the first moment to the last.
    const EQUAL: Windows = Windows {
        trace_ns: 2 * SECOND,
        profile_ns: Some(2 * SECOND),
        period_ns: Some(SECOND / 100),
        first_sample_ns: Some(0),
        last_sample_ns: Some(2 * SECOND),
        profile_begins_ns: None,
        start_slack_ns: LATE_NS,
        max_threads: 4,
    };

    /// Guards S8.11.
    #[test]
    fn samples_fit_by_period_and_thread() {
        assert_eq!(EQUAL.fit(0), Some(0));
        assert_eq!(EQUAL.fit(1), Some(4));
        assert_eq!(EQUAL.fit(SECOND / 10), Some(44));
        let unknown = Windows {
            period_ns: None,
            ..EQUAL
        };
        assert_eq!(unknown.fit(1), None);
    }

    /// Guards S8.11.
    #[test]
    fn windows_that_both_are_full_of_samples_lie_upon_each_other() {
        assert_eq!(EQUAL.profile_outside_ns(), Some(0));
        let longer = Windows {
            profile_ns: Some(3 * SECOND),
            ..EQUAL
        };
        assert_eq!(longer.profile_outside_ns(), Some(SECOND));
        assert_eq!(longer.profile_longer_ns(), Some(SECOND));
        assert_eq!(longer.trace_longer_ns(), Some(0));
    }

    /// Guards S8.11.
    #[test]
    fn where_the_trace_has_no_samples_the_profile_may_not_have_run() {
        let early = Windows {
            last_sample_ns: Some(SECOND / 2),
            ..EQUAL
        };
        assert_eq!(early.profile_outside_ns(), Some(3 * SECOND / 2));
        let late = Windows {
            first_sample_ns: Some(SECOND),
            ..EQUAL
        };
        assert_eq!(late.profile_outside_ns(), Some(SECOND));
        let none = Windows {
            first_sample_ns: None,
            last_sample_ns: None,
            ..EQUAL
        };
        assert_eq!(none.profile_outside_ns(), Some(2 * SECOND));
    }

    /// Guards S8.23.
    #[test]
    fn clocks_say_where_the_windows_lie() {
        let at = |profile_begins_ns| Windows {
            profile_begins_ns: Some(profile_begins_ns),
            last_sample_ns: Some(SECOND / 2),
            ..EQUAL
        };
        // It is late by 50 ms at the most.
        for (begins, before, after) in [(0, 50, 0), (50, 0, 50), (-100, 150, 0), (1000, 0, 1000)] {
            let windows = at(begins * SECOND / 1000);
            let outside = (before + after) * SECOND / 1000;
            assert_eq!(windows.profile_outside_ns(), Some(outside), "{begins}");
            assert!(!windows.are_apart());
        }
        assert_eq!(at(SECOND).trace_longer_ns(), Some(SECOND * 95 / 100));
        assert_eq!(at(SECOND).common_ns(), Some(SECOND));
        assert!(at(-2 * SECOND - 1).are_apart());
        assert!(at(2 * SECOND + LATE_NS + 1).are_apart());
        assert_eq!(at(i64::MIN).common_ns(), Some(0));
        assert_eq!(at(i64::MAX).trace_longer_ns(), Some(2 * SECOND));
    }

    /// Guards S8.11.
    #[test]
    fn a_short_profile_lies_within_the_trace() {
        let short = Windows {
            profile_ns: Some(SECOND / 10),
            first_sample_ns: Some(SECOND),
            last_sample_ns: Some(SECOND + SECOND / 20),
            ..EQUAL
        };
        assert_eq!(short.profile_outside_ns(), Some(0));
        assert_eq!(short.trace_longer_ns(), Some(19 * SECOND / 10));
    }

    #[test]
    fn without_a_duration_nothing_is_known() {
        let windows = Windows {
            profile_ns: None,
            ..EQUAL
        };
        assert_eq!(windows.profile_outside_ns(), None);
        assert_eq!(windows.trace_longer_ns(), None);
    }
}

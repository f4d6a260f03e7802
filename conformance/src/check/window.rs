//! How long either side ran, and how many samples fit into a time.
//!
//! A v1 trace does not say at which time of day it began, so that windows can only
//! be compared by their lengths (S8.11).

use std::collections::BTreeSet;

use serde::Serialize;
use sigprof_model::events::EventType;

use crate::pprof::Profile;
use crate::trace::Trace;

/// The lengths of the two windows, and the rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Windows {
    /// Nanoseconds from the trace's first event to its last.
    pub trace_ns: i64,
    /// Nanoseconds from the profile's start to its stop; none if it does not say.
    pub profile_ns: Option<i64>,
    /// Nanoseconds of CPU time between two samples; none if the profile does not say.
    pub period_ns: Option<i64>,
    /// Threads that ran Go code: those that took a P, and at least GOMAXPROCS.
    pub threads: u64,
}

impl Windows {
    /// Those of a pair.
    #[must_use]
    pub fn of(trace: &Trace, profile: &Profile) -> Self {
        let args = |wanted| {
            let events = trace.events.iter().filter(move |e| e.event_type == wanted);
            events.map(|e| e.args[0])
        };
        let gomaxprocs = args(EventType::Gomaxprocs).max().unwrap_or(1);
        let threads: BTreeSet<_> = args(EventType::ProcStart).collect();
        Self {
            trace_ns: trace.span(),
            profile_ns: Some(profile.duration).filter(|&ns| ns > 0),
            period_ns: Some(profile.period).filter(|&ns| ns > 0),
            threads: gomaxprocs.max(threads.len() as u64),
        }
    }

    /// Samples that the profile can have from outside the trace's window, at the
    /// most; none if that cannot be known.
    #[must_use]
    pub fn outside_trace(&self) -> Option<u64> {
        self.fit(self.profile_ns?.checked_sub(self.trace_ns)?)
    }

    /// Samples that the trace can have from outside the profile's window, at the
    /// most; none if that cannot be known.
    #[must_use]
    pub fn outside_profile(&self) -> Option<u64> {
        self.fit(self.trace_ns.checked_sub(self.profile_ns?)?)
    }

    /// Samples that fit into `ns` at the most, with all threads busy, and one each
    /// for a period that was begun before; none if that cannot be known.
    pub(super) fn fit(&self, ns: i64) -> Option<u64> {
        let Ok(ns) = u64::try_from(ns) else {
            return Some(0);
        };
        let period = self.period_ns?.unsigned_abs();
        let per_thread = (ns / period).checked_add(1)?;
        per_thread.checked_mul(self.threads)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO_SECONDS: Windows = Windows {
        trace_ns: 2_000_000_000,
        profile_ns: Some(2_000_000_000),
        period_ns: Some(10_000_000),
        threads: 4,
    };

    #[test]
    fn equal_windows_leave_room_for_one_sample_a_thread() {
        assert_eq!(TWO_SECONDS.outside_trace(), Some(4));
        assert_eq!(TWO_SECONDS.outside_profile(), Some(4));
    }

    #[test]
    fn a_longer_profile_leaves_room_for_its_rate() {
        let windows = Windows {
            profile_ns: Some(2_100_000_000),
            ..TWO_SECONDS
        };
        assert_eq!(windows.outside_trace(), Some(44));
        assert_eq!(windows.outside_profile(), Some(0));
    }

    #[test]
    fn without_a_duration_nothing_is_known() {
        let windows = Windows {
            profile_ns: None,
            ..TWO_SECONDS
        };
        assert_eq!(windows.outside_trace(), None);
    }
}

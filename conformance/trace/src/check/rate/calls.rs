//! The time that goroutines spent in calls of C and of the system.
//!
//! A thread in such a call has no P for long, and a trace does not say whether it burns CPU time
//! there or waits. So this is a bound from above, said beside the samples that were to come, and in
//! no verdict (S61.1).

use std::collections::HashMap;

use serde::Serialize;

use crate::trace::GoId;
use crate::trace::v1::hash::IdHash;

/// The time in calls, and the samples of goroutines that were in one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Calls {
    /// Nanoseconds in calls of C, by the function that `cmd/cgo` makes for each (`_Cfunc_`), summed.
    pub c_ns: u64,
    /// Samples in calls of C.
    pub c_samples: u64,
    /// Nanoseconds in other calls, summed.
    pub system_ns: u64,
    /// Samples in other calls.
    pub system_samples: u64,
}

/// Calls as events go by.
#[derive(Clone, Debug, Default)]
pub(in crate::check) struct Calling {
    /// Goroutines in a call: since when, and whether it is one of C.
    within: HashMap<u64, (i64, bool), IdHash>,
    calls: Calls,
}

impl Calling {
    /// A goroutine enters a call, or was in it since `since`; `is_c` is asked if it is a new one.
    pub(in crate::check) fn enters(
        &mut self,
        goroutine: GoId,
        since: i64,
        is_c: impl FnOnce() -> bool,
    ) {
        let call = self.within.entry(goroutine.0);
        call.or_insert_with(|| (since, is_c()));
    }

    /// A goroutine does something else.
    pub(in crate::check) fn leaves(&mut self, goroutine: GoId, time: i64) {
        if self.within.is_empty() {
            return;
        }
        if let Some(call) = self.within.remove(&goroutine.0) {
            self.calls.add(call, time);
        }
    }

    /// A goroutine was sampled.
    pub(in crate::check) fn sample(&mut self, goroutine: Option<GoId>) {
        let within = goroutine.and_then(|goroutine| self.within.get(&goroutine.0));
        match within {
            Some((_, true)) => self.calls.c_samples += 1,
            Some((_, false)) => self.calls.system_samples += 1,
            None => {}
        }
    }

    /// The calls of a trace that ends at this time.
    pub(super) fn end(&self, time: i64) -> Calls {
        let mut calls = self.calls;
        for &call in self.within.values() {
            calls.add(call, time);
        }
        calls
    }
}

impl Calls {
    fn add(&mut self, (since, is_c): (i64, bool), time: i64) {
        let sum = if is_c {
            &mut self.c_ns
        } else {
            &mut self.system_ns
        };
        *sum = sum.saturating_add(super::between(since, time));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Guards S61.1.
    #[test]
    fn time_and_samples_are_those_of_the_goroutine_from_its_call_on() {
        let mut calling = Calling::default();
        calling.enters(GoId(1), 10, || true);
        // It goes on: its thread lost its P.
        calling.enters(GoId(1), 15, || unreachable!());
        calling.enters(GoId(2), 20, || false);
        for goroutine in [
            Some(GoId(1)),
            Some(GoId(2)),
            Some(GoId(1)),
            Some(GoId(3)),
            None,
        ] {
            calling.sample(goroutine);
        }
        calling.leaves(GoId(1), 110);
        calling.leaves(GoId(1), 120);
        calling.sample(Some(GoId(1)));
        let calls = Calls {
            c_ns: 100,
            c_samples: 2,
            system_ns: 30,
            system_samples: 1,
        };
        assert_eq!(calling.end(50), calls);
    }

    /// A sample in a call came of CPU time that is no running time: what lies between it and others says
    /// nothing of the period.
    ///
    /// Guards S61.3.
    #[test]
    fn a_sample_in_a_call_is_no_end_of_a_period() {
        let between = |is_in_call: bool| {
            let mut rates = super::super::Rates::default();
            for n in 0..30 {
                let start = n * 20_000_000;
                rates.runs(7, start, true);
                rates.sample(7, start + 1_000_000);
                rates.runs(7, start + 2_000_000, !is_in_call);
                rates.sample(7, start + 11_000_000);
            }
            rates.end(600_000_000).median_gap_ns
        };
        assert_eq!(between(true), None);
        assert!(between(false).is_some_and(|ns| (9_500_000..=10_000_000).contains(&ns)));
    }
}

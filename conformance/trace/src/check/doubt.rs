//! Doubts of a pair whose windows differ: the difference has room for what is missing, but do the
//! trace's running time and the profile's average say that it is there? (S8.21, S8.25, S8.27)

use super::rate::{Comes, ENOUGH, Expected, Rate};
use super::reason::Reason;
use super::stacks::Totals;
use super::window::{LATE_NS, Windows};

/// The longest time by which a profile is taken to have begun earlier than it says.
const LATEST_NS: i64 = 1_000_000_000;

/// The period of `runtime/pprof`, unless another rate was set first.
const USUAL_PERIOD_NS: i64 = 10_000_000;

/// All that speaks for or against samples having been lost.
#[derive(Clone, Copy, Debug)]
pub(super) struct Evidence<'a> {
    pub(super) rate: &'a Rate,
    pub(super) expected: &'a Expected,
    pub(super) windows: &'a Windows,
    /// Counts before narrowing.
    pub(super) whole: &'a Totals,
}

/// The samples that are to be expected in the time in which both ran, by the profile's count.
pub(super) fn by_profile(windows: &Windows, samples: u64) -> Option<u64> {
    let common = u128::from(windows.common_ns()?.unsigned_abs());
    let profile = u128::from(windows.profile_ns?.unsigned_abs());
    u64::try_from(u128::from(samples) * common / profile).ok()
}

/// How much earlier than it says a profile may have begun: longer by as much as threads wait for a
/// CPU, as its writer waited, too. They wait where goroutines run for longer than the profile's
/// samples say.
pub(super) fn start_slack(
    rate: &Rate,
    expected: &Expected,
    windows: &Windows,
    samples: u64,
) -> i64 {
    let scaled = |count: u64, ns: i64| u128::from(count) * u128::from(ns.max(1).unsigned_abs());
    let ran = scaled(
        rate.running_ns / expected.period_ns,
        windows.profile_ns.unwrap_or(1),
    );
    let sampled = scaled(samples.max(1), windows.trace_ns);
    let times = i64::try_from(ran / sampled).unwrap_or(i64::MAX).max(1);
    LATE_NS.saturating_mul(times).min(LATEST_NS)
}

impl Evidence<'_> {
    /// Why it cannot be said that nothing is missing, though the windows have room for it: the
    /// trace has fewer samples than there was time for (S8.21).
    pub(super) fn doubt(&self) -> Option<Reason> {
        let by_profile = self.expected.by_profile.unwrap_or(u64::MAX);
        let (trace, profile) = (self.whole.real.trace, self.whole.real.profile);
        let missing = self.whole.missing;
        let is_more_than_average = trace > by_profile.saturating_add(3 * by_profile.isqrt());
        let has_clocks = self.windows.profile_window().is_some();
        // Where no clocks say that the profiler was off, it may have been on.
        let is_off = !has_clocks && missing >= ENOUGH && self.rate.is_off(self.expected);
        let few = match self.expected.comes {
            _ if is_off => true,
            Comes::AsExpected | Comes::Gap => false,
            Comes::TooFew if !has_clocks => false,
            // Not by a few that fit between the windows.
            Comes::Missing => missing > 2 + profile / 50 && !is_more_than_average,
            // Threads waited, and it may be no more than that. Where nearly all of the profile lies
            // within the trace, what is missing must fit into the rest as samples come on average.
            Comes::Waited | Comes::Fewer if by_profile >= profile - profile / 5 => {
                let outside = self.outside_by_profile();
                let chance = 3 * outside.isqrt();
                missing > (outside + chance).saturating_add(self.windows.max_threads)
            }
            // Where much of it lies outside, the load may have been another there.
            _ => {
                let by_both = self.had_time_for().min(by_profile);
                trace + 2 * by_both.isqrt() < by_both / 10 * 8
            }
        };
        few.then_some(Reason::Fewer)
    }

    /// Whether there was time for all of the profile's samples.
    pub(super) fn had_room(&self) -> bool {
        let Expected {
            expected, spread, ..
        } = *self.expected;
        let room = expected.saturating_add(spread);
        self.expected.comes != Comes::TooFew && self.whole.real.profile <= room
    }

    /// The profile's samples that are to be expected outside of the trace, by its average.
    fn outside_by_profile(&self) -> u64 {
        let (windows, profile) = (self.windows, self.whole.real.profile);
        let by_clocks = windows.profile_window().and(windows.profile_outside_ns());
        let of = by_clocks.zip(windows.profile_ns).and_then(|(ns, of)| {
            let scaled = u128::from(profile) * u128::from(ns.unsigned_abs());
            u64::try_from(scaled / u128::from(of.unsigned_abs())).ok()
        });
        of.unwrap_or(profile.saturating_sub(self.expected.by_profile.unwrap_or(profile)))
    }

    /// Samples for which goroutines ran long enough: between the trace's first and last, or, where
    /// clocks say how long the profile ran meanwhile, in that time.
    fn had_time_for(&self) -> u64 {
        let windows = self.windows;
        let common = windows.profile_window().and(windows.common_ns());
        let Some(common) = common else {
            return self.expected.expected;
        };
        let ran = u128::from(self.rate.running_ns / self.expected.period_ns);
        let whole = u128::from(windows.trace_ns.max(1).unsigned_abs());
        let time = ran * u128::from(common.unsigned_abs()) / whole;
        u64::try_from(time).unwrap_or(u64::MAX)
    }

    /// Whether the profile's samples take more time than the profile had, while goroutines ran in
    /// the trace and it has none: they are of before the profile began, and the profiler was off
    /// (Go: `runtime.SetCPUProfileRate`, called before `runtime/pprof.StartCPUProfile`).
    pub(super) fn is_of_before(&self) -> bool {
        let (Some(profile), Some(period)) = (self.windows.profile_ns, self.windows.period_ns)
        else {
            return false;
        };
        let ran = self.rate.running_ns / self.expected.period_ns >= ENOUGH;
        if self.whole.real.trace > 0 || !ran {
            return false;
        }
        let took = u128::from(self.whole.real.profile) * u128::from(period.unsigned_abs());
        let room = u128::from(profile.saturating_add(LATE_NS).unsigned_abs());
        let on_all = room.saturating_mul(u128::from(self.windows.max_threads));
        // Another rate was set before; and no more threads than one are sure to have run then.
        let was_set = period != USUAL_PERIOD_NS;
        took > if was_set { room } else { on_all }
    }

    /// Whether the two differ as different times do, and not as one run does that lost or doubled
    /// samples (S8.25): 20 samples and a tenth of the trace's or more are not in the profile, or five
    /// or more on either side, and 20 together; and the trace does not have each sample so many times.
    pub(super) fn differs_much(&self) -> bool {
        let Totals {
            real,
            missing,
            surplus,
            ..
        } = *self.whole;
        let is_multiple = real.trace.is_multiple_of(real.profile.max(1));
        let is_much = surplus >= ENOUGH && surplus.saturating_mul(10) >= real.trace;
        let is_both_ways = missing.min(surplus) >= ENOUGH / 4 && missing + surplus >= ENOUGH;
        (is_much || is_both_ways) && !is_multiple
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Guards S8.23.
    #[test]
    fn a_profile_is_late_by_as_much_as_threads_wait_but_by_no_more_than_a_second() {
        const SECOND: u64 = 1_000_000_000;
        let windows = Windows {
            trace_ns: 5_000_000_000,
            profile_ns: Some(5_000_000_000),
            period_ns: Some(USUAL_PERIOD_NS),
            first_sample_ns: None,
            last_sample_ns: None,
            profile_begins_ns: Some(0),
            start_slack_ns: LATE_NS,
            max_threads: 4,
        };
        let slack = |running_ns: u64, samples: u64| {
            let mut rate = Rate::default();
            rate.running_ns = running_ns;
            start_slack(&rate, &rate.expected(Some(&windows)), &windows, samples)
        };
        assert_eq!(slack(5 * SECOND, 500), LATE_NS);
        assert_eq!(slack(5 * SECOND, 100), 5 * LATE_NS);
        assert_eq!(slack(300 * SECOND, 100), LATEST_NS);
        assert_eq!(slack(u64::MAX, 0), LATEST_NS);
    }
}

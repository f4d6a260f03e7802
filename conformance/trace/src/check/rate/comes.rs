//! Did as many samples come as were to come?

use serde::Serialize;

use super::{ENOUGH, Gap, Rate};
use crate::check::ring::Ring;
use crate::check::window::Windows;

/// A tick of the slowest kernel (100 Hz).
const LONGEST_TICK_NS: u64 = 10_500_000;

/// Rates below this come on any tick: what is missing of them has another cause, such as threads
/// that wait for a CPU.
const SHORT_PERIOD_NS: u64 = 5_000_000;

/// The period of `runtime/pprof`, which a trace without a profile is taken to have.
const USUAL_PERIOD_NS: u64 = 10_000_000;

/// Samples that a gap must have had room for.
const GAP: u64 = 20;

/// The samples that came, beside those that were to come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Expected {
    /// The CPU time between two samples of a thread, in nanoseconds.
    pub period_ns: u64,
    /// Whether that is the period of `runtime/pprof`, or one that the samples have, since there is
    /// no profile to say it.
    pub is_assumed: bool,
    /// Samples for which there was time between the trace's first and its last one, if each thread
    /// on which a goroutine ran had a CPU.
    pub expected: u64,
    /// Samples of threads while goroutines ran on them.
    pub came: u64,
    /// Samples that came in as long a time by the profile's count; none without a profile, or if it
    /// does not say how long it ran.
    pub by_profile: Option<u64>,
    /// How many fewer can come though none is lost and no thread waits for a CPU.
    pub spread: u64,
    /// How they came, in a word.
    pub comes: Comes,
    /// Times during which samples were to come, and none did.
    pub gaps: Vec<Gap>,
    /// Shorter ones, where the samples that a profile has more have no room elsewhere.
    pub short_gaps: Option<ShortGaps>,
}

/// Times without a sample that are shorter than a gap, and for which there were too many threads
/// for that to be chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ShortGaps {
    /// How many there are, with the gaps.
    pub count: u64,
    /// Samples for which there was time in them, but for those that came later.
    pub samples: u64,
}

/// How samples came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Comes {
    /// There was time for too few to say.
    TooFew,
    /// As many as there was time for.
    AsExpected,
    /// Fewer, as threads waited for a CPU: the times between samples say so.
    Waited,
    /// Fewer, and nothing says whether threads waited that long or samples are missing.
    Fewer,
    /// Fewer, and the times between samples are whole periods: single ones are missing.
    Missing,
    /// None for a while, with samples before it and after it.
    Gap,
}

/// By how much a profile's nanoseconds are too few.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooFew {
    /// The factor, times ten: by the time that goroutines ran, or, if they waited for a CPU, by the
    /// tick, and at least this.
    pub tenths: u64,
    /// The kernel's tick in nanoseconds, if the factor is by that.
    pub tick_ns: Option<u64>,
}

impl Rate {
    /// By how much the nanoseconds of a profile with this period are too few, if it asked for more
    /// samples than could come (S8.19).
    #[must_use]
    pub fn too_few(&self, period_ns: i64) -> Option<TooFew> {
        let period = u64::try_from(period_ns).ok();
        let period = period.filter(|ns| (1..=SHORT_PERIOD_NS).contains(ns))?;
        let counted = self.samples.checked_mul(period)?;
        if self.samples < ENOUGH {
            return None;
        }
        let tenths = |ns: u64, of: u64| ns.saturating_mul(10).checked_div(of);
        let ran = tenths(self.running_ns, counted)?;
        // A bucket's lower end is up to a thirty-second below; and who waits for a CPU has it for longer
        // than a tick now and then.
        let is_tick = |ns: u64| ns + ns / 32 >= period.saturating_mul(2) && ns < LONGEST_TICK_NS;
        if self.short_gap_ns.is_some_and(is_tick) && ran >= 20 {
            return Some(TooFew {
                tenths: ran,
                tick_ns: None,
            });
        }
        // Threads waited: how long they had a CPU is not known, but one sample a tick is the most.
        let tick = self.tick_ns?;
        let tenths = tenths(tick, period)?;
        (tenths >= 15 && ran >= tenths).then_some(TooFew {
            tenths,
            tick_ns: Some(tick),
        })
    }

    /// The samples that were to come with the profile's period; without a profile, with the usual one.
    #[must_use]
    pub fn expected(&self, windows: Option<&Windows>) -> Expected {
        let period_ns = windows.and_then(|windows| windows.period_ns);
        // That a tick made a profile coarser is said of the profile; a rate that is asked for is taken.
        let may_be_coarser = windows.is_some_and(|windows| windows.profile_ns.is_some());
        let period = self.period(period_ns, may_be_coarser);
        let expected = self.inside_ns / period;
        let came = self.inside_samples;
        let is_whole = self.has_whole_periods(period);
        let spread = self.spread(expected);
        let gaps = self.gaps_in(period, windows);
        let comes = if expected < ENOUGH {
            Comes::TooFew
        } else if !gaps.is_empty() {
            Comes::Gap
        } else if came.saturating_add(spread) >= expected {
            Comes::AsExpected
        } else if is_whole {
            Comes::Missing
        } else if came >= expected / 2 {
            Comes::Waited
        } else {
            Comes::Fewer
        };
        Expected {
            period_ns: period,
            is_assumed: period_ns.is_none(),
            expected,
            came,
            by_profile: None,
            spread,
            comes,
            gaps,
            short_gaps: None,
        }
    }

    /// The times without a sample in which, as samples come outside of them, so many were to come
    /// that it is no chance that none did, though all threads be sampled at one moment; none if
    /// there are no more than the gaps that are told (S8.32).
    pub(in crate::check) fn short_gaps(
        &self,
        expected: &Expected,
        ring: &Ring,
    ) -> Option<ShortGaps> {
        let enough = GAP + 2 * self.threads.len() as u64;
        let (mut count, mut ran_ns) = (0_u64, 0_u64);
        for (least_ns, more, sum_ns) in self.waits.longest_first() {
            let with = ran_ns.saturating_add(sum_ns);
            let outside = self.inside_ns.saturating_sub(with) / expected.period_ns;
            let share = u128::from(self.inside_samples.min(outside));
            let missed = u128::from(least_ns / expected.period_ns) * share;
            if missed < u128::from(enough) * u128::from(outside.max(1)) {
                break;
            }
            (count, ran_ns) = (count + more, with);
        }
        let leaks = ring.replay.iter().flat_map(|replay| &replay.leaks);
        let late = leaks.map(|leak| leak.samples).sum();
        let samples = (ran_ns / expected.period_ns).saturating_sub(late);
        let is_more = count > expected.gaps.len() as u64 && samples > 0;
        is_more.then_some(ShortGaps { count, samples })
    }

    /// The times before the first sample and after the last, for which the profiler was off, or samples
    /// are missing, but for those that are among the gaps.
    pub(in crate::check) fn off(&self, expected: &Expected) -> impl Iterator<Item = &Gap> {
        let told = &expected.gaps;
        let is_told = |gap: &Gap| {
            told.iter()
                .any(|told| told.from_ns < gap.to_ns && gap.from_ns < told.to_ns)
        };
        let has_room = self.inside_samples > 0;
        let ends = self
            .gaps
            .iter()
            .filter(move |gap| !gap.is_inside && has_room);
        ends.filter(move |gap| !is_told(gap) && gap.running_ns / expected.period_ns >= ENOUGH)
    }

    /// Whether there is such a time.
    pub(in crate::check) fn is_off(&self, expected: &Expected) -> bool {
        self.off(expected).next().is_some()
    }

    /// The time between two samples of a thread that runs.
    fn period(&self, period_ns: Option<i64>, may_be_coarser: bool) -> u64 {
        let asked = period_ns.and_then(|ns| u64::try_from(ns).ok());
        let asked = asked.filter(|&ns| ns > 0);
        let is_sure = self.between.total() >= ENOUGH;
        let seen = self.median_gap_ns.filter(|&ns| is_sure && ns > 0);
        match asked {
            Some(ns) if may_be_coarser => match self.too_few(ns.cast_signed()) {
                Some(few) => few.tick_ns.or(seen).unwrap_or(ns),
                None => ns,
            },
            Some(ns) => ns,
            None => {
                let faster = seen.filter(|&ns| ns < USUAL_PERIOD_NS * 3 / 4);
                faster.unwrap_or(USUAL_PERIOD_NS)
            }
        }
    }

    /// Whether the times between samples are whole periods: no thread waited for a CPU for long.
    fn has_whole_periods(&self, period_ns: u64) -> bool {
        let (whole, all) = self.between.whole(period_ns);
        all >= ENOUGH && whole >= all - all / 7
    }

    /// How far the count of a healthy run lies below what is expected: a sample for each thread
    /// comes sooner or later, and these add up as chance has it; a fortieth is for what the kernel
    /// counts otherwise.
    fn spread(&self, expected: u64) -> u64 {
        let threads = self.threads.len() as u64;
        2 + 2 * threads.isqrt() + expected / 40
    }

    /// The times in which too many samples to be chance are missing. Outside of these, samples
    /// came as seldom as they did, so that no more are missed within.
    ///
    /// Before the first sample and behind the last there is a gap if by its clock the profile ran.
    fn gaps_in(&self, period_ns: u64, windows: Option<&Windows>) -> Vec<Gap> {
        let ran = windows.and_then(Windows::profile_surely_ran);
        let inside = self.gaps.iter().filter_map(|gap| {
            let (from, to) = ran.unwrap_or((i64::MIN, i64::MAX));
            gap.within(from, to)
                .filter(|_| gap.is_inside || ran.is_some())
        });
        let inside: Vec<_> = inside.collect();
        let has_room = |gap: &Gap| {
            let in_gap = if gap.is_inside { gap.running_ns } else { 0 };
            let outside = self.inside_ns.saturating_sub(in_gap) / period_ns;
            let room = gap.running_ns / period_ns;
            let share = u128::from(self.inside_samples.min(outside));
            let missed = u128::from(room) * share / u128::from(outside.max(1));
            missed >= u128::from(GAP)
        };
        inside.into_iter().filter(has_room).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Rates;
    use super::*;
    use crate::check::ring::{Leak, Replay, Rings};

    const MILLI: i64 = 1_000_000;

    /// Two threads with a sample each 10 ms of either, and now and then none for 249 ms, which is no
    /// gap, though there are other events.
    fn rate(silences: i64) -> Rate {
        let mut rates = Rates::default();
        rates.runs(1, 0, true);
        rates.runs(2, 0, true);
        let mut now = 0;
        for n in 1..=silences * 100 {
            for _ in 1..if n % 100 == 0 { 25 } else { 1 } {
                now += 10 * MILLI;
                rates.time(now);
            }
            now += 10 * MILLI;
            for (thread, at) in [(1, now), (2, now + MILLI)] {
                rates.time(at);
                rates.sample(thread, at);
            }
        }
        rates.end(now + MILLI)
    }

    /// A ring with so many samples that came late.
    fn ring(late: u64) -> Ring {
        let mut ring = Rings::default().ring(64, 0);
        ring.replay = Some(Replay {
            leaks: vec![Leak {
                generation: 3,
                taken_in: 1,
                samples: late,
                first_taken_ns: 0,
                free_words: None,
            }],
            ends: Vec::new(),
        });
        ring
    }

    /// Guards S8.32.
    #[test]
    fn times_that_are_too_short_for_gaps_have_room_for_what_came_late_and_more() {
        let short = |silences, late| {
            let rate = rate(silences);
            let expected = rate.expected(None);
            assert_eq!(expected.gaps, []);
            rate.short_gaps(&expected, &ring(late))
        };
        // 249 ms on two threads are 49.8 periods.
        let found = |count, samples| Some(ShortGaps { count, samples });
        assert_eq!(short(4, 0), found(4, 199));
        assert_eq!(short(4, 190), found(4, 9));
        assert_eq!(short(4, 199), None);
        assert_eq!(short(1, 0), found(1, 49));
    }

    /// Guards S8.32.
    #[test]
    fn times_in_which_few_samples_were_to_come_are_chance() {
        let mut rates = Rates::default();
        rates.runs(1, 0, true);
        for n in 1..=100 {
            rates.time(n * 150 * MILLI);
            rates.sample(1, n * 150 * MILLI);
        }
        let rate = rates.end(15_000 * MILLI);
        assert_eq!(rate.short_gaps(&rate.expected(None), &ring(0)), None);
    }
}

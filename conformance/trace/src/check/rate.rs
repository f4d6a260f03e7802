//! How fast samples came, and how fast they were to come.
//!
//! A profile's period says how much CPU time lies between two samples of a thread. The kernel's
//! tick may be longer than that: then fewer come, and the profile's nanoseconds, which are counts
//! times the period, are too few (golang/go#35057, #45983).

use std::collections::HashMap;

use serde::Serialize;

use super::report::Report;
use super::words::seconds;
use crate::trace::v1::hash::IdHash;

/// Samples below which nothing is said of their rate.
const ENOUGH: u64 = 20;

/// A tick of the slowest kernel (100 Hz).
const LONGEST_TICK_NS: u64 = 10_500_000;

/// Rates below this come on any tick: what is missing of them has another cause, such as threads
/// that wait for a CPU.
const SHORT_PERIOD_NS: u64 = 2_500_000;

/// Buckets for each doubling of a time.
const PARTS: usize = 4;

/// The rate of a trace's samples. Times are nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Rate {
    /// The time that goroutines ran on threads, summed.
    pub running_ns: u64,
    /// Samples of threads on which goroutines ran.
    pub samples: u64,
    /// Of fifty times between two samples of a thread one is shorter; none if there are none.
    pub short_gap_ns: Option<u64>,
    /// The median of these times.
    pub median_gap_ns: Option<u64>,
}

impl Rate {
    /// How many times too few the nanoseconds of a profile with this period are, if it asked for
    /// more samples than could come.
    #[must_use]
    pub fn too_few(&self, period_ns: i64) -> Option<u64> {
        let period = u64::try_from(period_ns).ok().filter(|&ns| ns > 0)?;
        let counted = self.samples.checked_mul(period)?;
        // Who waits for a CPU has it for longer than this now and then.
        let is_tick = (period.saturating_mul(2)..LONGEST_TICK_NS).contains(&self.short_gap_ns?);
        let is_apart = is_tick && period <= SHORT_PERIOD_NS;
        let times = self.running_ns.checked_div(counted)?;
        (self.samples >= ENOUGH && is_apart && times >= 2).then_some(times)
    }
}

/// A thread on which goroutines run.
#[derive(Clone, Copy, Debug, Default)]
struct Thread {
    running_since: Option<i64>,
    last_sample: Option<i64>,
}

/// The rate as events go by.
#[derive(Clone, Debug, Default)]
pub(super) struct Rates {
    threads: HashMap<u64, Thread, IdHash>,
    running_ns: u64,
    samples: u64,
    /// Times between two samples, by their length.
    gaps: Vec<u64>,
}

impl Rates {
    /// A goroutine begins to run on a thread, or does so no more.
    pub(super) fn runs(&mut self, thread: u64, time: i64, is_running: bool) {
        let thread = self.threads.entry(thread).or_default();
        if let Some(since) = thread.running_since.take() {
            self.running_ns = self.running_ns.saturating_add(between(since, time));
        }
        thread.running_since = is_running.then_some(time);
    }

    /// A sample was taken on a thread.
    pub(super) fn sample(&mut self, thread: u64, time: i64) {
        let Some(thread) = self.threads.get_mut(&thread) else {
            return;
        };
        self.samples += 1;
        if let Some(before) = thread.last_sample.replace(time) {
            let bucket = bucket(between(before, time));
            if self.gaps.len() <= bucket {
                self.gaps.resize(bucket + 1, 0);
            }
            self.gaps[bucket] += 1;
        }
    }

    /// The rate of a trace that ends at this time.
    pub(super) fn end(mut self, time: i64) -> Rate {
        for thread in self.threads.values() {
            let since = thread.running_since.unwrap_or(time);
            self.running_ns = self.running_ns.saturating_add(between(since, time));
        }
        let total: u64 = self.gaps.iter().sum();
        let quantile = |fiftieths: u64| {
            let mut left = total.saturating_mul(fiftieths) / 50;
            let at = self.gaps.iter().position(|&count| {
                let is_here = left < count;
                left = left.saturating_sub(count);
                is_here
            });
            at.map(least)
        };
        Rate {
            running_ns: self.running_ns,
            samples: self.samples,
            short_gap_ns: quantile(1),
            median_gap_ns: quantile(25),
        }
    }
}

fn between(from: i64, to: i64) -> u64 {
    to.saturating_sub(from).max(0).unsigned_abs()
}

/// The bucket of a time: four for each doubling.
fn bucket(ns: u64) -> usize {
    let ns = ns.max(PARTS as u64);
    let log = ns.ilog2() as usize;
    // The two bits below the highest.
    let part = (ns >> (log - 2)).to_le_bytes()[0] & 3;
    log * PARTS + usize::from(part)
}

/// The shortest time in a bucket.
fn least(bucket: usize) -> u64 {
    let (log, part) = (bucket / PARTS, bucket % PARTS);
    ((PARTS + part) as u64) << (log - 2)
}

/// The note on a profile whose rate could not be delivered.
pub(super) fn note(report: &Report) -> Option<String> {
    let (rate, period) = (&report.rate, report.windows.period_ns?);
    let times = rate.too_few(period)?;
    let counted = i64::try_from(rate.samples).ok()?.checked_mul(period)?;
    let ran = i64::try_from(rate.running_ns).ok()?;
    Some(format!(
        "The profile says a sample each {}. But they came {} apart or more (the median is {}), and goroutines \
         ran for {}, while {} samples are {}: its nanoseconds are some {times} times too few. The kernel's tick does not \
         deliver so high a rate (golang/go#35057). Counts are not affected.",
        millis(period.unsigned_abs()),
        millis(rate.short_gap_ns?),
        millis(rate.median_gap_ns?),
        seconds(ran),
        rate.samples,
        seconds(counted),
    ))
}

fn millis(ns: u64) -> String {
    format!("{}.{} ms", ns / 1_000_000, ns % 1_000_000 / 100_000)
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
            rates.sample(7, time);
        }
        // One of a thread that never ran.
        rates.sample(8, 0);
        rates.end(1000 * MILLI)
    }

    /// Guards S8.19.
    #[test]
    fn samples_that_come_more_seldom_than_asked_for_are_told() {
        let slow = rate(4);
        assert_eq!((slow.running_ns, slow.samples), (1_000_000_000, 250));
        // A bucket is a fifth wide at the most.
        assert!((3_400_000..=4_000_000).contains(&slow.short_gap_ns.unwrap()));
        assert_eq!(slow.too_few(MILLI / 10), Some(40));
        assert_eq!(slow.too_few(MILLI), Some(4));
        // Not even twice.
        assert_eq!(slow.too_few(2 * MILLI), None);
        assert_eq!(slow.too_few(0), None);
        // Too few to say.
        assert_eq!(rate(100).too_few(MILLI), None);
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

    #[test]
    fn each_time_is_in_a_bucket_that_begins_not_after_it() {
        for ns in (0..70).chain([1 << 20, u64::MAX]) {
            let (at, next) = (least(bucket(ns)), ns.saturating_add(1));
            assert!(at <= ns.max(4), "{ns}: {at}");
            assert!(bucket(next) >= bucket(ns), "{ns}");
        }
    }
}

//! The kernel's tick, as the times of samples show it.
//!
//! A signal of a thread's CPU time is looked for when the kernel's clock ticks. Its ticks are at
//! whole multiples of their length, so that samples come in one small part of it:
//!
//! ```text
//! ticks     |       |       |       |       |       |
//! samples    s       s               s       s               four in the first sixteenth
//! ```
//!
//! Where threads run all the time at a lower rate, samples may come as regularly: a tick is asked for
//! only where it is longer than the period.

/// The length of a tick, as thirds of nanoseconds: kernels tick at 100, 250, 300 or 1,000 Hz.
const TICKS: [u64; 4] = [30_000_000, 12_000_000, 10_000_000, 3_000_000];

/// Parts of a tick that are told apart.
const PARTS: usize = 16;

/// Where in a tick samples came, for each length that it may have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Phases([[u64; PARTS]; TICKS.len()]);

impl Phases {
    /// A sample was taken, so many nanoseconds after any moment.
    pub(super) fn add(&mut self, time: i64) {
        let thirds = i128::from(time) * 3;
        for (counts, tick) in self.0.iter_mut().zip(TICKS) {
            let phase = thirds.rem_euclid(i128::from(tick)).unsigned_abs();
            let part = phase * PARTS as u128 / u128::from(tick);
            counts[usize::try_from(part).unwrap_or(0)] += 1;
        }
    }

    /// The tick, in nanoseconds: the longest of which two neighbouring parts have six tenths of the
    /// samples. By chance they have an eighth, and half where samples come twice a tick.
    pub(super) fn tick_ns(&self) -> Option<u64> {
        let found = self.0.iter().zip(TICKS).find(|(counts, _)| {
            let all: u64 = counts.iter().sum();
            let two = (0..PARTS).map(|at| counts[at] + counts[(at + 1) % PARTS]);
            let most = two.max().unwrap_or(0);
            all >= super::ENOUGH && most.saturating_mul(10) >= all.saturating_mul(6)
        });
        found.map(|(_, tick)| tick / 3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::rate::Rates;

    const MILLI: i64 = 1_000_000;

    fn tick(times: impl Iterator<Item = i64>) -> Option<u64> {
        let mut phases = Phases::default();
        times.for_each(|time| phases.add(time));
        phases.tick_ns()
    }

    /// Guards S8.28.
    #[test]
    fn a_tick_is_seen_in_where_samples_come() {
        const START: i64 = 1_234_567;
        let late = |n: i64| START + n * 7919 % 200_000;
        // Each second or third tick, as threads wait.
        let at = |tick: i64| (0..100).map(move |n| tick * (n + n * n % 5) + late(n));
        assert_eq!(tick(at(4_000_000)), Some(4_000_000));
        assert_eq!(tick(at(10_000_000)), Some(10_000_000));
        let third = (0..100).map(|n| 10_000_000 * (n + n * n % 7) / 3 + late(n));
        assert_eq!(tick(third), Some(3_333_333));
        // Twice a tick of 4 ms, or at any time, is none.
        let twice = (0..100).map(|n| 2_000_000 * n + late(n));
        assert_eq!(tick(twice).filter(|&ns| ns > 2_000_000), None);
        let any = (0..1000).map(|n| n * n * 7_919_317 % 1_000_000_007);
        assert_eq!(tick(any), None);
        assert_eq!(tick(at(4_000_000).take(19)), None);
        assert_eq!(tick([i64::MIN, i64::MAX].into_iter()), None);
    }

    /// Threads that wait for a CPU have it for times of any length, and yet their samples come on the
    /// tick.
    ///
    /// Guards S8.19, S8.28.
    #[test]
    fn a_tick_is_told_though_threads_wait_for_a_cpu() {
        let mut rates = Rates::default();
        for thread in 0..4 {
            rates.runs(thread, 0, true);
        }
        for n in 1..=400_i64 {
            let on = (n * n + n / 3) % 4;
            rates.sample(on.unsigned_abs(), n * 4 * MILLI + n % 7 * 10_000);
            if n % 10 == 0 {
                // Soon after the last.
                rates.sample(on.unsigned_abs(), n * 4 * MILLI + MILLI);
            }
        }
        let rate = rates.end(1604 * MILLI);
        assert!(rate.short_gap_ns < Some(4_000_000), "{rate:?}");
        assert_eq!(rate.tick_ns, Some(4_000_000));
        let few = |period| rate.too_few(period).map(|few| (few.tenths, few.tick_ns));
        assert_eq!(few(2 * MILLI), Some((20, Some(4_000_000))));
        assert_eq!(few(MILLI), Some((40, Some(4_000_000))));
        assert_eq!(few(3 * MILLI), None);
        assert_eq!(few(10 * MILLI), None);
    }
}

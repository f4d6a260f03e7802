//! Times, counted by their length.

/// Buckets for each doubling of a time.
const PARTS: usize = 1 << BITS;
const BITS: u32 = 5;

/// Times between two samples, by their length: buckets are a thirty-second wide.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Histogram {
    counts: Vec<u64>,
    /// The sum of the times in each bucket.
    sums: Vec<u64>,
}

impl Histogram {
    pub(super) fn add(&mut self, ns: u64) {
        let bucket = bucket(ns);
        if self.counts.len() <= bucket {
            self.counts.resize(bucket + 1, 0);
            self.sums.resize(bucket + 1, 0);
        }
        self.counts[bucket] += 1;
        self.sums[bucket] = self.sums[bucket].saturating_add(ns);
    }

    /// From the longest on, of each bucket in which there is something the shortest time that it is
    /// for, the number of times, and their sum.
    pub(super) fn longest_first(&self) -> impl Iterator<Item = (u64, u64, u64)> {
        let buckets = self.counts.iter().zip(&self.sums).enumerate().rev();
        let buckets = buckets.filter(|(_, (count, _))| **count > 0);
        buckets.map(|(at, (&count, &sum))| (least(at), count, sum))
    }

    pub(super) fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The time than which so many of fifty are shorter; none if there is none.
    pub(super) fn quantile(&self, fiftieths: u64) -> Option<u64> {
        let mut left = self.total().saturating_mul(fiftieths) / 50;
        let at = self.counts.iter().position(|&count| {
            let is_here = left < count;
            left = left.saturating_sub(count);
            is_here
        });
        at.map(least)
    }

    /// Of those of up to four periods and a half, how many are whole periods to within a sixteenth;
    /// and how many there are.
    pub(super) fn whole(&self, period_ns: u64) -> (u64, u64) {
        let (mut whole, mut all) = (0, 0);
        for (at, &count) in self.counts.iter().enumerate() {
            let ns = middle(at);
            if ns > period_ns.saturating_mul(9) / 2 {
                break;
            }
            let rest = ns % period_ns;
            let away = rest.min(period_ns - rest);
            let is_whole = ns + away >= period_ns && away <= ns / 16;
            whole += if is_whole { count } else { 0 };
            all += count;
        }
        (whole, all)
    }
}

/// The bucket of a time: as many for each doubling.
fn bucket(ns: u64) -> usize {
    let ns = ns.max(PARTS as u64);
    let log = ns.ilog2();
    // The bits below the highest.
    let part = (ns >> (log - BITS)).to_le_bytes()[0] & (PARTS - 1).to_le_bytes()[0];
    log as usize * PARTS + usize::from(part)
}

/// The shortest time in a bucket.
fn least(bucket: usize) -> u64 {
    let (log, part) = (bucket / PARTS, bucket % PARTS);
    let parts = (PARTS + part) as u64;
    parts << log.saturating_sub(BITS as usize)
}

/// A time in the middle of a bucket.
fn middle(bucket: usize) -> u64 {
    let least = least(bucket);
    least + least / (4 * PARTS as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_time_is_in_a_bucket_that_begins_not_after_it() {
        for ns in (0..700).chain([1 << 20, 10_000_000, u64::MAX]) {
            let (at, next) = (least(bucket(ns)), ns.saturating_add(1));
            assert!(at <= ns.max(PARTS as u64), "{ns}: {at}");
            assert!(at >= ns - ns / PARTS as u64, "{ns}: {at}");
            assert!(bucket(next) >= bucket(ns), "{ns}");
        }
    }

    #[test]
    fn the_longest_times_come_first_with_their_sums() {
        let mut times = Histogram::default();
        for ns in [3_200, 40, 3_201, 100] {
            times.add(ns);
        }
        let all: Vec<_> = times.longest_first().collect();
        assert_eq!(all, [(3_200, 2, 6_401), (100, 1, 100), (40, 1, 40)]);
    }

    #[test]
    fn whole_periods_are_told_from_others() {
        let whole = |ns| {
            let mut times = Histogram::default();
            times.add(ns);
            times.whole(10_000_000)
        };
        let milli = 1_000_000;
        for near in [10, 20, 21, 30, 39] {
            assert_eq!(whole(near * milli), (1, 1), "{near}");
        }
        for apart in [0, 1, 5, 8, 9, 11, 12, 15, 25] {
            assert_eq!(whole(apart * milli), (0, 1), "{apart}");
        }
        assert_eq!(whole(50 * milli), (0, 0));
    }
}

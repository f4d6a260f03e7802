//! Counts over time in a fixed number of buckets, which become twice as wide when the time that they
//! cover is over.

/// Buckets that there are at the most.
pub(super) const BUCKETS: usize = 512;

/// The narrowest bucket: a millisecond.
const FINEST_NS: i64 = 1_000_000;

/// How wide the buckets are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Width(pub(super) i64);

impl Default for Width {
    fn default() -> Self {
        Self(FINEST_NS)
    }
}

impl Width {
    /// How often the width must double until a moment has its bucket.
    pub(super) fn grow(&mut self, time_ns: i64) -> u32 {
        let mut doublings = 0;
        while self.bucket(time_ns) >= BUCKETS {
            self.0 = self.0.saturating_mul(2);
            doublings += 1;
        }
        doublings
    }

    /// The bucket of a moment.
    pub(super) fn bucket(self, time_ns: i64) -> usize {
        usize::try_from(time_ns.max(0) / self.0).unwrap_or(usize::MAX)
    }
}

/// A row whose values can be put together in pairs.
pub(super) trait Row {
    /// Puts the values of each two buckets into one.
    fn double(&mut self);
}

/// Puts each two values into one.
pub(super) fn pairs<T: Copy>(values: &mut [T], empty: T, both: impl Fn(T, T) -> T) {
    let len = values.len();
    for at in 0..len {
        values[at] = match 2 * at {
            first if first + 1 < len => both(values[first], values[first + 1]),
            _ => empty,
        };
    }
}

/// A thread, or a P: what came of it, and how long goroutines ran there.
#[derive(Clone, Debug)]
pub(super) struct Lane {
    /// Nanoseconds that goroutines ran.
    pub(super) ran: Vec<u64>,
    /// Samples that came.
    pub(super) samples: Vec<u64>,
}

impl Default for Lane {
    fn default() -> Self {
        Self {
            ran: vec![0; BUCKETS],
            samples: vec![0; BUCKETS],
        }
    }
}

impl Row for Lane {
    fn double(&mut self) {
        pairs(&mut self.ran, 0, u64::saturating_add);
        pairs(&mut self.samples, 0, |a, b| a + b);
    }
}

impl Lane {
    /// Goroutines ran there from one moment to another.
    pub(super) fn run(&mut self, width: Width, from_ns: i64, to_ns: i64) {
        let (mut from, to) = (from_ns.max(0), to_ns);
        while from < to {
            let at = width.bucket(from);
            let next = (at as i64).saturating_add(1).saturating_mul(width.0);
            let until = next.min(to);
            let Some(ran) = self.ran.get_mut(at) else {
                return;
            };
            *ran = ran.saturating_add(until.abs_diff(from));
            from = until;
        }
    }

    /// A sample was taken there.
    pub(super) fn sample(&mut self, width: Width, time_ns: i64) {
        if let Some(samples) = self.samples.get_mut(width.bucket(time_ns)) {
            *samples += 1;
        }
    }
}

/// A ring: the most that lay in a bucket's time, and the last; none if nothing happened then.
#[derive(Clone, Debug)]
pub(super) struct Fill(pub(super) Vec<Option<(u64, u64)>>);

impl Default for Fill {
    fn default() -> Self {
        Self(vec![None; BUCKETS])
    }
}

impl Row for Fill {
    fn double(&mut self) {
        pairs(&mut self.0, None, |a, b| match (a, b) {
            (Some((a, _)), Some((b, last))) => Some((a.max(b), last)),
            (one, other) => one.or(other),
        });
    }
}

impl Fill {
    /// So many words it has from a moment on.
    pub(super) fn set(&mut self, width: Width, time_ns: i64, words: u64) {
        if let Some(fill) = self.0.get_mut(width.bucket(time_ns)) {
            let most = fill.map_or(words, |(most, _)| most.max(words));
            *fill = Some((most, words));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Guards S57.1.
    #[test]
    fn buckets_double_and_lose_nothing() {
        let (mut width, mut lane) = (Width::default(), Lane::default());
        let mut fill = Fill::default();
        let mut all = 0;
        for second in 0..100 {
            let (from, to) = (second * 1_000_000_000, second * 1_000_000_000 + 3_500_001);
            for _ in 0..width.grow(to) {
                lane.double();
                fill.double();
            }
            lane.run(width, from, to);
            lane.sample(width, to);
            fill.set(width, to, second.unsigned_abs());
            all += to.abs_diff(from);
        }
        assert_eq!(lane.ran.iter().sum::<u64>(), all);
        assert_eq!(lane.samples.iter().sum::<u64>(), 100);
        assert_eq!(width.0, 256_000_000);
        let last = fill.0.iter().flatten().next_back();
        assert_eq!(last, Some(&(99, 99)));
    }

    /// Guards S57.1.
    #[test]
    fn any_time_has_a_bucket() {
        let (mut width, mut lane) = (Width::default(), Lane::default());
        for _ in 0..width.grow(i64::MAX) {
            lane.double();
        }
        lane.run(width, i64::MIN, i64::MAX);
        lane.sample(width, i64::MAX);
        lane.sample(width, i64::MIN);
        assert_eq!(lane.ran.iter().sum::<u64>(), i64::MAX.unsigned_abs());
        assert_eq!(lane.samples.iter().sum::<u64>(), 2);
    }
}

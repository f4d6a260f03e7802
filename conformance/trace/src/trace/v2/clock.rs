//! The trace clock and the other clocks.

/// Nanoseconds of a unit of the trace clock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    nanos: f64,
    /// The same if it is whole and small.
    whole: u64,
    /// Units below are whole numbers of nanoseconds: there are none if that one is not.
    exact: u64,
}

impl Default for Scale {
    fn default() -> Self {
        Self::of_frequency(1_000_000_000)
    }
}

/// Times below are whole numbers of nanoseconds in 64-bit floats, too.
const EXACT: u64 = 1 << 40;

impl Scale {
    /// The scale of a clock with `units_per_second`.
    pub(super) fn of_frequency(units_per_second: u64) -> Self {
        let nanos = 1.0 / (units_per_second as f64 / 1e9);
        let is_whole = (1.0..=4096.0).contains(&nanos) && nanos.fract() == 0.0;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is small"
        )]
        let whole = if is_whole { nanos as u64 } else { 0 };
        let exact = if is_whole { EXACT } else { 0 };
        Self {
            nanos,
            whole,
            exact,
        }
    }

    /// Units as nanoseconds, with the rounding of Go's reader on amd64: a product in
    /// floating point, cut off; what does not fit is the smallest number (R74.1).
    #[inline]
    pub(super) fn nanos(&self, units: u64) -> i64 {
        if units < self.exact {
            return (units * self.whole).cast_signed();
        }
        let nanos = units as f64 * self.nanos;
        // 2^63 is the first that does not fit; the comparison is false for NaN, too.
        if nanos >= -(2f64.powi(63)) && nanos < 2f64.powi(63) {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "in range, and cut off as Go does"
            )]
            return nanos as i64;
        }
        i64::MIN
    }
}

/// Several clocks, read at nearly the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The trace clock, in nanoseconds.
    pub trace: i64,
    /// The system's monotonic clock.
    pub mono: u64,
    /// Seconds of the wall clock since 1970.
    pub seconds: u64,
    /// Nanoseconds of the wall clock, beyond its seconds.
    pub nanos: u64,
}

impl Snapshot {
    /// The time of day, in nanoseconds since 1970.
    #[must_use]
    pub fn wall_ns(&self) -> i128 {
        i128::from(self.seconds) * 1_000_000_000 + i128::from(self.nanos)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(frequency: u64, units: u64, nanos: i64) {
        assert_eq!(Scale::of_frequency(frequency).nanos(units), nanos);
    }

    /// Guards R74.1.
    #[test]
    fn units_become_nanoseconds_as_in_go() {
        check(15_625_000, 3, 192);
        check(15_625_000, EXACT, 64 << 40);
        check(15_625_000, u64::MAX, i64::MIN);
        check(300_000_000, 1, 3);
        check(300_000_000, 8, 26);
        check(0, 1, i64::MIN);
        check(0, 0, i64::MIN);
        // Go 1.27 comes to the same number.
        check(u64::MAX, u64::MAX, 999_999_999);
    }
}

//! The wall clock as Go's `time` formats it: RFC 3339, with nanoseconds or without.

use super::UtcOffset;
use super::number::signed;
use crate::trace::v2::ClockSnapshot;

const DAY: i128 = 86_400;
const NANOS: u64 = 1_000_000_000;

/// Writes the wall clock of a snapshot.
pub(super) fn write(
    out: &mut Vec<u8>,
    clocks: &ClockSnapshot,
    offset: UtcOffset,
    with_fraction: bool,
) {
    // Go takes both as signed, and carries.
    let nanos = clocks.nanos.cast_signed();
    let carried = nanos.div_euclid(NANOS.cast_signed());
    let nanos = nanos.rem_euclid(NANOS.cast_signed());
    let seconds = clocks.seconds.cast_signed().wrapping_add(carried);
    let offset = offset(seconds);
    let local = i128::from(seconds) + i128::from(offset);
    let (year, month, day) = date(local.div_euclid(DAY));
    let second = local.rem_euclid(DAY);
    let year = i64::try_from(year).unwrap_or_default();
    if year < 0 {
        out.push(b'-');
    }
    padded(out, year.unsigned_abs().into(), 4);
    for (mark, value) in [
        (b'-', month),
        (b'-', day),
        (b'T', second / 3600),
        (b':', second / 60 % 60),
        (b':', second % 60),
    ] {
        out.push(mark);
        padded(out, value.unsigned_abs(), 2);
    }
    if with_fraction && nanos != 0 {
        out.push(b'.');
        let from = out.len();
        padded(out, u128::from(nanos.unsigned_abs()), 9);
        while out.len() > from && out.last() == Some(&b'0') {
            out.pop();
        }
    }
    if offset == 0 {
        out.push(b'Z');
        return;
    }
    out.push(if offset < 0 { b'-' } else { b'+' });
    let minutes = u128::from(offset.unsigned_abs() / 60);
    padded(out, minutes / 60, 2);
    out.push(b':');
    padded(out, minutes % 60, 2);
}

fn padded(out: &mut Vec<u8>, value: u128, width: usize) {
    let from = out.len();
    signed(out, i64::try_from(value).unwrap_or_default());
    while out.len() - from < width {
        out.insert(from, b'0');
    }
}

/// The date of a day since 1970 in the Gregorian calendar: years begin in March here, so
/// that a leap day is their last.
fn date(day: i128) -> (i128, i128, i128) {
    const ERA: i128 = 146_097;
    let day = day + 719_468;
    let era = day.div_euclid(ERA);
    let of_era = day.rem_euclid(ERA);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 {
        march_month + 3
    } else {
        march_month - 9
    };
    let year = year + era * 400 + i128::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(seconds: i64, nanos: u64, offset: UtcOffset, expected: &str) {
        let clocks = ClockSnapshot {
            trace: 0,
            mono: 0,
            seconds: seconds.cast_unsigned(),
            nanos,
        };
        let mut out = Vec::new();
        write(&mut out, &clocks, offset, true);
        assert_eq!(out, expected.as_bytes());
    }

    #[test]
    fn times_are_as_go_prints_them() {
        check(0, 0, |_| 0, "1970-01-01T00:00:00Z");
        check(951_782_400, 120_000_000, |_| 0, "2000-02-29T00:00:00.12Z");
        check(
            1_767_225_599,
            1,
            |_| 5400,
            "2026-01-01T01:29:59.000000001+01:30",
        );
        check(1_767_225_599, NANOS, |_| -3600, "2025-12-31T23:00:00-01:00");
        check(-62_135_596_801, 0, |_| 0, "0000-12-31T23:59:59Z");
    }
}

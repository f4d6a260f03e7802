//! Decimal digits, eight at once.

/// Numbers below this have eight digits at the most.
pub(super) const EIGHT_DIGITS: u64 = 100_000_000;

/// The digit 0, eight times.
pub(super) const ZEROES: u64 = 0x3030_3030_3030_3030;

/// The digits of a number below 10^8, the first in the lowest byte: halves, quarters and then
/// digits, all at once.
#[inline(always)]
pub(super) const fn eight_digits(value: u64) -> u64 {
    let halves = (value / 10_000) | (value % 10_000) << 32;
    let hundreds = ((halves * 10_486) >> 20) & 0x7f_0000_007f;
    let quarters = hundreds | (halves - hundreds * 100) << 16;
    let tens = ((quarters * 103) >> 10) & 0xf_000f_000f_000f;
    tens | (quarters - tens * 10) << 8
}

/// A number below 10^8 as its digits, and how many there are.
#[inline(always)]
pub(super) const fn few_digits(value: u64) -> (u64, usize) {
    let digits = eight_digits(value);
    // The last bit is there for 0, which has a digit.
    let zeroes = (digits | 1 << 63).trailing_zeros() / 8;
    ((digits | ZEROES) >> (8 * zeroes), 8 - zeroes as usize)
}

/// Nanoseconds as microseconds if these are few, and how many bytes that are. All in one number:
/// to read what was written in pieces just before takes its time.
#[inline(always)]
pub(super) fn few_micros(nanos: i64) -> Option<(u128, usize)> {
    let nanos = nanos.cast_unsigned();
    if nanos >= EIGHT_DIGITS * 1000 {
        return None;
    }
    let (digits, len) = few_digits(nanos / 1000);
    let (fraction, more) = FRACTIONS[(nanos % 1000) as usize];
    let digits = u128::from(digits) | u128::from(fraction) << (8 * len);
    Some((digits, len + more as usize))
}

/// The part behind a number of microseconds for so many nanoseconds, and its length.
pub(super) static FRACTIONS: [(u32, u32); 1000] = {
    let mut all = [(0, 0); 1000];
    let mut n = 1;
    while n < 1000 {
        let digits = (eight_digits(n as u64) | ZEROES).to_le_bytes();
        let len = 4 - (n % 10 == 0) as u32 - (n % 100 == 0) as u32;
        let digits = [b'.', digits[5], digits[6], digits[7]];
        all[n] = (u32::from_le_bytes(digits), len);
        n += 1;
    }
    all
};

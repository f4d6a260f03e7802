//! Numbers as digits, without the machinery of `fmt`.

use super::out::Out;

/// The digits of a number, at the most.
const DIGITS: usize = 20;

/// Numbers below have eight digits at the most.
pub(in crate::trace::v2) const EIGHT: u64 = 100_000_000;

/// The digits of a number below [`EIGHT`] as ASCII, the first in the lowest byte: halves are
/// split into halves, all at once in a word (Paul Khuong, 2017).
#[inline(always)]
fn eight(value: u64) -> u64 {
    // A division by a constant is a short one in 32 bits.
    #[expect(clippy::cast_possible_truncation, reason = "eight digits fit")]
    let value = value as u32;
    let fours = u64::from(value / 10_000) | (u64::from(value % 10_000) << 32);
    // 10486 / 2^20 is a hundredth, 103 / 2^10 a tenth, near enough for what they get.
    let hundreds = ((fours * 10_486) >> 20) & 0x7f_0000_007f;
    let pairs = hundreds | ((fours - 100 * hundreds) << 16);
    let tens = ((pairs * 103) >> 10) & 0x000f_000f_000f_000f;
    tens | ((pairs - 10 * tens) << 8)
}

/// The digit 0 in each byte.
const ZEROS: u64 = 0x3030_3030_3030_3030;

/// The digits of a number below [`EIGHT`], and how many there are.
#[inline(always)]
pub(in crate::trace::v2) fn few(value: u64) -> ([u8; 8], usize) {
    let digits = eight(value);
    let zeros = (digits.trailing_zeros() / 8).min(7) as usize;
    (((digits | ZEROS) >> (8 * zeros)).to_le_bytes(), 8 - zeros)
}

/// A number in decimal.
#[inline]
pub(in crate::trace::v2) fn unsigned(out: &mut impl Out, value: u64) {
    if value < 10 {
        return out.put(&[b'0' + (value % 10) as u8], 1);
    }
    digits(out, value);
}

/// The same; how many digits there are.
#[inline(always)]
pub(in crate::trace::v2) fn digits(out: &mut impl Out, value: u64) -> usize {
    if value >= EIGHT {
        let (digits, len) = many(value);
        out.put(&digits, len);
        return len;
    }
    let (digits, len) = few(value);
    out.put(&digits, len);
    len
}

/// The digits of a greater number.
#[inline(never)]
fn many(value: u64) -> ([u8; 3 * 8], usize) {
    let (mut digits, mut len) = ([0; 24], 0);
    for part in [value / EIGHT / EIGHT, value / EIGHT % EIGHT, value % EIGHT] {
        let (mut bytes, mut count) = few(part);
        if len > 0 {
            (bytes, count) = ((eight(part) | ZEROS).to_le_bytes(), 8);
        } else if part == 0 {
            continue;
        }
        digits[len..len + 8].copy_from_slice(&bytes);
        len += count;
    }
    (digits, len)
}

/// A number in decimal with its sign.
#[inline]
pub(in crate::trace::v2) fn signed(out: &mut impl Out, value: i64) {
    if value < 0 {
        out.put(b"-", 1);
    }
    unsigned(out, value.unsigned_abs());
}

/// Digits that change from one time to the next.
const LOW: u64 = 1_000_000;

/// Times, of which most have all but six digits in common with the one before; in columns of
/// a width.
#[derive(Debug, Default)]
pub(in crate::trace::v2) struct Times {
    width: usize,
    /// Text before each time.
    before: &'static str,
    /// The first time with the bytes that are kept.
    first: u64,
    /// How many times have them; 0 if none are kept.
    span: u64,
    /// The bytes before the last six digits.
    head: [u8; 24],
    len: usize,
}

impl Times {
    pub(in crate::trace::v2) fn new(width: usize) -> Self {
        Self {
            width,
            ..Self::default()
        }
    }

    /// Times with text of at most eleven bytes before each.
    pub(in crate::trace::v2) fn after(before: &'static str) -> Self {
        Self {
            before,
            ..Self::default()
        }
    }

    /// A time in decimal, to the right.
    #[inline(always)]
    pub(in crate::trace::v2) fn write(&mut self, out: &mut impl Out, time: i64) {
        let low = time.cast_unsigned().wrapping_sub(self.first);
        if low >= self.span {
            return out.put_all(&self.renew(time));
        }
        out.put(&self.head, self.len);
        // The last six of eight digits.
        let digits = (eight(low) | ZEROS) >> 16;
        out.put(&digits.to_le_bytes(), 6);
    }

    /// The text of a time, of which the bytes before the last six digits are kept.
    #[inline(never)]
    fn renew(&mut self, time: i64) -> Vec<u8> {
        let mut text = Vec::with_capacity(DIGITS + 1);
        signed(&mut text, time);
        let mut out = self.before.as_bytes().to_vec();
        out.resize(out.len() + self.width.saturating_sub(text.len()), b' ');
        out.extend_from_slice(&text);
        let high = u64::try_from(time).unwrap_or(0) / LOW;
        self.first = high * LOW;
        // Negative ones are not among them.
        self.span = if high == 0 {
            0
        } else {
            LOW.min((1 << 63) - self.first)
        };
        self.len = out.len().saturating_sub(6);
        match self.head.get_mut(..self.len) {
            Some(head) => head.copy_from_slice(&out[..self.len]),
            None => self.span = 0,
        }
        out
    }
}

/// A number in hexadecimal.
pub(super) fn hex(out: &mut Vec<u8>, value: u64) {
    let digits = (64 - (value | 1).leading_zeros()).div_ceil(4);
    for digit in (0..digits).rev() {
        let nibble = value >> (4 * digit) & 0xf;
        out.push(b"0123456789abcdef"[nibble as usize]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_fmt_has_them() {
        for value in [
            0,
            1,
            9,
            10,
            15,
            16,
            255,
            256,
            EIGHT - 1,
            EIGHT,
            1 << 32,
            1_0000_0001 * EIGHT,
            u64::MAX - 1,
            u64::MAX,
        ] {
            let mut out = Vec::new();
            unsigned(&mut out, value);
            out.push(b' ');
            signed(&mut out, value.cast_signed());
            out.push(b' ');
            hex(&mut out, value);
            let expected = format!("{value} {} {value:x}", value.cast_signed());
            assert_eq!(out, expected.as_bytes());
        }
    }

    #[test]
    fn all_numbers_of_four_digits_are_written_as_fmt_has_them() {
        for value in 0..10_000 {
            for value in [value, value * 10_000, value * 10_001] {
                let mut out = Vec::new();
                unsigned(&mut out, value);
                assert_eq!(out, value.to_string().as_bytes());
            }
        }
    }

    #[test]
    fn times_are_written_as_fmt_has_them() {
        for width in [0, 16] {
            let (mut times, mut out, mut expected) = (Times::new(width), Vec::new(), String::new());
            let numbers = [
                0,
                999_999,
                1_000_000,
                1_000_001,
                1_999_999,
                2_000_000,
                12_345_678_901,
            ];
            for time in numbers
                .into_iter()
                .chain([12_345_000_000, -5, i64::MAX, i64::MIN, -1, 7])
            {
                times.write(&mut out, time);
                times.write(&mut out, time);
                expected += &format!("{time:width$}{time:width$}");
            }
            assert_eq!(crate::bytes::text(&out), expected);
        }
    }
}

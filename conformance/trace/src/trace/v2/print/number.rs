//! Numbers as digits, without the machinery of `fmt`.

/// The digits of a number, at the most.
const DIGITS: usize = 20;

/// The digits of 00 to 99.
static PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[0; 2]; 100];
    let mut i = 0;
    while i < 100 {
        #[expect(clippy::cast_possible_truncation, reason = "below 100")]
        let value = i as u8;
        pairs[i] = [b'0' + value / 10, b'0' + value % 10];
        i += 1;
    }
    pairs
};

/// A number in decimal.
#[inline]
pub(in crate::trace::v2) fn unsigned(out: &mut Vec<u8>, mut value: u64) {
    if value < 10 {
        out.push(b'0' + (value % 10) as u8);
        return;
    }
    let count = value.ilog10() as usize + 1;
    let from = out.len();
    // Of known length, that is without a call; what is too much goes again.
    out.extend_from_slice(&[b'0'; DIGITS]);
    let digits = &mut out[from..from + count];
    let mut at = count;
    while at >= 2 {
        at -= 2;
        digits[at..at + 2].copy_from_slice(&PAIRS[(value % 100) as usize]);
        value /= 100;
    }
    if at == 1 {
        digits[0] = b'0' + (value % 10) as u8;
    }
    out.truncate(from + count);
}

/// A number in decimal with its sign.
#[inline]
pub(in crate::trace::v2) fn signed(out: &mut Vec<u8>, value: i64) {
    if value < 0 {
        out.push(b'-');
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
    high: u64,
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

    /// A time in decimal, to the right.
    #[inline]
    pub(in crate::trace::v2) fn write(&mut self, out: &mut Vec<u8>, time: i64) {
        let value = time.cast_unsigned();
        if value / LOW != self.high || self.high == 0 || time < 0 {
            return self.write_new(out, time);
        }
        let from = out.len() + self.len;
        out.extend_from_slice(&self.head);
        out.truncate(from);
        out.extend_from_slice(b"000000");
        let mut low = value % LOW;
        for pair in out[from..].as_chunks_mut().0.iter_mut().rev() {
            *pair = PAIRS[(low % 100) as usize];
            low /= 100;
        }
    }

    #[inline(never)]
    fn write_new(&mut self, out: &mut Vec<u8>, time: i64) {
        let mut text = Vec::with_capacity(DIGITS + 1);
        signed(&mut text, time);
        let from = out.len();
        out.resize(from + self.width.saturating_sub(text.len()), b' ');
        out.extend_from_slice(&text);
        self.high = u64::try_from(time).unwrap_or(0) / LOW;
        self.len = (out.len() - from).saturating_sub(6);
        if let Some(head) = self.head.get_mut(..self.len) {
            head.copy_from_slice(&out[from..from + self.len]);
        }
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
            1 << 32,
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

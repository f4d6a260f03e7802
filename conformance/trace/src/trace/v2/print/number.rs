//! Numbers as digits, without the machinery of `fmt`.

/// A number in decimal.
#[inline]
pub(in crate::trace::v2) fn unsigned(out: &mut Vec<u8>, mut value: u64) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        let digit = (value % 10) as u8;
        digits[at] = b'0' + digit;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// A number in decimal with its sign.
#[inline]
pub(in crate::trace::v2) fn signed(out: &mut Vec<u8>, value: i64) {
    if value < 0 {
        out.push(b'-');
    }
    unsigned(out, value.unsigned_abs());
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
}

//! Numbers of the v2 format: little-endian base 128 of at most 64 bits.

use sigprof_wire::v2::limits::MAX_VARINT_LEN;

/// A number that is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BadVarint {
    /// The bytes end first.
    CutShort,
    /// More than 64 bits.
    TooLong,
}

impl BadVarint {
    /// What was found instead of a number.
    pub(super) fn got(self) -> &'static str {
        match self {
            Self::CutShort => "the end of the bytes that belong to it",
            Self::TooLong => "one of more than 64 bits",
        }
    }
}

/// The number at `at`, which moves behind it; `at` stays if there is none (R70.5).
#[inline(always)]
pub(super) fn varint(bytes: &[u8], at: &mut usize) -> Result<u64, BadVarint> {
    match bytes.get(*at) {
        Some(&byte) if byte < 0x80 => {
            *at += 1;
            Ok(u64::from(byte))
        }
        _ => long(bytes, at),
    }
}

#[inline]
fn long(bytes: &[u8], at: &mut usize) -> Result<u64, BadVarint> {
    let mut value = 0;
    let rest = bytes.get(*at..).unwrap_or_default();
    for (i, &byte) in rest.iter().take(MAX_VARINT_LEN).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * i);
        if byte < 0x80 {
            if i + 1 == MAX_VARINT_LEN && byte > 1 {
                return Err(BadVarint::TooLong);
            }
            *at += i + 1;
            return Ok(value);
        }
    }
    Err(if rest.len() < MAX_VARINT_LEN {
        BadVarint::CutShort
    } else {
        BadVarint::TooLong
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: Result<u64, BadVarint>, end: usize) {
        let mut at = 0;
        assert_eq!(varint(bytes, &mut at), expected);
        assert_eq!(at, end);
    }

    /// Guards R70.5.
    #[test]
    fn numbers_have_at_most_64_bits() {
        check(&[], Err(BadVarint::CutShort), 0);
        check(&[0x7f, 9], Ok(127), 1);
        check(&[0x80, 0x80, 0], Ok(0), 3);
        check(&[0x80; 9], Err(BadVarint::CutShort), 0);
        let mut bytes = [0xff; 10];
        check(&bytes, Err(BadVarint::TooLong), 0);
        bytes[9] = 1;
        check(&bytes, Ok(u64::MAX), 10);
        bytes[9] = 2;
        check(&bytes, Err(BadVarint::TooLong), 0);
    }
}

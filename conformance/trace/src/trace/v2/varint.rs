//! Numbers of the v2 format: little-endian base 128 of at most 64 bits.

use sigprof_wire::v2::limits::{MAX_ARGS, MAX_VARINT_LEN};

/// A number that is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BadVarint {
    /// The bytes end first.
    CutShort,
    /// More than 64 bits.
    TooLong,
}

impl BadVarint {
    /// Words for what was found instead of a number.
    pub(super) fn got(self) -> &'static str {
        match self {
            Self::CutShort => "the end of the bytes that belong to it",
            Self::TooLong => "one of more than 64 bits",
        }
    }
}

/// The number at `at`, which moves to its end; `at` stays if there is none (R70.5).
#[inline]
pub(super) fn varint(bytes: &[u8], at: &mut usize) -> Result<u64, BadVarint> {
    match bytes.get(*at) {
        Some(&byte) if byte < 0x80 => {
            *at += 1;
            Ok(u64::from(byte))
        }
        _ => long(bytes, at),
    }
}

#[inline(never)]
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

/// Bytes in which every event with a time fits, a power of two.
pub(super) const WINDOW: usize = 64;
const _: () = assert!(2 + (1 + MAX_ARGS) * MAX_VARINT_LEN <= WINDOW);

/// Bytes that are looked at: behind every byte of the window there is a word.
pub(super) const SEEN: usize = WINDOW + size_of::<u64>();

/// Numbers one after the other, in bytes of which there are surely enough: what comes out
/// means something only if it turns out that they end where they may.
pub(super) struct Numbers<'b> {
    bytes: &'b [u8; SEEN],
    at: u32,
    /// The bytes from there on: all of the next two numbers, if they have three each at the most.
    word: u64,
}

impl<'b> Numbers<'b> {
    #[inline(always)]
    pub(super) fn new(bytes: &'b [u8; SEEN], at: u32) -> Self {
        let mut new = Self { bytes, at, word: 0 };
        new.look();
        new
    }

    /// Looks at the bytes of the next two numbers; there is no check to be made.
    #[inline(always)]
    pub(super) fn look(&mut self) {
        let word = self.bytes[self.at as usize % WINDOW..].first_chunk();
        self.word = word.map_or(0, |&bytes| u64::from_le_bytes(bytes));
    }

    /// The next number.
    #[inline(always)]
    pub(super) fn next(&mut self) -> u64 {
        // Nearly all have one, two or three bytes.
        let word = self.word;
        let (first, second) = (word & 0x7f, word >> 1 & 0x3f80);
        if word & 0x80 == 0 {
            self.go_on(1);
            return first;
        }
        if word & 0x8000 == 0 {
            self.go_on(2);
            return first | second;
        }
        if word & 0x0080_0000 == 0 {
            self.go_on(3);
            return first | second | word >> 2 & 0x001f_c000;
        }
        self.long()
    }

    #[inline(always)]
    fn go_on(&mut self, bytes: u32) {
        self.at += bytes;
        self.word >>= 8 * bytes;
    }

    /// A number of more bytes, without a branch up to eight.
    #[inline(always)]
    fn long(&mut self) -> u64 {
        const HIGH: u64 = 0x8080_8080_8080_8080;
        self.look();
        let word = self.word;
        let ends = !word & HIGH;
        if ends == 0 {
            let (value, at) = long_in_window(self.bytes, self.at);
            self.at = at;
            self.look();
            return value;
        }
        self.at += ends.trailing_zeros() / 8 + 1;
        self.look();
        let sevens = word & (ends ^ ends.wrapping_sub(1)) & !HIGH;
        let pairs = sevens & 0x007f_007f_007f_007f | sevens >> 1 & 0x3f80_3f80_3f80_3f80;
        let fours = pairs & 0x0000_3fff_0000_3fff | pairs >> 2 & 0x0fff_c000_0fff_c000;
        fours & 0x0fff_ffff | fours >> 4 & 0x00ff_ffff_f000_0000
    }

    /// Where the last number ends; far beyond the window if one is not a number.
    #[inline(always)]
    pub(super) fn end(self) -> u32 {
        self.at
    }
}

/// Where the next number is said to begin after one that is not a number.
const FAR: u32 = 1 << 20;

#[inline(never)]
fn long_in_window(bytes: &[u8; SEEN], at: u32) -> (u64, u32) {
    let mut end = at as usize;
    match long(bytes, &mut end) {
        // In the bytes, or far beyond.
        Ok(value) => (value, u32::try_from(end).unwrap_or(FAR)),
        Err(_) => (0, FAR),
    }
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

    #[test]
    fn numbers_in_a_window_are_the_same() {
        let numbers = [
            0,
            1,
            127,
            128,
            300,
            (1 << 14) - 1,
            1 << 14,
            (1 << 21) - 1,
            1 << 21,
            (1 << 28) - 1,
            0x1234_5678,
            0x00fe_dcba_9876_5432,
            (1 << 56) - 1,
            1 << 56,
            u64::MAX,
        ];
        for value in numbers {
            let mut window = [0xff; SEEN];
            let (mut len, mut rest) = (1, value);
            while rest >= 0x80 {
                window[len] = (rest & 0x7f) as u8 | 0x80;
                (len, rest) = (len + 1, rest >> 7);
            }
            window[len] = u8::try_from(rest).unwrap();
            window[len + 1] = 5;
            let mut numbers = Numbers::new(&window, 1);
            assert_eq!((numbers.next(), numbers.next()), (value, 5));
            assert_eq!(numbers.end() as usize, len + 2);
        }
        let mut numbers = Numbers::new(&[0xff; SEEN], 1);
        numbers.next();
        assert!(numbers.end() as usize > WINDOW);
    }
}

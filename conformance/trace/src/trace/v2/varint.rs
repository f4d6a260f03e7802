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

/// Bytes that are looked at: behind each that a table can name there are four, or a type and four.
pub(super) const SEEN: usize = 256 + size_of::<u32>();

/// The numbers in a word of eight bytes, by which of these are ends.
#[derive(Clone, Copy, Debug)]
#[repr(align(32))]
struct Ends {
    /// The bits of each argument, from where it begins.
    bits: [u32; MAX_ARGS],
    /// Where each ends, counted from the byte before the word; 0 for those that are not all in it,
    /// for one of more than four bytes, and for all behind it.
    ends: [u8; 1 + NO_EVENT as usize],
}

/// Bytes of all numbers of an event that is read at once, at the most: a word.
pub(super) const SHORT: u32 = u64::BITS / 8;

/// So many arguments are never all there: nothing is read.
pub(super) const NO_EVENT: u8 = 7;
const _: () = assert!(MAX_ARGS < NO_EVENT as usize);

static ENDS: [Ends; 256] = {
    let none = Ends {
        bits: [0; MAX_ARGS],
        ends: [0; 1 + NO_EVENT as usize],
    };
    let mut table = [none; 256];
    let mut set = 0;
    while set < table.len() {
        let (mut number, mut len, mut at) = (0, 0, 0);
        while at < 8 && len < 4 && number <= MAX_ARGS {
            (at, len) = (at + 1, len + 1);
            if set >> (at - 1) & 1 == 1 {
                if number > 0 {
                    table[set].bits[number - 1] = 0x7f7f_7f7f >> (32 - 8 * len);
                }
                table[set].ends[number] = 1 + at;
                (number, len) = (number + 1, 0);
            }
        }
        set += 1;
    }
    table
};

/// Where an event ends that begins these bytes; its arguments come into `args`,
/// and behind them stands anything. None if the numbers take more than eight bytes, or one of them
/// more than four: these are few.
///
/// No branch depends on how many bytes a number has, which with many threads nobody can foresee. Nor
/// has the place of the next event to wait for one number after the other.
#[inline(always)]
pub(super) fn short(bytes: &[u8; SEEN], count: u8, args: &mut [u32; MAX_ARGS]) -> Option<u8> {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let word = bytes[1..].first_chunk();
    let word = word.map_or(0, |&bytes| u64::from_le_bytes(bytes));
    let last = !word & HIGH;
    // One bit for each byte: no two of the others meet.
    let set = last.wrapping_mul(0x0002_0408_1020_4081) >> 56;
    let Ends { bits, ends } = &ENDS[set as usize % ENDS.len()];
    let count = usize::from(count) % ends.len();
    let end = ends[count];
    if end == 0 {
        return None;
    }
    let arg = |i: usize| {
        let word = bytes[usize::from(ends[i])..].first_chunk();
        let word = word.map_or(0, |&bytes| u32::from_le_bytes(bytes)) & bits[i];
        // Half of every second byte is taken off it: one step less than with both masked.
        let pairs = word - (word >> 1 & 0x3f80_3f80);
        pairs & 0x3fff | pairs >> 2 & 0x0fff_c000
    };
    *args = [arg(0), arg(1), arg(2), arg(3)];
    Some(end)
}

/// The number that begins these bytes, if it has three of them at the most.
#[inline(always)]
pub(super) fn short_number(bytes: [u8; 4]) -> Option<u32> {
    let word = u32::from_le_bytes(bytes);
    let last = !word & 0x80_8080;
    let bits = word & last.wrapping_sub(1);
    let number = bits & 0x7f | bits >> 1 & 0x3f80 | bits >> 2 & 0x1f_c000;
    (last != 0).then_some(number)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::trace::v2::frontier::tests::Dice;

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

    /// Writes the number.
    pub(in crate::trace::v2) fn write(out: &mut Vec<u8>, mut value: u64) {
        while value >= 0x80 {
            out.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        out.push((value & 0x7f) as u8);
    }

    #[test]
    fn numbers_of_an_event_that_are_read_at_once_are_the_same() {
        const LONGEST: u64 = (1 << 28) - 1;
        let numbers = [
            0,
            1,
            127,
            128,
            300,
            (1 << 14) - 1,
            1 << 14,
            0x0012_3456,
            (1 << 21) - 1,
            1 << 21,
            0x0abc_def0,
            LONGEST,
            LONGEST + 1,
            1 << 56,
            u64::MAX,
        ];
        let (mut dice, mut taken) = (Dice::new(7), 0);
        for _ in 0..20_000 {
            let count = dice.index(1 + MAX_ARGS);
            let most = [3, 8, numbers.len()][dice.index(3)];
            let mut bytes = vec![0x55];
            let mut said = [0; 1 + MAX_ARGS];
            for number in &mut said[..=count] {
                *number = numbers[dice.index(most)];
                write(&mut bytes, *number);
            }
            let len = bytes.len();
            bytes.resize_with(SEEN, || (dice.below(256) & 0xff) as u8);
            let is_short = len <= 9 && said.iter().all(|&number| number <= LONGEST);
            let [delta, args @ ..] = said;
            let expected = is_short.then(|| (args, u8::try_from(len).unwrap()));
            let (window, mut args) = (bytes.first_chunk().unwrap(), [u32::MAX; MAX_ARGS]);
            let got = short(window, u8::try_from(count).unwrap(), &mut args);
            args[count..].fill(0);
            let got = got.map(|len| (args.map(u64::from), len));
            assert_eq!(got, expected, "{said:x?}");
            taken += u32::from(is_short);
            let first = bytes[1..].first_chunk().unwrap();
            let expected = (delta < 1 << 21).then_some(delta);
            assert_eq!(short_number(*first).map(u64::from), expected);
        }
        assert!((5_000..15_000).contains(&taken), "{taken}");
        // A number that does not end.
        assert_eq!(short(&[0xff; SEEN], 0, &mut [0; MAX_ARGS]), None);
    }
}

//! Ordinary events in their ordinary form, of which there are millions.
//!
//! Nothing of them is wanted but their syntax and the clock, so that a whole event is
//! looked at in one or two words: a byte without its top bit ends a number.

use sigprof_wire::v1::EventType;

use super::Pass;

/// The top bit of each byte.
const TOPS: u64 = 0x8080_8080_8080_8080;

/// Bytes of an event that is looked at here, at the most: type, length and two words.
const WINDOW: usize = 18;

impl Pass<'_> {
    /// Skips ordinary events; returns where the first other stands.
    pub(super) fn plain_events(&mut self, mut at: usize) -> usize {
        let counts = &self.counts;
        let mut ticks = self.ticks;
        let begin = at;
        while let Some(window) = self.bytes.get(at..).and_then(<[u8]>::first_chunk::<WINDOW>) {
            let first = window[0];
            let count = u32::from(counts[usize::from(first & 0x3f)]);
            if count == 0 {
                break;
            }
            let (delta, len) = if first >= 0xc0 {
                let len = u32::from(window[1]);
                if !is_long_form(window, len, count) {
                    break;
                }
                (word(window, 2), 2 + len)
            } else {
                let numbers = word(window, 1);
                let mut ends = !numbers & TOPS;
                for _ in 1..count {
                    ends &= ends.wrapping_sub(1);
                }
                if u32::from(first >> 6) + 1 != count || ends == 0 {
                    break;
                }
                (numbers, 2 + ends.trailing_zeros() / 8)
            };
            let Some(delta) = short_varint(delta) else {
                break;
            };
            let mut next = at + len as usize;
            if first & 0x3f == EventType::UserLog as u8 {
                let Some(end) = end_of_message(self.bytes, next) else {
                    break;
                };
                next = end;
            }
            ticks = ticks.wrapping_add(delta.cast_signed());
            at = next;
        }
        self.ticks = ticks;
        self.has_events |= at != begin;
        at
    }
}

/// Where a short message ends whose length stands here.
#[inline]
fn end_of_message(bytes: &[u8], at: usize) -> Option<usize> {
    let length = *bytes.get(at)?;
    let end = at + 1 + usize::from(length);
    (length < 0x80 && end <= bytes.len()).then_some(end)
}

/// Whether `count` numbers of at most nine bytes fill `len` bytes, which are at most 16.
#[inline]
fn is_long_form(window: &[u8; WINDOW], len: u32, count: u32) -> bool {
    if len > 16 || len < count || len - count > 8 {
        return false;
    }
    let numbers = u128::from(word(window, 2)) | u128::from(word(window, 10)) << 64;
    let tops = u128::from(TOPS) | u128::from(TOPS) << 64;
    // The bytes behind the event do not count; `len` is not 0, as `count` is not.
    let ends = (!numbers & tops) << (128 - 8 * len);
    ends.count_ones() == count && ends >> 127 == 1
}

/// Eight bytes of the window.
#[inline]
fn word(window: &[u8; WINDOW], at: usize) -> u64 {
    let mut word = [0; 8];
    word.copy_from_slice(&window[at..at + 8]);
    u64::from_le_bytes(word)
}

/// The number at the lower end of a word, if it has at most eight bytes.
#[inline]
fn short_varint(word: u64) -> Option<u64> {
    let ends = !word & TOPS;
    if ends == 0 {
        return None;
    }
    // All bits up to the top one of its last byte.
    let own = ends ^ ends.wrapping_sub(1);
    let bytes = word & own & !TOPS;
    // Pairs of 7 bits, then of 14, then of 28.
    let pairs = bytes & 0x007f_007f_007f_007f | (bytes & 0x7f00_7f00_7f00_7f00) >> 1;
    let fours = pairs & 0x0000_3fff_0000_3fff | (pairs & 0x3fff_0000_3fff_0000) >> 2;
    Some(fours & 0x0fff_ffff | fours >> 32 << 28)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_up_to_eight_bytes_are_read_from_a_word() {
        let numbers = [0, 1, 127, 128, 300, 1 << 21, (1 << 35) - 1, (1 << 56) - 1];
        for number in numbers {
            let mut bytes = [0xff; 8];
            let mut rest: u64 = number;
            for byte in &mut bytes {
                *byte = rest.to_le_bytes()[0] & 0x7f | if rest > 0x7f { 0x80 } else { 0 };
                rest >>= 7;
                if rest == 0 {
                    break;
                }
            }
            assert_eq!(short_varint(u64::from_le_bytes(bytes)), Some(number));
        }
        assert_eq!(short_varint(u64::MAX), None);
    }

    #[test]
    fn the_long_form_is_filled_by_its_numbers() {
        let mut window = [0x80; WINDOW];
        window[3..6].fill(1);
        assert!(is_long_form(&window, 4, 3));
        assert!(!is_long_form(&window, 4, 2), "more numbers");
        assert!(!is_long_form(&window, 5, 3), "the last one goes on");
        assert!(!is_long_form(&window, 17, 3), "too long to see");
        window[2..18].fill(0x80);
        window[2] = 1;
        window[12] = 1;
        assert!(!is_long_form(&window, 11, 2), "a number of ten bytes");
    }
}

//! Ordinary events in their ordinary form, of which there are millions.

use super::Pass;

impl Pass<'_> {
    /// Skips ordinary events in their ordinary form; returns where the first other stands.
    pub(super) fn plain_events(&mut self, mut at: usize) -> usize {
        let (bytes, shapes) = (self.bytes, &self.index.shapes.0);
        let mut ticks = self.ticks;
        let begin = at;
        while let Some(&first) = bytes.get(at) {
            let count = shapes[usize::from(first & 0x3f)].plain;
            if count == 0 {
                break;
            }
            let mut next = at + 1;
            let inline = first >> 6;
            let mut end = None;
            if inline == 3 {
                match bytes.get(next) {
                    Some(&length) if length < 0x80 => {
                        next += 1;
                        end = Some(next + usize::from(length));
                    }
                    _ => break,
                }
            } else if inline + 1 != count {
                break;
            }
            let Some((delta, mut next)) = short_varint(bytes, next) else {
                break;
            };
            for _ in 1..count {
                next = skip_varint(bytes, next);
            }
            if next > bytes.len() || end.is_some_and(|end| end != next) {
                break;
            }
            ticks = ticks.wrapping_add(delta.cast_signed());
            at = next;
        }
        self.ticks = ticks;
        self.has_events |= at != begin;
        at
    }
}

/// A varint of at most nine bytes, and where the next begins.
fn short_varint(bytes: &[u8], mut at: usize) -> Option<(u64, usize)> {
    let mut value = 0;
    for shift in 0..9 {
        let byte = *bytes.get(at)?;
        at += 1;
        value |= u64::from(byte & 0x7f) << (7 * shift);
        if byte < 0x80 {
            return Some((value, at));
        }
    }
    None
}

/// Where the varint behind this one begins; beyond the bytes if there is none, or if this
/// one has ten bytes or more.
fn skip_varint(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    match rest.iter().take(9).position(|&b| b < 0x80) {
        Some(last) => at + last + 1,
        None => bytes.len() + 1,
    }
}

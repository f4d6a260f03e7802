//! How bytes are laid out.
//!
//! ```text
//!  7 6 5         0
//! +---+-----------+
//! | n |   type    |   n = min(varints that follow - 1, 3); with 3 comes a length first
//! +---+-----------+
//! ```
//!
//! The runtime counts without the tick delta (`narg << traceArgCountShift`), the
//! reader with it and plus one (`narg := buf[0]>>6 + 1`): the same number. Go:
//! `runtime/trace.go`, `traceEventLocked`, `traceBuf.varint`, `traceBuf.varintAt`; R39.

use sigprof_wire::FormatVersion;
use sigprof_wire::limits::{HEADER_LEN, MAX_VARINT_LEN};

/// Bits of the first byte that the type takes.
pub(super) const TYPE_BITS: u32 = 6;

/// The count that says "a length follows".
pub(super) const COUNT_WITH_LENGTH: u8 = 3;

/// The top bit of a varint's byte: another byte follows.
const MORE: u8 = 0x80;

// The largest event, five varints, has a length that fits one varint byte: the
// runtime reserves one (`buf.varint(0)`) and fills it in afterwards.
const _: () = assert!(5 * MAX_VARINT_LEN < MORE as usize);

/// Appends `value`, seven bits a byte, low bits first.
pub(super) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= u64::from(MORE) {
        out.push(MORE | (value & 0x7f) as u8);
        value >>= 7;
    }
    out.push((value & 0x7f) as u8);
}

/// Appends `value` in as many bytes as the largest would take (Go 1.21: `varintAt`).
pub(super) fn put_padded_varint(out: &mut Vec<u8>, value: u64) {
    for at in 0..MAX_VARINT_LEN {
        let bits = ((value >> (7 * at)) & 0x7f) as u8;
        let more = if at + 1 < MAX_VARINT_LEN { MORE } else { 0 };
        out.push(more | bits);
    }
}

/// The header of a trace: `go 1.N trace`, filled up with zeroes.
pub(super) fn header(version: FormatVersion) -> [u8; HEADER_LEN] {
    let text = format!("go {version} trace");
    let mut header = [0; HEADER_LEN];
    header[..text.len()].copy_from_slice(text.as_bytes());
    header
}

/// The first byte of an event.
///
/// # Panics
///
/// When the type or the count has bits to spare.
pub(super) fn first_byte(number: u8, count: u8) -> u8 {
    assert!(number < 1 << TYPE_BITS, "type {number} needs more bits");
    assert!(count <= COUNT_WITH_LENGTH, "count {count} needs more bits");
    number | count << TYPE_BITS
}

/// The count bits of an event with this many varints.
///
/// # Panics
///
/// When there is none: the wire cannot say so.
pub(super) fn count_bits(varints: usize) -> u8 {
    match varints {
        0 => panic!("an event without a varint"),
        1 => 0,
        2 => 1,
        3 => 2,
        _ => COUNT_WITH_LENGTH,
    }
}

/// Appends an event: its first byte, its length if it needs one, and `varints`.
pub(super) fn put_event(out: &mut Vec<u8>, number: u8, varints: &[u64]) {
    let count = count_bits(varints.len());
    out.push(first_byte(number, count));
    let payload = payload(varints);
    if count == COUNT_WITH_LENGTH {
        put_varint(out, payload.len() as u64);
    }
    out.extend(payload);
}

/// `varints` as bytes.
pub(super) fn payload(varints: &[u64]) -> Vec<u8> {
    let mut payload = Vec::new();
    for &value in varints {
        put_varint(&mut payload, value);
    }
    payload
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_varint(value: u64, want: &[u8]) {
        let mut got = Vec::new();
        put_varint(&mut got, value);
        assert_eq!(got, want, "{value:#x}");
    }

    #[test]
    fn varints_grow_by_a_byte_every_seven_bits() {
        check_varint(0, &[0x00]);
        check_varint(0x7f, &[0x7f]);
        check_varint(0x80, &[0x80, 0x01]);
        check_varint(300, &[0xac, 0x02]);
        check_varint(0x3fff, &[0xff, 0x7f]);
        check_varint(0x4000, &[0x80, 0x80, 0x01]);
    }

    #[test]
    fn the_largest_varint_takes_ten_bytes() {
        let mut want = [0xff; MAX_VARINT_LEN];
        want[MAX_VARINT_LEN - 1] = 0x01;
        check_varint(u64::MAX, &want);
    }

    #[test]
    fn padded_varints_always_take_ten_bytes() {
        let mut got = Vec::new();
        put_padded_varint(&mut got, 300);
        assert_eq!(
            got,
            [0xac, 0x82, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00]
        );
        let mut largest = Vec::new();
        put_padded_varint(&mut largest, u64::MAX);
        let mut plain = Vec::new();
        put_varint(&mut plain, u64::MAX);
        assert_eq!(largest, plain);
    }

    #[test]
    fn headers_are_filled_up_with_zeroes() {
        assert_eq!(&header(FormatVersion::GO_1_7), b"go 1.7 trace\0\0\0\0");
        assert_eq!(&header(FormatVersion::GO_1_21), b"go 1.21 trace\0\0\0");
    }

    fn check_event(varints: &[u64], want: &[u8]) {
        let mut got = Vec::new();
        put_event(&mut got, 14, varints);
        assert_eq!(got, want);
    }

    #[test]
    fn three_varints_need_no_length_and_four_do() {
        check_event(&[1], &[0x0e, 1]);
        check_event(&[1, 2], &[0x4e, 1, 2]);
        check_event(&[1, 2, 3], &[0x8e, 1, 2, 3]);
        check_event(&[1, 2, 3, 4], &[0xce, 4, 1, 2, 3, 4]);
    }

    #[test]
    fn the_length_counts_bytes_and_not_varints() {
        check_event(&[300, 2, 3, 4], &[0xce, 5, 0xac, 0x02, 2, 3, 4]);
    }
}

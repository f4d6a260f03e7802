//! A profile that is not what the fixture's was.

use std::io::Read;

use flate2::read::GzDecoder;

/// Field 2 of a `Profile`: a sample, after its length.
const PROFILE_SAMPLE: u8 = 2 << 3 | 2;

/// Field 2 of a `Sample`, which Go does not pack: the count, then the nanoseconds.
const SAMPLE_VALUE: u8 = 2 << 3;

/// The profile with 127 as the count of its first sample: far more than what is known
/// of the pair can explain.
pub(crate) fn with_another_count(packed: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    GzDecoder::new(packed).read_to_end(&mut bytes).unwrap();
    let sample = 1 + field(&bytes, PROFILE_SAMPLE);
    let count = sample + field(&bytes[sample..], SAMPLE_VALUE);
    assert!((1..100).contains(&bytes[count]), "a count of one byte");
    bytes[count] = 127;
    bytes
}

/// Where a message's first field with this tag goes on after the tag.
fn field(message: &[u8], tag: u8) -> usize {
    let mut at = 0;
    while message[at] != tag {
        at += 2 + match message[at] & 7 {
            // A varint ends with its first byte below 0x80.
            0 => message[at + 1..]
                .iter()
                .position(|b| b & 0x80 == 0)
                .unwrap(),
            // Messages this short have lengths of one byte.
            2 => usize::from(message[at + 1]),
            other => panic!("{at:#x}: wire type {other}"),
        };
    }
    at + 1
}

//! Profiles that cannot be read. Each breaks one rule, and is right up to there.
//!
//! Messages and gzip streams are made by hand: no library has a say in the bytes.

/// Every case with its bytes.
pub(crate) fn all() -> Vec<(&'static str, Vec<u8>)> {
    [files(), fields(), references(), bombs()].concat()
}

/// Files that are no CPU profiles.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    let mut cut = gzip(&profile(&[]));
    cut.truncate(cut.len() / 2);
    let mut corrupt = gzip(&profile(&[]));
    let sum = corrupt.len() - 8;
    corrupt[sum] ^= 1;
    let heap = [("alloc_objects", "count"), ("alloc_space", "bytes")];
    vec![
        ("empty", Vec::new()),
        (
            "trace-as-profile",
            b"go 1.19 trace\0\0\0\x01\x00\x64\x00".to_vec(),
        ),
        ("text", b"404 page not found\n".to_vec()),
        ("gzip-cut", cut),
        ("gzip-corrupt", corrupt),
        ("gzip-of-nothing", gzip(&[])),
        ("heap", typed(&heap, &[])),
    ]
}

/// Fields that break the rules of protobuf.
fn fields() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("field-cut", profile(&[vec![SAMPLE << 3 | BYTES, 100, 1]])),
        ("wire-type", profile(&[vec![SAMPLE << 3 | GROUP, 0]])),
        ("field-zero", profile(&[vec![BYTES, 0]])),
        ("varint-too-long", profile(&[vec![0xff; 11]])),
        // The location's id says that a byte follows, and the sample ends.
        ("sample-broken", profile(&[bytes(SAMPLE, &[1 << 3, 0x80])])),
    ]
}

/// Numbers that refer to nothing.
fn references() -> Vec<(&'static str, Vec<u8>)> {
    let one_frame =
        |sample: Vec<u8>, name| profile(&[sample, location(1, &[(1, 7)]), function(1, name)]);
    let label = [
        &count(1)[..],
        &bytes(3, &[number(1, 1), number(2, 99)].concat()),
    ]
    .concat();
    vec![
        ("negative-count", one_frame(sample(&[1], u64::MAX), 1)),
        ("no-count", profile(&[bytes(SAMPLE, &[])])),
        ("unknown-location", one_frame(sample(&[1, 2], 1), 1)),
        (
            "unknown-function",
            profile(&[sample(&[1], 1), location(1, &[(9, 7)])]),
        ),
        ("string-out-of-range", one_frame(sample(&[1], 1), 99)),
        ("label-out-of-range", profile(&[bytes(SAMPLE, &label)])),
        (
            "counts-too-large",
            profile(&[sample(&[], i64::MAX as u64), sample(&[], 1)]),
        ),
    ]
}

/// Few bytes that stand for very many.
fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let lines = vec![(1, 1); 1000];
    let stack = vec![1; 2000];
    let different_lines: Vec<_> = (0..600).map(|line| (1, line)).collect();
    let long_name = bytes(STRING, &[b'a'; 7500]);
    vec![
        ("gzip-bomb", bomb((1 << 20) + 1)),
        (
            "inline-bomb",
            profile(&[sample(&stack, 1), location(1, &lines), function(1, 1)]),
        ),
        (
            "name-bomb",
            profile(&[
                long_name,
                sample(&[1], 1),
                location(1, &different_lines),
                function(1, 3),
            ]),
        ),
    ]
}

// Fields of `Profile` (profile.proto) and wire types.
const SAMPLE_TYPE: u8 = 1;
const SAMPLE: u8 = 2;
const LOCATION: u8 = 4;
const FUNCTION: u8 = 5;
const STRING: u8 = 6;
const BYTES: u8 = 2;
const GROUP: u8 = 3;

/// A profile with the sample type `samples/count`, and then `parts`. String 1 is
/// `samples`, 2 is `count`, and `parts` may add more.
fn profile(parts: &[Vec<u8>]) -> Vec<u8> {
    typed(&[("samples", "count")], parts)
}

fn typed(types: &[(&str, &str)], parts: &[Vec<u8>]) -> Vec<u8> {
    let mut out = bytes(STRING, b"");
    for (at, (name, unit)) in (0..).zip(types) {
        out.extend(bytes(STRING, name.as_bytes()));
        out.extend(bytes(STRING, unit.as_bytes()));
        let value_type = [number(1, 2 * at + 1), number(2, 2 * at + 2)].concat();
        out.extend(bytes(SAMPLE_TYPE, &value_type));
    }
    out.extend(parts.concat());
    out
}

fn sample(locations: &[u64], times: u64) -> Vec<u8> {
    let mut packed = Vec::new();
    for &id in locations {
        put_varint(&mut packed, id);
    }
    bytes(SAMPLE, &[bytes(1, &packed), count(times)].concat())
}

fn count(times: u64) -> Vec<u8> {
    number(2, times)
}

/// A location with these lines: function, number.
fn location(id: u64, lines: &[(u64, u64)]) -> Vec<u8> {
    let mut out = number(1, id);
    for &(function, line) in lines {
        out.extend(bytes(4, &[number(1, function), number(2, line)].concat()));
    }
    bytes(LOCATION, &out)
}

fn function(id: u64, name: u64) -> Vec<u8> {
    bytes(FUNCTION, &[number(1, id), number(2, name)].concat())
}

fn number(field: u8, value: u64) -> Vec<u8> {
    let mut out = vec![field << 3];
    put_varint(&mut out, value);
    out
}

fn bytes(field: u8, value: &[u8]) -> Vec<u8> {
    let mut out = vec![field << 3 | BYTES];
    put_varint(&mut out, value.len() as u64);
    out.extend(value);
    out
}

fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push((value & 0x7f) as u8);
}

/// Deflate, no name, no time, unknown system.
const GZIP_HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// One stored block (RFC 1951, 3.2.4).
fn gzip(content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).expect("a small profile");
    let mut out = GZIP_HEADER.to_vec();
    out.push(1);
    out.extend(length.to_le_bytes());
    out.extend((!length).to_le_bytes());
    out.extend(content);
    out.extend(crc32(content).to_le_bytes());
    out.extend(u32::from(length).to_le_bytes());
    out
}

/// At least `len` zeroes: the first as it is, then "the last byte 258 times more" again
/// and again, in 13 bits each (RFC 1951, 3.2.6).
fn bomb(len: usize) -> Vec<u8> {
    const REPEAT: usize = 258;
    let repeats = len / REPEAT + 1;
    let mut bits = Bits::default();
    bits.put(0b1, 1); // the last block
    bits.put(0b01, 2); // of fixed codes, low bit first
    bits.put(0b0000_1100, 8); // the literal 0, 00110000 read from the left
    for _ in 0..repeats {
        bits.put(0b1010_0011, 8); // length 258, 11000101 read from the left
        bits.put(0, 5); // distance 1
    }
    bits.put(0, 7); // the end
    let unpacked = vec![0; 1 + repeats * REPEAT];
    let mut out = GZIP_HEADER.to_vec();
    out.extend(bits.bytes);
    out.extend(crc32(&unpacked).to_le_bytes());
    out.extend(
        u32::try_from(unpacked.len())
            .expect("a small bomb")
            .to_le_bytes(),
    );
    out
}

/// Bits, filled into bytes from the lowest on.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: usize,
}

impl Bits {
    fn put(&mut self, value: u8, count: usize) {
        for at in 0..count {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            if let Some(last) = self.bytes.last_mut() {
                *last |= (value >> at & 1) << (self.used % 8);
            }
            self.used += 1;
        }
    }
}

/// The check sum of gzip (RFC 1952, 8).
fn crc32(bytes: &[u8]) -> u32 {
    const POLYNOMIAL: u32 = 0xedb8_8320;
    let mut crc = !0;
    for &byte in bytes {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 {
                crc >> 1 ^ POLYNOMIAL
            } else {
                crc >> 1
            };
        }
    }
    !crc
}

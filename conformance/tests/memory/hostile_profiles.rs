//! Profiles of the smallest things that take memory.

use super::LEN;

/// `samples/count` as sample type.
const PROFILE: &[u8] = b"\x32\0\x32\x07samples\x32\x05count\x0a\x04\x08\x01\x10\x02";

/// A profile of `LEN` bytes, to which `add` adds again and again.
fn fill_profile(mut add: impl FnMut(&mut Vec<u8>, u32)) -> Vec<u8> {
    let mut bytes = PROFILE.to_vec();
    let mut i = 0;
    while bytes.len() < LEN {
        i += 1;
        add(&mut bytes, i);
    }
    bytes
}

/// A field of a message, as bytes.
fn field(number: u8, value: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    out.extend(varint(u32::try_from(value.len()).unwrap()));
    out.extend(value);
    out
}

fn varint(value: u32) -> Vec<u8> {
    let mut out = Vec::new();
    super::write::varint(&mut out, value.into());
    out
}

/// One of 120 numbers above 0.
fn digit(n: u32) -> u8 {
    u8::try_from(n % 120 + 1).unwrap()
}

/// Profiles of the smallest things that take memory.
pub(crate) fn profiles() -> Vec<(&'static str, Vec<u8>)> {
    let again = |part: &'static [u8]| fill_profile(move |bytes, _| bytes.extend(part));
    let inside = |number, part: &[u8]| {
        let parts = part.repeat(LEN / part.len());
        [PROFILE, &field(number, &parts)].concat()
    };
    let half = vec![b'a'; LEN / 2];
    let count = [0x10, 1];
    vec![
        ("samples with a count", again(b"\x12\x02\x10\x01")),
        ("samples without a count", again(b"\x12\0")),
        ("strings", again(b"\x32\0")),
        ("strings of one byte", again(b"\x32\x01a")),
        ("functions", again(b"\x2a\0")),
        ("locations", again(b"\x22\0")),
        ("mappings", again(b"\x1a\0")),
        ("sample types", again(b"\x0a\0")),
        ("numbers", again(b"\x48\x01")),
        ("values", inside(2, &count)),
        (
            "labels",
            [
                PROFILE,
                &field(
                    2,
                    &b"\x10\x01"
                        .iter()
                        .chain(&b"\x1a\0".repeat(LEN / 2))
                        .copied()
                        .collect::<Vec<_>>(),
                ),
            ]
            .concat(),
        ),
        ("lines", inside(4, b"\x22\0")),
        (
            "addresses",
            fill_profile(|bytes, i| {
                let id = varint(i);
                bytes.extend(field(4, &[&[0x08][..], &id, &[0x18], &id].concat()));
                bytes.extend(field(2, &[&field(1, &id)[..], &count].concat()));
            }),
        ),
        (
            "lines of one function",
            fill_profile(|bytes, i| {
                if i == 1 {
                    bytes.extend(b"\x2a\x04\x08\x01\x10\x01");
                }
                let id = varint(i);
                let line = field(4, &[&[0x08, 1, 0x10][..], &id].concat());
                bytes.extend(field(4, &[&[0x08][..], &id, &line].concat()));
                bytes.extend(field(2, &[&field(1, &id)[..], &count].concat()));
            }),
        ),
        // Each pair of 120 locations is a stack, and then each three.
        (
            "stacks of few locations",
            fill_profile(|bytes, i| match i {
                1..=120 => {
                    if i == 1 {
                        bytes.extend(b"\x2a\x04\x08\x01\x10\x01");
                    }
                    let line = field(4, &[&[0x08, 1, 0x10][..], &varint(i)].concat());
                    bytes.extend(field(4, &[&[0x08][..], &varint(i), &line].concat()));
                }
                _ => {
                    let ids = [digit(i), digit(i / 120), digit(i / 14_400)];
                    bytes.extend(field(2, &[&field(1, &ids)[..], &count].concat()));
                }
            }),
        ),
        // As many frames as there may be, in stacks of 250 locations of 4 lines each.
        (
            "deep stacks",
            fill_profile(|bytes, i| match i {
                1..=120 => {
                    if i == 1 {
                        bytes.extend(b"\x2a\x04\x08\x01\x10\x01");
                    }
                    let line = |n| field(4, &[&[0x08, 1, 0x10][..], &varint(n)].concat());
                    let lines: Vec<_> = (4 * i..4 * i + 4).flat_map(line).collect();
                    bytes.extend(field(4, &[&[0x08][..], &varint(i), &lines].concat()));
                }
                // Half of it is text, so that there are no more frames than there may be.
                121 => bytes.extend(field(6, &half)),
                _ => {
                    let mut ids = [1; 250];
                    (ids[0], ids[1]) = (digit(i), digit(i / 120));
                    bytes.extend(field(2, &[&field(1, &ids)[..], &count].concat()));
                }
            }),
        ),
        // String 3 is long, and every label has it.
        (
            "long labels",
            fill_profile(|bytes, i| match i {
                1 => bytes.extend(field(6, &half)),
                _ => bytes.extend(b"\x12\x08\x10\x01\x1a\x04\x08\x03\x10\x03"),
            }),
        ),
        (
            "long sample types",
            fill_profile(|bytes, i| match i {
                1 => bytes.splice(22.., field(6, &half)).for_each(drop),
                _ => bytes.extend(b"\x0a\x04\x08\x03\x10\x03"),
            }),
        ),
        // The same behind a stack of as many frames as are allowed.
        ("long labels and inlined frames", {
            let lines = [&[0x08, 1][..], &b"\x22\x04\x08\x01\x10\x07".repeat(1000)].concat();
            let ids = [&field(1, &[1; 1048])[..], &count].concat();
            let stack = [
                b"\x2a\x04\x08\x01\x10\x01",
                &field(4, &lines)[..],
                &field(2, &ids),
            ];
            fill_profile(|bytes, i| match i {
                1 => bytes.extend([&field(6, &half)[..], &stack.concat()].concat()),
                _ => bytes.extend(b"\x12\x08\x10\x01\x1a\x04\x08\x03\x10\x03"),
            })
        }),
        // A location of many lines, and a sample that names it as often.
        ("inlined frames", {
            let lines = [
                &[0x08, 1][..],
                &b"\x22\x04\x08\x01\x10\x07".repeat(LEN / 12),
            ]
            .concat();
            let ids = [&field(1, &[1].repeat(LEN / 2))[..], &count].concat();
            [
                PROFILE,
                b"\x2a\x04\x08\x01\x10\x01",
                &field(4, &lines),
                &field(2, &ids),
            ]
            .concat()
        }),
    ]
}

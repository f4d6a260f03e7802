//! Files of other kinds than those that are read, by their first bytes.

use sigprof_wire::limits::HEADER_LEN;

use crate::{bytes, gzip};

/// The name of a kind of file that people give by mistake, and how it is unpacked.
pub(crate) fn name(bytes: &[u8]) -> Option<&'static str> {
    Some(match bytes {
        [0x7f, b'E', b'L', b'F', ..] => "an ELF binary",
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => "an xz file: unpack it first (xz -d)",
        [0x28, 0xb5, 0x2f, 0xfd, ..] => "a Zstandard file: unpack it first (zstd -d)",
        [b'B', b'Z', b'h', b'1'..=b'9', ..] => "a bzip2 file: unpack it first (bzip2 -d)",
        [b'P', b'K', 3, 4, ..] => "a zip file: unpack it first (unzip)",
        _ => return None,
    })
}

/// The name of what is in a gzip file, if it is none that is read.
pub(crate) fn packed_name(unpacked: &[u8]) -> Option<&'static str> {
    match gzip::is_gzip(unpacked) {
        true => Some("a gzip file in a gzip file: unpack it first (gzip -d)"),
        false => name(unpacked),
    }
}

/// Whether these first bytes are those of a profile, as Go and other writers begin it: a message
/// with the type of its samples, and in front of it perhaps when they were taken.
pub(crate) fn is_profile(bytes: &[u8]) -> bool {
    let rest = match bytes {
        [0x48, time @ ..] => {
            let len = time.iter().take_while(|&&b| b >= 0x80).count() + 1;
            time.get(len..).unwrap_or_default()
        }
        _ => bytes,
    };
    matches!(rest, [0x0a, 1..=0x20, 0x08, ..])
}

/// Whether bytes look like text by the first 16.
pub(crate) fn is_text(bytes: &[u8]) -> bool {
    let first = &bytes[..bytes.len().min(HEADER_LEN)];
    name(first).is_none() && bytes::first_line_of_text(first).is_some()
}

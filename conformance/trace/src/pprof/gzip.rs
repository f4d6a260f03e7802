//! Unpacking, with a bound on what comes out.

use std::io::Read;

use flate2::read::MultiGzDecoder;

use crate::error::{ErrorKind, InputError};

/// A profile may unpack to this many times its packed size; real ones reach about
/// ten.
const MAX_RATIO: usize = 64;

/// And to this many bytes in any case.
const ALWAYS_ALLOWED: usize = 1 << 20;

/// Whether the bytes begin as gzip does.
#[must_use]
pub fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// The unpacked bytes of one or more gzip members.
///
/// # Errors
/// At the offset in the *packed* bytes where unpacking stopped: `Truncated`,
/// `Malformed`, or `TooLarge` for what grows out of proportion.
pub fn unpack(packed: &[u8]) -> Result<Vec<u8>, InputError> {
    let limit = packed.len().saturating_mul(MAX_RATIO).max(ALWAYS_ALLOWED);
    let mut rest = packed;
    let mut unpacked = Vec::new();
    let result = MultiGzDecoder::new(&mut rest)
        .take(limit as u64 + 1)
        .read_to_end(&mut unpacked);
    let offset = (packed.len() - rest.len()) as u64;
    let error = |kind, want: String, got: String| {
        InputError::new(kind, offset, "gzip", want, got).with_context("offset in the packed file")
    };
    match result {
        Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => Err(error(
            ErrorKind::Truncated,
            "a whole gzip stream".into(),
            "the end of the file".into(),
        )),
        Err(e) => Err(error(
            ErrorKind::Malformed,
            "an intact gzip stream".into(),
            format!("a broken one: {e}"),
        )),
        Ok(_) if unpacked.len() > limit => Err(error(
            ErrorKind::TooLarge,
            format!("at most {limit} bytes out of {}", packed.len()),
            "more".into(),
        )),
        Ok(_) => Ok(unpacked),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn pack(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// Guards S11.1.
    #[test]
    fn what_was_packed_comes_out() {
        assert_eq!(unpack(&pack(b"abc")).unwrap(), b"abc");
        let two_members = [pack(b"abc"), pack(b"def")].concat();
        assert_eq!(unpack(&two_members).unwrap(), b"abcdef");
    }

    #[test]
    fn every_cut_is_an_error() {
        let packed = pack(b"a profile");
        for end in 2..packed.len() {
            let error = unpack(&packed[..end]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Truncated, "cut at {end}");
        }
    }

    #[test]
    fn every_flipped_bit_of_the_sum_is_an_error() {
        let packed = pack(b"a profile");
        for at in packed.len() - 8..packed.len() {
            let mut broken = packed.clone();
            broken[at] ^= 1;
            assert_eq!(unpack(&broken).unwrap_err().kind(), ErrorKind::Malformed);
        }
    }

    /// Guards S10.2.
    #[test]
    fn a_bomb_is_too_large() {
        let error = unpack(&pack(&vec![0; 20 << 20])).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge);
    }
}

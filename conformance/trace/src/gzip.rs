//! Unpacking, with a bound on what comes out.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;

use crate::error::{ErrorKind, InputError};

/// A file may unpack to this many times its packed size; real profiles and traces reach about
/// ten.
const MAX_RATIO: usize = 64;

/// And to this many bytes in any case.
const ALWAYS_ALLOWED: usize = 1 << 20;

/// The same of a stream, of which a reader need not hold all.
const STREAM_ALWAYS_ALLOWED: usize = 64 << 20;

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
    match result {
        Err(e) => Err(broken(offset, &e)),
        Ok(_) if unpacked.len() > limit => Err(too_large(offset, limit, packed.len())),
        Ok(_) => Ok(unpacked),
    }
}

fn broken(offset: u64, error: &io::Error) -> InputError {
    let (kind, want, got) = match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            let got = "the end of the packed file".to_owned();
            (ErrorKind::Truncated, "a whole gzip stream", got)
        }
        _ => {
            let got = format!("a broken one: {error}");
            (ErrorKind::Malformed, "an intact gzip stream", got)
        }
    };
    InputError::new(kind, offset, PLACE, want, got).with_context(OFFSET)
}

fn too_large(offset: u64, limit: usize, packed: usize) -> InputError {
    let want = format!("at most {limit} bytes out of {packed}");
    InputError::new(ErrorKind::TooLarge, offset, PLACE, want, "more").with_context(OFFSET)
}

/// The place of what is wrong with the packing.
pub(crate) const PLACE: &str = "gzip";

/// The remark on such an error.
pub(crate) const OFFSET: &str = "offset in the packed file";

/// The unpacked bytes of a stream of gzip members, as they are asked for.
///
/// Its errors are [`InputError`]s in an [`io::Error`], at the offset in the *packed* bytes.
#[derive(Debug)]
pub struct Unpacked<R> {
    from: MultiGzDecoder<Counted<R>>,
    unpacked: usize,
}

impl<R: Read> Unpacked<R> {
    /// The unpacked bytes of this stream.
    pub fn new(packed: R) -> Self {
        Self {
            from: MultiGzDecoder::new(Counted(packed, 0)),
            unpacked: 0,
        }
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let result = self.from.read(out);
        let packed = self.from.get_ref().1;
        let invalid = |error| Err(io::Error::new(io::ErrorKind::InvalidData, error));
        let read = match result {
            Ok(read) => read,
            Err(e) => {
                use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
                let is_ours = matches!(e.kind(), InvalidData | InvalidInput | UnexpectedEof);
                return if is_ours {
                    invalid(broken(packed as u64, &e))
                } else {
                    Err(e)
                };
            }
        };
        self.unpacked += read;
        let limit = packed.saturating_mul(MAX_RATIO).max(STREAM_ALWAYS_ALLOWED);
        if self.unpacked > limit {
            return invalid(too_large(packed as u64, limit, packed));
        }
        Ok(read)
    }
}

/// A stream, and how many bytes came of it.
#[derive(Debug)]
struct Counted<R>(R, usize);

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(out)?;
        self.1 += read;
        Ok(read)
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

    /// The same of a stream, whose chunks are small.
    fn streamed(packed: &[u8]) -> Result<Vec<u8>, InputError> {
        let mut unpacked = Vec::new();
        let drops = io::BufReader::with_capacity(7, packed);
        match Unpacked::new(drops).read_to_end(&mut unpacked) {
            Ok(_) => Ok(unpacked),
            Err(error) => Err(error.downcast().unwrap()),
        }
    }

    /// Guards S11.1.
    #[test]
    fn what_was_packed_comes_out() {
        assert_eq!(unpack(&pack(b"abc")).unwrap(), b"abc");
        let two_members = [pack(b"abc"), pack(b"def")].concat();
        assert_eq!(unpack(&two_members).unwrap(), b"abcdef");
        assert_eq!(streamed(&two_members).unwrap(), b"abcdef");
    }

    #[test]
    fn every_cut_is_an_error() {
        let packed = pack(b"a profile");
        for end in 2..packed.len() {
            for unpack in [unpack, streamed] {
                let error = unpack(&packed[..end]).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Truncated, "cut at {end}");
            }
        }
    }

    #[test]
    fn every_flipped_bit_of_the_sum_is_an_error() {
        let packed = pack(b"a profile");
        for at in packed.len() - 8..packed.len() {
            let mut broken = packed.clone();
            broken[at] ^= 1;
            assert_eq!(unpack(&broken).unwrap_err().kind(), ErrorKind::Malformed);
            assert_eq!(streamed(&broken).unwrap_err().kind(), ErrorKind::Malformed);
        }
    }

    /// Guards S10.2.
    #[test]
    fn a_bomb_is_too_large() {
        let bomb = pack(&vec![0; 80 << 20]);
        let error = unpack(&bomb).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge);
        let error = streamed(&bomb).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge);
    }
}

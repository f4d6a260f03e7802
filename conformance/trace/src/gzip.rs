//! Unpacking, with a bound on what comes out.

use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;

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
    bytes.starts_with(MAGIC)
}

/// The first bytes of a member.
const MAGIC: &[u8] = &[0x1f, 0x8b];

/// Zeros behind a stream that are passed over, as gzip does: a tape's blocks are filled with them.
const PADDING: u64 = 1 << 20;

/// The unpacked bytes of one or more gzip members.
///
/// # Errors
/// At the offset in the *packed* bytes where unpacking stopped: `Truncated`,
/// `Malformed`, or `TooLarge` for what grows out of proportion.
pub fn unpack(packed: &[u8]) -> Result<Vec<u8>, InputError> {
    let mut unpacked = Vec::new();
    let mut from = Unpacked::with(packed, ALWAYS_ALLOWED);
    from.whole = Some(packed.len());
    match from.read_to_end(&mut unpacked) {
        Ok(_) => Ok(unpacked),
        Err(error) => Err(error.downcast().unwrap_or_else(|e| broken(0, &e))),
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

fn not_gzip(offset: u64) -> InputError {
    let got = format!(
        "bytes that are not gzip, behind a whole gzip stream (head -c {offset} cuts them off)"
    );
    let want = "the end of the packed file, or another gzip stream";
    InputError::new(ErrorKind::Malformed, offset, PLACE, want, got).with_context(OFFSET)
}

/// The place of what is wrong with the packing.
pub(crate) const PLACE: &str = "gzip";

/// The remark on such an error.
pub(crate) const OFFSET: &str = "offset in the packed file";

/// The unpacked bytes of a stream of gzip members, as they are asked for.
///
/// Its errors are [`InputError`]s in an [`io::Error`], at the offset in the *packed* bytes.
#[derive(Debug)]
pub struct Unpacked<R: Read> {
    /// The member that is being unpacked; none behind the last.
    member: Option<GzDecoder<Counted<R>>>,
    unpacked: usize,
    always_allowed: usize,
    /// Packed bytes in all, where that is known: else those that came so far count.
    whole: Option<usize>,
}

impl<R: Read> Unpacked<R> {
    /// The unpacked bytes of this stream.
    pub fn new(packed: R) -> Self {
        Self::with(packed, STREAM_ALWAYS_ALLOWED)
    }

    fn with(packed: R, always_allowed: usize) -> Self {
        let none: &[u8] = &[];
        let packed = Counted(none.chain(io::BufReader::new(packed)), 0);
        Self {
            member: Some(GzDecoder::new(packed)),
            unpacked: 0,
            always_allowed,
            whole: None,
        }
    }

    /// Goes on to what stands behind a member; an error if that is neither another nor the end.
    fn go_on(&mut self) -> io::Result<()> {
        let Some(member) = self.member.take() else {
            return Ok(());
        };
        let mut packed = member.into_inner();
        let end = packed.1;
        let mut first = Vec::with_capacity(MAGIC.len());
        packed
            .by_ref()
            .take(MAGIC.len() as u64)
            .read_to_end(&mut first)?;
        if first == MAGIC {
            let (_, rest) = packed.0.into_inner();
            let packed = Counted(MAGIC.chain(rest), end);
            self.member = Some(GzDecoder::new(packed));
            return Ok(());
        }
        let mut is_zero = first.iter().all(|&b| b == 0);
        while is_zero && packed.1 - end <= PADDING {
            let rest = match packed.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                rest => rest?,
            };
            let len = rest.len();
            if len == 0 {
                return Ok(());
            }
            is_zero = rest.iter().all(|&b| b == 0);
            packed.consume(len);
        }
        invalid(not_gzip(end))
    }
}

fn invalid<T>(error: InputError) -> io::Result<T> {
    Err(io::Error::new(io::ErrorKind::InvalidData, error))
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
        loop {
            let Some(member) = &mut self.member else {
                return Ok(0);
            };
            let result = member.read(out);
            let packed = member.get_ref().1;
            match result {
                Ok(0) if !out.is_empty() => self.go_on()?,
                Ok(read) => {
                    self.unpacked += read;
                    let came = usize::try_from(packed).unwrap_or(usize::MAX);
                    let len = self.whole.unwrap_or(came);
                    let limit = len.saturating_mul(MAX_RATIO).max(self.always_allowed);
                    return match self.unpacked > limit {
                        true => invalid(too_large(packed, limit, len)),
                        false => Ok(read),
                    };
                }
                Err(e) if matches!(e.kind(), InvalidData | InvalidInput | UnexpectedEof) => {
                    return invalid(broken(packed, &e));
                }
                Err(e) => return Err(e),
            }
        }
    }
}

/// A stream, with the first bytes of a member that were looked at, and how many bytes were taken.
#[derive(Debug)]
struct Counted<R: Read>(io::Chain<&'static [u8], io::BufReader<R>>, u64);

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(out)?;
        self.1 += read as u64;
        Ok(read)
    }
}

impl<R: Read> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.0.fill_buf()
    }

    fn consume(&mut self, len: usize) {
        self.0.consume(len);
        self.1 += len as u64;
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

    /// Guards S65.4.
    #[test]
    fn zeros_behind_a_stream_are_passed_over_and_other_bytes_are_named() {
        let packed = pack(b"abc");
        let behind = |rest: &[u8]| [&packed[..], rest].concat();
        for zeros in [1, 2, 511, 100_000, 1 << 20] {
            let padded = behind(&vec![0; zeros]);
            assert_eq!(unpack(&padded).unwrap(), b"abc");
            assert_eq!(streamed(&padded).unwrap(), b"abc");
        }
        let end = packed.len();
        for rest in [
            &b"j"[..],
            b"junk",
            b"\0junk",
            b"\0\0\0j",
            b"\x1f",
            &[0; (1 << 20) + 1],
        ] {
            for unpack in [unpack, streamed] {
                let error = unpack(&behind(rest)).unwrap_err();
                assert_eq!(error.offset(), end as u64, "{error}");
                assert_eq!(error.kind(), ErrorKind::Malformed);
                let cut = format!("behind a whole gzip stream (head -c {end} ");
                assert!(error.got().contains(&cut), "{error}");
            }
        }
        // What begins as another member is one.
        let error = unpack(&behind(&[0x1f, 0x8b, 8])).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Truncated);
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

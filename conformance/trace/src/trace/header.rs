//! The first 16 bytes of a trace (R60).
//!
//! ```text
//! "go 1." N " trace" and zeroes up to 16 bytes; N has one to three digits
//! ```

mod front;

use std::io::{self, Read};

use sigprof_wire::FormatVersion;
use sigprof_wire::limits::HEADER_LEN;

use crate::error::{ErrorKind, InputError};
use crate::trace::options::Release;
use crate::{foreign, gzip};
use front::Front;

/// Checks that these bytes begin a trace of a version that is read, of either format.
///
/// # Errors
/// As [`read`].
pub fn check(bytes: &[u8]) -> Result<(), InputError> {
    match version(bytes)? {
        v if FormatVersion::V1.contains(&v) || FormatVersion::V2.contains(&v) => Ok(()),
        v => Err(unsupported(v)),
    }
}

/// Checks the first bytes of a stream in the same way: where they are text, a trace may begin behind
/// it, and as much of `rest` is read as [`Front`] does.
///
/// # Errors
/// As [`check`], and those of the stream.
pub(super) fn check_stream(first: &[u8], rest: impl Read) -> io::Result<Result<(), InputError>> {
    match check(first) {
        Err(error) if error.kind() == ErrorKind::WrongFormat && is_text(first) => {
            Ok(Err(Front::read(first.chain(rest))?.error()))
        }
        result => Ok(result),
    }
}

/// Checks the beginning of what a gzip file unpacks to in the same way.
///
/// # Errors
/// As [`check_stream`]; what is no trace at all is said to be a gzip file.
pub(super) fn check_packed(first: &[u8], rest: impl Read) -> io::Result<Result<(), InputError>> {
    if first.is_empty() {
        let got = "a gzip file with nothing in it";
        let error = InputError::new(ErrorKind::Truncated, 0, "header", WANT, got);
        return Ok(Err(error));
    }
    let got = match check_stream(first, rest)? {
        Err(error) if error.kind() == ErrorKind::WrongFormat && !is_text(first) => {
            match foreign::packed_name(first) {
                Some(name) => name.to_owned(),
                None if foreign::is_profile(first) => "a profile (a gzip file)".to_owned(),
                None => format!("a gzip file of something else, first {}", in_hex(first)),
            }
        }
        result => return Ok(result),
    };
    Ok(Err(wrong_format(got)))
}

/// Whether the first bytes of a stream are text, or a short one and a header, which ends in zeros.
fn is_text(first: &[u8]) -> bool {
    let zeros = first.iter().rev().take_while(|&&b| b == 0).count();
    foreign::is_text(&first[..first.len() - zeros])
}

/// The version of a v1 trace.
///
/// # Errors
/// `Truncated` for less than a header, `WrongFormat` for some other kind of file
/// (said by name where it is a usual mistake), `Unsupported` for a version that is
/// not read (yet).
pub fn read(bytes: &[u8]) -> Result<FormatVersion, InputError> {
    let version = version(bytes)?;
    if FormatVersion::V1.contains(&version) {
        return Ok(version);
    }
    if !FormatVersion::V2.contains(&version) {
        return Err(unsupported(version));
    }
    let want = "a trace of Go 1.5 to 1.21 (v1)";
    let got = format!("one of Go {version}");
    let kind = ErrorKind::Unsupported;
    Err(InputError::new(kind, 0, "header", want, got))
}

/// The error of a version that is not read, in either format.
pub(super) fn unsupported(version: FormatVersion) -> InputError {
    let wrong = FormatVersion::V2.into_iter().rfind(|&v| v < version);
    let got = match wrong {
        _ if version > NEWEST => {
            format!("one of Go {version}, which is newer than this sigprof knows")
        }
        Some(written) => {
            format!("version {version}, which no Go release wrote (Go {version} writes {written})")
        }
        None => format!("version {version}, which no Go release wrote"),
    };
    let versions = FormatVersion::V1.iter().chain(&FormatVersion::V2);
    let versions: Vec<_> = versions.map(ToString::to_string).collect();
    let want = format!("a trace of Go 1.5 to {NEWEST}");
    let error = InputError::new(ErrorKind::Unsupported, 0, "header", want, got);
    error.with_context(format!("headers that are read: {}", versions.join(", ")))
}

/// The newest release whose traces are read; its header is that of the one before.
const NEWEST: FormatVersion = FormatVersion(1000 + Release::ALL[Release::ALL.len() - 1].minor());

/// The version that a header names, be it one that exists or not.
///
/// # Errors
/// As [`read`], but for a version that is not read.
pub fn version(bytes: &[u8]) -> Result<FormatVersion, InputError> {
    let header = bytes.get(..HEADER_LEN);
    header.and_then(parse).ok_or_else(|| not_a_trace(bytes))
}

/// Whether these bytes begin with a header, be it of a version that exists or not.
pub(crate) fn is_header(bytes: &[u8]) -> bool {
    bytes.get(..HEADER_LEN).is_some_and(|b| parse(b).is_some())
}

fn parse(header: &[u8]) -> Option<FormatVersion> {
    let rest = header.strip_prefix(b"go ")?;
    let (&[major, b'.'], rest) = rest.split_at_checked(2)? else {
        return None;
    };
    let digits = rest
        .iter()
        .take(3)
        .take_while(|b| b.is_ascii_digit())
        .count();
    let (minor, rest) = rest.split_at(digits);
    let padding = rest.strip_prefix(b" trace")?;
    let well_formed = matches!(major, b'1'..=b'9')
        && matches!(minor.first(), Some(b'1'..=b'9'))
        && padding.iter().all(|&b| b == 0);
    let minor = minor.iter().fold(0, |n, b| n * 10 + u16::from(b - b'0'));
    well_formed.then(|| FormatVersion(u16::from(major - b'0') * 1000 + minor))
}

const WANT: &str = "a trace, which begins with `go 1.N trace`";

fn wrong_format(got: impl Into<String>) -> InputError {
    InputError::new(ErrorKind::WrongFormat, 0, "header", WANT, got)
}

/// Says what the bytes look like instead.
fn not_a_trace(bytes: &[u8]) -> InputError {
    if bytes.is_empty() {
        let kind = ErrorKind::Truncated;
        return InputError::new(kind, 0, "header", WANT, "an empty file");
    }
    if bytes.len() < HEADER_LEN && is_header_so_far(bytes) {
        return InputError::new(
            ErrorKind::Truncated,
            bytes.len() as u64,
            "header",
            format!("{HEADER_LEN} bytes"),
            format!("the end of the input after {}", bytes.len()),
        );
    }
    match foreign::name(bytes) {
        Some(name) => wrong_format(name),
        None if gzip::is_gzip(bytes) => wrong_format("a gzip file"),
        None if foreign::is_profile(bytes) => wrong_format("a profile"),
        // Bytes that are there can be read.
        None => Front::read(bytes).unwrap_or_default().error(),
    }
}

fn in_hex(bytes: &[u8]) -> String {
    let first = &bytes[..bytes.len().min(HEADER_LEN)];
    format!("the bytes {first:02x?}")
}

/// Whether these few bytes could go on as a header.
fn is_header_so_far(bytes: &[u8]) -> bool {
    ["1.5", "1.10", "1.100"].iter().any(|version| {
        let mut header = format!("go {version} trace").into_bytes();
        header.resize(HEADER_LEN, 0);
        let is_digit = |at: usize| matches!(at, 3 | 5..=7) && header[at].is_ascii_digit();
        let mut both = bytes.iter().zip(&header).enumerate();
        both.all(|(at, (b, h))| b == h || is_digit(at) && b.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: Result<FormatVersion, &str>) {
        let got = read(bytes).map_err(|e| e.to_string());
        assert_eq!(got, expected.map_err(str::to_owned));
    }

    #[test]
    fn packed_files_are_named() {
        let check = |bytes: &[u8], name| {
            let error = read(bytes).unwrap_err().to_string();
            assert!(error.contains(&format!("got {name}")), "{error}");
        };
        check(b"\x1f\x8b\x08\0\0\0\0\0", "a gzip file");
        check(b"\xfd7zXZ\0\0\x04", "an xz file");
        check(b"\x28\xb5\x2f\xfd\x04\0", "a Zstandard file");
        check(b"BZh91AY&SY", "a bzip2 file");
        check(b"PK\x03\x04\x14\0", "a zip file");
    }

    #[test]
    fn versions_of_v1_are_read() {
        check(b"go 1.5 trace\0\0\0\0", Ok(FormatVersion::GO_1_5));
        check(b"go 1.7 trace\0\0\0\0", Ok(FormatVersion::GO_1_7));
        check(b"go 1.19 trace\0\0\0", Ok(FormatVersion::GO_1_19));
        check(b"go 1.21 trace\0\0\0and more", Ok(FormatVersion::GO_1_21));
    }

    /// Guards S1.3, S1.4, S65.3.
    #[test]
    fn other_versions_are_named() {
        check(
            b"go 1.22 trace\0\0\0",
            Err("0x0: header: want a trace of Go 1.5 to 1.21 (v1), got one of Go 1.22"),
        );
        check_unknown("1.20", "version 1.20, which no Go release wrote");
        check_unknown(
            "1.24",
            "version 1.24, which no Go release wrote (Go 1.24 writes 1.23)",
        );
        check_unknown(
            "1.27",
            "version 1.27, which no Go release wrote (Go 1.27 writes 1.26)",
        );
    }

    /// Of the header alone, of a v1 trace and of a v2 trace the same is said.
    #[track_caller]
    fn check_unknown(version: &str, got: &str) {
        let mut header = format!("go {version} trace").into_bytes();
        header.resize(HEADER_LEN, 0);
        let why = format!(
            "0x0: header: want a trace of Go 1.5 to 1.27, got {got} (headers that are read: 1.5, 1.7, 1.8, 1.9, 1.10, 1.11, 1.19, 1.21, 1.22, 1.23, 1.25, 1.26)"
        );
        check(&header, Err(&why));
        assert_eq!(super::check(&header).unwrap_err().to_string(), why);
        let options = crate::trace::Options::default();
        let v2 = crate::trace::v2::Reader::new(&header, options);
        assert_eq!(v2.unwrap_err().to_string(), why);
    }

    /// Guards S65.3.
    #[test]
    fn a_newer_release_is_said_to_be_newer() {
        for version in ["1.28", "1.30", "1.100", "2.5"] {
            let got = format!("one of Go {version}, which is newer than this sigprof knows");
            check_unknown(version, &got);
        }
    }

    /// Guards S1.3.
    #[test]
    fn versions_of_both_formats_are_taken() {
        for version in ["1.5", "1.21", "1.22", "1.23", "1.25", "1.26"] {
            let mut header = format!("go {version} trace").into_bytes();
            header.resize(HEADER_LEN, 0);
            assert_eq!(super::check(&header), Ok(()), "{version}");
        }
    }

    #[test]
    fn other_files_are_named() {
        let want = |got: &str| {
            format!("0x0: header: want a trace, which begins with `go 1.N trace`, got {got}")
        };
        check(b"", Err(&want("an empty file")));
        check(
            b"hello, world\nand more",
            Err(&want("text: \"hello, world\"")),
        );
        check(&[0x1f, 0x8b, 8], Err(&want("a gzip file")));
        check(b"\x7fELF\x02", Err(&want("an ELF binary")));
        check(b"\x00\x01", Err(&want("the bytes [00, 01]")));
        check(
            b"go 1.19 trace\0\0\x01",
            Err(&want(
                "the bytes [67, 6f, 20, 31, 2e, 31, 39, 20, 74, 72, 61, 63, 65, 00, 00, 01]",
            )),
        );
    }

    #[test]
    fn a_version_that_is_no_number_is_none() {
        check(
            b"go !.7 trace\0\0\0\0",
            Err(
                "0x0: header: want a trace, which begins with `go 1.N trace`, got the bytes [67, 6f, 20, 21, 2e, 37, 20, 74, 72, 61, 63, 65, 00, 00, 00, 00]",
            ),
        );
    }

    /// A line that the program printed into the file.
    ///
    /// Guards S42.3.
    #[test]
    fn text_before_a_trace_of_either_format_is_told() {
        for minor in [19, 26] {
            let printed = format!("listening on :8080\ngo 1.{minor} trace\0\0\0\x01");
            let why = "0x0: header: want a trace, which begins with `go 1.N trace`, got 19 bytes of something else, first \"listening on :8080\"; the trace begins at byte 19 (tail -c +20 cuts off what is before it)";
            check(printed.as_bytes(), Err(why));
        }
    }

    /// Guards S65.3.
    #[test]
    fn a_header_cut_short_is_truncated() {
        for version in ["1.5", "1.19", "1.27", "1.128"] {
            let mut header = format!("go {version} trace").into_bytes();
            header.resize(HEADER_LEN, 0);
            for len in 1..HEADER_LEN {
                let why = format!(
                    "0x{len:x}: header: want 16 bytes, got the end of the input after {len}"
                );
                check(&header[..len], Err(&why));
            }
        }
        let error = read(b"go 1.x").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WrongFormat, "{error}");
    }
}

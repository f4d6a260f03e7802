//! The first 16 bytes of a trace (R60).
//!
//! ```text
//! "go 1." N " trace" and zeroes up to 16 bytes; N has one to three digits
//! ```

use sigprof_wire::FormatVersion;
use sigprof_wire::limits::HEADER_LEN;

use crate::bytes;
use crate::error::{ErrorKind, InputError};

/// Checks that these bytes begin a trace of a version that is read, of either format.
///
/// # Errors
/// As [`read`].
pub fn check(bytes: &[u8]) -> Result<(), InputError> {
    match version(bytes)? {
        v if v >= FormatVersion::GO_1_22 => super::v2::header(bytes).map(drop),
        _ => read(bytes).map(drop),
    }
}

/// Checks the beginning of what a gzip file unpacks to in the same way.
///
/// # Errors
/// As [`check`]; what is no trace at all is said to be a gzip file.
pub(super) fn check_packed(bytes: &[u8]) -> Result<(), InputError> {
    match check(bytes) {
        Err(error) if error.kind() == ErrorKind::WrongFormat && !is_text(bytes) => {
            let got = "a gzip file (a profile? then swap the two arguments)";
            Err(InputError::new(
                ErrorKind::WrongFormat,
                0,
                "header",
                WANT,
                got,
            ))
        }
        result => result,
    }
}

/// Whether bytes look like text, which a program may have printed ahead of its trace.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    let first = &bytes[..bytes.len().min(HEADER_LEN)];
    bytes::first_line_of_text(first).is_some()
}

/// The version of a v1 trace.
///
/// # Errors
/// `Truncated` for less than a header, `WrongFormat` for some other kind of file
/// (said by name where it is a usual mistake), `Unsupported` for a version that is
/// not read (yet).
pub fn read(bytes: &[u8]) -> Result<FormatVersion, InputError> {
    let version = version(bytes)?;
    let unsupported = |got: String| {
        Err(InputError::new(
            ErrorKind::Unsupported,
            0,
            "header",
            "a trace of Go 1.5 to 1.21 (v1)",
            got,
        ))
    };
    match version {
        v if FormatVersion::V1.contains(&v) => Ok(v),
        v if v >= FormatVersion::GO_1_22 => unsupported(format!("one of Go {v}")),
        v => unsupported(format!("version {v}, which no Go release wrote")),
    }
}

/// The version that a header names, be it one that exists or not.
///
/// # Errors
/// As [`read`], but for a version that is not read.
pub fn version(bytes: &[u8]) -> Result<FormatVersion, InputError> {
    let header = bytes.get(..HEADER_LEN);
    header.and_then(parse).ok_or_else(|| not_a_trace(bytes))
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

/// Says what the bytes look like instead.
fn not_a_trace(bytes: &[u8]) -> InputError {
    let got = match bytes {
        [] => "an empty file".into(),
        [0x1f, 0x8b, ..] => "a gzip file (a profile? then swap the two arguments)".into(),
        [0x7f, b'E', b'L', b'F', ..] => "an ELF binary".into(),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => "an xz file: unpack it first (xz -d)".into(),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => "a Zstandard file: unpack it first (zstd -d)".into(),
        [b'B', b'Z', b'h', b'1'..=b'9', ..] => "a bzip2 file: unpack it first (bzip2 -d)".into(),
        [b'P', b'K', 3, 4, ..] => "a zip file: unpack it first (unzip)".into(),
        _ => match (begins_later(bytes), bytes::first_line_of_text(bytes)) {
            (Some(at), _) => {
                let line = bytes[..at]
                    .split(|&b| b == b'\n')
                    .next()
                    .unwrap_or_default();
                let line = bytes::text(line);
                let first: String = line.chars().take(64).collect();
                format!(
                    "{at} bytes of something else, first {first:?}; the trace begins at byte {at} (tail -c +{} cuts off what is before it)",
                    at + 1
                )
            }
            (None, Some(line)) => format!("text: {line:?}"),
            (None, None) => format!("the bytes {:02x?}", &bytes[..bytes.len().min(HEADER_LEN)]),
        },
    };
    let is_prefix = !bytes.is_empty() && bytes.len() < HEADER_LEN && is_header_so_far(bytes);
    if is_prefix {
        return InputError::new(
            ErrorKind::Truncated,
            bytes.len() as u64,
            "header",
            format!("{HEADER_LEN} bytes"),
            format!("the end of the input after {}", bytes.len()),
        );
    }
    let kind = if bytes.is_empty() {
        ErrorKind::Truncated
    } else {
        ErrorKind::WrongFormat
    };
    InputError::new(kind, 0, "header", WANT, got)
}

/// Where a header stands after something else, such as what the program printed.
fn begins_later(bytes: &[u8]) -> Option<usize> {
    const LOOKED_AT: usize = 64 << 10;
    let start = &bytes[..bytes.len().min(LOOKED_AT)];
    let mut windows = start.windows(HEADER_LEN);
    windows.position(|w| w.starts_with(b"go 1.") && parse(w).is_some())
}

/// Whether these few bytes could go on as a header.
fn is_header_so_far(bytes: &[u8]) -> bool {
    FormatVersion::V1.iter().any(|version| {
        let mut header = format!("go {version} trace").into_bytes();
        header.resize(HEADER_LEN, 0);
        header.starts_with(bytes)
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

    /// Guards S1.3, S1.4.
    #[test]
    fn other_versions_are_named() {
        check(
            b"go 1.22 trace\0\0\0",
            Err("0x0: header: want a trace of Go 1.5 to 1.21 (v1), got one of Go 1.22"),
        );
        check(
            b"go 1.20 trace\0\0\0",
            Err(
                "0x0: header: want a trace of Go 1.5 to 1.21 (v1), got version 1.20, which no Go release wrote",
            ),
        );
    }

    /// Guards S1.3.
    #[test]
    fn versions_of_both_formats_are_taken_and_later_ones_named() {
        for version in ["1.5", "1.21", "1.22", "1.23", "1.25", "1.26"] {
            let mut header = format!("go {version} trace").into_bytes();
            header.resize(HEADER_LEN, 0);
            assert_eq!(super::check(&header), Ok(()), "{version}");
        }
        let error = super::check(b"go 1.28 trace\0\0\0")
            .unwrap_err()
            .to_string();
        assert!(error.contains("got one of Go 1.28"), "{error}");
        assert!(error.contains("1.27 writes 1.26"), "{error}");
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
        check(
            &[0x1f, 0x8b, 8],
            Err(&want(
                "a gzip file (a profile? then swap the two arguments)",
            )),
        );
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

    #[test]
    fn a_header_cut_short_is_truncated() {
        check(
            b"go 1.1",
            Err("0x6: header: want 16 bytes, got the end of the input after 6"),
        );
    }
}

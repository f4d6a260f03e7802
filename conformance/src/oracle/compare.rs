//! Our readers against Go's.

use std::path::Path;

use sigprof_wire::FormatVersion;

use super::Go;
use super::pprof_raw::{self, Samples};
use crate::error::InputError;
use crate::pprof::{self, Frame};
use crate::trace::v1::{Options, Reader, Strict, render};

/// Every event of the trace as Go `printer` prints it, one after the other.
///
/// # Errors
/// What is wrong with the trace.
pub fn go_lines(trace: &Reader, printer: FormatVersion) -> Result<Vec<u8>, InputError> {
    let mut out = Vec::new();
    for event in trace {
        // Writing to memory does not fail.
        let _ = render::go(trace, &event?, printer, &mut out);
    }
    Ok(out)
}

/// The lines, sorted bytewise: Go gives lines of equal times no order (S4).
#[must_use]
pub fn sorted_lines(text: &[u8]) -> Vec<&[u8]> {
    let mut lines: Vec<_> = lines(text).collect();
    lines.sort_unstable();
    lines
}

/// Whether our reader and `go tool trace -d` print the same events in the same order, but
/// for those of equal times; or refuse the trace, both.
///
/// # Errors
/// The first differences, in words.
pub fn trace(go: &Go, path: &Path, bytes: &[u8]) -> Result<(), String> {
    let go_itself = go.root().join("bin/go");
    let program = bytes.starts_with(b"go 1.5 ").then_some(&*go_itself);
    let theirs = go.trace_d_with(path, program).map_err(|e| e.to_string())?;
    let ours = read(bytes, printer(go), None);
    let ours = ours.map_err(|e| format!("{go} reads it, sigprof does not: {e}"))?;
    same_lines(&go.to_string(), &theirs, &ours)
}

/// The text that `parse` prints in the spelling of a release, with or without its errors.
///
/// # Errors
/// What is wrong with the trace.
pub fn read(
    bytes: &[u8],
    printer: FormatVersion,
    strict: Option<Strict>,
) -> Result<Vec<u8>, InputError> {
    let options = Options {
        strict,
        ..Options::default()
    };
    go_lines(&Reader::with(bytes, options)?, printer)
}

/// Whether two texts have the same events in the same order, but for those of equal times.
///
/// # Errors
/// The first differences, in words.
pub fn same_lines(go: &str, theirs: &[u8], ours: &[u8]) -> Result<(), String> {
    let (sorted_theirs, sorted_ours) = (sorted_lines(theirs), sorted_lines(ours));
    if sorted_theirs != sorted_ours {
        let show = |name: &str, lines: &[&[u8]], others: &[&[u8]]| {
            const SHOWN: usize = 3;
            let only = lines.iter().filter(|l| others.binary_search(l).is_err());
            let only: Vec<_> = only
                .take(SHOWN)
                .map(|l| String::from_utf8_lossy(l))
                .collect();
            format!("only {name} has: {}", only.join(" | "))
        };
        return Err(format!(
            "{go} prints {} events, sigprof {}; {}; {}",
            sorted_theirs.len(),
            sorted_ours.len(),
            show(go, &sorted_theirs, &sorted_ours),
            show("sigprof", &sorted_ours, &sorted_theirs),
        ));
    }
    // The same lines; so with the same times in the same order, only equal times can differ.
    let times = |text| lines(text).map(time_of);
    match times(theirs).zip(times(ours)).position(|(a, b)| a != b) {
        None => Ok(()),
        Some(at) => {
            let line = |text| String::from_utf8_lossy(lines(text).nth(at).unwrap_or_default());
            Err(format!(
                "{go} and sigprof print the same events in another order: line {} is {:?} and {:?}",
                at + 1,
                line(theirs),
                line(ours)
            ))
        }
    }
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    text.split(|&b| b == b'\n')
}

/// The first word, which is the time.
fn time_of(line: &[u8]) -> &[u8] {
    line.split(|&b| b == b' ').next().unwrap_or_default()
}

/// Whether our reader and `go tool pprof -raw` have the same samples.
///
/// # Errors
/// The first difference, in words.
pub fn profile(go: &Go, path: &Path, bytes: &[u8]) -> Result<(), String> {
    let raw = go.pprof_raw(path).map_err(|e| e.to_string())?;
    let theirs = pprof_raw::parse(&String::from_utf8_lossy(&raw))?;
    let profile =
        pprof::read(bytes).map_err(|e| format!("{go} reads it, sigprof does not: {e}"))?;
    let ours = pprof_raw::samples_of(&profile);
    match difference(&theirs, &ours) {
        None => Ok(()),
        Some((stack, theirs, ours)) => {
            let leaf = stack.first().map_or("an empty stack", |f| &f.function);
            Err(format!(
                "{go} has {theirs} samples of a stack at {leaf}, sigprof {ours}"
            ))
        }
    }
}

fn difference<'a>(theirs: &'a Samples, ours: &'a Samples) -> Option<(&'a [Frame], u64, u64)> {
    theirs.keys().chain(ours.keys()).find_map(|key| {
        let count = |samples: &Samples| samples.get(key).copied().unwrap_or(0);
        let (theirs, ours) = (count(theirs), count(ours));
        (theirs != ours).then_some((key.0.as_slice(), theirs, ours))
    })
}

/// The spelling of names that this release uses.
fn printer(go: &Go) -> FormatVersion {
    go.row().map_or(FormatVersion::GO_1_21, |row| row.printer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(theirs: &[u8], ours: &[u8], expected: Result<(), &str>) {
        let got = same_lines("Go", theirs, ours);
        assert_eq!(got, expected.map_err(str::to_owned));
    }

    #[test]
    fn equal_times_may_change_places() {
        check(b"1 a\n2 b\n2 c\n", b"1 a\n2 c\n2 b\n", Ok(()));
    }

    #[test]
    fn other_times_may_not() {
        check(
            b"1 a\n2 b\n3 c\n",
            b"1 a\n3 c\n2 b\n",
            Err(
                "Go and sigprof print the same events in another order: line 2 is \"2 b\" and \"3 c\"",
            ),
        );
    }

    #[test]
    fn other_events_are_shown() {
        check(
            b"1 a\n2 b\n",
            b"1 a\n",
            Err("Go prints 2 events, sigprof 1; only Go has: 2 b; only sigprof has: "),
        );
    }
}

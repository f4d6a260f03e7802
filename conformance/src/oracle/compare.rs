//! Our readers against Go's.

use std::path::Path;

use sigprof_model::events::FormatVersion;

use super::Go;
use super::pprof_raw::{self, Samples};
use crate::pprof::{self, Frame};
use crate::trace::{self, Trace, render};

/// Every event of the trace as Go `printer` prints it, one after the other.
#[must_use]
pub fn go_lines(trace: &Trace, printer: FormatVersion) -> Vec<u8> {
    let mut out = Vec::new();
    for event in &trace.events {
        // Writing to memory does not fail.
        let _ = render::go(trace, event, printer, &mut out);
    }
    out
}

/// The lines, sorted bytewise: Go gives lines of equal times no order (S4).
#[must_use]
pub fn sorted_lines(text: &[u8]) -> Vec<&[u8]> {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    let mut lines: Vec<_> = text.split(|&b| b == b'\n').collect();
    lines.sort_unstable();
    lines
}

/// Whether our reader and `go tool trace -d` print the same events, and both in
/// order of time.
///
/// # Errors
/// The first differences, in words.
pub fn trace(go: &Go, path: &Path, bytes: &[u8]) -> Result<(), String> {
    let theirs = go.trace_d(path).map_err(|e| e.to_string())?;
    let trace = trace::read(bytes).map_err(|e| format!("{go} reads it, sigprof does not: {e}"))?;
    let printer = printer(go);
    let ours = go_lines(&trace, printer);
    let (theirs, ours) = (sorted_lines(&theirs), sorted_lines(&ours));
    if theirs == ours {
        return Ok(());
    }
    let show = |name: &str, lines: &[&[u8]], others: &[&[u8]]| {
        const SHOWN: usize = 3;
        let only = lines.iter().filter(|l| others.binary_search(l).is_err());
        let only: Vec<_> = only
            .take(SHOWN)
            .map(|l| String::from_utf8_lossy(l))
            .collect();
        format!("only {name} has: {}", only.join(" | "))
    };
    Err(format!(
        "{go} prints {} events, sigprof {}; {}; {}",
        theirs.len(),
        ours.len(),
        show(&go.to_string(), &theirs, &ours),
        show("sigprof", &ours, &theirs),
    ))
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
    match go.version.as_str() {
        "1.19" => FormatVersion::GO_1_19,
        _ => FormatVersion::GO_1_21,
    }
}

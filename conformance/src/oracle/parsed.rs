//! Events of v2 traces as a release of Go prints them: ours and Go's own.

use std::path::Path;

use super::{Go, OracleError};
use crate::error::InputError;
use crate::trace::v2::print::Printer;
use crate::trace::v2::{Options, Reader, Release};

/// Events as printed, and how reading ended.
pub type Printed<E> = (Vec<u8>, Result<(), E>);

/// All events as the reader's release prints them where it is UTC.
pub fn events(mut reader: Reader) -> Printed<InputError> {
    let mut out = Vec::new();
    let mut printer = Printer::new(&mut out, |_| 0);
    let result = loop {
        match reader.advance() {
            // Writing to memory does not fail.
            Ok(true) => {
                let _ = printer.print(&reader);
            }
            Ok(false) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    let _ = printer.flush();
    drop(printer);
    (out, result)
}

/// The same of bytes, in the way of a release.
pub fn of_bytes(bytes: &[u8], release: Release) -> Printed<InputError> {
    let options = Options {
        release,
        ..Options::default()
    };
    match Reader::new(bytes, options) {
        Ok(reader) => events(reader),
        Err(error) => (Vec::new(), Err(error)),
    }
}

/// The first line in which two texts differ, and what follows there: ours and Go's. None if
/// they are the same.
#[must_use]
pub fn difference(ours: &[u8], theirs: &[u8]) -> Option<[String; 2]> {
    if ours == theirs {
        return None;
    }
    let same = ours.iter().zip(theirs).take_while(|(a, b)| a == b).count();
    let before = &ours[..same];
    let line = before
        .iter()
        .rposition(|&b| b == b'\n')
        .map_or(0, |at| at + 1);
    Some([ours, theirs].map(|text| {
        let rest = &text[line.min(text.len())..];
        String::from_utf8_lossy(&rest[..rest.len().min(300)]).into_owned()
    }))
}

/// Whether a release prints of a v2 trace, byte for byte, what we print in its way.
///
/// # Errors
/// What differs, in words.
pub fn compare(go: &Go, release: Release, path: &Path, bytes: &[u8]) -> Result<(), String> {
    let (theirs, end) = go.trace_parsed(path).map_err(|e| e.to_string())?;
    let (ours, read) = of_bytes(bytes, release);
    match (read, end) {
        (Err(error), Ok(())) => return Err(format!("{go} reads it, sigprof does not: {error}")),
        (Ok(()), Err(said)) => return Err(format!("sigprof reads it, {go} does not: {said}")),
        _ => {}
    }
    match difference(&ours, &theirs) {
        None => Ok(()),
        Some([ours, theirs]) => {
            let first = |text: &str| text.lines().next().unwrap_or("nothing more").to_owned();
            Err(format!(
                "sigprof prints {:?}, {go} {:?}",
                first(&ours),
                first(&theirs)
            ))
        }
    }
}

/// Whether a release refuses a v2 trace, or accepts it.
///
/// # Errors
/// The other of both, in words; or why it cannot be asked.
pub fn is_refused(go: &Go, path: &Path) -> Result<bool, OracleError> {
    Ok(go.trace_parsed(path)?.1.is_err())
}

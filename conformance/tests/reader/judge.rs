//! Real Go 1.19 on the same bytes.

use std::io::Write;

use sigprof::oracle::{Go, Mode, compare};

/// The toolchain, or a line that says why it is not asked.
fn go() -> Option<Go> {
    match Go::find("1.19") {
        Ok(go) => Some(go),
        Err(absent) if Mode::from_env() == Mode::Required => panic!("{absent}"),
        Err(absent) => {
            // Past the test harness, which would swallow what a passing test prints.
            let _ = writeln!(std::io::stderr(), "skipped: {absent}");
            None
        }
    }
}

/// Go sees the same events in the same order.
#[track_caller]
pub(crate) fn agrees(bytes: &[u8]) {
    let Some(go) = go() else { return };
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    compare::trace(&go, file.path(), bytes).unwrap();
}

/// Go does not read it either.
#[track_caller]
pub(crate) fn refuses(bytes: &[u8]) {
    let Some(go) = go() else { return };
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let printed = go.trace_d(file.path());
    assert!(printed.is_err(), "{go} reads it");
}

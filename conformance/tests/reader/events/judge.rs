//! Real Go 1.19 on the same bytes.

use std::io::Write;

use sigprof::oracle::{Go, compare};

/// Go sees the same events in the same order.
#[track_caller]
pub(crate) fn agrees(bytes: &[u8]) {
    let Some(go) = Go::find_or_skip("1.19") else {
        return;
    };
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    compare::trace(&go, file.path(), bytes).unwrap();
}

/// Go does not read it either.
#[track_caller]
pub(crate) fn refuses(bytes: &[u8]) {
    let Some(go) = Go::find_or_skip("1.19") else {
        return;
    };
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let printed = go.trace_d(file.path());
    assert!(printed.is_err(), "{go} reads it");
}

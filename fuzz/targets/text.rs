//! Texts that strangers may write: any are read or refused, and what is read is written and
//! read again as the same.

use sigprof::corpus::compare;
use sigprof::corpus::samples::{ProfileSide, TraceSide};
use sigprof::explore::seeds::Case;
use sigprof_sim::{plan, stage, workload};

/// The workload of a simulated run, as TOML: what is read is the same after it was written.
pub(crate) fn workload_toml(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    if let Ok(read) = workload::parse(text) {
        let again = workload::parse(&read.to_toml()).expect("what was read");
        assert_eq!(again, read);
    }
}

/// Plans of the engine, and of a stage.
pub(crate) fn stage_toml(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    if let Ok(read) = plan::parse(text) {
        let again = plan::parse(&plan::to_toml(&read)).expect("what was read");
        assert_eq!(again, read);
    }
    if let Ok(read) = stage::parse(text) {
        assert!(!read.m.is_empty());
    }
}

/// Kept runs of the model; they are read, not run.
pub(crate) fn case_toml(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    if let Err(error) = Case::parse(text) {
        assert!(error.offset() <= bytes.len() as u64, "{error}");
    }
}

/// The output of somebody's parser for a trace or a profile: it equals itself.
pub(crate) fn answer_json(bytes: &[u8]) {
    if let Ok(side) = serde_json::from_slice::<TraceSide>(bytes)
        && let Ok(side) = side.canonical()
    {
        assert_eq!(compare::trace(&side, &side), Ok(()));
        assert_eq!(side.clone().canonical(), Ok(side));
    }
    if let Ok(side) = serde_json::from_slice::<ProfileSide>(bytes)
        && let Ok(side) = side.canonical()
    {
        assert_eq!(compare::profile(&side, &side), Ok(()));
        assert_eq!(side.clone().canonical(), Ok(side));
    }
}

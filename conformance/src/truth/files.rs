//! The files of a run, held to its truth one by one.

use super::{TraceSamples, Truth, Violation, judge, judge_snapshot};
use crate::error::InputError;
use crate::pprof;

/// Holds the trace of this number to the truth.
///
/// # Errors
/// What is wrong with its bytes; one that the program left without a stop may end anywhere.
pub fn judge_trace_file(
    truth: &Truth,
    number: usize,
    bytes: &[u8],
) -> Result<Vec<Violation>, InputError> {
    let is_cut = truth.traces.get(number).is_some_and(|trace| trace.is_cut);
    let trace = if is_cut {
        TraceSamples::read_cut(bytes)
    } else {
        TraceSamples::read(bytes)
    };
    Ok(judge(truth, Some((number, &trace?)), None))
}

/// Holds the flight recorder's snapshot of this number to the truth.
///
/// # Errors
/// What is wrong with its bytes.
pub fn judge_snapshot_file(
    truth: &Truth,
    number: usize,
    bytes: &[u8],
) -> Result<Vec<Violation>, InputError> {
    Ok(judge_snapshot(truth, number, &TraceSamples::read(bytes)?))
}

/// Holds the profile of this number to the truth.
///
/// # Errors
/// What is wrong with its bytes.
pub fn judge_profile_file(
    truth: &Truth,
    number: usize,
    bytes: &[u8],
) -> Result<Vec<Violation>, InputError> {
    Ok(judge(truth, None, Some((number, &pprof::read(bytes)?))))
}

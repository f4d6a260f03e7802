//! For programs: SPEC.md, S16.6.

use serde::Serialize;

use crate::again;
use crate::failure::Failure;
use crate::oracle::Mode;
use crate::suite::outcome::{AreaOutcome, Counts, Judge, Outcome, Status};

/// The version of the JSON form.
pub const SCHEMA_VERSION: u32 = 2;

#[derive(Serialize)]
struct Json<'a> {
    schema_version: u32,
    sigprof_version: &'static str,
    exit_code: u8,
    seed: String,
    full: bool,
    oracles: Mode,
    judges: &'a [Judge],
    shard: Option<String>,
    /// Cases of all shards.
    selected: usize,
    interrupted: bool,
    #[serde(flatten)]
    counts: Counts,
    millis: u64,
    areas: Vec<AreaOutcome>,
    cases: Vec<JsonCase<'a>>,
}

#[derive(Serialize)]
struct JsonCase<'a> {
    area: &'a str,
    name: &'a str,
    status: &'a str,
    millis: u64,
    /// Why it was skipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
    #[serde(skip_serializing_if = "<[Failure]>::is_empty")]
    failures: &'a [Failure],
    again: &'a str,
}

pub(super) fn json(outcome: &Outcome) -> serde_json::Result<String> {
    let head = &outcome.head;
    let cases = outcome.cases.iter().map(|case| {
        let (why, failures): (_, &[Failure]) = match &case.status {
            Status::Passed => (None, &[]),
            Status::Skipped(why) => (Some(why.as_str()), &[]),
            Status::Failed(failures) => (None, failures),
        };
        JsonCase {
            area: case.area,
            name: &case.name,
            status: case.status.word(),
            millis: case.millis,
            why,
            failures,
            again: &case.again,
        }
    });
    let json = serde_json::to_string_pretty(&Json {
        schema_version: SCHEMA_VERSION,
        sigprof_version: crate::VERSION,
        exit_code: outcome.exit_code(),
        seed: again::seed(head.seed),
        full: head.is_full,
        oracles: head.oracles,
        judges: &head.judges,
        shard: head.shard.map(|shard| shard.to_string()),
        selected: head.of,
        interrupted: outcome.is_interrupted,
        counts: outcome.counts(),
        millis: outcome.millis,
        areas: outcome.areas(),
        cases: cases.collect(),
    })?;
    Ok(json + "\n")
}

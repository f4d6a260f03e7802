//! Campaigns: more runs than one machine does in a night, shared out without a scheduler of ours.
//!
//! ```text
//!  plan ──> plan.json ──┬─> run --shard 1/N ──> shard-1-of-N.ndjson ──┐
//!                       ├─> run --shard 2/N ──> shard-2-of-N.ndjson ──┼─> merge ──> report
//!                       └─> ..                                        ┘
//! ```
//!
//! A plan is cut into *pieces*, and the cut is part of the plan. Shards take turns in the pieces, and
//! nobody talks to anybody: so what comes of a piece depends on the plan and the program alone, and
//! the report not on how many shards there were. All runs of a piece are done, whatever they
//! find: no shard could tell another to stop.
//!
//! | child | what |
//! |---|---|
//! | [`plan`] | what is to be run, as a file |
//! | [`share`] | which shard it is, from the environment of those who start many |
//! | [`work`] | a piece, done |
//! | [`journal`] | what came of pieces, as a file that outlives its writer |
//! | [`shard`] | a shard's pieces, done on all cores into its journal |
//! | [`merge`] | all journals, together: whole, or what is missing |
//! | [`report`] | what the campaign came to |

pub mod journal;
pub mod merge;
pub mod plan;
pub mod report;
pub mod shard;
pub mod share;
#[cfg(test)]
mod tests;
pub mod work;

/// The version of plans, journals and reports.
pub const SCHEMA_VERSION: u32 = 1;

/// The digest of the program that runs: a campaign is one program's, as another may run
/// otherwise.
///
/// # Errors
/// Its file cannot be read.
pub fn program() -> std::io::Result<String> {
    // The file may have been replaced since: what runs is still there, where there is /proc.
    let running = std::path::Path::new("/proc/self/exe");
    let bytes = std::fs::read(running).or_else(|_| std::fs::read(std::env::current_exe()?))?;
    Ok(crate::fixtures::sha256(&bytes))
}

//! Do a trace and a profile of the same run agree?
//!
//! Both are fed by the same signal handler, one after the other (R23), so that
//! stack by stack the counts must be equal, unless something is known to have come
//! between. The check says for each stack, and for the pair, which of these it is:
//!
//! | [`Verdict`] | what the bytes show |
//! |---|---|
//! | `match` | equal counts |
//! | `consistent` | the counts differ as the windows do; nothing is missing that can be seen |
//! | `lost` | the trace has fewer, and the bytes show why |
//! | `surplus` | the trace has more, and the bytes show why |
//! | `cannot-tell` | the counts differ, and the files do not say whether anything is missing |
//! | `no-overlap` | nothing in common: another time, or another run |
//! | `synthetic` | a stand-in for a stack that could not be walked; set apart |
//! | `wrong` | the counts differ and nothing explains it |
//!
//! ```text
//! events of a trace --source--> side: one pass --.        .--> stacks, their counts
//!                                                 >------<                           >-- verdict -- Report
//! profile ---------------------------------------'        '--> losses, with reasons
//! ```
//!
//! | module | what |
//! |---|---|
//! | [`narrow`] | labels, goroutines, regions: a part of either side |
//! | `source` | events of either format, as the check sees them |
//! | [`side`] | the trace's side, folded in one pass |
//! | [`stacks`] | the two sides' stacks, made comparable and counted |
//! | `regions` | samples in regions, as events go by |
//! | [`ring`] | was the tracer's ring full when it was drained? |
//! | [`rate`] | how fast samples came, and how fast they were to come |
//! | [`alone`] | a trace without a profile |
//! | [`snapshot`] | what a flight recorder kept, and why it is no more |
//! | [`window`] | how long either side ran, and what fits into the difference |
//! | `doubt` | is what is missing where the windows differ, or lost? |
//! | [`loss`] | the samples that a side can have lost, and why |
//! | [`verdict`] | counts and losses to verdicts |
//! | [`reason`] | the reasons, and all that is said of each |
//! | [`report`] | the outcome as data, which is also its JSON form |
//! | [`words`] | the outcome in words and as a table |

pub mod alone;
mod doubt;
pub mod loss;
pub mod narrow;
pub mod rate;
pub mod reason;
mod regions;
pub mod report;
pub mod ring;
pub mod side;
pub mod snapshot;
mod source;
pub mod stacks;
mod told;
pub mod verdict;
pub mod window;
pub mod words;

pub use alone::Alone;
pub use loss::Loss;
pub use narrow::{Narrow, NothingSelected};
pub use reason::Reason;
pub use report::Report;
pub use side::TraceSide;
pub use snapshot::{RecorderSettings, Snapshot};
pub(crate) use source::{Seen, seen};
pub use verdict::Verdict;

use crate::error::InputError;
use crate::pprof::Profile;
use crate::trace::{Reader, v1};

/// Why a pair was not compared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// The trace cannot be read.
    #[error(transparent)]
    Trace(#[from] InputError),
    /// There is nothing to compare.
    #[error(transparent)]
    Nothing(#[from] NothingSelected),
}

/// Compares the samples of a trace, which is read to its end, with those of a profile. Nothing is
/// kept of the trace's events; [`TraceSide`] does the same in two steps.
///
/// # Errors
/// What is wrong with the trace; or that there is nothing to compare: neither side has a sample,
/// or `narrow` names a label, goroutine or region that does not occur.
pub fn check(trace: &mut Reader, profile: &Profile, narrow: &Narrow) -> Result<Report, CheckError> {
    let side = TraceSide::read(trace, narrow)?;
    Ok(side.check_with(profile)?)
}

/// Compares a v1 trace whose events have been collected.
///
/// # Errors
/// That there is nothing to compare.
pub fn check_collected(
    trace: &v1::Trace,
    profile: &Profile,
    narrow: &Narrow,
) -> Result<Report, NothingSelected> {
    TraceSide::of(trace, narrow).check_with(profile)
}

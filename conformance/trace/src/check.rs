//! Do a trace and a profile of the same run agree?
//!
//! Both are fed by the same signal handler, one after the other (R23), so that
//! stack by stack the counts must be equal, unless something is known to have come
//! between. The check says for each stack, and for the pair, which of these it is:
//!
//! | [`Verdict`] | what the bytes show |
//! |---|---|
//! | `match` | equal counts |
//! | `lost` | the trace has fewer, and a reason for it |
//! | `surplus` | the trace has more, and a reason for it |
//! | `no-overlap` | nothing in common: another time, or another run |
//! | `synthetic` | a stand-in for a stack that could not be walked; set apart |
//! | `wrong` | the counts differ and nothing explains it |
//!
//! | module | what |
//! |---|---|
//! | [`narrow`] | labels, goroutines, regions: a part of either side |
//! | [`stacks`] | the two sides' stacks, made comparable and counted |
//! | [`ring`] | was the tracer's ring full when it was drained? |
//! | [`window`] | how long either side ran, and what fits into the difference |
//! | [`verdict`] | counts and causes to verdicts |
//! | [`report`] | the outcome as data, which is also its JSON form |
//! | [`words`] | the outcome in words and as a table |

pub mod narrow;
pub mod report;
pub mod ring;
pub mod stacks;
pub mod verdict;
pub mod window;
pub mod words;

pub use narrow::{Narrow, NothingSelected};
pub use report::Report;
pub use verdict::{Reason, Verdict};

use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType;

use crate::pprof::Profile;
use crate::trace::v1::{Event, Trace};
use narrow::Judged;
use ring::Ring;
use stacks::Tally;
use verdict::{Causes, Sides};
use window::Windows;

/// Whether [`check`] looks at an event; a [`Trace`] need not hold the others.
#[must_use]
pub fn is_needed(event: &Event, narrow: &Narrow) -> bool {
    use EventType as E;
    let has_part = matches!(
        event.event_type,
        E::CPUSample | E::Gomaxprocs | E::ProcStart
    );
    let ends = matches!(event.event_type, E::GoEnd | E::UserRegion) && narrow.region.is_some();
    // That it occurs is enough.
    let is_selected = narrow.goroutine.is_some()
        && event.goroutine == narrow.goroutine
        && matches!(event.event_type, E::GoStart | E::GoWaiting | E::GoInSyscall);
    has_part || ends || is_selected
}

/// Compares the trace's samples with the profile's.
///
/// # Errors
/// [`NothingSelected`] if there is nothing to compare: neither side has a sample,
/// or `narrow` names a label, goroutine or region that does not occur.
pub fn check(trace: &Trace, profile: &Profile, narrow: &Narrow) -> Result<Report, NothingSelected> {
    let whole = Tally::new(trace, profile, |_| true, |_| true);
    if whole.is_empty() {
        return Err(NothingSelected::no_samples());
    }
    let selection = narrow.select(trace, profile)?;
    let judged = narrow.judged();
    let narrowed = (judged != Judged::BothWays).then(|| {
        Tally::new(
            trace,
            profile,
            |event| selection.has_event(event),
            |sample| narrow.has_labels(sample),
        )
    });
    let anywhere = (judged == Judged::TraceAtLeast && selection.is_narrow())
        .then(|| Tally::new(trace, profile, |_| true, |sample| narrow.has_labels(sample)));
    let sides = Sides {
        whole: &whole,
        tally: narrowed.as_ref().unwrap_or(&whole),
        anywhere: anywhere.as_ref(),
        judged,
        old_format: trace.version < FormatVersion::GO_1_19,
    };
    let ring = Ring::of(trace, whole.longest_stack());
    let windows = Windows::of(trace, profile);
    let causes = Causes::new(&sides, &ring, &windows);
    Ok(Report::new(narrow, &sides, &causes, ring, windows))
}

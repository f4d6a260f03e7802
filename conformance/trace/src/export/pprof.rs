//! The CPU samples of a trace as a profile.
//!
//! The profile has the shape of Go's own: it counts samples (`samples/count`) and estimates the
//! time (`cpu/nanoseconds`), stacks end where Go's end, and there is one mapping, whose functions,
//! files and lines need not be looked up. A trace does not say at which rate its samples were
//! taken, so that is the caller's to know (Go's default is 100 a second); nor where the program
//! lay in memory and what it was called, so that the mapping has no addresses and no name.
//!
//! | module | what |
//! |---|---|
//! | `merge` | equal samples, counted; a part of them at a time |
//! | `pack` | samples as messages |
//! | `parts` | the messages of a profile, one after another, packed |
//! | `diff` | the difference of a trace and a profile |

mod diff;
mod merge;
mod pack;
mod parts;

use std::io::Write;

use crate::export::samples::{self, ExportError, Labels, Select};
use crate::pprof::proto::Profile;
use crate::trace::{Reader, Stacks};
pub use diff::write as write_diff;
use merge::Merged;
use pack::Packer;

/// Nanoseconds between two samples at Go's default rate.
pub const DEFAULT_PERIOD_NS: i64 = 10_000_000;

/// How samples become a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Nanoseconds between two samples.
    pub period_ns: i64,
    /// The labels of samples.
    pub labels: Vec<Label>,
    /// The samples that are wanted.
    pub select: Select,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            period_ns: DEFAULT_PERIOD_NS,
            labels: Label::ALL.to_vec(),
            select: Select::default(),
        }
    }
}

/// A label of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Label {
    /// The goroutine's id, a number.
    Goroutine,
    /// The function that the goroutine began with.
    Function,
    /// The thread's id, a number.
    Thread,
    /// The P's id, a number.
    Proc,
    /// The innermost region's name.
    Region,
    /// The task's name, and its id, a number.
    Task,
    /// The generation's number.
    Generation,
}

impl Label {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Goroutine,
        Self::Function,
        Self::Thread,
        Self::Proc,
        Self::Region,
        Self::Task,
        Self::Generation,
    ];

    /// The label's key in a profile.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Goroutine => "goroutine",
            Self::Function => "goroutine_function",
            Self::Thread => "thread",
            Self::Proc => "proc",
            Self::Region => "region",
            Self::Task => "task",
            Self::Generation => "generation",
        }
    }
}

/// The labels of a sample that are wanted; of the others it has none.
fn wanted(mut labels: Labels, wanted: &[Label]) -> Labels {
    for label in Label::ALL {
        if wanted.contains(&label) {
            continue;
        }
        match label {
            Label::Goroutine => labels.goroutine = None,
            Label::Function => labels.function = None,
            Label::Thread => labels.thread = None,
            Label::Proc => labels.proc = None,
            Label::Region => labels.region = None,
            Label::Task => (labels.task, labels.task_name) = (None, None),
            Label::Generation => labels.generation = None,
        }
    }
    labels
}

/// Writes the samples as a gzipped profile. Equal ones, by stack and labels, are one.
///
/// # Errors
/// What is wrong with the trace, or with the output, or that nothing is selected; what was
/// written then has no end. With [`keep_going`](crate::trace::Options::keep_going) the samples
/// before an error of the trace have been written.
pub fn write(
    reader: &mut Reader,
    options: &Options,
    out: &mut dyn Write,
) -> Result<(), ExportError> {
    let mut stacks = Stacks::default();
    let packer = Packer::new(options.period_ns, out);
    let mut merged = Merged::new(packer, &options.labels, options.select.region.is_none());
    let walked = samples::walk(reader, &options.select, &mut stacks, &mut merged)?;
    merged.flush(&stacks)?;
    let header = Profile {
        time_nanos: walked.wall.unwrap_or(0),
        duration_nanos: (walked.end - walked.start).0,
        ..Profile::default()
    };
    let own = (0..).take(stacks.text_count());
    merged
        .packer
        .end(header, own.map(|text| stacks.text(text)))?;
    match walked.damage {
        Some(error) => Err(error.into()),
        None => Ok(()),
    }
}

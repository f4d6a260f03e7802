//! How a trace is read, and what is odd about one that can be read.

use std::fmt;

use crate::error::InputError;

/// How a trace is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Where Go's reader is known to err, err as this release does; otherwise as is
    /// sensible, with a [`Warning`].
    pub strict: Option<Strict>,
    /// Read a file that ends too early or is damaged as far as it goes. The error comes
    /// last, behind the events that could be read.
    pub keep_going: bool,
}

/// A release of Go whose reader is followed even where it errs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strict {
    /// Go 1.19 to 1.22: a CPU sample that comes before the creation of its goroutine
    /// makes the whole trace wrong (S3).
    Go1_19,
}

/// Something odd about a trace that is read all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// A CPU sample named a goroutine before it was created, which Go 1.19 to 1.22 take
    /// for a broken trace (S3).
    SampledBeforeCreated {
        /// Bytes from the start of the trace to the goroutine's creation.
        offset: u64,
        /// The goroutine.
        goroutine: u64,
    },
    /// A trace of Go 1.5 or 1.6 has PCs only: functions, files and lines are in the
    /// program's binary.
    NoSymbols,
    /// The file has no `Frequency`, which stands at its end: times are ticks.
    NoFrequency,
    /// The file is damaged: what follows this error was not read.
    Damaged(Box<InputError>),
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SampledBeforeCreated { offset, goroutine } => write!(
                f,
                "{offset:#x}: GoCreate: a CPU sample named goroutine {goroutine} before this; Go 1.19 to 1.22 refuse such a trace"
            ),
            Self::NoSymbols => f.write_str(
                "stacks have PCs only: the functions of a trace of Go 1.5 or 1.6 are in the program's binary",
            ),
            Self::NoFrequency => f.write_str(
                "times are ticks, not nanoseconds: the end of the file is missing, which says how long a tick is",
            ),
            Self::Damaged(error) => write!(f, "what follows was not read: {error}"),
        }
    }
}

/// The first warnings, and how many there were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Warnings {
    first: Vec<Warning>,
    count: u64,
}

impl Warnings {
    /// So many are kept; the rest is counted.
    const KEPT: usize = 20;

    pub(crate) fn add(&mut self, warning: Warning) {
        self.count += 1;
        if self.first.len() < Self::KEPT {
            self.first.push(warning);
        }
    }

    /// The first of them, in the order in which they came up.
    #[must_use]
    pub fn first(&self) -> &[Warning] {
        &self.first
    }

    /// How many there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }
}

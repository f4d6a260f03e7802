//! How a trace is read, and what is odd about one that can be read.

use std::fmt;

use crate::error::InputError;
use crate::shown::counted;

/// How a trace is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Where Go's reader is known to err, err as this release does; otherwise as is
    /// sensible, with a [`Warning`].
    pub strict: Option<Strict>,
    /// Read a file that ends too early or is damaged as far as it goes. The error comes
    /// last, after the events that could be read.
    pub keep_going: bool,
    /// Of a v2 trace: the release of Go in whose order events come.
    pub release: Release,
}

/// A release of Go, whose reader and printer differ from others in a few things.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Release {
    /// The release Go 1.22.
    Go1_22,
    /// The release Go 1.23.
    Go1_23,
    /// The release Go 1.24.
    Go1_24,
    /// The release Go 1.25.
    Go1_25,
    /// The release Go 1.26.
    Go1_26,
    /// The release Go 1.27.
    #[default]
    Go1_27,
}

impl Release {
    /// All of them, oldest first.
    pub const ALL: [Self; 6] = [
        Self::Go1_22,
        Self::Go1_23,
        Self::Go1_24,
        Self::Go1_25,
        Self::Go1_26,
        Self::Go1_27,
    ];

    /// The minor version.
    #[must_use]
    pub const fn minor(self) -> u16 {
        22 + self as u16
    }

    /// The release with a minor version.
    #[must_use]
    pub fn of_minor(minor: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.minor() == minor)
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}", self.minor())
    }
}

/// A release of Go whose reader is followed even where it errs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Strict {
    /// Go 1.19 to 1.22: a CPU sample that comes before the creation of its goroutine
    /// makes the whole trace wrong (S3).
    Go1_19,
    /// Go 1.22 to 1.27: regions that are nested wrongly make a v2 trace wrong (S41).
    Go1_27,
}

/// Something odd about a trace that is read all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// A CPU sample named a goroutine before it was created, which Go 1.19 to 1.22 take
    /// for a broken trace (S3).
    SampledBeforeCreated {
        /// Bytes from the start of the trace to the goroutine's creation.
        offset: u64,
        /// The goroutine that was sampled.
        goroutine: u64,
    },
    /// A trace of Go 1.5 or 1.6 has PCs only: functions, files and lines are in the
    /// program's binary.
    NoSymbols,
    /// The file has no `Frequency`, which stands at its end: times are ticks.
    NoFrequency,
    /// The file is damaged: what follows this error was not read.
    Damaged(Box<InputError>),
    /// A region ended that is not the innermost of its goroutine. Go's readers refuse such a
    /// trace if the goroutine is in any.
    Region {
        /// Bytes from the start of the trace to its end.
        offset: u64,
        /// The goroutine that ended the region.
        goroutine: u64,
        /// The region's name.
        name: String,
        /// The innermost region, if the goroutine is in any.
        inner: Option<String>,
        /// Whether the goroutine is in the one that ended; else it began before the trace, or had
        /// ended already.
        has_begun: bool,
    },
    /// A task ended that is not open.
    UnknownTask {
        /// Bytes from the start of the trace to its end.
        offset: u64,
        /// The goroutine that ended it.
        goroutine: u64,
        /// The task that ended.
        task: u64,
        /// Whether, by its id, it began in the trace, so that it had ended already; else it began
        /// before.
        has_ended: bool,
    },
    /// The program never called `trace.Stop`: the last bytes are missing, which Go's
    /// readers do not say.
    NeverStopped {
        /// Where the trace ends.
        offset: u64,
        /// How many generations are there.
        generations: u64,
    },
    /// A generation cannot be read, and was left out.
    Lost {
        /// The generation; 0 if that is not known.
        generation: u64,
        /// Where it begins.
        offset: u64,
        /// Where reading went on.
        until: u64,
        /// Why the generation cannot be read.
        error: Box<InputError>,
    },
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
            Self::Region {
                offset,
                goroutine,
                name,
                inner,
                has_begun,
            } => {
                write!(
                    f,
                    "{offset:#x}: UserRegionEnd: goroutine {goroutine} ends region {name:?}"
                )?;
                if !has_begun {
                    f.write_str(", which began before the trace or had ended already")?;
                }
                match inner {
                    Some(inner) => {
                        let comma = if *has_begun { "" } else { "," };
                        write!(f, "{comma} inside region {inner:?}; Go refuses such a trace")
                    }
                    None => Ok(()),
                }
            }
            Self::UnknownTask {
                offset,
                goroutine,
                task,
                has_ended,
            } => {
                let why = match has_ended {
                    true => "had ended already",
                    false => "began before the trace",
                };
                write!(
                    f,
                    "{offset:#x}: UserTaskEnd: goroutine {goroutine} ends task {task}, which {why}"
                )
            }
            Self::NeverStopped {
                offset,
                generations: 0,
            } => write!(
                f,
                "{offset:#x}: no generation is here: the file was cut off, or the program ended without trace.Stop"
            ),
            Self::NeverStopped {
                offset,
                generations,
            } => {
                let here = match generations {
                    1 => "the generation that is here".to_owned(),
                    many => format!("the {many} generations that are here"),
                };
                write!(
                    f,
                    "{offset:#x}: the program ended without trace.Stop: what it did after {here} is missing"
                )
            }
            Self::Lost {
                generation,
                offset,
                until,
                error,
            } => write!(
                f,
                "{offset:#x}: generation {generation} was left out, {}: {error}",
                counted(until.saturating_sub(*offset), "byte")
            ),
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
    /// The number of warnings that are kept; the rest is counted.
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

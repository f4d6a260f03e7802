//! Traces in the formats of other tools: those of `sigprof-trace`, and more of their samples.
//!
//! | module | what |
//! |---|---|
//! | [`firefox`] | samples of threads over time, for Firefox Profiler |
//! | [`folded`] | samples by stack, as lines: for flamegraph.pl, inferno and many more |
//! | [`speedscope`] | samples of threads over time, for speedscope |
//! | `names` | the functions of stacks, as these show them |
//! | `timeline` | samples by thread and time |

pub mod firefox;
pub mod folded;
mod names;
pub mod speedscope;
mod timeline;

pub use sigprof_trace::export::{chrome, pprof, samples};

use samples::Select;

/// How samples become a timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Nanoseconds between two samples, which a trace does not say.
    pub period_ns: i64,
    /// The samples that are wanted.
    pub select: Select,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            period_ns: pprof::DEFAULT_PERIOD_NS,
            select: Select::default(),
        }
    }
}

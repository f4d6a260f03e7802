//! Go's own text under our engine: files of an installed toolchain, or of a tree of the user's,
//! made into a program that runs step by step, and compared with the model.
//!
//! ```text
//!  src/runtime/profbuf.go, cpuprof.go, ..    scenario, strategy, judge
//!        | rewrite (go/ast)                        |
//!        v                                         v
//!  a program: each use of a shared   <--->   engine, on GoText: what the text does is done
//!  word is a point, by schedule      pipes   on the words of the run
//! ```
//!
//! Nothing of Go's is kept here: the files are read when they are needed, with Go's own parser,
//! by a program of ours that the same toolchain builds (`go/` beside this file). A declaration
//! that is not there, or has a shape that is not known, is an error that names it.
//!
//! # What is compared
//!
//! A run of the model is followed by the text: whoever is to do the model's next operation goes
//! on until it has done it.
//!
//! | of a run | must be |
//! |---|---|
//! | changes of shared words and notes | the same, in one order: thread, operation, word, before, after |
//! | swaps that fail, waits | likewise |
//! | loads of the model | done by the text, of the same value, in that order |
//! | loads that only the text does | of words in [`FINER`], each with its reason |
//! | plain words that are set | the same, between one change of the thread's and the next |
//! | plain words that are read | anything: what is read was compared when it was set, and a race is a verdict |
//! | outcome | the same |
//!
//! An atomic word that the model does not have ends the run. Of plain fields those are looked at that
//! are words of the model's (`pointFields` of the rewriter); `rNext` the text keeps in the ring.
//!
//! | child | what |
//! |---|---|
//! | `build` | a program of the text |
//! | `patch` | changes of the text |
//! | `process` | the program that runs |
//! | [`refine`] | the comparison |
//! | [`explore`] | runs of the text alone |

mod build;
pub mod explore;
mod patch;
mod plain;
mod process;
pub mod refine;

pub use build::{GoTextError, Text};
pub use patch::Patch;

/// Runs that are asked for at once.
const AHEAD: u64 = 128;

/// Loads that Go's text does and the model does not: the word, and why that is the same. An M does
/// one of each word, at the most, between two operations of the model's.
pub const FINER: [(&str, &str); 7] = [
    (
        "r",
        "write looks for room, and again at what it found, and a third time before it commits: \
         only the reader changes it, and more room changes nothing that was decided",
    ),
    (
        "w",
        "likewise: only the writer moves its counts, and flags are looked at where they are \
         swapped",
    ),
    (
        "overflow",
        "write calls itself for the record of an overflow, and looks again whether there is one; \
         takeOverflow looks again at what hasOverflow saw",
    ),
    (
        "overflowTime",
        "takeOverflow reads the time before it looks whether anything was dropped",
    ),
    (
        "prof.hz",
        "setcpuprofilerate looks whether the rate is another before it sets it: it always is, as \
         nobody else sets it",
    ),
    (
        "gen",
        "traceAdvance looks which generation it ends: only it goes on to another",
    ),
    (
        "enabled",
        "traceInitReadCPU and traceStopReadCPU make sure that tracing is off: only their callers \
         change that",
    ),
];

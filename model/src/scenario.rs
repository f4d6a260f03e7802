//! Small programs over the protocol, each about one thing that can go wrong.
//!
//! A scenario is written once, over a [`Backend`], and run by whatever explores
//! interleavings: loom and a plain full search in this crate's tests, the simulator's
//! engine. It has a few threads, rings of a few words, at most one signal a thread, and
//! a judgement at the end: what was seen, or the [`Violation`] of a law.
//!
//! Violations that show while it runs end it there: what the protocol throws
//! ([`Backend::throw`]), a thread that waits for ever ([`Law::Woken`]), a handler that
//! waits for what it interrupted ([`Law::HandlerGoesOn`]), words that two sides use at
//! once ([`Law::Whole`]).
//!
//! [`Law::Woken`]: crate::law::Law::Woken
//! [`Law::HandlerGoesOn`]: crate::law::Law::HandlerGoesOn
//! [`Law::Whole`]: crate::law::Law::Whole

mod clock;
mod ledger;
mod lock;
pub mod plan;
mod planned;
mod profile;
mod ring;
mod shared;
mod sigprof;
mod trace;

use std::fmt;
use std::rc::Rc;

use crate::backend::Backend;
use crate::law::Violation;
use crate::protocol::Protocol;

/// A program, by name.
pub struct Scenario {
    /// Named as the behaviour that it is about.
    pub name: &'static str,
    /// A description of what happens in it, in one line.
    pub about: &'static str,
    /// Makes it, with nothing run yet. Everything that is shared is made here, anew for
    /// each execution, and on the back-end that was asked for.
    pub program: fn(Protocol) -> Program,
    /// Whether it makes sense for that revision.
    pub applies: fn(&Protocol) -> bool,
}

/// A program that is run once, or again and again.
pub struct Program {
    /// They start together and all end, unless a law is broken.
    pub threads: Vec<Thread>,
    /// Looks at what has come of it, when all threads have ended.
    pub judge: Box<dyn Fn() -> Result<Outcome, Violation>>,
    /// Makes it what it was before its threads began, but for what is the back-end's: words, plain words and
    /// notes have to have the values again that they had then. For who runs it many times, after a run
    /// that was judged; what has none is made anew.
    pub again: Option<Box<dyn Fn()>>,
}

/// A thread of a program.
pub struct Thread {
    /// For people who look at a run.
    pub name: &'static str,
    /// The code that it runs.
    pub body: Rc<dyn Fn()>,
    /// The handler of the one signal that may reach it, at any point of its body or not
    /// at all. It runs as a nested call on the thread's own stack.
    pub handler: Option<Rc<dyn Fn()>>,
}

/// All scenarios, on one back-end.
#[must_use]
pub fn all<B: Backend>() -> Vec<Scenario> {
    [
        lock::all::<B>(),
        ring::all::<B>(),
        ring::facts::all::<B>(),
        ring::signal::all::<B>(),
        trace::all::<B>(),
        trace::facts::all::<B>(),
        profile::all::<B>(),
        profile::facts::all::<B>(),
        sigprof::all::<B>(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

impl Scenario {
    fn new(name: &'static str, about: &'static str, program: fn(Protocol) -> Program) -> Self {
        Self {
            name,
            about,
            program,
            applies: |_| true,
        }
    }

    fn only(self, applies: fn(&Protocol) -> bool) -> Self {
        Self { applies, ..self }
    }
}

impl Program {
    /// One that is made anew for each run.
    #[must_use]
    pub fn new(
        threads: Vec<Thread>,
        judge: impl Fn() -> Result<Outcome, Violation> + 'static,
    ) -> Self {
        Self {
            threads,
            judge: Box::new(judge),
            again: None,
        }
    }

    /// The same, but it can be run again when this has been done.
    #[must_use]
    pub fn with_again(self, again: impl Fn() + 'static) -> Self {
        Self {
            again: Some(Box::new(again)),
            ..self
        }
    }
}

impl Thread {
    /// One that no signal reaches.
    #[must_use]
    pub fn new(name: &'static str, body: impl Fn() + 'static) -> Self {
        Self {
            name,
            body: Rc::new(body),
            handler: None,
        }
    }

    /// The same, but a signal may reach it.
    #[must_use]
    pub fn with_handler(self, handler: impl Fn() + 'static) -> Self {
        Self {
            handler: Some(Rc::new(handler)),
            ..self
        }
    }
}

/// The things that were seen, in the order of threads and, in each, of time: equal outcomes are
/// equal executions for whoever looks from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Outcome(pub Vec<Seen>);

/// A thing seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Seen {
    /// A record or sample with this time was read.
    Read(u64),
    /// This many were reported as dropped since that time.
    Lost(u32, u64),
    /// A read found nothing.
    Empty,
    /// A read found the end.
    Eof,
    /// A write went into the ring.
    Wrote(u64),
    /// A write was counted as dropped.
    Dropped(u64),
    /// A handler did nothing, for a reason that has this number.
    Skipped(u64),
    /// This was left in a ring.
    Left(u64),
    /// The profile has this sample.
    InProfile(u64),
    /// The trace has this sample.
    InTrace(u64),
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(time) => write!(f, "{time}"),
            Self::Lost(count, time) => write!(f, "lost {count}@{time}"),
            Self::Empty => write!(f, "-"),
            Self::Eof => write!(f, "eof"),
            Self::Wrote(time) => write!(f, "wrote {time}"),
            Self::Dropped(time) => write!(f, "dropped {time}"),
            Self::Skipped(why) => write!(f, "skipped ({why})"),
            Self::Left(time) => write!(f, "left {time}"),
            Self::InProfile(id) => write!(f, "{id} in the profile"),
            Self::InTrace(id) => write!(f, "{id} in the trace"),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, seen) in self.0.iter().enumerate() {
            write!(f, "{}{seen}", if i > 0 { ", " } else { "" })?;
        }
        Ok(())
    }
}

//! Plans: programs as data, to be drawn from a seed, written by hand, and shrunk.
//!
//! A scenario is about one thing and stays as it is. A plan has a few Ms that do what it says, in
//! any order, with signals on any of them; whatever it says, it is a legal program, so that
//! what breaks a law in it is the protocol's doing, and what is left of it when something is taken
//! away is a plan as well.
//!
//! | kind | an M does |
//! |---|---|
//! | `ring` | a writer: `write N` (a record with N PCs), `write N tagged`, `close`; or the reader: `read`, `await` |
//! | `trace` | the first: `start`, `stop`, `advance`, `drain`; any: `sample`; from Go 1.22 on the second may `drain` in place of the first |
//!
//! Writers are handlers: each write is made under the signal lock, and no signal comes between. In
//! a trace, so is whoever takes samples; an M that does something else may have a signal, which
//! takes samples wherever it comes. Whoever closes a ring is its only writer, and writes no more.
//! What an M cannot do is refused by [`Plan::check`]. At the end a trace is stopped, a ring is read
//! to what is left, and the scenarios' judge judges.

use std::fmt;
use std::str::FromStr;

use crate::limits::Sizes;
use crate::protocol::{Logs, Protocol};

/// One header word: with one PC a record has four words.
pub(super) const HDRSIZE: usize = 1;

/// Ms of a plan, at the most.
pub const PLAN_MS_MAX: usize = 4;

/// Operations of one M, at the most: those of its body and of its handler together.
pub const PLAN_OPERATIONS_MAX: usize = 64;

/// The part of the protocol that a plan is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlanKind {
    /// A ring, with a writer and a reader.
    Ring,
    /// The log of a trace, with a tracer and handlers.
    Trace,
}

/// Something that an M does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// Writes a record with this many PCs.
    Write {
        /// The number of PCs.
        frames: u8,
        /// Whether with a tag.
        is_tagged: bool,
    },
    /// Closes the ring.
    Close,
    /// Reads, without waiting.
    Read,
    /// Reads, and waits if there is nothing.
    Await,
    /// Starts a trace.
    Start,
    /// Stops the trace.
    Stop,
    /// Goes on to the next generation.
    Advance,
    /// Drains the log.
    Drain,
    /// Takes a sample, as a handler does.
    Sample,
}

impl PlanKind {
    /// The kind's name, as it is written in a plan.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ring => "ring",
            Self::Trace => "trace",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Write { frames, is_tagged } => {
                write!(
                    f,
                    "write {frames}{}",
                    if *is_tagged { " tagged" } else { "" }
                )
            }
            Self::Close => f.write_str("close"),
            Self::Read => f.write_str("read"),
            Self::Await => f.write_str("await"),
            Self::Start => f.write_str("start"),
            Self::Stop => f.write_str("stop"),
            Self::Advance => f.write_str("advance"),
            Self::Drain => f.write_str("drain"),
            Self::Sample => f.write_str("sample"),
        }
    }
}

/// An error in a plan: where, what was wanted, and what came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanError(pub String);

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for PlanError {}

impl FromStr for Operation {
    type Err = PlanError;

    fn from_str(text: &str) -> Result<Self, PlanError> {
        let words: Vec<_> = text.split_whitespace().collect();
        let bad = || {
            PlanError(format!(
                "no operation {text:?}: want write N, write N tagged, close, read, await, start, \
                 stop, advance, drain or sample"
            ))
        };
        Ok(match *words.as_slice() {
            ["write", frames, ref tagged @ ..] if tagged.len() <= 1 => {
                if tagged.iter().any(|&word| word != "tagged") {
                    return Err(bad());
                }
                Self::Write {
                    frames: frames.parse().map_err(|_| bad())?,
                    is_tagged: !tagged.is_empty(),
                }
            }
            ["close"] => Self::Close,
            ["read"] => Self::Read,
            ["await"] => Self::Await,
            ["start"] => Self::Start,
            ["stop"] => Self::Stop,
            ["advance"] => Self::Advance,
            ["drain"] => Self::Drain,
            ["sample"] => Self::Sample,
            _ => return Err(bad()),
        })
    }
}

/// An M of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Role {
    /// The operations of its body, in order.
    pub does: Vec<Operation>,
    /// The operations of its handler, in order; none if no signal may come.
    pub signal: Vec<Operation>,
}

/// A program as data.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Plan {
    /// The part of the protocol that it is about.
    pub kind: PlanKind,
    /// Words of each ring.
    pub words: usize,
    /// Tag slots of each ring.
    pub tags: usize,
    /// The Ms, at most [`PLAN_MS_MAX`].
    pub ms: Vec<Role>,
}

impl Plan {
    /// Sizes of its rings.
    #[must_use]
    pub fn sizes(&self) -> Sizes {
        Sizes {
            words: self.words,
            tags: self.tags,
        }
    }

    /// PCs of a record that fits into the ring.
    #[must_use]
    pub fn frames_max(&self) -> usize {
        let words = self.words.next_power_of_two();
        words.saturating_sub(HDRSIZE + 2)
    }

    /// Operations of all Ms and handlers.
    #[must_use]
    pub fn operations(&self) -> usize {
        let roles = self.ms.iter();
        roles.map(|role| role.does.len() + role.signal.len()).sum()
    }

    /// Checks that every M does only what it may.
    ///
    /// # Errors
    ///
    /// Where not: which M, which operation, and why.
    pub fn check(&self, protocol: &Protocol) -> Result<(), PlanError> {
        let fail = |how: String| Err(PlanError(how));
        if self.ms.is_empty() || self.ms.len() > PLAN_MS_MAX {
            let ms = self.ms.len();
            return fail(format!("want 1 to {PLAN_MS_MAX} Ms, got {ms}"));
        }
        for (what, size) in [("words", self.words), ("tags", self.tags)] {
            if !(1..=1 << 16).contains(&size) {
                return fail(format!("want 1 to 65536 {what}, got {size}"));
            }
        }
        for (m, role) in self.ms.iter().enumerate() {
            let count = role.does.len() + role.signal.len();
            if count > PLAN_OPERATIONS_MAX {
                return fail(format!(
                    "M{m}: want {PLAN_OPERATIONS_MAX} operations at the most, got {count}"
                ));
            }
            let parts = [("does", &role.does, false), ("signal", &role.signal, true)];
            for (part, operations, in_handler) in parts {
                for operation in operations {
                    if let Err(why) = self.may(protocol, m, *operation, in_handler) {
                        return fail(format!(
                            "M{m}, {part} {operation:?}: {why}",
                            operation = operation.to_string()
                        ));
                    }
                }
            }
        }
        match self.kind {
            PlanKind::Ring => self.check_ring(),
            PlanKind::Trace => self.check_trace(),
        }
    }

    fn check_trace(&self) -> Result<(), PlanError> {
        let drains = |role: &&Role| role.does.contains(&Operation::Drain);
        if self.ms.iter().filter(drains).count() > 1 {
            return Err(PlanError("want one M that drains at the most".into()));
        }
        for (m, role) in self.ms.iter().enumerate() {
            // A sample is a handler already, and no signal comes within one.
            if role.does.contains(&Operation::Sample) && !role.signal.is_empty() {
                let how = format!("M{m}: want samples or a signal, got both");
                return Err(PlanError(how));
            }
        }
        Ok(())
    }

    fn check_ring(&self) -> Result<(), PlanError> {
        let fail = |how: String| Err(PlanError(how));
        let who = |what: fn(&Operation) -> bool| {
            let ms = self.ms.iter().enumerate();
            let does = ms.filter(|(_, role)| role.does.iter().any(what));
            does.map(|(m, _)| m).collect::<Vec<_>>()
        };
        let reads = who(|o| matches!(o, Operation::Read | Operation::Await));
        let writes = who(|o| matches!(o, Operation::Write { .. }));
        let closes = who(|o| *o == Operation::Close);
        if let [_, other, ..] = *reads {
            return fail(format!("M{other}: want one reader at the most"));
        }
        if let Some(m) = reads
            .iter()
            .find(|m| writes.contains(m) || closes.contains(m))
        {
            return fail(format!("M{m}: the reader does not write or close"));
        }
        if let Some(&m) = closes.first() {
            if let Some(other) = writes.iter().chain(&closes).find(|other| **other != m) {
                return fail(format!("M{other}: who closes, M{m}, is the only writer"));
            }
            let mut closed = self.ms[m]
                .does
                .iter()
                .skip_while(|o| **o != Operation::Close);
            if let (Some(_), Some(behind)) = (closed.next(), closed.next()) {
                return fail(format!("M{m}: {behind} behind close"));
            }
        } else if who(|o| *o == Operation::Await) != [] as [usize; 0] {
            return fail("await: want somebody who closes the ring, or it waits for ever".into());
        }
        for (m, role) in self.ms.iter().enumerate() {
            for operation in &role.does {
                if let Operation::Write { frames, .. } = operation
                    && usize::from(*frames) > self.frames_max()
                {
                    return fail(format!(
                        "M{m}, {operation}: never fits into {} words",
                        self.words
                    ));
                }
            }
        }
        Ok(())
    }

    fn may(
        &self,
        protocol: &Protocol,
        m: usize,
        operation: Operation,
        in_handler: bool,
    ) -> Result<(), &'static str> {
        use Operation::{Advance, Await, Close, Drain, Read, Sample, Start, Stop, Write};
        match (self.kind, operation) {
            (PlanKind::Ring, _) if in_handler => Err("writers are handlers already"),
            (PlanKind::Ring, Write { .. } | Close | Read | Await) => Ok(()),
            (PlanKind::Trace, Sample) => Ok(()),
            (PlanKind::Trace, _) if in_handler => Err("a handler only takes samples"),
            (PlanKind::Trace, Start | Stop | Advance) if m > 0 => {
                Err("only the first M is the tracer")
            }
            (PlanKind::Trace, Drain) if m > 1 || m == 1 && protocol.logs == Logs::One => {
                Err("only the first M drains, and the second from Go 1.22 on")
            }
            (PlanKind::Trace, Start | Stop | Advance | Drain) => Ok(()),
            (PlanKind::Ring | PlanKind::Trace, _) => Err("not in a plan of this kind"),
        }
    }
}

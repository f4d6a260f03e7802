//! Numbers of a trace that must not be mistaken for one another.

/// A moment of the trace clock, or the span between two; the frequency says how
/// many make a second. (Go: `cputicks() / traceTickDiv`; from 1.21 on `traceClockNow`.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticks(
    /// The number of ticks.
    pub u64,
);

/// The number of a P.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProcId(
    /// The number, from 0 on (Go: `p.id`, an `int32`).
    pub u32,
);

/// The number of a goroutine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GoId(
    /// The number, from 1 on (Go: `g.goid`).
    pub u64,
);

/// The number of a string in its trace; 0 is the empty string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StringId(
    /// The number itself.
    pub u64,
);

/// The number of a stack in its trace; 0 is the empty stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StackId(
    /// The number itself.
    pub u64,
);

impl StringId {
    /// The empty string, which no trace spells out.
    pub const EMPTY: Self = Self(0);
}

impl StackId {
    /// The empty stack, which no trace spells out.
    pub const EMPTY: Self = Self(0);
}

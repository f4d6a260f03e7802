//! The laws: what every revision promises, and what a mutant breaks.
//!
//! They are numbered once, here. Module docs say which of them a part keeps, and an
//! assertion, a model and a check cite the number of the law that they guard.

use std::fmt;

/// A law of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Law {
    /// L1: one writer at a time is in the ring.
    OneWriter = 1,
    /// L2: a record that is read is one that was written, whole: not torn, not invented,
    /// and written before it is read.
    Whole,
    /// L3: records are read in the order in which they were written, none of them twice;
    /// what was dropped is reported in its place among them.
    InOrder,
    /// L4: written = read + counted as lost + still in the ring + in flight.
    Conserved,
    /// L5: an overflow bears the time of the first record that was dropped.
    FirstDrop,
    /// L6: the header of a real sample is never all zero, so that it is never taken for
    /// an overflow, nor an overflow for a sample; and it says what the sample was.
    RealHeader,
    /// L7: a record comes with its own tag, or with none if it was written without.
    OwnTag,
    /// L8: the end is reported after everything that was written before the close.
    EofLast,
    /// L9: a reader that sleeps is woken by what it waits for.
    Woken,
    /// L10: it is woken once.
    WokenOnce,
    /// L11: the final drain of a trace leaves nothing in a ring that was committed
    /// before the pointer to the ring was cleared.
    Drained,
    /// L12: no handler uses a ring that has been given up.
    NoneRetired,
    /// L13: what a handler waits for is never held by the code that it interrupted.
    HandlerGoesOn,
    /// L14: a sample goes into the trace, and the generation, in which it was taken; or
    /// into the profile.
    OwnTrace,
    /// L15: nothing throws, and nothing is looked up outside of its bounds.
    NoThrow,
    /// L16: trace and profile name the same goroutine for one signal.
    SameGoroutine,
    /// L17: if a trace stops before the profile does, a sample that is in the trace is in
    /// the profile, too, or counted there as lost. Both are asked for it, the profile first.
    InProfile,
}

impl Law {
    /// All of them, in order.
    pub const ALL: [Self; 17] = [
        Self::OneWriter,
        Self::Whole,
        Self::InOrder,
        Self::Conserved,
        Self::FirstDrop,
        Self::RealHeader,
        Self::OwnTag,
        Self::EofLast,
        Self::Woken,
        Self::WokenOnce,
        Self::Drained,
        Self::NoneRetired,
        Self::HandlerGoesOn,
        Self::OwnTrace,
        Self::NoThrow,
        Self::SameGoroutine,
        Self::InProfile,
    ];

    /// The law's number, from 1 on.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The law's code: `L3`.
    #[must_use]
    pub fn code(self) -> String {
        format!("L{}", self.number())
    }

    /// In a few words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::OneWriter => "one writer at a time",
            Self::Whole => "no torn or invented record",
            Self::InOrder => "no reordered or duplicated record",
            Self::Conserved => "written = read + lost + in the ring + in flight",
            Self::FirstDrop => "an overflow's time is that of the first drop",
            Self::RealHeader => "the header of a real sample is never all zero",
            Self::OwnTag => "a record has its own tag or none",
            Self::EofLast => "the end comes after all data",
            Self::Woken => "no lost wake-up",
            Self::WokenOnce => "no double wake-up",
            Self::Drained => "the final drain leaves nothing",
            Self::NoneRetired => "no handler uses a retired ring",
            Self::HandlerGoesOn => "no handler waits for what it interrupted",
            Self::OwnTrace => "a sample stays in its trace and generation",
            Self::NoThrow => "nothing throws",
            Self::SameGoroutine => "trace and profile name the same goroutine",
            Self::InProfile => "a trace that stops first has nothing that the profile has not",
        }
    }
}

impl fmt::Display for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "L{} ({})", self.number(), self.words())
    }
}

/// A law that was broken, and how.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// The law that was broken.
    pub law: Law,
    /// The difference: what was wanted, and what came.
    pub how: String,
}

impl Violation {
    /// Creates a violation of `law`.
    #[must_use]
    pub fn new(law: Law, how: impl Into<String>) -> Self {
        let how = how.into();
        Self { law, how }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.law, self.how)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_is_in_order_and_complete() {
        for (law, number) in Law::ALL.into_iter().zip(1..) {
            assert_eq!(law.number(), number, "{law}");
        }
    }
}

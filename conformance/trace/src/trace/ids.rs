//! Numbers that must not be mixed up: ids, times.

use std::fmt;
use std::ops::{Add, Sub};

use serde::Serialize;

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident($number:ty);)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        pub struct $name(pub $number);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

numbers! {
    /// A goroutine's id. No event has that of g0, which stands for no goroutine.
    GoId(u64);
    /// A P's id, counted from 0.
    ProcId(u64);
    /// A thread's id, as the operating system has it (Go: `m.procid`).
    ThreadId(u64);
    /// A task's id; 0 is the background task, in which everything is that is in no other.
    TaskId(u64);
    /// A generation's number, counted from 1; a v1 trace is one generation, 0.
    Generation(u64);
    /// Nanoseconds: of an event since the first event of its trace.
    Nanos(i64);
    /// Ticks of the clock of the machine that was traced.
    Ticks(i64);
}

/// A stack's id. Ids begin anew with each table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StackId {
    /// The table that has the stack: see [`Event::table`](super::Event::table).
    pub table: u64,
    /// The number in that table, which is not 0.
    pub id: u64,
}

impl Nanos {
    /// The time as seconds.
    #[must_use]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }
}

impl Add for Nanos {
    type Output = Self;

    /// The later time; the latest there is if that is past the end.
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Nanos {
    type Output = Self;

    /// How much later `self` is.
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

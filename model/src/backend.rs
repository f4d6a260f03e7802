//! The operations that the protocol is written over: shared words, plain words, a note.
//!
//! The text of the protocol is written once and names no back-end. [`Std`] runs it
//! on real threads; loom proves it on tiny rings; the simulator's engine decides at
//! every one of these operations who goes on.
//!
//! | trait | stands for | Go |
//! |---|---|---|
//! | [`Atomic`] | a word that several threads use at once | `runtime/internal/atomic` |
//! | [`Words`] | words that only one side uses at a time, as the protocol promises | a slice |
//! | [`Note`] | a sleep until one wake-up | `runtime/lock_futex.go`, `note` |
//! | [`text`] | calls of another text than the model's | Go's own files |

mod call;
mod std;
pub mod text;

pub use self::call::{Call, Within};
pub use self::std::{Std, catch_throw};
pub use core::sync::atomic::Ordering;

use core::ops::Range;

use crate::law::Law;

/// A family of shared things that belong together.
pub trait Backend: Sized + 'static {
    /// A shared word of 32 bits.
    type U32: Atomic<u32>;
    /// A shared word of 64 bits.
    type U64: Atomic<u64>;
    /// Plain words, which one side uses at a time.
    type Words: Words;
    /// A note, on which one thread sleeps until another wakes it.
    type Note: Note;

    /// Ends the run because the protocol was broken, as `throw` ends a Go process.
    fn throw(what: Throw) -> !;

    /// Has another text do it, in place of the model's, if this back-end has one: Go's own, whose
    /// operations it does on the words of the model (see [`text`]).
    #[inline(always)]
    fn instead(_function: text::Function, _args: impl FnOnce() -> Vec<u64>) -> Option<Vec<u64>> {
        None
    }

    /// A call of Go's begins, which [`leave`](Self::leave) ends: see [`Within`]. For people who look at
    /// a run; nothing may hang on it.
    #[inline(always)]
    fn enter(_call: Call) {}

    /// The last call that was entered and not left ends.
    #[inline(always)]
    fn leave() {}
}

/// A word that several threads use at once.
///
/// Every operation is a point at which another thread may come between.
pub trait Atomic<T> {
    /// A word with this value; the name is for people who look at a run.
    fn new(name: &'static str, value: T) -> Self;

    /// Returns the word's value.
    fn load(&self, order: Ordering) -> T;

    /// Stores a value in the word.
    fn store(&self, value: T, order: Ordering);

    /// Gives it the value `new` if it has the value `current`, and says whether it did.
    /// A failure orders nothing: whoever fails looks again.
    fn compare_and_swap(&self, current: T, new: T, order: Ordering) -> bool;

    /// The same, in a loop that has changed nothing since it last loaded the word, and that looks
    /// again if this fails: so whether it fails, or looks later, is all one. A back-end may use that.
    #[inline(always)]
    fn compare_and_swap_weak(&self, current: T, new: T, order: Ordering) -> bool {
        self.compare_and_swap(current, new, order)
    }

    /// Adds to it, around its end, and returns what it was.
    fn fetch_add(&self, n: T, order: Ordering) -> T;

    /// Waits for a moment in which the value may become another than `seen` (Go:
    /// `osyield` in a loop). It may return too early, never too late.
    fn yield_while(&self, seen: T);

    /// The number that the back-end knows it by; 0 if it numbers none.
    #[inline]
    fn number(&self) -> u64 {
        0
    }
}

/// A fixed number of plain words. Two threads must not use one of them at once
/// unless both read; a back-end may check this.
pub trait Words {
    /// That many words, all zero.
    fn new(name: &'static str, len: usize) -> Self;

    /// How many there are.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The word at this place.
    fn get(&self, at: usize) -> u64;

    /// Gives the word at this place a value.
    fn set(&self, at: usize, value: u64);

    /// Gives the words from this place on these values, one after the other.
    #[inline]
    fn set_all(&self, at: usize, values: &[u64]) {
        for (i, &value) in values.iter().enumerate() {
            self.set(at + i, value);
        }
    }

    /// Appends the words at these places, one after the other.
    #[inline]
    fn append_to(&self, out: &mut Vec<u64>, places: Range<usize>) {
        out.extend(places.map(|at| self.get(at)));
    }

    /// Their owner gives them up: nobody is to use them from here on. A back-end may check
    /// this, too.
    fn retire(&self) {}

    /// The number that the back-end knows it by; 0 if it numbers none.
    #[inline]
    fn number(&self) -> u64 {
        0
    }
}

/// A sleep until one wake-up: [`sleep`](Note::sleep), [`wake`](Note::wake),
/// [`clear`](Note::clear), and again.
pub trait Note {
    /// A note that nobody has woken.
    fn new(name: &'static str) -> Self;

    /// Returns once it has been woken, which may have been before.
    fn sleep(&self);

    /// Wakes the sleeper; false if it has been woken already and not cleared since,
    /// for which Go throws.
    #[must_use]
    fn wake(&self) -> bool;

    /// Makes it ready for another sleep.
    fn clear(&self);

    /// The number that the back-end knows it by; 0 if it numbers none.
    #[inline]
    fn number(&self) -> u64 {
        0
    }
}

/// A fatal error of Go's runtime, named after its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Throw {
    /// `misuse of profBuf.write`: the header is longer than the buffer's.
    MisuseOfWrite,
    /// `newProfBuf: buffer too large`.
    BufferTooLarge,
    /// `runtime: profBuf already closed`.
    AlreadyClosed,
    /// `runtime: malformed profBuf buffer - tag and data out of sync`.
    TagsOutOfSync,
    /// `runtime: malformed profBuf buffer - invalid size`.
    InvalidSize,
    /// `notewakeup - double wakeup`.
    DoubleWakeup,
    /// `index out of range`: a panic of the Go runtime in its own code.
    OutOfRange,
    /// `nil pointer dereference`: a log is closed that is not there.
    NilLog,
    /// No throw of Go's: this many traces or profiles were not planned for.
    OutOfLogs,
}

impl Throw {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::MisuseOfWrite,
        Self::BufferTooLarge,
        Self::AlreadyClosed,
        Self::TagsOutOfSync,
        Self::InvalidSize,
        Self::DoubleWakeup,
        Self::OutOfRange,
        Self::NilLog,
        Self::OutOfLogs,
    ];

    /// The one with that message, or with a message that begins or ends with it: Go's own say
    /// which index was out of range, and that nil was a runtime error.
    #[must_use]
    pub fn with_message(message: &str) -> Option<Self> {
        let is_it = |throw: &Self| {
            message.starts_with(throw.message()) || message.ends_with(throw.message())
        };
        Self::ALL.into_iter().find(is_it)
    }

    /// The message in Go's words.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::MisuseOfWrite => "misuse of profBuf.write",
            Self::BufferTooLarge => "newProfBuf: buffer too large",
            Self::AlreadyClosed => "runtime: profBuf already closed",
            Self::TagsOutOfSync => "runtime: malformed profBuf buffer - tag and data out of sync",
            Self::InvalidSize => "runtime: malformed profBuf buffer - invalid size",
            Self::DoubleWakeup => "notewakeup - double wakeup",
            Self::OutOfRange => "runtime error: index out of range",
            Self::NilLog => "invalid memory address or nil pointer dereference",
            Self::OutOfLogs => "no log is left for another trace or profile",
        }
    }

    /// The law that is broken when this is thrown.
    #[must_use]
    pub const fn law(self) -> Law {
        match self {
            Self::TagsOutOfSync | Self::InvalidSize => Law::Whole,
            Self::DoubleWakeup => Law::WokenOnce,
            Self::MisuseOfWrite
            | Self::BufferTooLarge
            | Self::AlreadyClosed
            | Self::OutOfRange
            | Self::NilLog
            | Self::OutOfLogs => Law::NoThrow,
        }
    }
}

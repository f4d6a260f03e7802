//! The v1 format, Go 1.5 to 1.21.
//!
//! ```text
//! bytes -> index -> lanes -> merge -> stream -> events
//!          check    decode   order    move exits, leave out
//!          syntax   as they           no-ops, validate
//!                   come
//! ```
//!
//! The index is made in a first pass over the whole file; everything else happens as the
//! events are asked for, one at a time, from the bytes of the file. Nothing is kept of an
//! event when it has gone by.
//!
//! Source: Go `internal/trace/parser.go` and `order.go` (R60 to R63). Where Go's
//! reader leaves an order open, this one fixes it (S4); where Go's panics, this one
//! reports an error (S5); where a CPU sample makes Go reject a trace, it does not
//! here (S3).

mod collected;
mod convert;
pub mod dump;
mod event;
mod exits;
mod futile;
mod goroutines;
pub(crate) mod hash;
mod index;
mod lane;
mod merge;
mod reader;
pub mod render;
mod shape;
mod sorted;
pub mod stat;
mod stream;
mod tables;
mod tree;
mod validate;
mod wire;

use sigprof_wire::FormatVersion;
use sigprof_wire::v1::{EventType, STW_KINDS_1_10, STW_KINDS_1_21};

pub use crate::trace::event::Frame;
pub use crate::trace::options::{Options, Strict, Warning, Warnings};
pub use collected::Trace;
pub use event::{Event, GoId, LoggedSample, Place, StackId};
pub use reader::{Events, Reader};
pub use tables::Stack;

pub(crate) use convert::{convert, label};
use lane::place_of;
pub(crate) use stream::Stream;

pub(crate) use index::GIVE_BACK;
use index::{Index, index, index_of};
use lane::varint;
use merge::sample_stack;

use crate::error::InputError;

/// Reads, orders and validates a whole trace, and keeps all events.
///
/// Each takes 88 bytes, in a list with room for a quarter more: up to 105 for each byte of
/// the input. A [`Reader`] takes a tenth of that at the most (S10.3).
///
/// # Errors
/// Whatever is wrong with it, at its offset; nothing panics.
pub fn read(bytes: &[u8]) -> Result<Trace<'_>, InputError> {
    Trace::collect(Reader::new(bytes)?, |_| true)
}

/// Reads, orders and validates a whole trace, and keeps nothing.
///
/// # Errors
/// As [`read`].
pub fn verify(bytes: &[u8]) -> Result<(), InputError> {
    Reader::new(bytes)?.verify()
}

/// The reader's slots of the goroutines of an event, which others may get when these end or
/// stop, and the lane of its P; no lane for an exit that stood aside.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slots {
    /// The goroutine that it happened to.
    pub(crate) own: u32,
    /// The goroutine whose state it changes.
    pub(crate) subject: u32,
    pub(crate) lane: u32,
}

/// The state of a goroutine, as far as events tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Status {
    /// Not there: not created yet, or at its end.
    #[default]
    Dead,
    Runnable,
    Running,
    Waiting,
}

/// Whether a goroutine that does this waits until another event wakes it. (One in a system
/// call waits, too, but comes back by itself.)
pub(crate) const fn blocks(event_type: EventType) -> bool {
    use EventType as E;
    matches!(
        event_type,
        E::GoSleep
            | E::GoBlock
            | E::GoBlockSend
            | E::GoBlockRecv
            | E::GoBlockSelect
            | E::GoBlockSync
            | E::GoBlockCond
            | E::GoBlockNet
            | E::GoBlockGC
    )
}

/// Nanoseconds of a tick. Without a frequency a tick counts as one.
fn scale(ticks_per_second: i64) -> f64 {
    match ticks_per_second {
        0 => 1.0,
        ticks => 1e9 / ticks as f64,
    }
}

/// Ticks as nanoseconds, with the rounding of Go's reader on amd64: a product in
/// floating point, cut off; what does not fit is the smallest number (R62).
#[inline]
fn scaled(ticks: i64, scale: f64) -> i64 {
    let nanos = ticks as f64 * scale;
    // 2^63 is the first that does not fit; the comparison is false for NaN, too.
    if nanos >= -(2f64.powi(63)) && nanos < 2f64.powi(63) {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "in range, and cut off as Go does"
        )]
        return nanos as i64;
    }
    i64::MIN
}

/// Ticks as nanoseconds.
pub(crate) fn nanos(ticks: i64, ticks_per_second: i64) -> i64 {
    scaled(ticks, scale(ticks_per_second))
}

/// The reason for a stop-the-world. `kind` has been checked for versions before
/// 1.21; later, Go reads a number that it does not know as the first.
pub(crate) fn stw_kind(version: FormatVersion, kind: u64) -> &'static str {
    let kinds: &[&str] = if version < FormatVersion::GO_1_21 {
        &STW_KINDS_1_10
    } else {
        &STW_KINDS_1_21
    };
    let kind = usize::try_from(kind).ok().and_then(|kind| kinds.get(kind));
    kind.unwrap_or(&kinds[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_become_nanoseconds_as_in_go() {
        assert_eq!(nanos(0, 1_000_000_000), 0);
        assert_eq!(nanos(3, 2_000_000_000), 1);
        assert_eq!(nanos(-3, 2_000_000_000), -1);
        assert_eq!(nanos(i64::MAX, 1), i64::MIN);
        assert_eq!(nanos(i64::MIN, 1_000_000_000), i64::MIN);
    }

    #[test]
    fn unknown_stw_kinds_of_1_21_read_as_unknown() {
        assert_eq!(stw_kind(FormatVersion::GO_1_21, 17), "unknown");
        assert_eq!(stw_kind(FormatVersion::GO_1_21, 16), "ResetDebugLog (test)");
        assert_eq!(stw_kind(FormatVersion::GO_1_19, 1), "sweep termination");
    }
}

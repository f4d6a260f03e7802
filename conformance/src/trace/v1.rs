//! The v1 format, Go 1.7 to 1.21.
//!
//! A trace goes through five steps, each a function between values:
//!
//! ```text
//! bytes -> wire -> collect -> order -> futile -> validate -> Trace
//!          one     lanes by   one      drop      could this
//!          event   P, tables  stream   no-ops    have happened?
//! ```
//!
//! Source: Go `internal/trace/parser.go` and `order.go` (R60 to R63). Where Go's
//! reader leaves an order open, this one fixes it (S4); where Go's panics, this one
//! reports an error (S5); where a CPU sample makes Go reject a trace, it does not
//! here (S3).

mod collect;
pub mod dump;
mod futile;
mod order;
mod validate;
mod wire;

use sigprof_model::events::{EventType, FormatVersion, STW_KINDS_1_10, STW_KINDS_1_21};
use sigprof_model::limits::HEADER_LEN;

use super::event::{Event, Trace};
use crate::error::{ErrorKind, InputError};

/// What a goroutine does, as far as events tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum Status {
    /// Not there: not created yet, or at its end.
    #[default]
    Dead,
    Runnable,
    Running,
    Waiting,
}

/// Whether a goroutine that does this waits until another event wakes it. (One in a system
/// call waits, too, but comes back by itself.)
fn blocks(event_type: EventType) -> bool {
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

/// An event that cannot have happened where it stands.
fn inconsistent(event: &Event, want: impl Into<String>, got: impl Into<String>) -> InputError {
    let place = event.event_type.name();
    InputError::new(ErrorKind::Inconsistent, event.offset, place, want, got)
}

/// Reads the events behind the header of a trace of `version`.
///
/// # Errors
/// Whatever is wrong, at its offset.
pub fn read(version: FormatVersion, bytes: &[u8]) -> Result<Trace<'_>, InputError> {
    let mut decoder = wire::Decoder::new(version, bytes, HEADER_LEN);
    let collected = collect::collect(version, &mut decoder)?;
    let mut events = order::order(collected.lanes, collected.samples)?;
    let first_tick = events.first().map_or(0, |e| e.time);
    for event in &mut events {
        event.time = nanos(
            event.time.wrapping_sub(first_tick),
            collected.ticks_per_second,
        );
    }
    collect::move_to_places(&mut events, &collected.timer_goroutines);
    let mut events = futile::remove(events);
    validate::validate(version, &mut events, |id| {
        collected.strings.get(&id).copied().unwrap_or_default()
    })?;
    Ok(Trace {
        version,
        ticks_per_second: collected.ticks_per_second,
        first_tick,
        events,
        logged_samples: collected.logged_samples,
        strings: collected.strings,
        stacks: collected.stacks,
        messages: collected.messages,
    })
}

/// Ticks as nanoseconds, with the rounding of Go's reader on amd64: a product in
/// floating point, cut off; what does not fit is the smallest number (R62).
pub(crate) fn nanos(ticks: i64, ticks_per_second: i64) -> i64 {
    let scale = 1e9 / ticks_per_second as f64;
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

/// The reason for a stop-the-world. `kind` has been checked for versions before
/// 1.21; later, Go reads a number that it does not know as the first.
pub(crate) fn stw_kind(version: FormatVersion, kind: u64) -> &'static [u8] {
    let kinds: &[&str] = if version < FormatVersion::GO_1_21 {
        &STW_KINDS_1_10
    } else {
        &STW_KINDS_1_21
    };
    let kind = usize::try_from(kind).ok().and_then(|kind| kinds.get(kind));
    kind.unwrap_or(&kinds[0]).as_bytes()
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
        assert_eq!(stw_kind(FormatVersion::GO_1_21, 17), b"unknown");
        assert_eq!(
            stw_kind(FormatVersion::GO_1_21, 16),
            b"ResetDebugLog (test)"
        );
        assert_eq!(stw_kind(FormatVersion::GO_1_19, 1), b"sweep termination");
    }
}

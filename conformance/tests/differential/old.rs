//! The reader that stored all events and took one step after the other: slow, simple, and
//! judged by real Go. It is no part of the library any more; the streaming reader is
//! compared with it.

mod collect;
mod futile;
mod order;
mod validate;
mod wire;

use sigprof_model::events::{EventType, FormatVersion};
use sigprof_model::limits::HEADER_LEN;

use crate::error::{ErrorKind, InputError};
use crate::trace::Event;

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
pub(crate) fn read(version: FormatVersion, bytes: &[u8]) -> Result<Vec<Event>, InputError> {
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
    Ok(events)
}

/// Ticks as nanoseconds, with the rounding of Go's reader on amd64: a product in
/// floating point, cut off; what does not fit is the smallest number (R62).
fn nanos(ticks: i64, ticks_per_second: i64) -> i64 {
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

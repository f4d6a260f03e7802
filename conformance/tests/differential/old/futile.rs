//! Leaves out wake-ups that led to nothing.
//!
//! A goroutine that is woken, finds that another was faster, and blocks again has
//! marked this with a `FutileWakeup`; the wake-up, the start, the mark and the
//! block say nothing to a reader.
//!
//! Source: Go `internal/trace/parser.go`, `removeFutile` (R63).

use std::collections::{HashMap, HashSet};

use sigprof_model::events::EventType;

use crate::trace::Event;

#[derive(Default)]
struct Wakeup {
    is_futile: bool,
    events: Vec<usize>,
}

/// The events without futile wake-ups.
pub(super) fn remove(mut events: Vec<Event>) -> Vec<Event> {
    let mut wakeups: HashMap<u64, Wakeup> = HashMap::new();
    let mut futile = HashSet::new();
    for (at, event) in events.iter().enumerate() {
        use EventType as E;
        let own = event.goroutine_or_zero();
        match event.event_type {
            E::GoUnblock => wakeups.entry(event.args[0]).or_default().events = vec![at],
            E::GoStart | E::GoPreempt | E::FutileWakeup => {
                let wakeup = wakeups.entry(own).or_default();
                wakeup.events.push(at);
                wakeup.is_futile |= event.event_type == E::FutileWakeup;
            }
            E::GoBlock
            | E::GoBlockSend
            | E::GoBlockRecv
            | E::GoBlockSelect
            | E::GoBlockSync
            | E::GoBlockCond => {
                if let Some(wakeup) = wakeups.remove(&own)
                    && wakeup.is_futile
                {
                    futile.extend(wakeup.events);
                    futile.insert(at);
                }
            }
            _ => {}
        }
    }
    let mut at = 0;
    events.retain(|_| {
        at += 1;
        !futile.contains(&(at - 1))
    });
    events
}

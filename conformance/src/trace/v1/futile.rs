//! Finds wake-ups that led to nothing.
//!
//! A goroutine that is woken, finds that another was faster, and blocks again has marked
//! this with a `FutileWakeup`; the wake-up, the start, the mark and the block say nothing
//! to a reader. Only the block shows it, so the events of a trace that has such marks are
//! ordered twice: first to find what is to be left out. No exit from a system call takes
//! part, so it does not matter that these have not been moved yet.
//!
//! Source: Go `internal/trace/parser.go`, `removeFutile` (R63).

use std::collections::{HashMap, HashSet};

use sigprof_model::events::EventType;

use super::exits::final_type;
use super::hash::IdHash;
use super::lane::Head;
use super::merge::Merge;

#[derive(Default)]
struct Wakeup {
    is_futile: bool,
    /// Where its events stand.
    events: Vec<u64>,
}

/// The offsets of events that are to be left out; up to where there is no order any more.
pub(super) fn offsets(mut merge: Merge) -> HashSet<u64, IdHash> {
    let mut wakeups: HashMap<u64, Wakeup, IdHash> = HashMap::default();
    let mut futile = HashSet::default();
    while let Ok(Some(lane)) = merge.next() {
        use EventType as E;
        let Head {
            event_type,
            own,
            own_id,
            offset,
            args,
            ..
        } = *merge.head(lane);
        match final_type(event_type) {
            E::GoUnblock => wakeups.entry(args[0]).or_default().events = vec![offset],
            E::GoStart | E::GoPreempt | E::FutileWakeup => {
                let wakeup = wakeups.entry(own_id).or_default();
                wakeup.events.push(offset);
                wakeup.is_futile |= event_type == E::FutileWakeup;
            }
            E::GoBlock
            | E::GoBlockSend
            | E::GoBlockRecv
            | E::GoBlockSelect
            | E::GoBlockSync
            | E::GoBlockCond => {
                if let Some(wakeup) = wakeups.remove(&own_id)
                    && wakeup.is_futile
                {
                    futile.extend(wakeup.events);
                    futile.insert(offset);
                }
            }
            E::GoEnd | E::GoStop => {
                // It never comes back.
                if own_id != 0 {
                    wakeups.remove(&own_id);
                }
                merge.goroutines.end(own);
            }
            _ => {}
        }
    }
    futile
}

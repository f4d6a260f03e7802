//! Exits from system calls, which come when they happened.

use std::cmp::Reverse;

use sigprof_wire::v1::EventType;

use super::{Check, NO_EXIT, Stream};
use crate::error::InputError;
use crate::trace::v1::index::Exit;
use crate::trace::v1::merge::inconsistent;

impl Stream<'_> {
    /// Notes when goroutines block in system calls and when they end, and checks exits
    /// against that.
    pub(super) fn retime(&mut self, lane: u32) -> Option<InputError> {
        let head = &self.merge.lanes[lane as usize].head;
        let goroutine = self.merge.goroutines.at(head.own);
        match head.event_type {
            EventType::GoSysBlock | EventType::GoInSyscall => goroutine.blocked_at = head.time,
            EventType::GoEnd | EventType::GoStop => self.ending = head.own,
            EventType::GoSysExit if head.args[2] != 0 && self.merge.sorted.is_none() => {
                let exit = head.args[2].cast_signed();
                // Go takes a block at tick 0 for none.
                let block = goroutine.blocked_at;
                if block == 0 {
                    return Some(inconsistent(head, "a GoSysBlock before it", "none"));
                }
                if exit < block {
                    let want = format!("a time not before its GoSysBlock at tick {block}");
                    let error = inconsistent(head, want, format!("tick {exit}"));
                    let why = "Go reports this as \"time stamps out of order\"";
                    return Some(error.with_context(why));
                }
            }
            _ => {}
        }
        None
    }

    /// Whether an event comes at another time than it was written, as some exits do.
    #[inline(never)]
    pub(super) fn is_moved(&mut self, lane: u32) -> Result<bool, InputError> {
        if let Some(error) = self.retime(lane) {
            return Err(self.earlier_error(Check::Exit, error));
        }
        let head = self.merge.head(lane);
        let exit = head.args[2].cast_signed();
        let is_exit = head.event_type == EventType::GoSysExit && exit != 0;
        if !is_exit || exit == head.time || !self.merge.moves_exits() {
            return Ok(false);
        }
        if exit > head.time {
            self.late.push(Reverse((exit, self.merged, head.offset)));
            self.next_exit = self.next_exit.min(exit);
        }
        Ok(true)
    }

    /// The exit that comes before the next event of the merged stream, if one does.
    #[inline(never)]
    pub(super) fn due_exit(&mut self) -> Option<(u64, i64)> {
        // A late one was merged before any event of its time, an early one behind them.
        let next = self.waiting.map(|lane| self.merge.head(lane).time);
        let late = self
            .late
            .peek()
            .map(|&Reverse((tick, _, offset))| (offset, tick));
        let late = late.filter(|&(_, tick)| next.is_none_or(|next| tick <= next));
        let early = self.index.exits.get(self.exits_done);
        let early = early.filter(|exit| next.is_none_or(|next| exit.happened < next));
        let due = match (late, early) {
            (Some(exit), None) => {
                self.late.pop();
                Some(exit)
            }
            (Some(exit), Some(early)) if exit.1 <= early.happened => {
                self.late.pop();
                Some(exit)
            }
            (_, Some(&Exit { happened, offset })) => {
                self.exits_done += 1;
                Some((offset, happened))
            }
            (None, None) => None,
        };
        let early = self.index.exits.get(self.exits_done).map(|e| e.happened);
        let late = self.late.peek().map(|&Reverse((tick, ..))| tick);
        self.next_exit = early.into_iter().chain(late).min().unwrap_or(NO_EXIT);
        due
    }
}

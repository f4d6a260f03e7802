//! The doings of goroutines: slices of their runs and system calls, arrows to these from what lets
//! them run.

use std::io;

use super::super::emit::{NETPOLL_ROW, SYSCALL_ROW, State};
use super::super::json::Json;
use super::View;
use super::state::{Cause, Goroutine, NETPOLL, NOWHERE, SYSCALL};
use super::texts::Texts;
use crate::trace::kind::{GoState, Text};
use crate::trace::v2::{Event, Reader};

/// A change of a goroutine's state.
#[derive(Clone, Copy)]
pub(super) struct Change {
    pub(super) goroutine: u64,
    pub(super) from: GoState,
    pub(super) to: GoState,
    pub(super) reason: Text,
    pub(super) stack: Option<u64>,
}

/// The counter that a state counts for.
fn counted(state: GoState, is_assisting: bool) -> State {
    match state {
        GoState::Undetermined | GoState::NotExist => State::Dead,
        GoState::Runnable => State::Runnable,
        GoState::Running | GoState::Syscall => State::Running,
        GoState::Waiting if is_assisting => State::WaitingGc,
        GoState::Waiting => State::Waiting,
    }
}

impl View<'_> {
    pub(super) fn go_transition(
        &mut self,
        reader: &Reader,
        event: &Event,
        change: Change,
    ) -> io::Result<()> {
        use GoState as G;
        let Change {
            goroutine: id,
            from,
            to,
            ..
        } = change;
        let at = self.now;
        let has_stack = change.stack.is_some();
        let slot = self.goroutines.slot_or_new(id);
        if !self.goroutines.all[slot].is_named && has_stack {
            self.name(reader, slot, change.stack);
        }
        if from == to {
            return Ok(());
        }
        let stack = self.stack(reader, event.stack());
        let proc = event.proc();
        // What was so when the trace began has been so since.
        let start = if from == G::Undetermined {
            self.since
        } else {
            at
        };
        if from == G::Running && to != G::Syscall {
            if to == G::Waiting {
                let reason = self.reason(reader, change.reason);
                self.goroutines.all[slot].reason = reason;
            }
            self.stop(slot, at, stack)?;
        }
        if to == G::Running && from != G::Syscall {
            self.start(slot, start, proc)?;
        }
        match (from, to) {
            (G::Waiting, _) => self.unblock(slot, at, stack, proc)?,
            (G::NotExist, G::Runnable) => self.created(slot, at, stack, proc),
            (G::Syscall, to) if to != G::Running => self.exit_call(slot, at, stack)?,
            _ => {}
        }
        if let Some(proc) = proc {
            if to == G::Syscall {
                self.begin_call(slot, start, proc, stack);
            }
            // Whoever is in a system call there did not block.
            if from == G::Syscall && self.procs.get(proc).in_call.take().is_some() {
                self.end_call(slot, at, false)?;
            }
        }
        self.count(slot, at, from, to)?;
        // The goroutine of a thread that calls Go comes again under the same id.
        if (from, to) == (G::Running, G::NotExist) {
            self.goroutines.remove(id);
        }
        Ok(())
    }

    /// A goroutine has the name of the outermost function of its first stack.
    #[cold]
    fn name(&mut self, reader: &Reader, slot: usize, stack: Option<u64>) {
        let root = reader.frames(stack).last();
        let function = root.map_or(0, |frame| frame.function);
        let name = self.frames.text(reader, &mut self.texts, function);
        let g = &mut self.goroutines.all[slot];
        (g.name, g.is_named) = (name, true);
    }

    fn count(&mut self, slot: usize, at: i64, from: GoState, to: GoState) -> io::Result<()> {
        let ranges = self.goroutines.ranges(slot);
        let is_assisting = ranges.iter().any(|range| range.stops.is_none());
        let (from, to) = (counted(from, is_assisting), counted(to, is_assisting));
        if from == to {
            return Ok(());
        }
        let counts = &mut self.out.counters.goroutines;
        counts[from as usize] -= 1;
        counts[to as usize] += 1;
        self.out.goroutines(at)
    }

    /// A goroutine begins to run, and with that ends the arrow from what let it.
    fn start(&mut self, slot: usize, at: i64, proc: Option<u64>) -> io::Result<()> {
        for range in self.goroutines.ranges(slot) {
            (range.since, range.stack) = (Some(at), 0);
        }
        let row = proc.map_or(NOWHERE, |proc| self.procs.slot(proc));
        let g = &mut self.goroutines.all[slot];
        (g.row, g.since) = (row, at);
        let cause = std::mem::take(&mut g.cause);
        let (from, reason) = (g.cause_row, g.cause_reason);
        let (time, stack) = (g.cause_time, g.cause_stack);
        let (start, end) = ((time, self.row(from), stack), (at, self.row(row)));
        let texts = &self.texts;
        match cause {
            Cause::Nothing => Ok(()),
            Cause::Created => self
                .out
                .arrow(start, end, |json, phase| json.begin(b"\"go\"", phase)),
            Cause::Unblocked => self.out.arrow(start, end, |json, phase| {
                unblock(json, texts, reason, phase)
            }),
            Cause::Exited => self.out.arrow(start, end, |json, phase| {
                json.begin(b"\"exit blocked syscall\"", phase)
            }),
        }
    }

    fn created(&mut self, slot: usize, at: i64, stack: u32, proc: Option<u64>) {
        if let Some(proc) = proc {
            let row = self.procs.slot(proc);
            let g = &mut self.goroutines.all[slot];
            g.caused(Cause::Created, at, row, stack);
        }
    }

    /// A goroutine was woken up.
    fn unblock(&mut self, slot: usize, at: i64, stack: u32, proc: Option<u64>) -> io::Result<()> {
        let mut row = proc.map_or(NOWHERE, |proc| self.procs.slot(proc));
        let g = &mut self.goroutines.all[slot];
        let reason = std::mem::take(&mut g.reason);
        if self.texts.is_network(reason) {
            row = NETPOLL;
            unblock(&mut self.out.json, &self.texts, reason, b'I')?;
            self.out.instant((at, NETPOLL_ROW, stack))?;
            self.out.json.end()?;
        }
        // As in Go, an arrow from row 0 is none.
        if self.row(row) != 0 {
            let g = &mut self.goroutines.all[slot];
            g.cause_reason = reason;
            g.caused(Cause::Unblocked, at, row, stack);
        }
        Ok(())
    }

    /// A goroutine comes out of a system call in which it lost its P.
    fn exit_call(&mut self, slot: usize, at: i64, stack: u32) -> io::Result<()> {
        let g = &mut self.goroutines.all[slot];
        g.caused(Cause::Exited, at, SYSCALL, stack);
        let json = &mut self.out.json;
        json.begin(b"\"exit blocked syscall\"", b'I')?;
        self.out.instant((at, SYSCALL_ROW, stack))?;
        self.out.json.end()
    }

    fn begin_call(&mut self, slot: usize, at: i64, proc: u64, stack: u32) {
        let row = self.procs.slot(proc);
        let g = &mut self.goroutines.all[slot];
        (g.is_in_call, g.call_time, g.call_stack) = (true, at, stack);
        if g.row == NOWHERE {
            (g.row, g.since) = (row, at);
        }
        let id = g.id;
        self.procs.get(proc).in_call = Some(id);
    }

    /// A system call is over, or takes up its P no longer.
    pub(super) fn end_call(&mut self, slot: usize, at: i64, is_blocked: bool) -> io::Result<()> {
        let g = &mut self.goroutines.all[slot];
        if !std::mem::take(&mut g.is_in_call) || g.row == NOWHERE {
            return Ok(());
        }
        let (time, row, stack) = (g.call_time, g.row, g.call_stack);
        let row = self.row(row);
        let json = &mut self.out.json;
        json.begin(b"\"syscall\"", b'X')?;
        self.out.slice((time, row, stack), (at, 0))?;
        if is_blocked {
            self.out.json.put(b",\"args\":{\"blocked\":\"yes\"}}")
        } else {
            self.out.json.put(b",\"args\":{\"blocked\":\"no\"}}")
        }
    }

    /// A goroutine runs no more.
    pub(super) fn stop(&mut self, slot: usize, at: i64, stack: u32) -> io::Result<()> {
        let g = &mut self.goroutines.all[slot];
        let row = std::mem::replace(&mut g.row, NOWHERE);
        let before = std::mem::replace(&mut g.stack, stack);
        if row == NOWHERE {
            return Ok(());
        }
        let (id, since, name, label, is_named) = (g.id, g.since, g.name, g.label, g.is_named);
        let row = self.row(row);
        let json = &mut self.out.json;
        json.start(b",\n{\"name\":\"G")?;
        json.digits(id)?;
        if is_named {
            json.put(b" ")?;
            json.padded(self.texts.padded(name))?;
        }
        if label != 0 {
            json.put(b" (")?;
            json.padded(self.texts.padded(label))?;
            json.put(b")")?;
        }
        json.put(b"\",\"ph\":\"X\"")?;
        self.out.slice((since, row, before), (at, stack))?;
        self.out.json.end()?;
        for index in 0..self.goroutines.ranges(slot).len() {
            let range = &mut self.goroutines.ranges(slot)[index];
            let (stops, stack) = (range.stops, std::mem::take(&mut range.stack));
            if let Some(since) = range.since.take() {
                self.range_of_goroutine(stops, (since, row, stack), (at, 0))?;
            }
        }
        Ok(())
    }
}

impl Goroutine {
    /// Notes what lets it run.
    fn caused(&mut self, cause: Cause, at: i64, row: u32, stack: u32) {
        self.cause = cause;
        self.cause_time = at;
        self.cause_row = row;
        self.cause_stack = stack;
    }
}

/// Begins what shows that a goroutine was woken up.
#[inline]
fn unblock(json: &mut Json<'_>, texts: &Texts, reason: u32, phase: u8) -> io::Result<()> {
    json.start(b",\n{\"name\":\"unblock")?;
    if reason != 0 {
        json.put(b" (")?;
        json.padded(texts.padded(reason))?;
        json.put(b")")?;
    }
    json.end_name(phase)
}

//! A v2 trace as Go 1.26's viewer shows it, a row for each P.
//!
//! What is shown when something ends is held until then, and nothing else: a goroutine runs
//! in one slice, or waits for the arrow to its next run; texts and stacks that were named are
//! held once, since their tables are over with their generation.
//!
//! Source: Go `cmd/trace`, `procgen.go`, `gstate.go` and `gen.go` (R82).

mod frames;
mod goroutine;
mod ranges;
mod state;
mod texts;

use std::io::{self, Write};

use super::Options;
use super::emit::{Emitter, NO_P_ROW, Start};
use crate::error::{InputError, WriteError};
use crate::heap;
use crate::trace::kind::{Metric, ProcState, Text};
use crate::trace::v2::{Event, Kind, Reader};
use frames::Frames;
use state::{Goroutines, NETPOLL, NOWHERE, Procs, SYSCALL};
use texts::Texts;

/// A goal of the heap beyond this is none (Go's issue 63864).
const HIGHEST_GOAL: u64 = 1 << 50;

/// Writes the whole trace as JSON, and gives the number of samples that were left out.
pub(super) fn write(
    reader: &mut Reader,
    options: Options,
    out: &mut dyn Write,
) -> Result<u64, WriteError> {
    let keep_going = reader.options().keep_going;
    let mut view = View::new(options, out);
    view.out.header()?;
    let result = view.events(reader)?;
    view.finish()?;
    // What is refused must not look whole.
    if result.is_ok() || keep_going {
        view.footer()?;
    } else {
        view.out.json.flush()?;
    }
    result?;
    Ok(view.left_out)
}

struct View<'o> {
    options: Options,
    out: Emitter<'o>,
    frames: Frames,
    texts: Texts,
    goroutines: Goroutines,
    procs: Procs,
    /// When the collector began to mark, and with which stack.
    mark: Option<(i64, u32)>,
    /// Generations so far.
    syncs: u64,
    /// The number of the one whose tables have the last event's ids.
    generation: u64,
    /// Generations that could not be read whole, so far.
    lost: u64,
    /// Samples that were left out, for want of a P.
    left_out: u64,
    /// When what is so at first began: the trace's beginning, or where it goes on after a loss.
    since: i64,
    /// The first event's time.
    first: Option<i64>,
    /// The last event's, since then.
    now: i64,
}

impl<'o> View<'o> {
    fn new(options: Options, out: &'o mut dyn Write) -> Self {
        Self {
            options,
            out: Emitter::new(out),
            frames: Frames::default(),
            texts: Texts::default(),
            goroutines: Goroutines::default(),
            procs: Procs::default(),
            mark: None,
            syncs: 0,
            generation: 0,
            lost: 0,
            left_out: 0,
            since: 0,
            first: None,
            now: 0,
        }
    }

    /// Shows all events; what is wrong with the trace comes after those before it.
    fn events(&mut self, reader: &mut Reader) -> io::Result<Result<(), InputError>> {
        let (mut count, mut frames) = (0_usize, 0);
        loop {
            match reader.advance() {
                Ok(true) => {}
                Ok(false) => return Ok(Ok(())),
                Err(error) => return Ok(Err(error)),
            }
            let (reader, event) = (&*reader, reader.event());
            self.event(reader, event)?;
            count += 1;
            if count.is_multiple_of(heap::STEP) || self.frames.len() >= frames + frames::STEP {
                frames = self.frames.len();
                if let Err(error) = self.check(reader, event.offset) {
                    return Ok(Err(error));
                }
            }
        }
    }

    /// Refuses a trace of which more would be held than its size allows.
    fn check(&self, reader: &Reader, offset: u64) -> Result<(), InputError> {
        let len = usize::try_from(reader.totals().bytes).unwrap_or(usize::MAX);
        let wanted = self.frames.heap()
            + self.texts.heap()
            + self.goroutines.heap()
            + self.procs.heap()
            + self.out.heap();
        heap::check_beside(len, wanted, offset)
    }

    #[inline]
    fn event(&mut self, reader: &Reader, event: &Event) -> io::Result<()> {
        let at = event
            .time
            .saturating_sub(*self.first.get_or_insert(event.time));
        self.now = at;
        if event.generation != self.generation {
            self.begin(reader, event.generation)?;
        }
        match event.kind() {
            Kind::GoTransition {
                goroutine,
                from,
                to,
                reason,
                stack,
            } => {
                let change = goroutine::Change {
                    goroutine: goroutine.0,
                    from,
                    to,
                    reason,
                    stack: stack.map(|stack| stack.id),
                };
                self.go_transition(reader, event, change)
            }
            Kind::ProcTransition { proc, from, to } => {
                self.proc_transition(reader, event, proc.0, from, to)
            }
            Kind::StackSample => self.sample(reader, event),
            Kind::Metric(Metric::HeapAlloc, bytes) => {
                self.out.counters.heap[0] = bytes;
                self.out.show_heap(at)
            }
            Kind::Metric(Metric::HeapGoal, bytes) => {
                let is_goal = bytes <= HIGHEST_GOAL;
                self.out.counters.heap[1] = if is_goal { bytes } else { 0 };
                self.out.show_heap(at)
            }
            Kind::RangeBegin(range) => {
                self.range_begin(reader, event, range);
                Ok(())
            }
            Kind::RangeActive(range) => {
                self.range_active(reader, event, range);
                Ok(())
            }
            Kind::RangeEnd { range, .. } => self.range_end(reader, event, range),
            Kind::Label(Text::Table(label)) => {
                let label = self.frames.text(reader, &mut self.texts, label);
                let goroutine = event.goroutine();
                if let Some(slot) = goroutine.and_then(|id| self.goroutines.slot(id)) {
                    self.goroutines.all[slot].label = label;
                }
                Ok(())
            }
            Kind::Log {
                category, message, ..
            } => self.log(reader, event, category, message),
            Kind::Sync { .. } => {
                self.syncs += 1;
                self.begin(reader, event.generation)?;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// A generation begins: with it end the ids of the one before.
    #[cold]
    fn begin(&mut self, reader: &Reader, generation: u64) -> io::Result<()> {
        self.generation = generation;
        let lost = reader.totals().lost;
        if lost != self.lost {
            // Nobody knows what went on: everything begins anew.
            self.lost = lost;
            self.finish()?;
            self.since = self.now;
            self.mark = None;
            (self.goroutines, self.procs) = (Goroutines::default(), Procs::default());
            (self.out.counters.threads, self.out.counters.goroutines) = ([0; 3], [0; 5]);
        }
        self.frames.begin();
        Ok(())
    }

    /// The number of a stack of the last event's generation.
    #[inline]
    fn stack(&mut self, reader: &Reader, stack: Option<u64>) -> u32 {
        self.frames.stack(reader, &mut self.texts, stack)
    }

    /// The row of a slot; of none that which Go's number for no P is.
    fn row(&self, slot: u32) -> u64 {
        match slot {
            NOWHERE => u64::MAX,
            NETPOLL => super::emit::NETPOLL_ROW,
            SYSCALL => super::emit::SYSCALL_ROW,
            slot => self.procs.all[slot as usize].id,
        }
    }

    fn sample(&mut self, reader: &Reader, event: &Event) -> io::Result<()> {
        let row = match event.proc() {
            Some(proc) => proc,
            None if self.options.all => NO_P_ROW,
            None => {
                self.left_out += 1;
                return Ok(());
            }
        };
        let stack = self.stack(reader, event.stack());
        self.out.json.begin(b"\"CPU profile sample\"", b'I')?;
        self.out.instant((self.now, row, stack))?;
        self.out.json.end()
    }

    fn log(
        &mut self,
        reader: &Reader,
        event: &Event,
        category: Text,
        message: Text,
    ) -> io::Result<()> {
        let Some(proc) = event.proc() else {
            return Ok(());
        };
        let stack = self.stack(reader, event.stack());
        let (category, message) = (reader.text(category), reader.text(message));
        let json = &mut self.out.json;
        match category {
            b"" => json.begin_text(&[message], b'I')?,
            category => json.begin_text(&[b"[", category, b"] ", message], b'I')?,
        }
        self.out.instant((self.now, proc, stack))?;
        self.out.json.raw(b",\"cat\":\"user event\"}")
    }

    fn proc_transition(
        &mut self,
        reader: &Reader,
        event: &Event,
        id: u64,
        from: ProcState,
        to: ProcState,
    ) -> io::Result<()> {
        self.out.has_p(id);
        if from == to {
            return Ok(());
        }
        let stack = self.stack(reader, event.stack());
        let thread = event.thread().unwrap_or(u64::MAX);
        if to == ProcState::Running {
            // One that runs when the trace begins has run since.
            let is_first = from == ProcState::Undetermined;
            let start = if is_first { self.since } else { self.now };
            self.out.counters.threads[0] += 1;
            self.out.show_threads(start)?;
            self.out.json.begin(b"\"proc start\"", b'I')?;
            return self.end_proc((start, id, stack), thread);
        }
        if from == ProcState::Running {
            let time = self.now;
            self.out.counters.threads[0] -= 1;
            self.out.show_threads(time)?;
            // A system call that blocks takes up its P no longer.
            let called = self.procs.get(id).in_call.take();
            if let Some(slot) = called.and_then(|id| self.goroutines.slot(id)) {
                self.end_call(slot, time, true)?;
                self.stop(slot, time, stack)?;
            }
            self.out.json.begin(b"\"proc stop\"", b'I')?;
            return self.end_proc((time, id, stack), thread);
        }
        Ok(())
    }

    /// The rest of what a P does, whose name is there: as in Go, a 0 is left out.
    fn end_proc(&mut self, at: Start, thread: u64) -> io::Result<()> {
        self.out.instant(at)?;
        let args = [("thread", thread), ("proc", at.1)];
        match args {
            [(_, 0), (_, 0)] => self.out.json.raw(b",\"args\":{}")?,
            [(_, 0), proc] => self.out.json.args(&[proc])?,
            [thread, (_, 0)] => self.out.json.args(&[thread])?,
            both => self.out.json.args(&both)?,
        }
        self.out.json.end()
    }

    /// Ends at the end of the trace what has not ended.
    fn finish(&mut self) -> io::Result<()> {
        let end = self.now;
        self.finish_ranges(end)?;
        for slot in self.goroutines.running() {
            self.end_call(slot, end, false)?;
            self.stop(slot, end, 0)?;
        }
        Ok(())
    }

    /// The names of rows, and the frames.
    fn footer(&mut self) -> io::Result<()> {
        self.out.rows(self.options.all)?;
        self.frames.write(&self.texts, &mut self.out)?;
        self.out.footer()
    }
}

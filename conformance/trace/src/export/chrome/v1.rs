//! A trace as Chrome's trace events: the JSON that Go 1.19's `/jsontrace` gives of the
//! whole trace, event for event. Perfetto and chrome://tracing open it.
//!
//! Three things differ: the order of the events, since a slice is written when it ends, and
//! with it the numbers of arrows and frames. What Go cannot show, it breaks off at (a
//! goroutine without a stack) or panics at (a slice that does not end); here the one has
//! no function in its name, and the other ends with the trace. Durations are exact, where
//! Go's have the noise of a floating-point difference.
//!
//! Source: Go `cmd/trace/trace.go`, `generateTrace` (R64.5).

mod frames;
mod open;
mod state;

use std::collections::HashMap;
use std::io::{self, Write};

use sigprof_wire::v1::EventType;

use super::Options;
use super::emit::{Emitter, NO_P_ROW, State};
use crate::error::WriteError;
use crate::heap;
use crate::trace::v1::hash::IdHash;
use crate::trace::v1::render::go_p;
use crate::trace::v1::{Event, Place, Reader};
use crate::trace::v1::{Slots, blocks};
use frames::Frames;
use open::{Begun, Slice};
use state::{Assist, Goroutine, Names, Open, Run};

/// Bytes of a run, and of another slice in its table. At the end all that have not ended are put
/// in order.
const PER_RUN: usize = size_of::<Run>() + size_of::<Begun>();
const PER_SLICE: usize = size_of::<u64>() + size_of::<Slice>();

/// Writes the whole trace as JSON, and gives the number of samples that were left out.
pub(super) fn write(
    reader: &Reader,
    options: Options,
    out: &mut dyn Write,
) -> Result<u64, WriteError> {
    let mut chrome = Chrome::new(reader, options, out);
    chrome.out.header()?;
    let result = chrome.events();
    match result {
        // What is refused must not look whole.
        Err(error) if !reader.options().keep_going => {
            chrome.out.json.flush()?;
            return Err(error);
        }
        Err(error) => {
            chrome.footer()?;
            return Err(error);
        }
        Ok(()) => chrome.footer()?,
    }
    if let Some(damage) = reader.damage() {
        return Err(damage.clone().into());
    }
    Ok(chrome.left_out)
}

struct Chrome<'r, 'o> {
    reader: &'r Reader<'r>,
    options: Options,
    out: Emitter<'o>,
    frames: Frames,
    names: Names<'r>,
    /// By the reader's slot.
    goroutines: Vec<Goroutine>,
    /// The last run on each lane.
    runs: Vec<Run>,
    /// Mark assists in them.
    assists: usize,
    /// Other slices whose end is to come, by the offset of the event they began with.
    open: HashMap<u64, Slice, IdHash>,
    last_time: i64,
    /// Samples that were left out, for want of a P.
    left_out: u64,
}

impl<'r, 'o> Chrome<'r, 'o> {
    fn new(reader: &'r Reader<'r>, options: Options, out: &'o mut dyn Write) -> Self {
        Self {
            reader,
            options,
            out: Emitter::new(out),
            frames: Frames::default(),
            names: Names::new(),
            goroutines: Vec::new(),
            runs: Vec::new(),
            assists: 0,
            open: HashMap::default(),
            last_time: 0,
            left_out: 0,
        }
    }

    fn events(&mut self) -> Result<(), WriteError> {
        let mut events = self.reader.events();
        let (len, lanes) = (self.reader.bytes().len(), self.reader.lane_count() + 1);
        let wanted = events.heap() + PER_RUN * lanes;
        heap::check_export(len, wanted, len as u64)?;
        self.runs.resize_with(lanes, Run::default);
        let (mut count, mut frames) = (0, 0);
        let mut result = Ok(());
        while let Some(event) = events.next() {
            match event {
                Ok(event) => {
                    self.event(&event, events.slots())?;
                    count += 1;
                    if count % heap::STEP == 0 || self.frames.len() >= frames + frames::STEP {
                        frames = self.frames.len();
                        let wanted = events.heap() + self.heap();
                        result = heap::check_export(len, wanted, event.offset);
                    }
                }
                Err(error) => result = Err(error),
            }
            if result.is_err() {
                break;
            }
        }
        self.close_all()?;
        Ok(result?)
    }

    /// Bytes that there may be before this is asked again, beside those of the reader.
    fn heap(&self) -> usize {
        let open = &self.open;
        self.frames.heap()
            + self.names.heap()
            + heap::list(&self.goroutines, 2 * heap::STEP)
            + PER_RUN * self.runs.len()
            + size_of::<Assist>() * (self.assists + heap::STEP) / 4 * 5
            + heap::table(open.len(), open.capacity(), heap::STEP, PER_SLICE)
            + size_of::<Begun>() * (open.len() + heap::STEP)
            + self.out.heap()
    }

    fn event(&mut self, event: &Event, slots: Slots) -> io::Result<()> {
        self.last_time = event.time;
        self.count(event, slots);
        if let Place::P(p) = event.place {
            self.out.has_p(p);
        }
        self.close(event, slots)?;
        self.show(event, slots)?;
        self.out.show_counters(event.time)?;
        if event.event_type == EventType::GoEnd {
            *self.goroutine(slots.own) = Goroutine::default();
        }
        Ok(())
    }

    /// The goroutine in a slot.
    fn goroutine(&mut self, slot: u32) -> &mut Goroutine {
        let slot = slot as usize;
        while self.goroutines.len() <= slot {
            heap::push(&mut self.goroutines, Goroutine::default());
        }
        &mut self.goroutines[slot]
    }

    /// Keeps the counters (Go: the first half of `generateTrace`).
    fn count(&mut self, event: &Event, slots: Slots) {
        use EventType as E;
        let (own, subject) = (slots.own, slots.subject);
        let (slot, state) = match event.event_type {
            E::ProcStart => return self.out.counters.threads[0] += 1,
            E::ProcStop => return self.out.counters.threads[0] -= 1,
            E::HeapAlloc => return self.out.counters.heap[0] = event.args[0],
            E::HeapGoal => return self.out.counters.heap[1] = event.args[0],
            E::GCMarkAssistStart | E::GCMarkAssistDone => {
                let starts = event.event_type == E::GCMarkAssistStart;
                self.goroutine(own).is_assisting = starts;
                return;
            }
            E::GoStart | E::GoStartLabel => (own, State::Running),
            E::GoCreate => {
                self.create(event.args[1], subject);
                (subject, State::Runnable)
            }
            E::GoUnblock => (subject, State::Runnable),
            E::GoSysExit | E::GoSched | E::GoPreempt => (own, State::Runnable),
            E::GoEnd => (own, State::Dead),
            E::GoBlockGC => (own, State::WaitingGc),
            E::GoSysBlock | E::GoWaiting | E::GoInSyscall | E::GoStop => (own, State::Waiting),
            event_type if blocks(event_type) => (own, State::Waiting),
            _ => return,
        };
        let goroutine = self.goroutine(slot);
        let before = std::mem::replace(&mut goroutine.state, state);
        let name = goroutine.name;
        self.out.counters.goroutines[before as usize] -= 1;
        self.out.counters.goroutines[state as usize] += 1;
        let in_syscall = 1 + usize::from(self.names.is_system(name));
        match event.event_type {
            E::GoSysBlock | E::GoInSyscall => self.out.counters.threads[in_syscall] += 1,
            E::GoSysExit => self.out.counters.threads[in_syscall] -= 1,
            _ => {}
        }
    }

    /// A goroutine is named by the function it starts with. Its slot may be another's, who has
    /// stopped.
    fn create(&mut self, stack: u64, slot: u32) {
        let reader = self.reader;
        let leaf = reader.stack(std::num::NonZeroU64::new(stack)).next();
        let function = leaf.map_or(0, |frame| frame.function);
        let name = self.names.number(function, || reader.string(function));
        *self.goroutine(slot) = Goroutine {
            name,
            ..Goroutine::default()
        };
    }

    /// Shows an event, or notes where it begins (Go: the second half of `generateTrace`).
    fn show(&mut self, event: &Event, slots: Slots) -> io::Result<()> {
        use EventType as E;
        let Slots { own, subject, lane } = slots;
        match event.event_type {
            E::ProcStart => {
                self.instant(event, b"\"proc start\"", b"", Some(event.args[0]))?;
            }
            E::ProcStop => self.instant(event, b"\"proc stop\"", b"", None)?,
            E::GCStart | E::GCSTWStart | E::GCSweepStart => self.begin(event),
            E::GCMarkAssistStart => self.begin_assist(event, slots, false),
            E::GCMarkAssistDone => self.assist_done(event, slots),
            E::GoStart | E::GoStartLabel => self.begin_run(event, slots),
            E::GoCreate => self.begin_arrow(event, subject, lane, Open::Created),
            E::GoUnblock => self.begin_arrow(event, subject, lane, Open::Unblocked),
            E::GoSysExit => self.begin_arrow(event, own, lane, Open::Exited),
            E::GoSysCall => self.instant(event, b"\"syscall\"", b"", None)?,
            E::UserLog => self.user_log(event)?,
            E::UserTaskCreate => self.instant(event, b"\"task start\"", b"\"user event\"", None)?,
            E::UserTaskEnd => self.instant(event, b"\"task end\"", b"\"user event\"", None)?,
            E::CPUSample if self.options.all || event.place != Place::NoP => {
                self.instant(event, b"\"CPU profile sample\"", b"", None)?;
            }
            E::CPUSample => self.left_out += 1,
            _ => {}
        }
        Ok(())
    }

    fn user_log(&mut self, event: &Event) -> io::Result<()> {
        let texts = self.reader.string_args(event);
        let [key, message] = texts[..] else {
            return Ok(());
        };
        let between: &[u8] = if key.is_empty() || message.is_empty() {
            b""
        } else {
            b"="
        };
        let (row, stack) = self.row_and_stack(event);
        self.out.json.begin_text(&[key, between, message], b'I')?;
        self.end_instant(event.time, row, stack, b"\"user event\"", None)
    }

    fn stack(&mut self, event: &Event) -> u32 {
        self.frames.stack(self.reader, event.stack)
    }

    fn row_and_stack(&mut self, event: &Event) -> (u64, u32) {
        let row = match event.place {
            Place::NoP if event.event_type == EventType::CPUSample => NO_P_ROW,
            place => go_p(place).cast_unsigned(),
        };
        (row, self.stack(event))
    }

    fn instant(
        &mut self,
        event: &Event,
        name: &[u8],
        category: &[u8],
        thread: Option<u64>,
    ) -> io::Result<()> {
        let (row, stack) = self.row_and_stack(event);
        self.out.json.begin(name, b'I')?;
        self.end_instant(event.time, row, stack, category, thread)
    }

    /// The rest of an instant event whose name is there.
    fn end_instant(
        &mut self,
        time: i64,
        row: u64,
        stack: u32,
        category: &[u8],
        thread: Option<u64>,
    ) -> io::Result<()> {
        self.out.instant((time, row, stack))?;
        if let Some(thread) = thread {
            self.out.json.args(&[("ThreadID", thread)])?;
        }
        if !category.is_empty() {
            self.out.json.raw(b",\"cat\":")?;
            self.out.json.raw(category)?;
        }
        self.out.json.end()
    }

    /// The names of rows, and the frames.
    fn footer(&mut self) -> io::Result<()> {
        self.out.rows(self.options.all)?;
        self.frames.write(self.reader, &mut self.out)?;
        self.out.footer()
    }
}

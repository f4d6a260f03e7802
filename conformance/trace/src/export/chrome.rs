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
mod json;
mod open;
mod rows;

use std::collections::{BTreeSet, HashMap};
use std::io::{self, Write};

use sigprof_wire::v1::EventType;

use crate::error::{InputError, WriteError};
use crate::trace::v1::hash::IdHash;
use crate::trace::v1::render::go_p;
use crate::trace::v1::{Event, Place, Reader};
use frames::Frames;
use json::Json;
use open::{Assist, Name, Open};
use rows::MAX_IDLE_P;

/// Rows of the viewer.
const PROCS: u64 = 0;
const STATS: u64 = 1;

/// The row of samples without a P, where Go's reader keeps them.
const NO_P_ROW: u64 = 1_000_005;

/// Numbers from here on are no Ps in Go's eyes, and have no rows of their own.
const FAKE_P: u64 = 1_000_000;

/// What is shown.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Show samples without a P, too, on a row of their own.
    pub all: bool,
}

/// Writes the whole trace as JSON.
///
/// # Errors
/// What is wrong with the trace, or with the output. What stands before that has been
/// written, and with [`keep_going`](crate::trace::v1::Options::keep_going) the JSON is complete;
/// without, it is not closed, so that nobody takes it for whole.
pub fn write(reader: &Reader, options: Options, out: &mut impl Write) -> Result<(), WriteError> {
    let mut chrome = Chrome::new(reader, options, out);
    chrome
        .json
        .raw(b"{\"displayTimeUnit\":\"ns\",\"traceEvents\":[")?;
    let result = chrome.events();
    match result {
        // What is refused must not look whole.
        Err(error) if !reader.options().keep_going => {
            chrome.json.flush()?;
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
    Ok(())
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Dead,
    Runnable,
    Running,
    Waiting,
    WaitingGc,
}

#[derive(Debug, Default)]
struct Goroutine {
    state: State,
    /// As a string of JSON.
    name: Vec<u8>,
    is_system: bool,
    /// Mark assists in the run that is under way.
    assists: Vec<Assist>,
    /// Whether one is not over.
    is_assisting: bool,
}

/// What the counters show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counters {
    threads: [i64; 3],
    heap: [u64; 2],
    goroutines: [i64; 5],
}

struct Chrome<'r, 'o, W> {
    reader: &'r Reader<'r>,
    options: Options,
    json: Json<'o, W>,
    frames: Frames,
    goroutines: HashMap<u64, Goroutine, IdHash>,
    /// Slices and arrows whose end is to come, by the offset of the event they began with.
    open: HashMap<u64, Open, IdHash>,
    counters: Counters,
    shown: Counters,
    arrows: u64,
    max_p: u64,
    /// Those beyond [`MAX_IDLE_P`].
    high_ps: BTreeSet<u64>,
    last_time: i64,
}

impl<'r, 'o, W: Write> Chrome<'r, 'o, W> {
    fn new(reader: &'r Reader<'r>, options: Options, out: &'o mut W) -> Self {
        Self {
            reader,
            options,
            json: Json::new(out),
            frames: Frames::default(),
            goroutines: HashMap::default(),
            open: HashMap::default(),
            counters: Counters::default(),
            shown: Counters::default(),
            arrows: 0,
            max_p: 0,
            high_ps: BTreeSet::new(),
            last_time: 0,
        }
    }

    fn events(&mut self) -> Result<(), WriteError> {
        let reader = self.reader;
        let mut result = Ok(());
        for event in reader {
            match event {
                Ok(event) => self.event(&event)?,
                Err(error) => {
                    result = Err::<(), InputError>(error);
                    break;
                }
            }
        }
        self.close_all()?;
        Ok(result?)
    }

    fn event(&mut self, event: &Event) -> io::Result<()> {
        self.last_time = event.time;
        self.count(event);
        if let Place::P(p) = event.place
            && p < FAKE_P
        {
            self.max_p = self.max_p.max(p);
            if p > MAX_IDLE_P {
                self.high_ps.insert(p);
            }
        }
        if let Some(begun) = event.answers
            && let Some(open) = self.open.remove(&begun.get())
        {
            self.close(open, event)?;
        }
        self.show(event)?;
        self.show_counters(event.time)?;
        if event.event_type == EventType::GoEnd {
            self.goroutines.remove(&event.goroutine_or_zero());
        }
        Ok(())
    }

    /// Keeps the counters (Go: the first half of `generateTrace`).
    fn count(&mut self, event: &Event) {
        use EventType as E;
        let own = event.goroutine_or_zero();
        let (id, state) = match event.event_type {
            E::ProcStart => return self.counters.threads[0] += 1,
            E::ProcStop => return self.counters.threads[0] -= 1,
            E::HeapAlloc => return self.counters.heap[0] = event.args[0],
            E::HeapGoal => return self.counters.heap[1] = event.args[0],
            E::GCMarkAssistStart | E::GCMarkAssistDone => {
                let starts = event.event_type == E::GCMarkAssistStart;
                self.goroutines.entry(own).or_default().is_assisting = starts;
                return;
            }
            E::GoStart | E::GoStartLabel => (own, State::Running),
            E::GoCreate => {
                self.name(event.args[0], event.args[1]);
                (event.args[0], State::Runnable)
            }
            E::GoUnblock => (event.args[0], State::Runnable),
            E::GoSysExit | E::GoSched | E::GoPreempt => (own, State::Runnable),
            E::GoEnd => (own, State::Dead),
            E::GoBlockGC => (own, State::WaitingGc),
            E::GoSysBlock
            | E::GoWaiting
            | E::GoInSyscall
            | E::GoStop
            | E::GoSleep
            | E::GoBlock
            | E::GoBlockSend
            | E::GoBlockRecv
            | E::GoBlockSelect
            | E::GoBlockSync
            | E::GoBlockCond
            | E::GoBlockNet => (own, State::Waiting),
            _ => return,
        };
        let goroutine = self.goroutines.entry(id).or_default();
        self.counters.goroutines[goroutine.state as usize] -= 1;
        self.counters.goroutines[state as usize] += 1;
        goroutine.state = state;
        let in_syscall = 1 + usize::from(goroutine.is_system);
        match event.event_type {
            E::GoSysBlock | E::GoInSyscall => self.counters.threads[in_syscall] += 1,
            E::GoSysExit => self.counters.threads[in_syscall] -= 1,
            _ => {}
        }
    }

    /// A goroutine is named by the function it starts with.
    fn name(&mut self, id: u64, stack: u64) {
        let leaf = self.reader.stack(std::num::NonZeroU64::new(stack)).next();
        let function = leaf.map_or(&[][..], |frame| self.reader.string(frame.function));
        let goroutine = self.goroutines.entry(id).or_default();
        goroutine.name = json::quoted(&[format!("G{id} ").as_bytes(), function].concat());
        goroutine.is_system = function != b"runtime.main" && function.starts_with(b"runtime.");
    }

    /// Shows an event, or notes where it begins (Go: the second half of `generateTrace`).
    fn show(&mut self, event: &Event) -> io::Result<()> {
        use EventType as E;
        match event.event_type {
            E::ProcStart => {
                self.instant(event, b"\"proc start\"", b"", Some(event.args[0]))?;
            }
            E::ProcStop => self.instant(event, b"\"proc stop\"", b"", None)?,
            E::GCStart => self.begin(event, Name::Fixed(b"\"GC\"")),
            E::GCSTWStart => {
                let kind = self.reader.string_args(event);
                let kind = kind.first().copied().unwrap_or_default();
                let name = json::quoted(&[b"STW (", kind, b")"].concat());
                self.begin(event, Name::Own(name));
            }
            E::GCSweepStart => self.begin(event, Name::Fixed(b"\"SWEEP\"")),
            E::GCMarkAssistStart => self.begin_assist(event, false),
            E::GCMarkAssistDone => self.assist_done(event),
            E::GoStart | E::GoStartLabel => {
                let own = event.goroutine_or_zero();
                let goroutine = self.goroutines.entry(own).or_default();
                let is_assisting = goroutine.is_assisting;
                let name = if event.event_type == E::GoStartLabel {
                    Name::Own(json::quoted(self.reader.string(event.args[2])))
                } else {
                    Name::Goroutine
                };
                self.begin(event, name);
                if is_assisting {
                    self.begin_assist(event, true);
                }
            }
            E::GoCreate => self.begin_arrow(event, b"\"go\""),
            E::GoUnblock => self.begin_arrow(event, b"\"unblock\""),
            E::GoSysExit => self.begin_arrow(event, b"\"sysexit\""),
            E::GoSysCall => self.instant(event, b"\"syscall\"", b"", None)?,
            E::UserLog => {
                let name = match &self.reader.string_args(event)[..] {
                    [b"", message] => message.to_vec(),
                    [key, b""] => key.to_vec(),
                    texts => texts.join(&b'='),
                };
                let name = json::quoted(&name);
                self.instant(event, &name, b"\"user event\"", None)?;
            }
            E::UserTaskCreate => self.instant(event, b"\"task start\"", b"\"user event\"", None)?,
            E::UserTaskEnd => self.instant(event, b"\"task end\"", b"\"user event\"", None)?,
            E::CPUSample if self.options.all || event.place != Place::NoP => {
                self.instant(event, b"\"CPU profile sample\"", b"", None)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn stack(&mut self, event: &Event) -> u64 {
        self.frames.stack(self.reader, event.stack)
    }

    fn instant(
        &mut self,
        event: &Event,
        name: &[u8],
        category: &[u8],
        thread: Option<u64>,
    ) -> io::Result<()> {
        let row = match event.place {
            Place::NoP if event.event_type == EventType::CPUSample => NO_P_ROW,
            place => go_p(place).cast_unsigned(),
        };
        let stack = self.stack(event);
        self.json.begin(name, "I")?;
        self.json.raw(b",\"s\":\"t\"")?;
        self.json.time("ts", event.time)?;
        self.json.row(row)?;
        self.json.number_but_0("sf", stack)?;
        if let Some(thread) = thread {
            self.json.args(&[("ThreadID", thread)])?;
        }
        if !category.is_empty() {
            self.json.raw(b",\"cat\":")?;
            self.json.raw(category)?;
        }
        self.json.end()
    }

    fn show_counters(&mut self, time: i64) -> io::Result<()> {
        let (now, before) = (self.counters, self.shown);
        if now == before {
            return Ok(());
        }
        if now.threads != before.threads {
            let [running, in_syscall, _] = now.threads.map(i64::cast_unsigned);
            let args = [("Running", running), ("InSyscall", in_syscall)];
            self.counter(b"\"Threads\"", time, &args)?;
        }
        if now.heap != before.heap {
            let [allocated, next_gc] = now.heap;
            let left = next_gc.saturating_sub(allocated);
            let args = [("Allocated", allocated), ("NextGC", left)];
            self.counter(b"\"Heap\"", time, &args)?;
        }
        if now.goroutines != before.goroutines {
            let count = |state: State| now.goroutines[state as usize].cast_unsigned();
            let args = [
                ("Running", count(State::Running)),
                ("Runnable", count(State::Runnable)),
                ("GCWaiting", count(State::WaitingGc)),
            ];
            self.counter(b"\"Goroutines\"", time, &args)?;
        }
        self.shown = now;
        Ok(())
    }

    fn counter(&mut self, name: &[u8], time: i64, args: &[(&str, u64)]) -> io::Result<()> {
        self.json.begin(name, "C")?;
        self.json.time("ts", time)?;
        self.json.number("pid", STATS)?;
        self.json.number("tid", 0)?;
        self.json.args(args)?;
        self.json.end()
    }
}

//! Shapes that both formats show: slices, instants, arrows, counters and the names of rows.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::json::Json;
use crate::heap;

/// Rows of the viewer.
const PROCS: u64 = 0;
const STATS: u64 = 1;

/// Rows that are no Ps. Numbers from the first of them on are not Ps in Go's eyes, and have no
/// rows of their own.
pub(super) const FAKE_P: u64 = 1_000_000;
const TIMER_ROW: u64 = FAKE_P + 1;
pub(super) const NETPOLL_ROW: u64 = FAKE_P + 2;
pub(super) const SYSCALL_ROW: u64 = FAKE_P + 3;
pub(super) const GC_ROW: u64 = FAKE_P + 4;
/// The row of samples without a P, where Go's reader keeps them.
pub(super) const NO_P_ROW: u64 = FAKE_P + 5;

/// Ps up to this one have a row in any case, as in Go; beyond, those that have events: a
/// few bytes can name a very high one (S10.7).
const MAX_IDLE_P: u64 = 1023;

/// Where something begins: time, row, number of its stack.
pub(super) type Start = (i64, u64, u32);

/// Where it ends: time, number of its stack.
pub(super) type End = (i64, u32);

/// Kinds of states of goroutines, which are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum State {
    #[default]
    Dead,
    Runnable,
    Running,
    Waiting,
    WaitingGc,
}

/// The values that the counters show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counters {
    /// Running, in a system call, in one of the runtime's own.
    pub(super) threads: [i64; 3],
    /// In use, and where the next collection begins.
    pub(super) heap: [u64; 2],
    /// Goroutines by their [`State`].
    pub(super) goroutines: [i64; 5],
}

/// The events of the viewer, as they are written.
pub(super) struct Emitter<'o> {
    pub(super) json: Json<'o>,
    pub(super) counters: Counters,
    shown: Counters,
    arrows: u64,
    max_p: u64,
    /// Ps beyond [`MAX_IDLE_P`].
    high_ps: BTreeSet<u64>,
}

impl<'o> Emitter<'o> {
    pub(super) fn new(out: &'o mut dyn Write) -> Self {
        Self {
            json: Json::new(out),
            counters: Counters::default(),
            shown: Counters::default(),
            arrows: 0,
            max_p: 0,
            high_ps: BTreeSet::new(),
        }
    }

    /// Bytes that there may be before this is asked again.
    pub(super) fn heap(&self) -> usize {
        // A node of a tree of numbers is at least half full.
        const HIGH_P: usize = 32;
        HIGH_P * (self.high_ps.len() + heap::STEP)
    }

    pub(super) fn header(&mut self) -> io::Result<()> {
        self.json
            .raw(b"{\"displayTimeUnit\":\"ns\",\"traceEvents\":[")
    }

    /// Gives a P a row.
    #[inline]
    pub(super) fn has_p(&mut self, p: u64) {
        if p < FAKE_P {
            self.max_p = self.max_p.max(p);
            if p > MAX_IDLE_P {
                self.high_ps.insert(p);
            }
        }
    }

    /// The rest of a slice whose name is there, but for its arguments and its end.
    #[inline]
    pub(super) fn slice(&mut self, start: Start, end: End) -> io::Result<()> {
        let (time, row, stack) = start;
        self.json.put(b",\"ts\":")?;
        // Long ago, so that no other event has it.
        self.json.micros(time)?;
        self.json.duration(time, end.0)?;
        self.json.row(row)?;
        self.json.stack(stack)?;
        self.json.end_stack(end.1)
    }

    /// The rest of an instant whose name is there, but for arguments, category and end.
    #[inline]
    pub(super) fn instant(&mut self, at: Start) -> io::Result<()> {
        let (time, row, stack) = at;
        self.json.put(b",\"s\":\"t\"")?;
        self.json.at(time)?;
        self.json.row(row)?;
        self.json.stack(stack)
    }

    /// An arrow whose name is there for both of its ends.
    #[inline]
    pub(super) fn arrow(
        &mut self,
        start: Start,
        (time, row): (i64, u64),
        name: impl Fn(&mut Json<'o>, u8) -> io::Result<()>,
    ) -> io::Result<()> {
        self.arrows += 1;
        let json = &mut self.json;
        name(json, b's')?;
        json.put(b",\"ts\":")?;
        json.micros(start.0)?;
        json.row(start.1)?;
        json.put(b",\"id\":")?;
        json.digits(self.arrows)?;
        json.stack(start.2)?;
        json.end()?;
        name(json, b't')?;
        json.at(time)?;
        json.row(row)?;
        json.put(b",\"id\":")?;
        json.digits(self.arrows)?;
        json.end()
    }

    /// Shows the counters that have changed.
    pub(super) fn show_counters(&mut self, time: i64) -> io::Result<()> {
        if self.counters == self.shown {
            return Ok(());
        }
        self.show_threads(time)?;
        self.show_heap(time)?;
        self.show_goroutines(time)
    }

    pub(super) fn show_threads(&mut self, time: i64) -> io::Result<()> {
        let threads = self.counters.threads;
        if std::mem::replace(&mut self.shown.threads, threads) == threads {
            return Ok(());
        }
        let [running, in_syscall, _] = threads.map(i64::cast_unsigned);
        let args = [("Running", running), ("InSyscall", in_syscall)];
        self.counter(b"\"Threads\"", time, &args)
    }

    pub(super) fn show_heap(&mut self, time: i64) -> io::Result<()> {
        let heap = self.counters.heap;
        if std::mem::replace(&mut self.shown.heap, heap) == heap {
            return Ok(());
        }
        let [allocated, next_gc] = heap;
        let left = next_gc.saturating_sub(allocated);
        let args = [("Allocated", allocated), ("NextGC", left)];
        self.counter(b"\"Heap\"", time, &args)
    }

    #[inline]
    pub(super) fn show_goroutines(&mut self, time: i64) -> io::Result<()> {
        let goroutines = self.counters.goroutines;
        if std::mem::replace(&mut self.shown.goroutines, goroutines) == goroutines {
            return Ok(());
        }
        self.goroutines(time)
    }

    /// Shows the states of goroutines, which have changed: most events of a trace do that.
    #[inline]
    pub(super) fn goroutines(&mut self, time: i64) -> io::Result<()> {
        let goroutines = self.counters.goroutines;
        let count = |state: State| goroutines[state as usize].cast_unsigned();
        let json = &mut self.json;
        json.start(b",\n{\"name\":\"Goroutines\",\"ph\":\"C\",\"ts\":")?;
        json.time(time)?;
        json.put(b",\"pid\":1,\"tid\":0,\"args\":{\"Running\":")?;
        json.digits(count(State::Running))?;
        json.put(b",\"Runnable\":")?;
        json.digits(count(State::Runnable))?;
        json.put(b",\"GCWaiting\":")?;
        json.digits(count(State::WaitingGc))?;
        json.put(b"}}")
    }

    fn counter(&mut self, name: &[u8], time: i64, args: &[(&str, u64)]) -> io::Result<()> {
        self.json.begin(name, b'C')?;
        self.json.at(time)?;
        self.json.number("pid", STATS)?;
        self.json.number("tid", 0)?;
        self.json.args(args)?;
        self.json.end()
    }

    /// The names of rows. What comes then are the frames, and the end.
    pub(super) fn rows(&mut self, has_no_p: bool) -> io::Result<()> {
        self.section(STATS, "STATS", 0)?;
        self.section(PROCS, "PROCS", 2)?;
        self.row(GC_ROW, "GC", -6)?;
        self.row(NETPOLL_ROW, "Network", -5)?;
        self.row(TIMER_ROW, "Timers", -4)?;
        self.row(SYSCALL_ROW, "Syscalls", -3)?;
        if has_no_p {
            self.row(NO_P_ROW, "CPU samples without a P", -2)?;
        }
        for p in 0..=self.max_p.min(MAX_IDLE_P) {
            self.p_row(p)?;
        }
        for p in std::mem::take(&mut self.high_ps) {
            self.p_row(p)?;
        }
        self.json.raw(b"],\"stackFrames\":{")
    }

    pub(super) fn footer(&mut self) -> io::Result<()> {
        self.json.raw(b"}}\n")?;
        self.json.flush()
    }

    /// Writes a frame of the tree; the numbers count up from 1.
    pub(super) fn frame(
        &mut self,
        number: u32,
        parent: u32,
        name: impl FnOnce(&mut Json<'o>) -> io::Result<()>,
    ) -> io::Result<()> {
        let json = &mut self.json;
        json.raw(if number == 1 {
            b"\n\""
        } else {
            b",\n\"".as_slice()
        })?;
        json.digits(number.into())?;
        json.put(b"\":{\"name\":\"")?;
        name(json)?;
        json.put(b"\"")?;
        if parent > 0 {
            json.number("parent", parent.into())?;
        }
        json.put(b"}")
    }

    fn p_row(&mut self, p: u64) -> io::Result<()> {
        self.row(p, &format!("Proc {p}"), p.cast_signed())
    }

    fn row(&mut self, row: u64, name: &str, index: i64) -> io::Result<()> {
        self.metadata("thread_name", PROCS, row, Ok(name))?;
        self.metadata("thread_sort_index", PROCS, row, Err(index))
    }

    fn section(&mut self, section: u64, name: &str, index: i64) -> io::Result<()> {
        self.metadata("process_name", section, 0, Ok(name))?;
        self.metadata("process_sort_index", section, 0, Err(index))
    }

    fn metadata(
        &mut self,
        what: &str,
        section: u64,
        row: u64,
        value: Result<&str, i64>,
    ) -> io::Result<()> {
        self.json.begin_text(&[what.as_bytes()], b'M')?;
        self.json.raw(b",\"ts\":0")?;
        self.json.number("pid", section)?;
        self.json.number("tid", row)?;
        match value {
            Ok(_) => self.json.raw(b",\"args\":{\"name\":")?,
            Err(_) => self.json.raw(b",\"args\":{\"sort_index\":")?,
        }
        match value {
            Ok(name) => self.json.text(&[name.as_bytes()])?,
            Err(index) => self.json.signed(index)?,
        }
        self.json.raw(b"}")?;
        self.json.end()
    }
}

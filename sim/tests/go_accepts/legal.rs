//! A legal trace of each format version, with every event type that a reader can
//! take, and the lines in which `go tool trace -d` must show it.

use std::collections::{BTreeMap, BTreeSet};

use sigprof_sim::tracer::{CpuSample, Frame, GoId, ProcId, Ticks, TraceBuilder};
use sigprof_wire::FormatVersion;
use sigprof_wire::limits::NO_P;
use sigprof_wire::v1::{EventType, STW_KINDS_1_10, STW_KINDS_1_21};

/// The stack of every event that has one: function, file, line.
pub(crate) const FRAMES: [(&str, &str, u64); 2] = [
    ("main.leaf", "/src/leaf.go", 42),
    ("main.main", "/src/main.go", 7),
];

/// Ticks between two events.
const STEP: u64 = 10;

/// The time of the first event, which Go counts from.
const START: u64 = 1000;

/// Blocking events whose wake-up may be for nothing (Go: `removeFutile`).
const BLOCKS: [EventType; 6] = [
    EventType::GoBlock,
    EventType::GoBlockSend,
    EventType::GoBlockRecv,
    EventType::GoBlockSelect,
    EventType::GoBlockSync,
    EventType::GoBlockCond,
];

/// A trace, and what Go must say of it.
pub(crate) struct Legal {
    /// The bytes of the trace.
    pub(crate) bytes: Vec<u8>,
    /// `Ts Name off=N arguments` of each event that Go shows.
    pub(crate) lines: Vec<String>,
    /// The types of what was written, shown or not.
    pub(crate) types: BTreeSet<EventType>,
}

/// The legal trace of a format version.
pub(crate) fn legal(version: FormatVersion) -> Legal {
    let mut script = Script::new(version);
    script.start();
    script.block();
    script.wake_for_nothing();
    script.call_the_system();
    script.collect_garbage();
    script.annotate();
    script.meet_at_one_tick();
    script.sample();
    script.end();
    let bytes = script.trace.finish(1_000_000_000);
    use EventType::{Batch, Frequency, Stack, String};
    script.types.extend([Batch, Frequency, Stack, String]);
    Legal {
        bytes,
        lines: script.lines,
        types: script.types,
    }
}

/// Writes events and the lines that they must become.
struct Script {
    version: FormatVersion,
    trace: TraceBuilder,
    frames: Vec<Frame>,
    lines: Vec<String>,
    types: BTreeSet<EventType>,
    /// The time of the last event.
    now: u64,
    /// The next sequence number of each goroutine (Go: `order.go`, `gState.seq`).
    seq: BTreeMap<u64, u64>,
    /// Go removes what is written now.
    futile: bool,
}

impl Script {
    fn new(version: FormatVersion) -> Self {
        let frame = |(function, file, line)| Frame::new(0x45_1000 + line, function, file, line);
        Self {
            version,
            trace: TraceBuilder::new(version).unwrap(),
            frames: FRAMES.map(frame).to_vec(),
            lines: Vec::new(),
            types: BTreeSet::new(),
            now: START - STEP,
            seq: BTreeMap::new(),
            futile: false,
        }
    }

    /// Goroutine 1 runs on P 0, 2 on P 1; 3 is in a system call, 4 is to work for the
    /// GC, 5 is to stop.
    fn start(&mut self) {
        self.on(0);
        for g in 1..=5 {
            self.create(g);
        }
        self.event(EventType::GoWaiting, &[2]);
        self.event(EventType::GoInSyscall, &[3]);
        self.seq.extend([(2, 2), (3, 2)]);
        self.event(EventType::ProcStart, &[100]);
        self.start_go(1);
        self.event(EventType::Gomaxprocs, &[2]);
        self.event(EventType::HeapAlloc, &[4 << 20]);
        self.event(EventType::HeapGoal, &[8 << 20]);
        self.with_seq(EventType::GoUnblock, 2);
        self.on(1);
        self.event(EventType::ProcStart, &[101]);
        self.start_go(2);
    }

    /// Goroutine 2 stops in every way there is, and goes on.
    fn block(&mut self) {
        for event_type in [EventType::GoSched, EventType::GoPreempt] {
            self.event(event_type, &[]);
            self.local(EventType::GoStartLocal, 2);
        }
        let others = [
            EventType::GoSleep,
            EventType::GoBlockNet,
            EventType::GoBlockGC,
        ];
        for event_type in BLOCKS.into_iter().chain(others) {
            if self.has(event_type) {
                self.event(event_type, &[]);
                self.local(EventType::GoUnblockLocal, 2);
                self.local(EventType::GoStartLocal, 2);
            }
        }
    }

    /// Goroutine 2 wakes, finds nothing and blocks again: Go shows the first block only.
    fn wake_for_nothing(&mut self) {
        for event_type in BLOCKS {
            self.event(event_type, &[]);
            self.futile = true;
            self.local(EventType::GoUnblockLocal, 2);
            self.local(EventType::GoStartLocal, 2);
            self.event(EventType::FutileWakeup, &[]);
            self.event(event_type, &[]);
            self.futile = false;
            self.local(EventType::GoUnblockLocal, 2);
            self.local(EventType::GoStartLocal, 2);
        }
    }

    /// A call that does not block, two that do, and the end of the one that was there
    /// when the trace began. Each end but one knows when it really was.
    fn call_the_system(&mut self) {
        self.event(EventType::GoSysCall, &[]);
        for known in [true, false] {
            self.event(EventType::GoSysCall, &[]);
            self.event(EventType::GoSysBlock, &[]);
            let end = self.now + STEP / 2;
            self.sys_exit(2, known.then_some(end));
            self.start_go(2);
        }
        let end = self.now + STEP / 2;
        self.sys_exit(3, Some(end));
    }

    /// Two GC cycles with both pauses, a sweep, an assist and a worker; from 1.21 on
    /// a pause for each reason.
    fn collect_garbage(&mut self) {
        for cycle in 0..2 {
            self.event(EventType::GCStart, &[cycle]);
            self.event(EventType::GCDone, &[]);
        }
        let kinds: &[&str] = if self.version < FormatVersion::GO_1_21 {
            &STW_KINDS_1_10
        } else {
            &STW_KINDS_1_21
        };
        for (kind, text) in (0..).zip(kinds) {
            if self.version < FormatVersion::GO_1_10 {
                self.event_with(EventType::GCSTWStart, &[], &[STW_KINDS_1_10[0]]);
            } else {
                self.event_with(EventType::GCSTWStart, &[kind], &[text]);
            }
            self.event(EventType::GCSTWDone, &[]);
        }
        self.event(EventType::GCSweepStart, &[]);
        let swept: &[u64] = if self.version < FormatVersion::GO_1_9 {
            &[]
        } else {
            &[8192, 4096]
        };
        self.event(EventType::GCSweepDone, swept);
        if self.has(EventType::GCMarkAssistStart) {
            self.event(EventType::GCMarkAssistStart, &[]);
            self.event(EventType::GCMarkAssistDone, &[]);
        }
        self.event(EventType::GoSched, &[]);
        if self.has(EventType::GoStartLabel) {
            let label = self.trace.string("GC (fractional)").0;
            let seq = self.next_seq(4);
            let args = [4, seq, label];
            self.event_with(EventType::GoStartLabel, &args, &["GC (fractional)"]);
            self.event(EventType::GoSched, &[]);
        }
        self.local(EventType::GoStartLocal, 2);
    }

    /// A task with a region and two logs, one of them without a word.
    fn annotate(&mut self) {
        if !self.has(EventType::UserTaskCreate) {
            return;
        }
        let (task, region) = (
            self.trace.string("a task").0,
            self.trace.string("a region").0,
        );
        self.event_with(EventType::UserTaskCreate, &[1, 0, task], &["a task"]);
        self.event_with(EventType::UserRegion, &[1, 0, region], &["a region"]);
        for message in ["a message, of 128 bytes or more: ".repeat(4).as_str(), ""] {
            let category = self.trace.string("a category").0;
            self.now += STEP;
            let shown = ["a category", message];
            self.show(self.now, EventType::UserLog, &[1, category], &shown);
            let at = Ticks(self.now);
            self.trace
                .user_log(at, 1, "a category", message, &self.frames);
        }
        self.event_with(EventType::UserRegion, &[1, 1, region], &["a region"]);
        self.event(EventType::UserTaskEnd, &[1]);
    }

    /// Events of two Ps at one tick.
    fn meet_at_one_tick(&mut self) {
        self.event(EventType::HeapAlloc, &[5 << 20]);
        self.on(0);
        self.now -= STEP;
        self.event(EventType::HeapAlloc, &[6 << 20]);
    }

    /// Samples with and without a P and a goroutine, out of order, two at one tick and
    /// at that of another event, in batches of any P and of none.
    fn sample(&mut self) {
        if !self.has(EventType::CPUSample) {
            return;
        }
        let (p, g) = (|p| Some(ProcId(p)), |g| Some(GoId(g)));
        let now = self.now;
        self.write_sample(now - 5, p(0), g(1));
        self.write_sample(now - 35, p(1), g(2));
        self.write_sample(now - 25, None, g(2));
        self.write_sample(now, p(1), None);
        self.write_sample(now, None, None);
        self.on(1);
        self.write_sample(now - 45, p(0), g(1));
        self.trace.batch(None, Ticks(self.now));
        self.write_sample(now - 55, p(7), g(1));
    }

    /// Goroutine 2 ends, 5 stops for good, P 1 stops. Goroutine 99 was a timer's.
    fn end(&mut self) {
        self.on(1);
        self.event(EventType::GoEnd, &[]);
        self.start_go(5);
        self.event(EventType::GoStop, &[]);
        self.event(EventType::ProcStop, &[]);
        self.types.insert(EventType::TimerGoroutine);
        self.trace.writer().timer_goroutine(GoId(99));
    }

    fn has(&self, event_type: EventType) -> bool {
        event_type.spec().since <= self.version
    }

    /// Begins a batch of a P, a little before the last event.
    fn on(&mut self, p: u32) {
        let at = Ticks(self.now - STEP / 2);
        self.trace.batch(Some(ProcId(p)), at);
    }

    fn create(&mut self, g: u64) {
        let entry = self.trace.stack(&self.frames[1..]).0;
        self.event(EventType::GoCreate, &[g, entry]);
        self.seq.insert(g, 1);
    }

    fn start_go(&mut self, g: u64) {
        self.with_seq(EventType::GoStart, g);
    }

    fn with_seq(&mut self, event_type: EventType, g: u64) {
        let seq = self.next_seq(g);
        self.event(event_type, &[g, seq]);
    }

    fn local(&mut self, event_type: EventType, g: u64) {
        self.next_seq(g);
        self.event(event_type, &[g]);
    }

    fn next_seq(&mut self, g: u64) -> u64 {
        let next = self.seq.get_mut(&g).expect("the goroutine exists");
        *next += 1;
        *next - 1
    }

    /// An end of a system call, which Go shows when it really was, if it knows.
    fn sys_exit(&mut self, g: u64, real: Option<u64>) {
        self.now += STEP;
        let args = [g, self.next_seq(g), real.unwrap_or(0)];
        self.show(real.unwrap_or(self.now), EventType::GoSysExit, &args, &[]);
        let at = Ticks(self.now);
        self.trace.event(at, EventType::GoSysExit, &args, &[]);
    }

    fn write_sample(&mut self, ts: u64, p: Option<ProcId>, g: Option<GoId>) {
        self.now += STEP;
        let args = [
            0, // Go moves the time from here to the front.
            p.map_or(NO_P, |p| p.0.into()),
            g.map_or(0, |g| g.0),
        ];
        self.show(ts, EventType::CPUSample, &args, &[]);
        let (ts, stack) = (Ticks(ts), self.trace.stack(&self.frames));
        let sample = CpuSample { ts, p, g, stack };
        self.trace.cpu_sample(Ticks(self.now), sample);
    }

    fn event(&mut self, event_type: EventType, args: &[u64]) {
        self.event_with(event_type, args, &[]);
    }

    /// Writes an event that Go shows with these texts.
    fn event_with(&mut self, event_type: EventType, args: &[u64], texts: &[&str]) {
        self.now += STEP;
        self.show(self.now, event_type, args, texts);
        let frames: &[Frame] = if event_type.spec().has_stack {
            &self.frames
        } else {
            &[]
        };
        let at = self.trace.event(Ticks(self.now), event_type, args, frames);
        assert_eq!(at, Ticks(self.now));
    }

    /// Expects an event at the place where the next byte goes.
    fn show(&mut self, at: u64, event_type: EventType, args: &[u64], texts: &[&str]) {
        self.types.insert(event_type);
        if self.futile {
            return;
        }
        let shown_as = match event_type {
            EventType::GoStartLocal => EventType::GoStart,
            EventType::GoUnblockLocal => EventType::GoUnblock,
            other => other,
        };
        let offset = self.trace.writer().offset();
        let mut line = format!("{} {} off={offset}", at - START, shown_as.name());
        // An argument that the wire leaves out is 0.
        let args = args.iter().chain(std::iter::repeat(&0));
        for (name, value) in shown_as.spec().args.iter().zip(args) {
            line += &format!(" {name}={value}");
        }
        let names = shown_as.spec().strings;
        assert_eq!(names.len(), texts.len(), "texts of {}", shown_as.name());
        for (name, text) in names.iter().zip(texts) {
            line += &format!(" {name}={text}");
        }
        self.lines.push(line);
    }
}

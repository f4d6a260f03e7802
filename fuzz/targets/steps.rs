//! Bytes as steps of goroutines on a few Ps, and the trace that a tracer would write of them.
//!
//! Random bytes hardly ever are a trace that can have happened, so whoever mutates bytes alone
//! seldom comes past the order. Here every byte string is a trace with states, sequence numbers
//! and times that fit; and only if it asks for that, some of its events are wrong.

use sigprof_model::events::{EventType, EventType as E, FormatVersion};
use sigprof_sim::tracer::{ProcId, RawEvent, StackId, StringId, Ticks, TraceFrame, TraceWriter};

/// Choices made of bytes; when they are used up, all are 0.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choices<'a>(pub(crate) &'a [u8]);

impl Choices<'_> {
    pub(crate) fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        *first
    }

    pub(crate) fn below(&mut self, count: usize) -> usize {
        usize::from(self.byte()) % count.max(1)
    }

    /// Mostly a small number, now and then one of any size.
    pub(crate) fn number(&mut self) -> u64 {
        match self.byte() {
            small @ 0..=239 => small.into(),
            many @ 240..=251 => u64::from(self.byte()) << ((many - 240) * 5),
            252 => 1 << 63,
            253 => (1 << 63) - 1,
            _ => u64::MAX,
        }
    }
}

/// A trace, and how many events it has if all of it can have happened.
pub(crate) struct Built {
    pub(crate) bytes: Vec<u8>,
    pub(crate) events: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Ready,
    Running,
    Blocked,
    /// In a system call, which blocked at this tick.
    Syscall(u64),
}

#[derive(Clone, Debug)]
struct Goroutine {
    id: u64,
    state: State,
    seq: u64,
    has_run: bool,
}

/// What a goroutine, or the scheduler, has under way; by its id.
#[derive(Clone, Debug, Default)]
struct Own {
    regions: Vec<(u64, u64)>,
    is_assisting: bool,
}

#[derive(Clone, Debug, Default)]
struct Proc {
    running: Option<u64>,
    has_thread: bool,
    is_sweeping: bool,
    has_stopped_world: bool,
    events: Vec<Noted>,
}

/// An event that is to be written.
#[derive(Clone, Debug)]
struct Noted {
    tick: u64,
    number: u8,
    /// The first is the delta, which is known when the batch is.
    varints: Vec<u64>,
    count_bits: Option<u8>,
    /// The length of what was said.
    message: Option<u8>,
}

impl Noted {
    fn write(&self, last: u64, writer: &mut TraceWriter) {
        let mut varints = self.varints.clone();
        let has_clock = EventType::from_number(self.number).is_none_or(|t| !NO_CLOCK.contains(&t));
        if has_clock {
            varints[0] = self.tick.wrapping_sub(last);
        }
        let event = RawEvent::new(self.number, &varints);
        writer.raw_event(&match self.count_bits {
            Some(bits) => event.with_count_bits(bits),
            None => event,
        });
        if let Some(length) = self.message {
            writer.raw_bytes(&[length]);
            writer.raw_bytes(&b"said"[..length.into()]);
        }
    }
}

const NO_CLOCK: [E; 5] = [
    E::Batch,
    E::Frequency,
    E::Stack,
    E::TimerGoroutine,
    E::String,
];

/// What it was before.
fn toggle(is: &mut bool) -> bool {
    std::mem::replace(is, !*is)
}

struct World<'a> {
    choices: Choices<'a>,
    version: FormatVersion,
    /// Whether some events may be wrong.
    is_wild: bool,
    now: u64,
    ps: Vec<Proc>,
    goroutines: Vec<Goroutine>,
    own: Vec<Own>,
    gc: (u64, bool),
    has_stopped_world: bool,
    tasks: Vec<u64>,
    tasks_made: u64,
    count: u64,
}

const STEP: u64 = 10;
const STACKS: u64 = 3;
const STRINGS: u64 = 3;

/// Steps of a trace, at the most.
const STEPS: usize = 200;

const BLOCKS: [E; 9] = [
    E::GoSleep,
    E::GoBlock,
    E::GoBlockSend,
    E::GoBlockRecv,
    E::GoBlockSelect,
    E::GoBlockSync,
    E::GoBlockCond,
    E::GoBlockNet,
    E::GoBlockGC,
];

/// Builds the trace of these choices.
pub(crate) fn trace(bytes: &[u8]) -> Built {
    let mut choices = Choices(bytes);
    // Go 1.5 is not among those that the writer writes.
    let version = FormatVersion::V1[1..][choices.below(7)];
    let head = choices.byte();
    let mut world = World {
        version,
        is_wild: head & 1 == 1,
        now: if head & 2 == 0 {
            1000
        } else {
            choices.number() & (u64::MAX >> 2)
        },
        ps: vec![Proc::default(); 1 + usize::from(head >> 2) % 4],
        choices,
        goroutines: Vec::new(),
        own: vec![Own::default()],
        gc: (0, false),
        has_stopped_world: false,
        tasks: Vec::new(),
        tasks_made: 0,
        count: 0,
    };
    world.emit(0, E::HeapAlloc, &[1]);
    for _ in 0..STEPS {
        if world.choices.0.is_empty() {
            break;
        }
        world.now += STEP;
        let p = world.choices.below(world.ps.len());
        world.step(p);
    }
    world.finish()
}

impl World<'_> {
    fn step(&mut self, p: usize) {
        let running = self.ps[p].running;
        match (self.choices.byte() % 24, running) {
            (0 | 1, _) => self.create(p),
            (2..=5, None) => self.start(p),
            (2, Some(g)) => self.leave(p, g, E::GoSched),
            (3, Some(g)) => self.leave(p, g, E::GoPreempt),
            (4 | 5, Some(g)) => {
                let last = if self.version < FormatVersion::GO_1_8 {
                    8
                } else {
                    9
                };
                let event_type = BLOCKS[self.choices.below(last)];
                self.leave(p, g, event_type);
            }
            (6, Some(g)) => self.end(p, g),
            (7 | 8, _) => self.unblock(p),
            (9, Some(g)) => {
                self.emit(p, E::GoSysCall, &[]);
                self.now += STEP;
                self.leave(p, g, E::GoSysBlock);
            }
            (10 | 11, _) => self.exit(p),
            (12, _) => self.sample(p),
            (13, _) => self.collect(p),
            (14, _) => self.stop_world(p),
            (15, _) => self.sweep(p),
            (16, _) => self.assist(p),
            (17, _) => self.region(p),
            (18, _) => self.task(p),
            (19, None) => self.thread(p),
            (20, _) => self.was_there(p),
            (21, _) => self.log(p),
            (22, _) if self.is_wild => self.wrong(p),
            (23, _) => self.emit(p, E::Gomaxprocs, &[4]),
            _ => {
                let mem = self.choices.number();
                self.emit(p, E::HeapGoal, &[mem]);
            }
        }
    }

    fn create(&mut self, p: usize) {
        let id = self.own.len() as u64;
        self.own.push(Own::default());
        let stack = self.stack();
        self.emit(p, E::GoCreate, &[id, stack]);
        let (state, seq) = (State::Ready, 1);
        self.goroutines.push(Goroutine {
            id,
            state,
            seq,
            has_run: false,
        });
    }

    fn start(&mut self, p: usize) {
        let Some(at) = self.find(|g| g.state == State::Ready) else {
            return self.create(p);
        };
        let Goroutine { id, seq, .. } = self.goroutines[at];
        self.ps[p].running = Some(id);
        match self.choices.below(4) {
            0 | 1 => self.emit(p, E::GoStartLocal, &[id]),
            2 if self.version >= FormatVersion::GO_1_8 => {
                self.emit(p, E::GoStartLabel, &[id, seq, 1]);
            }
            _ => self.emit(p, E::GoStart, &[id, seq]),
        }
        let g = &mut self.goroutines[at];
        (g.state, g.seq, g.has_run) = (State::Running, seq + 1, true);
    }

    fn leave(&mut self, p: usize, id: u64, event_type: E) {
        self.emit(p, event_type, &[]);
        self.ps[p].running = None;
        let state = match event_type {
            E::GoSched | E::GoPreempt => State::Ready,
            E::GoSysBlock => State::Syscall(self.now),
            _ => State::Blocked,
        };
        self.set(id, state);
    }

    fn set(&mut self, id: u64, state: State) {
        if let Some(g) = self.goroutines.iter_mut().find(|g| g.id == id) {
            g.state = state;
        }
    }

    fn end(&mut self, p: usize, id: u64) {
        let event_type = [E::GoEnd, E::GoStop][self.choices.below(2)];
        self.emit(p, event_type, &[]);
        self.ps[p].running = None;
        self.goroutines.retain(|g| g.id != id);
    }

    fn unblock(&mut self, p: usize) {
        let Some(at) = self.find(|g| g.state == State::Blocked) else {
            return;
        };
        let Goroutine { id, seq, .. } = self.goroutines[at];
        if self.choices.below(2) == 0 {
            self.emit(p, E::GoUnblockLocal, &[id]);
        } else {
            self.emit(p, E::GoUnblock, &[id, seq]);
        }
        let g = &mut self.goroutines[at];
        (g.state, g.seq) = (State::Ready, seq + 1);
    }

    fn exit(&mut self, p: usize) {
        let Some(at) = self.find(|g| matches!(g.state, State::Syscall(_))) else {
            return;
        };
        let Goroutine { id, seq, state, .. } = self.goroutines[at];
        let State::Syscall(since) = state else { return };
        let ts = match self.choices.below(4) {
            0 => 0,
            1 => since + 1,
            _ => self.now - 1,
        };
        // No tracer writes the local type, which readers take for one of who runs on the P.
        self.emit(p, E::GoSysExit, &[id, seq, ts]);
        let g = &mut self.goroutines[at];
        (g.state, g.seq) = (State::Ready, seq + 1);
    }

    fn sample(&mut self, p: usize) {
        if self.version < FormatVersion::GO_1_19 {
            return;
        }
        let (p_arg, g) = match self.choices.below(4) {
            0 => (u64::MAX, 0),
            1 => (p as u64, self.choices.number()),
            _ => (p as u64, self.ps[p].running.unwrap_or(0)),
        };
        // The first event stays the first.
        let taken = self.now - self.choices.below(STEP as usize) as u64;
        self.emit(p, E::CPUSample, &[taken, p_arg, g]);
    }

    fn collect(&mut self, p: usize) {
        let (seq, is_on) = self.gc;
        if is_on {
            self.emit(p, E::GCDone, &[]);
        } else {
            self.emit(p, E::GCStart, &[seq]);
        }
        self.gc = (seq + u64::from(!is_on), !is_on);
    }

    fn stop_world(&mut self, p: usize) {
        let is_local = self.version < FormatVersion::GO_1_10;
        let is_stopped = if is_local {
            &mut self.ps[p].has_stopped_world
        } else {
            &mut self.has_stopped_world
        };
        let was = toggle(is_stopped);
        match (was, is_local) {
            (true, _) => self.emit(p, E::GCSTWDone, &[]),
            (false, true) => self.emit(p, E::GCSTWStart, &[]),
            (false, false) => {
                let kind = self.choices.below(2) as u64;
                self.emit(p, E::GCSTWStart, &[kind]);
            }
        }
    }

    fn sweep(&mut self, p: usize) {
        let was = toggle(&mut self.ps[p].is_sweeping);
        match (was, self.version < FormatVersion::GO_1_9) {
            (false, _) => self.emit(p, E::GCSweepStart, &[]),
            (true, true) => self.emit(p, E::GCSweepDone, &[]),
            (true, false) => self.emit(p, E::GCSweepDone, &[7, 8]),
        }
    }

    fn assist(&mut self, p: usize) {
        if self.version < FormatVersion::GO_1_9 {
            return;
        }
        let g = self.running_or_g0(p);
        let was = toggle(&mut self.own[g].is_assisting);
        self.emit(
            p,
            [E::GCMarkAssistStart, E::GCMarkAssistDone][usize::from(was)],
            &[],
        );
    }

    fn region(&mut self, p: usize) {
        if self.version < FormatVersion::GO_1_11 {
            return;
        }
        let g = self.running_or_g0(p);
        let open = self.own[g].regions.last().copied();
        match (self.choices.below(3), open) {
            (2, None) => self.emit(p, E::UserRegion, &[9, 1, 1]),
            (2, Some((task, name))) => {
                self.own[g].regions.pop();
                self.emit(p, E::UserRegion, &[task, 1, name]);
            }
            _ => {
                let task = self.choices.below(3) as u64;
                let name = 1 + self.choices.below(STRINGS as usize) as u64;
                self.own[g].regions.push((task, name));
                self.emit(p, E::UserRegion, &[task, 0, name]);
            }
        }
    }

    fn task(&mut self, p: usize) {
        if self.version < FormatVersion::GO_1_11 {
            return;
        }
        if self.choices.below(2) == 0 {
            self.tasks_made += 1;
            self.tasks.push(self.tasks_made);
            self.emit(p, E::UserTaskCreate, &[self.tasks_made, 0, 1]);
        } else {
            // It may have begun before the trace.
            let task = self.tasks.pop().unwrap_or(1 << 40);
            self.emit(p, E::UserTaskEnd, &[task]);
        }
    }

    fn log(&mut self, p: usize) {
        if self.version >= FormatVersion::GO_1_11 {
            self.emit(p, E::UserLog, &[1, 1]);
        }
    }

    fn thread(&mut self, p: usize) {
        let had = toggle(&mut self.ps[p].has_thread);
        if had {
            self.emit(p, E::ProcStop, &[]);
        } else {
            self.emit(p, E::ProcStart, &[p as u64 + 3]);
        }
    }

    /// A goroutine that waited, or was in a system call, when the trace began.
    fn was_there(&mut self, p: usize) {
        let Some(at) = self.find(|g| g.state == State::Ready && !g.has_run && g.seq == 1) else {
            return;
        };
        let id = self.goroutines[at].id;
        let (event_type, state) = match self.choices.below(2) {
            0 => (E::GoWaiting, State::Blocked),
            _ => (E::GoInSyscall, State::Syscall(self.now)),
        };
        self.emit(p, event_type, &[id]);
        let g = &mut self.goroutines[at];
        (g.state, g.seq) = (state, 2);
    }

    /// An event that need not fit.
    fn wrong(&mut self, p: usize) {
        let event_type = E::ALL[self.choices.below(E::ALL.len())];
        let (number, how) = (event_type as u8, self.choices.below(8));
        let few = usize::from(event_type == E::String);
        let mut varints = vec![0; event_type.spec().args.len() + 1 + few];
        varints.extend(event_type.spec().has_stack.then_some(1));
        for varint in &mut varints {
            *varint = self.choices.number();
        }
        let number = if how == 7 {
            self.choices.byte() & 63
        } else {
            number
        };
        let count_bits = (how == 6).then(|| self.choices.byte() & 3);
        // Back to an earlier time, or to a later one.
        let tick = if how == 5 {
            self.choices.number()
        } else {
            self.now
        };
        let message = None;
        self.ps[p].events.push(Noted {
            tick,
            number,
            varints,
            count_bits,
            message,
        });
        self.count += 1;
    }

    fn running_or_g0(&self, p: usize) -> usize {
        usize::try_from(self.ps[p].running.unwrap_or(0)).expect("few")
    }

    fn stack(&mut self) -> u64 {
        self.choices.below(STACKS as usize + 1) as u64
    }

    /// Notes an event of a P; its delta is only known when its batch is.
    fn emit(&mut self, p: usize, event_type: E, args: &[u64]) {
        if event_type.spec().since > self.version {
            return;
        }
        let mut varints = vec![0];
        varints.extend(args);
        if event_type.spec().has_stack {
            varints.push(self.stack());
        }
        let message = (event_type == E::UserLog).then(|| self.choices.byte() % 4);
        let (tick, number, count_bits) = (self.now, event_type as u8, None);
        self.ps[p].events.push(Noted {
            tick,
            number,
            varints,
            count_bits,
            message,
        });
        self.count += 1;
    }

    /// The place of one of the goroutines that are so.
    fn find(&mut self, is: impl Fn(&Goroutine) -> bool) -> Option<usize> {
        let count = self.goroutines.iter().filter(|g| is(g)).count();
        let nth = self.choices.below(count);
        let found = self.goroutines.iter().enumerate().filter(|(_, g)| is(g));
        found.map(|(at, _)| at).nth(nth)
    }

    /// Writes batches: those of each P in order, those of different Ps as they come.
    fn finish(mut self) -> Built {
        let mut writer = TraceWriter::new(self.version).expect("a version that it writes");
        for id in 1..=STRINGS {
            writer.string(StringId(id), &b"main.go"[..3 + id as usize]);
        }
        let mut lanes: Vec<_> = self.ps.iter().map(|p| p.events.as_slice()).collect();
        while lanes.iter().any(|lane| !lane.is_empty()) {
            let from = self.choices.below(lanes.len());
            let at = (from..from + lanes.len()).map(|p| p % lanes.len());
            let p = at.into_iter().find(|&p| !lanes[p].is_empty()).expect("one");
            let len = (1 + self.choices.below(40)).min(lanes[p].len());
            let (batch, rest) = lanes[p].split_at(len);
            lanes[p] = rest;
            let mut last = batch[0].tick.wrapping_sub(1);
            writer.batch(Some(ProcId(u32::try_from(p).expect("few"))), Ticks(last));
            for event in batch {
                event.write(last, &mut writer);
                last = event.tick;
            }
        }
        for id in 1..=STACKS {
            let (function, file) = (StringId(id), StringId(1));
            let frame = TraceFrame {
                pc: id,
                function,
                file,
                line: id,
            };
            writer.stack(StackId(id), &vec![frame; usize::try_from(id).expect("few")]);
        }
        let frequencies = [1_000_000_000, 1, 3, 500_000_000, 1 << 62];
        writer.frequency(frequencies[self.choices.below(5)]);
        let events = (!self.is_wild).then_some(self.count);
        Built {
            bytes: writer.finish(),
            events,
        }
    }
}

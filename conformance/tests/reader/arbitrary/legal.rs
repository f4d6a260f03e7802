//! Legal traces: goroutines on a few Ps, moved step by step, and the events that a
//! reader must make of what was written.
//!
//! ```text
//!            create          start           end, stop
//!   (none) ---------> ready -------> running ---------> (none)
//!                     ^   ^------------|   |
//!                     |  sched, preempt    | block, system call
//!                     +------ waiting <----+
//!                     unblock, system call exit
//! ```

use std::num::NonZeroU64;

use proptest::prelude::*;
use sigprof::trace::v1::{Event, Place};
use sigprof_sim::tracer::{
    CpuSample, GoId, ProcId, StackId, StringId, Ticks, TraceFrame, TraceWriter,
};
use sigprof_wire::FormatVersion;
use sigprof_wire::limits::NO_P;
use sigprof_wire::v1::EventType;

/// Event types that every trace of many steps must have.
pub(crate) const TYPES: [EventType; 16] = [
    EventType::GoCreate,
    EventType::GoStart,
    EventType::GoEnd,
    EventType::GoStop,
    EventType::GoSched,
    EventType::GoPreempt,
    EventType::GoSleep,
    EventType::GoBlock,
    EventType::GoBlockSend,
    EventType::GoBlockNet,
    EventType::GoUnblock,
    EventType::GoSysCall,
    EventType::GoSysBlock,
    EventType::GoSysExit,
    EventType::HeapAlloc,
    EventType::CPUSample,
];

const BLOCKS: [EventType; 4] = [
    EventType::GoSleep,
    EventType::GoBlock,
    EventType::GoBlockSend,
    EventType::GoBlockNet,
];

/// Ticks, and at this frequency nanoseconds, from one step to the next.
const STEP: u64 = 10;

/// Stacks that events have, from 1 on; 0 is none.
const STACKS: u64 = 3;

/// A step to try next: on which P, which action, and a choice among what is possible.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    p: usize,
    action: usize,
    choice: usize,
}

impl Step {
    /// A step made of the bits of a number.
    pub(crate) fn nth(bits: u32) -> Self {
        Self {
            p: (bits >> 28) as usize,
            action: (bits >> 20 & 0xff) as usize,
            choice: (bits & 0xffff) as usize,
        }
    }
}

/// A strategy that draws any step.
pub(crate) fn step() -> impl Strategy<Value = Step> {
    any::<u32>().prop_map(Step::nth)
}

/// The trace of these steps, and its events in order.
pub(crate) fn trace(version: FormatVersion, procs: usize, steps: &[Step]) -> (Vec<u8>, Vec<Event>) {
    let mut world = World {
        writer: TraceWriter::new(version).unwrap(),
        now: 1000,
        last: 0,
        batch: None,
        running: vec![None; procs],
        goroutines: Vec::new(),
        created: 0,
        events: Vec::new(),
    };
    world.emit(0, EventType::HeapAlloc, &[0], 0);
    for step in steps {
        world.now += STEP;
        world.step(step.p % procs, step.action % 10, step.choice);
    }
    world.finish()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Ready,
    Running,
    /// Blocked by an event of this type.
    Blocked(EventType),
    Syscall,
}

#[derive(Clone, Copy, Debug)]
struct Goroutine {
    id: u64,
    state: State,
    /// The next sequence number (Go: `order.go`, `gState.seq`).
    seq: u64,
    /// The P of its last event: there it may be moved by a local event.
    p: usize,
    /// The stack that it was created with, until it starts.
    created_with: Option<u64>,
}

struct World {
    writer: TraceWriter,
    now: u64,
    /// The time of the last event of the batch.
    last: u64,
    batch: Option<usize>,
    /// The goroutine that each P runs, if any.
    running: Vec<Option<u64>>,
    goroutines: Vec<Goroutine>,
    created: u64,
    events: Vec<Event>,
}

impl World {
    fn step(&mut self, p: usize, action: usize, choice: usize) {
        let stack = choice as u64 % (STACKS + 1);
        let running = self.running[p];
        match (action, running) {
            (0, _) => self.create(p, stack),
            (1 | 2, None) => self.start(p, choice),
            (1, Some(g)) => self.block(p, g, choice, stack),
            (2, Some(g)) => {
                let types = [EventType::GoSched, EventType::GoPreempt];
                self.emit(p, types[choice % 2], &[], stack);
                self.leave(p, g, State::Ready);
            }
            (3, Some(g)) if choice.is_multiple_of(3) => {
                let event_type = [EventType::GoEnd, EventType::GoStop][choice % 2];
                self.emit(p, event_type, &[], if choice % 2 == 1 { stack } else { 0 });
                self.running[p] = None;
                self.goroutines.retain(|other| other.id != g);
            }
            (4 | 5, _) => self.unblock(p, choice, stack),
            (6, Some(g)) => {
                self.emit(p, EventType::GoSysCall, &[], stack);
                self.now += STEP;
                self.emit(p, EventType::GoSysBlock, &[], 0);
                self.leave(p, g, State::Syscall);
            }
            (7, _) => self.exit(p, choice),
            (8, _) => self.sample(p, choice, stack),
            _ => self.emit(p, EventType::HeapAlloc, &[choice as u64], 0),
        }
    }

    fn create(&mut self, p: usize, stack: u64) {
        self.created += 1;
        let id = self.created;
        self.emit(p, EventType::GoCreate, &[id, stack], stack);
        self.goroutines.push(Goroutine {
            id,
            state: State::Ready,
            seq: 1,
            p,
            created_with: Some(stack),
        });
    }

    fn start(&mut self, p: usize, choice: usize) {
        let Some(at) = self.find(choice, |g| g.state == State::Ready) else {
            return;
        };
        let Goroutine {
            id,
            seq,
            created_with,
            p: readied_on,
            ..
        } = self.goroutines[at];
        self.running[p] = Some(id);
        if readied_on == p && choice.is_multiple_of(2) {
            self.emit(p, EventType::GoStartLocal, &[id], 0);
        } else {
            self.emit(p, EventType::GoStart, &[id, seq], 0);
        }
        // The reader hands its first start the stack that it was created with.
        if let (Some(stack), Some(event)) = (created_with, self.events.last_mut()) {
            event.stack = NonZeroU64::new(stack);
        }
        let g = &mut self.goroutines[at];
        (g.state, g.seq, g.p, g.created_with) = (State::Running, seq + 1, p, None);
    }

    fn block(&mut self, p: usize, g: u64, choice: usize, stack: u64) {
        let event_type = BLOCKS[choice % BLOCKS.len()];
        self.emit(p, event_type, &[], stack);
        self.leave(p, g, State::Blocked(event_type));
    }

    fn leave(&mut self, p: usize, id: u64, state: State) {
        self.running[p] = None;
        for g in self.goroutines.iter_mut().filter(|g| g.id == id) {
            (g.state, g.p) = (state, p);
        }
    }

    fn unblock(&mut self, p: usize, choice: usize, stack: u64) {
        let Some(at) = self.find(choice, |g| matches!(g.state, State::Blocked(_))) else {
            return;
        };
        let Goroutine {
            id,
            seq,
            p: blocked_on,
            state,
            ..
        } = self.goroutines[at];
        if blocked_on == p && choice.is_multiple_of(2) {
            self.emit(p, EventType::GoUnblockLocal, &[id], stack);
        } else {
            self.emit(p, EventType::GoUnblock, &[id, seq], stack);
        }
        if let (State::Blocked(EventType::GoBlockNet), Some(event)) =
            (state, self.events.last_mut())
        {
            event.place = Place::Netpoll;
        }
        let g = &mut self.goroutines[at];
        (g.state, g.seq, g.p) = (State::Ready, seq + 1, p);
    }

    /// Out of a system call, a little earlier than it is written or at an unknown time.
    fn exit(&mut self, p: usize, choice: usize) {
        let Some(at) = self.find(choice, |g| g.state == State::Syscall) else {
            return;
        };
        let Goroutine { id, seq, .. } = self.goroutines[at];
        let exit = if choice.is_multiple_of(2) {
            0
        } else {
            self.now - 1
        };
        self.emit(p, EventType::GoSysExit, &[id, seq, exit], 0);
        if let Some(event) = self.events.last_mut() {
            event.place = Place::Syscall;
            event.goroutine = NonZeroU64::new(id);
            if exit != 0 {
                event.time -= 1;
            }
        }
        let g = &mut self.goroutines[at];
        (g.state, g.seq, g.p) = (State::Ready, seq + 1, p);
    }

    /// A sample of P `p`, or of none, which the log of P 0 has; it was taken earlier.
    fn sample(&mut self, p: usize, choice: usize, stack: u64) {
        let offset = self.open(None);
        let (p, g) = match choice % 2 {
            0 => (
                Some(ProcId(u32::try_from(p).unwrap())),
                self.running[p].map(GoId),
            ),
            _ => (None, None),
        };
        let taken = self.now - 3;
        let sample = CpuSample {
            ts: Ticks(taken),
            p,
            g,
            stack: StackId(stack),
        };
        self.writer.cpu_sample(Ticks(self.now - self.last), sample);
        self.last = self.now;
        self.events.push(Event {
            offset,
            time: taken.cast_signed(),
            event_type: EventType::CPUSample,
            place: p.map_or(Place::NoP, |p| Place::P(p.0.into())),
            goroutine: g.and_then(|g| NonZeroU64::new(g.0)),
            stack: NonZeroU64::new(stack),
            args: [0, p.map_or(NO_P, |p| p.0.into()), g.map_or(0, |g| g.0)],
            link: None,
        });
    }

    /// Writes an event of a P, and notes it as it must be read.
    fn emit(&mut self, p: usize, event_type: EventType, args: &[u64], stack: u64) {
        let offset = self.open(Some(p));
        let has_stack = event_type.spec().has_stack;
        let stack = if has_stack { stack } else { 0 };
        let delta = Ticks(self.now - self.last);
        self.last = self.now;
        let stack_id = has_stack.then_some(StackId(stack));
        self.writer.event(event_type, delta, args, stack_id);
        let mut all = [0; 3];
        all[..args.len()].copy_from_slice(args);
        self.events.push(Event {
            offset,
            time: self.now.cast_signed(),
            event_type: match event_type {
                EventType::GoStartLocal => EventType::GoStart,
                EventType::GoUnblockLocal => EventType::GoUnblock,
                other => other,
            },
            place: Place::P(p as u64),
            goroutine: self.running[p].and_then(NonZeroU64::new),
            stack: NonZeroU64::new(stack),
            args: all,
            link: None,
        });
    }

    /// Goes on with the batch of a P, or begins one; returns where the next event stands.
    fn open(&mut self, p: Option<usize>) -> u64 {
        if self.batch != p || p.is_none() {
            self.batch = p;
            self.last = self.now - 1;
            let p = p.map(|p| ProcId(u32::try_from(p).unwrap()));
            self.writer.batch(p, Ticks(self.last));
        }
        self.writer.offset() as u64
    }

    /// The place of one of the goroutines that are so.
    fn find(&self, choice: usize, is: impl Fn(&Goroutine) -> bool) -> Option<usize> {
        let found: Vec<_> = (0..self.goroutines.len())
            .filter(|&at| is(&self.goroutines[at]))
            .collect();
        found.get(choice % found.len().max(1)).copied()
    }

    fn finish(mut self) -> (Vec<u8>, Vec<Event>) {
        self.writer.frequency(1_000_000_000);
        self.writer.string(StringId(1), b"main.main");
        for id in 1..=STACKS {
            let frame = TraceFrame {
                pc: id,
                function: StringId(1),
                file: StringId(1),
                line: id,
            };
            self.writer.stack(StackId(id), &[frame]);
        }
        self.events.sort_by_key(|event| event.time);
        let first = self.events[0].time;
        for event in &mut self.events {
            event.time -= first;
        }
        (self.writer.finish(), self.events)
    }
}

//! Bytes as steps of goroutines on a few Ps, and the trace that a tracer would write of them.
//!
//! Random bytes hardly ever are a trace that can have happened, so whoever mutates bytes alone
//! seldom comes past the order. Here every byte string is a trace with states, sequence numbers
//! and times that fit; and only if it asks for that, some of its events are wrong.

#[path = "steps/moves.rs"]
mod moves;

use sigprof_sim::tracer::{ProcId, RawEvent, StackId, StringId, Ticks, TraceFrame, TraceWriter};
use sigprof_wire::FormatVersion;
use sigprof_wire::v1::{EventType, EventType as E};

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

/// The state of a goroutine, or of the scheduler, by its id: what it has under way.
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
const STACKS: u8 = 3;
const STRINGS: u8 = 3;

/// Steps of a trace, at the most.
const STEPS: usize = 12;

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
        self.choices.below(usize::from(STACKS) + 1) as u64
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
            let text = &b"main.go"[..3 + usize::from(id)];
            writer.string(StringId(id.into()), text);
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
            let (pc, line) = (id.into(), id.into());
            let (function, file) = (StringId(id.into()), StringId(1));
            let frame = TraceFrame {
                pc,
                function,
                file,
                line,
            };
            writer.stack(StackId(id.into()), &vec![frame; id.into()]);
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

//! Runs of goroutines on a few Ps, mostly legal, with a fault here and there: clocks that
//! disagree, exits from system calls at odd times, marks of futile wake-ups, events that
//! cannot be.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sigprof_sim::tracer::{CpuSample, GoId, ProcId, RawEvent, StackId, Ticks, TraceWriter};
use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType as E;

/// A step: on which P, what, of whom, and what is odd about it.
pub(crate) type Step = (u8, u8, u8, u16);

#[derive(Clone, Debug)]
pub(crate) struct Run {
    version: FormatVersion,
    /// The number of steps, of 256, that have a fault.
    faults: u8,
    steps: Vec<Step>,
}

/// A run made of the bits of a number.
pub(crate) fn nth(seed: u64) -> Run {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let versions = [
        FormatVersion::GO_1_7,
        FormatVersion::GO_1_9,
        FormatVersion::GO_1_11,
        FormatVersion::GO_1_19,
        FormatVersion::GO_1_21,
    ];
    Run {
        version: versions[random.random_range(0..versions.len())],
        faults: [0, 0, 1, 3, 20][random.random_range(0..5)],
        steps: (0..random.random_range(1..150))
            .map(|_| random.random())
            .collect(),
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Runnable,
    Running(usize),
    Blocked,
    /// In a system call, since this time.
    Syscall(u64),
    Dead,
}

const PS: usize = 4;

struct World {
    lanes: Vec<Vec<RawEvent>>,
    /// The clock of each lane's last event.
    clocks: [u64; PS],
    running: [Option<usize>; PS],
    goroutines: Vec<(State, u64)>,
    now: u64,
    /// Ticks that are added to each P's clock.
    skew: [u64; PS],
    cycles: u64,
    samples: Vec<CpuSample>,
}

impl World {
    fn emit(&mut self, p: usize, event_type: E, args: &[u64]) {
        let at = self.now + self.skew[p];
        let delta = at.wrapping_sub(std::mem::replace(&mut self.clocks[p], at));
        let mut all = vec![delta];
        all.extend(args);
        if event_type.spec().has_stack {
            all.push(0);
        }
        self.lanes[p].push(RawEvent::of(event_type, &all));
    }

    fn set(&mut self, g: usize, state: State) {
        self.goroutines[g].0 = state;
    }

    /// The sequence number that the next event of this goroutine has.
    fn seq(&mut self, g: usize) -> u64 {
        let seq = &mut self.goroutines[g].1;
        *seq += 1;
        *seq - 1
    }

    fn step(&mut self, (p, what, who, odd): Step, faults: u8) {
        let p = usize::from(p) % PS;
        self.now += u64::from(odd % 4);
        let is_fault = (odd >> 8) as u8 <= faults && faults > 0;
        let g = usize::from(who) % self.goroutines.len();
        let id = g as u64 + 1;
        match (self.running[p], what % 16) {
            _ if is_fault => self.fault(p, what, id, odd),
            (_, 0) => {
                self.goroutines.push((State::Runnable, 1));
                self.emit(p, E::GoCreate, &[self.goroutines.len() as u64, 0]);
            }
            (_, 1) => self.emit(p, E::HeapAlloc, &[odd.into()]),
            (_, 2) => {
                self.samples.push(CpuSample {
                    ts: Ticks(self.now),
                    p: Some(ProcId(u32::try_from(p).unwrap())),
                    g: Some(GoId(u64::from(who) % 9)),
                    stack: StackId::EMPTY,
                });
            }
            (_, 3) => {
                self.emit(p, E::GCStart, &[self.cycles]);
                self.cycles += 1;
                self.emit(p, E::GCDone, &[]);
            }
            (None, 4..) => self.start(p, g, id, odd),
            (Some(own), what) => self.run(p, own, g, what, odd),
        }
    }

    fn start(&mut self, p: usize, g: usize, id: u64, odd: u16) {
        match self.goroutines[g].0 {
            State::Runnable => {
                let seq = self.seq(g);
                self.set(g, State::Running(p));
                self.running[p] = Some(g);
                self.emit(p, E::GoStart, &[id, seq]);
            }
            State::Blocked => {
                let seq = self.seq(g);
                self.set(g, State::Runnable);
                self.emit(p, E::GoUnblock, &[id, seq]);
            }
            State::Syscall(since) => {
                let seq = self.seq(g);
                self.set(g, State::Runnable);
                let real = (since + u64::from(odd >> 4) % 20).min(self.now + self.skew[p] + 2);
                let real = if odd.is_multiple_of(5) { 0 } else { real };
                self.emit(p, E::GoSysExit, &[id, seq, real]);
            }
            _ => {}
        }
    }

    fn run(&mut self, p: usize, own: usize, other: usize, what: u8, odd: u16) {
        let blocks = [
            E::GoBlock,
            E::GoBlockSend,
            E::GoBlockNet,
            E::GoSleep,
            E::GoBlockSync,
        ];
        let (event_type, state) = match what {
            4 | 5 => (E::GoSched, State::Runnable),
            6 => (E::GoPreempt, State::Runnable),
            7 => (E::GoEnd, State::Dead),
            8 => (E::GoStop, State::Dead),
            9 => {
                self.emit(p, E::GoSysCall, &[]);
                let at = self.now + self.skew[p];
                (E::GoSysBlock, State::Syscall(at))
            }
            10 => return self.emit(p, E::FutileWakeup, &[]),
            11 if self.goroutines[other].0 == State::Blocked => {
                self.goroutines[other] = (State::Runnable, self.goroutines[other].1 + 1);
                return self.emit(p, E::GoUnblockLocal, &[other as u64 + 1]);
            }
            _ => (blocks[usize::from(odd) % blocks.len()], State::Blocked),
        };
        self.emit(p, event_type, &[]);
        self.set(own, state);
        self.running[p] = None;
    }

    fn fault(&mut self, p: usize, what: u8, id: u64, odd: u16) {
        match what % 8 {
            0 => self.skew[p] = self.skew[p].wrapping_add(u64::from(odd) % 9),
            1 => self.emit(p, E::GoEnd, &[]),
            2 => self.emit(p, E::GoStart, &[id, u64::from(odd) % 4]),
            3 => self.emit(p, E::GoSysExit, &[id, u64::from(odd) % 4, self.now]),
            4 => self.emit(p, E::GCDone, &[]),
            5 => self.emit(p, E::ProcStart, &[1]),
            6 => self.emit(p, E::GoUnblock, &[id, u64::from(odd) % 4]),
            _ => self.now = self.now.saturating_sub(u64::from(odd) % 7),
        }
    }
}

/// The trace of a run.
pub(crate) fn trace(run: &Run) -> Vec<u8> {
    let mut world = World {
        lanes: vec![Vec::new(); PS],
        clocks: [0; PS],
        running: [None; PS],
        goroutines: vec![(State::Runnable, 1)],
        now: 100,
        skew: [0; PS],
        cycles: 0,
        samples: Vec::new(),
    };
    world.emit(0, E::GoCreate, &[1, 0]);
    for &step in &run.steps {
        world.step(step, run.faults);
    }
    let mut trace = TraceWriter::new(run.version).unwrap();
    for (p, lane) in (0..).zip(&world.lanes) {
        trace.batch(Some(ProcId(p)), Ticks(0));
        lane.iter().for_each(|event| trace.raw_event(event));
    }
    if run.version >= FormatVersion::GO_1_19 {
        trace.batch(Some(ProcId(0)), Ticks(1000));
        for &sample in &world.samples {
            trace.cpu_sample(Ticks(1), sample);
        }
    }
    trace.frequency(1_000_000_000);
    trace.finish()
}

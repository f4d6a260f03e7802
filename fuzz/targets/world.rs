//! Threads, Ps and goroutines that do something, and the v2 trace that they write of it: random,
//! and legal.

#![allow(
    clippy::cast_possible_truncation,
    clippy::unwrap_used,
    reason = "numbers are small, and a world asks only for what it has"
)]

#[path = "world/actors.rs"]
mod actors;

use std::collections::BTreeMap;

use sigprof_sim::Seed;
use sigprof_sim::seed::Draws;
use sigprof_wire::v2::EventType as E;

use super::write::{batch, clocks, event, header, varint};

/// Choices that a world is made of: drawn from a seed, or made of bytes that somebody changes.
pub(crate) enum Draw {
    Seed(Draws),
    /// When they are used up, all are 0.
    Bytes(std::collections::VecDeque<u8>),
}

impl Draw {
    /// A number below `count`.
    pub(crate) fn below(&mut self, count: u64) -> u64 {
        let bits = match self {
            Self::Seed(draws) => draws.bits(),
            Self::Bytes(bytes) => {
                let mut byte = || u64::from(bytes.pop_front().unwrap_or_default());
                match count {
                    0..=0x100 => byte(),
                    0x101..=0x1_0000 => byte() << 8 | byte(),
                    _ => (0..8).fold(0, |bits, _| bits << 8 | byte()),
                }
            }
        };
        bits % count.max(1)
    }

    /// True once in `n` times.
    pub(crate) fn once_in(&mut self, n: u64) -> bool {
        self.below(n) == n - 1
    }

    /// One of several.
    pub(crate) fn of<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        let at = self.below(all.len() as u64) as usize;
        all.get(at).copied()
    }

    /// True if nothing is left to choose.
    fn has_ended(&self) -> bool {
        matches!(self, Self::Bytes(bytes) if bytes.is_empty())
    }
}

/// A legal trace of a seed, with a header.
pub(crate) fn legal(seed: u64, minor: u16) -> Vec<u8> {
    let mut world = World::new(Draw::Seed(Seed(seed).draws()), minor);
    world.generations();
    world.out
}

/// The same, but that all releases read it alike: no two threads have events of the same time,
/// and no two samples (Go 1.22 and 1.23 take such in another order), and a PC has one frame.
pub(crate) fn legal_apart(seed: u64, minor: u16) -> Vec<u8> {
    let mut world = World::new(Draw::Seed(Seed(seed).draws()), minor);
    world.units = APART;
    world.generations();
    world.out
}

/// Units of the clock in a unit of a world whose threads are apart: more than there are threads.
const APART: u64 = 8;

/// Statuses of goroutines and Ps, as on the wire.
pub(crate) mod status {
    pub(crate) const G_RUNNABLE: u64 = 1;
    pub(crate) const G_RUNNING: u64 = 2;
    pub(crate) const G_SYSCALL: u64 = 3;
    pub(crate) const G_WAITING: u64 = 4;
    pub(crate) const P_RUNNING: u64 = 1;
    pub(crate) const P_IDLE: u64 = 2;
    pub(crate) const P_SYSCALL: u64 = 3;
    pub(crate) const P_ABANDONED: u64 = 4;
}

/// A thread of the traced program.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Thread {
    pub(crate) id: u64,
    pub(crate) proc: Option<usize>,
    pub(crate) goroutine: Option<u64>,
    /// Its clock is behind by so much.
    behind: u64,
    last: u64,
}

/// A goroutine or a P.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Thing {
    pub(crate) status: u64,
    pub(crate) seq: u64,
}

/// The whole traced program.
pub(crate) struct World {
    pub(crate) draw: Draw,
    pub(crate) minor: u16,
    pub(crate) threads: Vec<Thread>,
    pub(crate) procs: Vec<Thing>,
    pub(crate) goroutines: BTreeMap<u64, Thing>,
    pub(crate) next_goroutine: u64,
    pub(crate) next_task: u64,
    pub(crate) gc: Option<(u64, bool)>,
    /// Regions that each goroutine is in.
    pub(crate) regions: BTreeMap<u64, Vec<(u64, u64)>>,
    pub(crate) now: u64,
    /// Units of the trace clock in one of ours.
    units: u64,
    generation: u64,
    /// Events of each thread's batch, and the time at which it began.
    open: BTreeMap<u64, (u64, Vec<u8>)>,
    samples: Vec<[u64; 5]>,
    /// How many events and samples there are to be read; of `GoSwitch` three are made.
    pub(crate) events: u64,
    /// How many there may be beside these: who dies in a call from C loses its P, if clocks say
    /// that it still had it.
    pub(crate) more: u64,
    /// The thread that last had each P in a system call.
    pub(crate) lost_by: BTreeMap<usize, u64>,
    pub(crate) out: Vec<u8>,
}

/// The id of the first thread.
const FIRST_THREAD: u64 = 100;

/// Ids of strings and stacks in each generation.
pub(crate) const STRINGS: u64 = 7;
pub(crate) const STACKS: u64 = 5;

/// Texts, some of which need escapes; the first two are names of functions.
const TEXTS: [&[u8]; STRINGS as usize] = [
    b"main.f",
    b"/src/\xff.go",
    b"sleep",
    b"quote \" back\\ \x07\n\t\x7f",
    "h\u{e9} \u{200b} \u{1fae9} \u{1fbfa} \u{10ffff} \u{a7dc}".as_bytes(),
    b"cut \xe2\x82",
    b"",
];

impl World {
    pub(crate) fn new(mut draw: Draw, minor: u16) -> Self {
        let threads = 1 + draw.below(6);
        let procs = 1 + draw.below(4);
        let thread = |n| Thread {
            id: FIRST_THREAD + n,
            proc: None,
            goroutine: None,
            behind: 0,
            last: 0,
        };
        let idle = Thing {
            status: status::P_IDLE,
            seq: 0,
        };
        let mut threads: Vec<_> = (0..threads).map(thread).collect();
        for thread in &mut threads {
            thread.behind = draw.below(40);
        }
        threads[0].proc = Some(0);
        threads[0].goroutine = Some(1);
        let mut procs = vec![idle; procs as usize];
        procs[0].status = status::P_RUNNING;
        let first = Thing {
            status: status::G_RUNNING,
            seq: 0,
        };
        Self {
            draw,
            minor,
            threads,
            procs,
            goroutines: BTreeMap::from([(1, first)]),
            next_goroutine: 2,
            next_task: 1,
            gc: None,
            regions: BTreeMap::new(),
            now: 1000,
            units: 1,
            generation: 0,
            open: BTreeMap::new(),
            samples: Vec::new(),
            events: 0,
            more: 0,
            lost_by: BTreeMap::new(),
            out: header(minor),
        }
    }

    /// Writes an event of a thread.
    pub(crate) fn emit(&mut self, thread: usize, event_type: E, args: &[u64]) {
        let is_switch = matches!(event_type, E::GoSwitch | E::GoSwitchDestroy);
        self.events += if is_switch { 3 } else { 1 };
        self.more += u64::from(event_type == E::GoDestroySyscall);
        self.now += self.draw.below(4) * self.draw.below(30);
        let now = self.now;
        let own = &mut self.threads[thread];
        let time = now.saturating_sub(own.behind).max(own.last);
        let (id, delta) = (own.id, time - own.last);
        own.last = time;
        let (begun, data) = self.open.entry(id).or_insert_with(|| (time, Vec::new()));
        let delta = if data.is_empty() {
            time - *begun
        } else {
            delta
        };
        data.push(event_type as u8);
        varint(data, delta * self.units);
        for &arg in args {
            varint(data, arg);
        }
        if data.len() > 400 {
            self.close(id);
        }
    }

    fn close(&mut self, id: u64) {
        if let Some((begun, data)) = self.open.remove(&id) {
            // Where units are apart, each thread has its own.
            let own = (id - FIRST_THREAD) % self.units;
            let begun = begun * self.units + own;
            batch(&mut self.out, self.generation, id, begun, &data);
        }
    }

    /// A CPU sample, often at the time of others.
    pub(crate) fn sample(&mut self) {
        let thread = self.draw.below(self.threads.len() as u64) as usize;
        let thread = self.threads[thread];
        let time = (self.now - self.draw.below(60)) / 8 * 8;
        let proc = thread.proc.map_or(u64::MAX, |p| p as u64);
        let stack = self.stack();
        let mut time = time * self.units;
        if self.units != 1 {
            // It is a multiple of 64.
            time += self.samples.len() as u64 % 64;
        }
        let sample = [time, thread.id, proc, thread.goroutine.unwrap_or(0), stack];
        self.samples.push(sample);
        self.events += 1;
    }

    pub(crate) fn stack(&mut self) -> u64 {
        self.draw.below(STACKS + 1)
    }

    pub(crate) fn string(&mut self) -> u64 {
        self.draw.below(STRINGS + 1)
    }

    /// Some whole generations.
    pub(crate) fn generations(&mut self) {
        let generations = 1 + self.draw.below(4);
        for generation in 1..=generations {
            self.generation(generation);
        }
    }

    /// A whole generation.
    pub(crate) fn generation(&mut self, number: u64) {
        self.generation = number;
        self.now += 50;
        let now = self.now;
        for thread in &mut self.threads {
            thread.last = thread.last.max(now - 40);
        }
        let mut frequency = [15_625_000, 1_000_000_000, 300_000_000][self.draw.below(3) as usize];
        if self.units != 1 && frequency == 300_000_000 {
            // Parts of nanoseconds are cut off, which would bring threads together again.
            frequency = 15_625_000;
        }
        let time = now * self.units;
        clocks(&mut self.out, self.minor, number, time, frequency);
        self.statuses();
        for _ in 0..self.draw.below(300) {
            if self.draw.has_ended() {
                break;
            }
            let thread = self.draw.below(self.threads.len() as u64) as usize;
            self.act(thread);
            if self.draw.once_in(6) {
                self.sample();
            }
        }
        let ids: Vec<_> = self.open.keys().copied().collect();
        for id in ids {
            self.close(id);
        }
        self.tables(number);
        if self.minor >= 26 {
            self.out.push(E::EndOfGeneration as u8);
        }
    }

    /// The statuses with which each of them begins a generation.
    fn statuses(&mut self) {
        for index in 0..self.procs.len() {
            self.procs[index].seq = 0;
            let bound = self.threads.iter().position(|t| t.proc == Some(index));
            let status = self.procs[index].status;
            self.emit(bound.unwrap_or(0), E::ProcStatus, &[index as u64, status]);
        }
        let all: Vec<_> = self.goroutines.keys().copied().collect();
        for id in all {
            let bound = self.threads.iter().position(|t| t.goroutine == Some(id));
            let by = bound.unwrap_or(0);
            let thread = bound.map_or(u64::MAX, |t| self.threads[t].id);
            let status = self.goroutines[&id].status;
            if let Some(thing) = self.goroutines.get_mut(&id) {
                thing.seq = 0;
            }
            if self.minor >= 23 && self.draw.once_in(2) {
                let stack = self.stack();
                self.emit(by, E::GoStatusStack, &[id, thread, status, stack]);
            } else {
                self.emit(by, E::GoStatus, &[id, thread, status]);
            }
        }
        // In a system call it might have lost its P before, by the clock of whoever took it.
        let running = self.threads[0]
            .goroutine
            .map(|id| self.goroutines[&id].status);
        if let Some((number, true)) = self.gc
            && self.generation > 1
            && self.draw.once_in(2)
            && self.threads[0].proc.is_some()
            && running == Some(status::G_RUNNING)
        {
            self.gc = Some((number + 1, true));
            self.emit(0, E::GCActive, &[number + 1]);
        }
    }

    fn tables(&mut self, number: u64) {
        let now = self.now * self.units;
        super::write::strings(&mut self.out, number, now, &TEXTS);
        let mut data = Vec::new();
        event(&mut data, E::Stacks, &[]);
        for id in 1..=STACKS {
            event(&mut data, E::Stack, &[id, id % 3]);
            for frame in 0..id % 3 {
                // The same PC has several frames: the first seen counts.
                let pc = match self.units {
                    1 => 0x1000 + self.draw.below(4),
                    _ => 0x1000 + 8 * id + frame,
                };
                let function = 1 + self.draw.below(2);
                for value in [pc, function, 2, id * 10 + frame] {
                    varint(&mut data, value);
                }
            }
        }
        batch(&mut self.out, number, u64::MAX, now, &data);
        let samples = std::mem::take(&mut self.samples);
        for samples in samples.chunks(20) {
            let mut data = Vec::new();
            event(&mut data, E::CPUSamples, &[]);
            for sample in samples {
                event(&mut data, E::CPUSample, sample);
            }
            batch(&mut self.out, number, u64::MAX, now, &data);
        }
    }
}

//! The worst case for whoever merges: many threads that take turns at random, an event each.

#![expect(
    clippy::cast_possible_truncation,
    reason = "a batch is small, and a varint has seven bits a byte"
)]

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sigprof_wire::v2::limits::MAX_BATCH_SIZE;
use sigprof_wire::v2::{EventType as E, NO_THREAD, go_status, proc_status};

/// Different stacks, and frames of each.
const STACKS: u64 = 256;
const FRAMES: u64 = 6;

/// Bytes of a batch: no event is as long as what is left.
const BATCH: usize = MAX_BATCH_SIZE as usize - 64;

/// Events of one thread, and its clock.
#[derive(Clone, Default)]
struct Lane {
    bytes: Vec<u8>,
    batches: Vec<(u64, Vec<u8>)>,
    began: u64,
    clock: u64,
    running: Option<usize>,
    in_call: bool,
    /// Counted events of its P.
    number: u64,
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn numbers(out: &mut Vec<u8>, event: E, numbers: &[u64]) {
    out.push(event as u8);
    for &number in numbers {
        varint(out, number);
    }
}

fn batch(out: &mut Vec<u8>, thread: u64, time: u64, data: &[u8]) {
    numbers(out, E::EventBatch, &[1, thread, time, data.len() as u64]);
    out.extend_from_slice(data);
}

impl Lane {
    fn emit(&mut self, now: u64, event: E, args: &[u64]) {
        if self.bytes.is_empty() {
            (self.began, self.clock) = (now, now);
        }
        numbers(&mut self.bytes, event, &[now - self.clock]);
        for &arg in args {
            varint(&mut self.bytes, arg);
        }
        self.clock = now;
        if self.bytes.len() > BATCH {
            self.close();
        }
    }

    fn close(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        self.batches.push((self.began, bytes));
    }
}

/// Header, clocks, strings and stacks.
fn tables() -> Vec<u8> {
    let mut out = b"go 1.26 trace\0\0\0".to_vec();
    let mut data = Vec::new();
    numbers(&mut data, E::Sync, &[]);
    numbers(&mut data, E::Frequency, &[15_625_000]);
    numbers(&mut data, E::ClockSnapshot, &[1, 64_000, 1_700_000_000, 0]);
    batch(&mut out, NO_THREAD, 1000, &data);
    let mut data = Vec::new();
    numbers(&mut data, E::Strings, &[]);
    for id in 1..=64 {
        let text = format!("example.com/some/package.function{id:02}");
        numbers(&mut data, E::String, &[id, text.len() as u64]);
        data.extend_from_slice(text.as_bytes());
    }
    batch(&mut out, NO_THREAD, 1000, &data);
    let mut data = Vec::new();
    numbers(&mut data, E::Stacks, &[]);
    for id in 1..=STACKS {
        numbers(&mut data, E::Stack, &[id, FRAMES]);
        for frame in 0..FRAMES {
            let pc = 0x40_0000 + (id * 7 + frame) % 1000;
            for number in [pc, 1 + pc % 64, 1 + pc % 8, pc % 500] {
                varint(&mut data, number);
            }
        }
    }
    batch(&mut out, NO_THREAD, 1000, &data);
    out
}

/// A trace of `events` events on `threads` threads, each with a P of its own.
pub(crate) fn trace(threads: u32, events: u32) -> Vec<u8> {
    let mut random = ChaCha8Rng::seed_from_u64(u64::from(threads));
    let mut lanes = vec![Lane::default(); threads as usize];
    let mut counted = Vec::new();
    let (mut runnable, mut waiting) = (Vec::new(), Vec::new());
    let mut now = 1000;
    for (p, lane) in (0_u64..).zip(&mut lanes) {
        now += 1;
        lane.emit(now, E::ProcStatus, &[p, proc_status::RUNNING.into()]);
    }
    for g in 1..=4 * u64::from(threads) {
        now += 1;
        let args = [g, NO_THREAD, go_status::RUNNABLE.into()];
        lanes[0].emit(now, E::GoStatus, &args);
        runnable.push(counted.len());
        counted.push(0);
    }
    for _ in 0..events {
        now += 1 + u64::from(random.next_u32() % 3);
        let lane = &mut lanes[(random.next_u32() % threads) as usize];
        step(
            lane,
            now,
            random.next_u32(),
            &mut counted,
            (&mut runnable, &mut waiting),
        );
    }
    let mut out = tables();
    // Batches of all threads in turn, as the runtime writes them.
    for lane in &mut lanes {
        lane.close();
    }
    let rounds = lanes.iter().map(|l| l.batches.len()).max().unwrap_or(0);
    for round in 0..rounds {
        for (thread, lane) in (1000..).zip(&lanes) {
            if let Some((time, bytes)) = lane.batches.get(round).filter(|b| !b.1.is_empty()) {
                batch(&mut out, thread, *time, bytes);
            }
        }
    }
    numbers(&mut out, E::EndOfGeneration, &[]);
    out
}

/// One event of one thread; `counted` has the events that goroutines count.
fn step(
    lane: &mut Lane,
    now: u64,
    dice: u32,
    counted: &mut [u64],
    (runnable, waiting): (&mut Vec<usize>, &mut Vec<usize>),
) {
    let stack = 1 + u64::from(dice / 64) % STACKS;
    let pick = |from: &mut Vec<usize>| from.swap_remove(dice as usize % from.len());
    match (lane.running, dice % 8) {
        (Some(_), _) if lane.in_call => {
            lane.in_call = false;
            lane.emit(now, E::GoSyscallEnd, &[]);
        }
        (Some(_), 0) => {
            lane.number += 1;
            lane.in_call = true;
            lane.emit(now, E::GoSyscallBegin, &[lane.number, stack]);
        }
        (Some(g), 1..4) => {
            waiting.push(g);
            lane.running = None;
            lane.emit(now, E::GoBlock, &[1, stack]);
        }
        (Some(g), 4) => {
            runnable.push(g);
            lane.running = None;
            lane.emit(now, E::GoStop, &[2, stack]);
        }
        (Some(_), _) if !waiting.is_empty() => {
            let g = pick(waiting);
            counted[g] += 1;
            runnable.push(g);
            lane.emit(now, E::GoUnblock, &[g as u64 + 1, counted[g], stack]);
        }
        (None, _) if !runnable.is_empty() => {
            let g = pick(runnable);
            counted[g] += 1;
            lane.running = Some(g);
            lane.emit(now, E::GoStart, &[g as u64 + 1, counted[g]]);
        }
        // All wait: whoever has nothing to run wakes one, or nothing would happen any more.
        (None, _) if !waiting.is_empty() => {
            let g = pick(waiting);
            counted[g] += 1;
            runnable.push(g);
            lane.emit(now, E::GoUnblock, &[g as u64 + 1, counted[g], stack]);
        }
        _ => lane.emit(now, E::HeapAlloc, &[u64::from(dice)]),
    }
}

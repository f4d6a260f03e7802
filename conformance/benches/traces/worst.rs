//! The worst case for whoever merges: many Ps that take turns at random, an event each.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sigprof_sim::tracer::{ProcId, Ticks, TraceWriter};
use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType as E;

#[derive(Clone, Copy)]
enum State {
    Runnable,
    Waiting,
}

/// Events of one P, and its clock.
#[derive(Clone, Default)]
struct Lane {
    events: Vec<(E, u64, [u64; 2])>,
    clock: u64,
    running: Option<usize>,
}

/// A trace of `events` events on `ps` Ps.
pub(crate) fn trace(ps: u32, events: u32) -> Vec<u8> {
    const TEXT: &str = "TraceWriter writes 1.19";
    /// Events of a batch: about as many as fit into a buffer of the runtime.
    const BATCH: usize = 10_000;
    let mut random = ChaCha8Rng::seed_from_u64(u64::from(ps));
    let mut lanes = vec![Lane::default(); ps as usize];
    let mut goroutines: Vec<(State, u64)> = Vec::new();
    let (mut runnable, mut waiting) = (Vec::new(), Vec::new());
    let mut now = 1000;
    let mut emit = |lane: &mut Lane, event_type, args| {
        now += 1;
        lane.events.push((event_type, now - lane.clock, args));
        lane.clock = now;
    };
    for g in 1..=4 * u64::from(ps) {
        emit(&mut lanes[0], E::GoCreate, [g, 0]);
        goroutines.push((State::Runnable, 1));
        runnable.push(goroutines.len() - 1);
    }
    for _ in 0..events {
        let lane = &mut lanes[(random.next_u32() % ps) as usize];
        let dice = random.next_u32();
        match lane.running {
            Some(g) if dice % 3 == 0 => {
                emit(lane, E::GoBlockRecv, [0, 0]);
                goroutines[g].0 = State::Waiting;
                waiting.push(g);
                lane.running = None;
            }
            Some(g) if dice % 3 == 1 => {
                emit(lane, E::GoSched, [0, 0]);
                runnable.push(g);
                lane.running = None;
            }
            Some(_) if !waiting.is_empty() => {
                let g = waiting.swap_remove(dice as usize % waiting.len());
                emit(lane, E::GoUnblock, [g as u64 + 1, goroutines[g].1]);
                goroutines[g] = (State::Runnable, goroutines[g].1 + 1);
                runnable.push(g);
            }
            None if !runnable.is_empty() => {
                let g = runnable.swap_remove(dice as usize % runnable.len());
                emit(lane, E::GoStart, [g as u64 + 1, goroutines[g].1]);
                goroutines[g].1 += 1;
                lane.running = Some(g);
            }
            _ => emit(lane, E::HeapAlloc, [u64::from(dice), 0]),
        }
    }
    let mut out = TraceWriter::new(FormatVersion::GO_1_19).expect(TEXT);
    // Batches of all Ps in turn, as the runtime writes them.
    let mut clocks = vec![0; lanes.len()];
    let rounds = lanes.iter().map(|l| l.events.len().div_ceil(BATCH)).max();
    for round in 0..rounds.unwrap_or(0) {
        for ((p, lane), clock) in (0..).zip(&lanes).zip(&mut clocks) {
            let Some(batch) = lane.events.chunks(BATCH).nth(round) else {
                continue;
            };
            out.batch(Some(ProcId(p)), Ticks(*clock));
            for &(event_type, delta, args) in batch {
                *clock += delta;
                let count = event_type.spec().args.len();
                out.event(event_type, Ticks(delta), &args[..count], None);
            }
        }
    }
    out.frequency(1_000_000_000);
    out.finish()
}

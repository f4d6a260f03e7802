//! A trace in generations: it starts, goes on to the next one each second, and stops (Go:
//! `StartTrace`, `traceAdvance`, `traceStartReadCPU`, `traceAdvancer`; R94 to R97).
//!
//! ```text
//!  advance:  who did nothing, and is it a goroutine?  -> noted
//!            [1.26: is it a P?                        -> told, in the old generation]
//!            the generation changes; each thread's buffer of the old one is flushed
//!            statuses that were noted, samples, stacks, strings of the old one
//!            [until 1.25: Ps that did nothing         -> told, in the new generation]
//!            waits until the reader has read the old one
//! ```

use sigprof_model::backend::Backend;

use super::state::{GIdx, Role, Running, Status, Wait};
use super::{EPOCH_UNIX_NS, Machine};
use crate::tracer::{BlockReason, Chunk, GoStatus, ProcState, StopReason, Tracer, Untraced};

/// How long the goroutine sleeps that drains samples (Go: `traceStartReadCPU`).
const DRAIN_NS: u64 = 100_000_000;

/// Nanoseconds in a millisecond.
const MS: u64 = 1_000_000;

/// The tracer's goroutines, and who waits for the end of a generation.
#[derive(Debug, Default)]
pub(super) struct Generations {
    /// The number of the session: from a start of the tracer to its stop.
    session: u32,
    /// The goroutine that advanced, and waits until the old generation has been read.
    waiter: Option<GIdx>,
    /// Goroutines that wait for the waiter (Go: `traceAdvanceSema`).
    queue: Vec<GIdx>,
    /// The goroutines of the session that sleep between two turns.
    sleepers: Vec<GIdx>,
    /// Of the advancer and of the reader of samples: whether it has slept, and is to do its work.
    has_slept: [bool; 2],
}

impl Generations {
    pub(super) fn is_busy(&self) -> bool {
        self.waiter.is_some()
    }
}

impl<B: Backend, T: Tracer> Machine<'_, B, T> {
    fn is_tracing(&self) -> bool {
        self.runtime.tracer.borrow().is_enabled()
    }

    /// Go: `StartTrace`, on the main goroutine; false if the last trace has not been read.
    pub(super) fn start_session(&mut self, p: u32, main: GIdx) -> bool {
        self.stop_world(p);
        if !self.runtime.start_session() {
            self.start_world(p);
            return false;
        }
        self.generations.session += 1;
        let at = self.at(Some(p));
        let mono = self.mono();
        if let Some(v2) = self.runtime.tracer.get_mut().v2() {
            v2.register(at.now, false);
            v2.sync(at.now, mono, unix_ns(self.now));
        }
        self.gomaxprocs(p, main);
        let at = self.at(Some(p));
        let stack = self.layout.stack(self.gs[main].event_stack);
        let tracer = self.runtime.tracer.get_mut();
        tracer.stw_start(&at, StopReason::StartTrace, stack);
        self.tell_gc(p);
        let (at, goal) = (self.at(Some(p)), self.heap_goal());
        self.runtime.tracer.get_mut().heap_goal(&at, goal);
        self.tell_procs_at_start(p);
        self.restart_world(p, main);
        let session = self.generations.session;
        self.generations.has_slept = [false; 2];
        self.generations.sleepers = [Role::SampleReader(session), Role::Advancer(session)]
            .map(|role| self.new_g(role, Some((p, main))))
            .into();
        true
    }

    fn tell_procs_at_start(&mut self, own: u32) {
        let tracer = self.runtime.tracer.get_mut();
        if tracer.v2().is_none_or(|v2| v2.tells_procs_at_end()) {
            return;
        }
        for p in 0..self.procs {
            let at = self.at(Some(own));
            let status = if p == own {
                ProcState::Running
            } else {
                ProcState::Idle
            };
            if let Some(v2) = self.runtime.tracer.get_mut().v2() {
                v2.proc_status(&at, p, status);
            }
        }
    }

    fn tell_gc(&mut self, p: u32) {
        if self.gc.is_marking() {
            let at = self.at(Some(p));
            if let Some(v2) = self.runtime.tracer.get_mut().v2() {
                v2.gc_active(&at);
            }
        }
    }

    /// Goes on to the next generation, or stops the tracer, and waits for the reader (Go:
    /// `traceAdvance`). Nobody else may be at it.
    pub(super) fn advance(&mut self, p: u32, g: GIdx, stops: bool) {
        let noted = self.note_goroutines();
        let now = self.tick();
        let mut is_at_end = true;
        if let Some(v2) = self.runtime.tracer.get_mut().v2() {
            v2.before_switch(now, stops);
            is_at_end = v2.tells_procs_at_end();
        }
        if is_at_end {
            self.tell_procs(p);
        }
        let ms: Vec<_> = self.ms.iter().map(|m| &m.model).collect();
        let left = self.runtime.leave_log(&ms, stops);
        let old = match self.runtime.tracer.get_mut().v2() {
            Some(v2) => v2.switch(stops),
            None => 0,
        };
        if !stops {
            self.begin_generation(p, g);
        }
        self.end_generation(old, &noted);
        self.write_samples(&left);
        let now = self.tick();
        if let Some(v2) = self.runtime.tracer.get_mut().v2() {
            v2.finish(old, now, &self.layout.program);
        }
        if stops {
            self.runtime.session_ends(self.now);
            self.wake_sleepers();
        } else if !is_at_end {
            self.tell_procs(p);
        }
        self.generations.waiter = Some(g);
        self.block(p, g, BlockReason::Sync, Wait::Forever, 0);
    }

    fn begin_generation(&mut self, p: u32, g: GIdx) {
        let at = self.at(Some(p));
        let mono = self.mono();
        if let Some(v2) = self.runtime.tracer.get_mut().v2() {
            v2.sync(at.now, mono, unix_ns(self.now));
        }
        self.gomaxprocs(p, g);
        self.tell_gc(p);
    }

    /// Flushes threads, and tells of goroutines that did nothing.
    fn end_generation(&mut self, old: u64, noted: &[(GIdx, GoStatus, Option<u64>)]) {
        let now = self.tick();
        let untraced: Vec<_> = noted
            .iter()
            .map(|&(g, status, m)| Untraced {
                g: self.gs[g].trace.of(),
                m,
                status,
                stack: Some(self.layout.stack(self.gs[g].event_stack)),
            })
            .collect();
        if let Some(v2) = self.runtime.tracer.get_mut().v2() {
            v2.flush_threads(old);
            v2.untraced(old, now, &untraced);
        }
    }

    /// Goroutines of which this generation has nothing, with status and thread.
    fn note_goroutines(&mut self) -> Vec<(GIdx, GoStatus, Option<u64>)> {
        let mut on = vec![None; self.gs.len()];
        for (m, thread) in (0..).zip(&self.ms) {
            if let Some(g) = thread.curg {
                on[g] = Some(m);
            }
        }
        // A timer that is over, or a network that is ready, is waited for until it is found.
        let timers = self.ps.iter().flat_map(|p| &p.timers);
        let mut found_later: Vec<_> = timers.chain(&self.net_ready).copied().collect();
        found_later.sort_unstable();
        let mut noted = Vec::new();
        for (g, &m) in on.iter().enumerate() {
            let of = self.gs[g].trace.of();
            let tracer = self.runtime.tracer.get_mut();
            if tracer.v2().is_none_or(|v2| v2.is_told(of)) {
                continue;
            }
            let status = match self.gs[g].status {
                Status::Dead => continue,
                Status::Runnable if found_later.binary_search(&g).is_ok() => GoStatus::Waiting,
                Status::Runnable => GoStatus::Runnable,
                Status::Running => GoStatus::Running,
                Status::Waiting(_) => GoStatus::Waiting,
                Status::Syscall => GoStatus::Syscall,
            };
            noted.push((g, status, m));
        }
        noted
    }

    /// Every P says what it is at, and those in system calls are taken from there (Go: `forEachP`).
    fn tell_procs(&mut self, own: u32) {
        for p in 0..self.procs {
            let (by, status) = match self.ps[p as usize].running {
                Running::Syscall(_) => {
                    self.take_back(p, Some(own));
                    continue;
                }
                Running::Go(_) | Running::Scheduling => (p, ProcState::Running),
                Running::Idle | Running::Stopped => (own, ProcState::Idle),
            };
            let at = self.at(Some(by));
            if let Some(v2) = self.runtime.tracer.get_mut().v2() {
                v2.proc_status(&at, p, status);
            }
        }
    }

    /// The tracer has stopped: its goroutines are woken, and end.
    fn wake_sleepers(&mut self) {
        for g in std::mem::take(&mut self.generations.sleepers) {
            if self.gs[g].status == Status::Waiting(Wait::Timer) {
                self.gs[g].epoch += 1;
                self.ready(g, None);
            }
        }
    }

    /// The goroutine that drains samples.
    pub(super) fn read_samples(&mut self, p: u32, g: GIdx, session: u32) {
        if self.is_over_for(session) {
            return self.end_g(p, g);
        }
        let has_slept = &mut self.generations.has_slept[0];
        *has_slept = !*has_slept;
        if *has_slept {
            return self.sleep(p, g, DRAIN_NS);
        }
        let m = self.ps[p as usize].m;
        self.drain_samples(m);
        self.step_in(p, 1_000);
    }

    /// The goroutine that goes on to the next generation, each second.
    pub(super) fn advance_in_time(&mut self, p: u32, g: GIdx, session: u32) {
        if self.is_over_for(session) {
            return self.end_g(p, g);
        }
        if !self.generations.has_slept[1] {
            self.generations.has_slept[1] = true;
            return self.sleep(p, g, self.plan.generation_ms * MS);
        }
        if self.generations.is_busy() {
            return self.await_turn(p, g);
        }
        self.generations.has_slept[1] = false;
        self.advance(p, g, false);
    }

    fn is_over_for(&self, session: u32) -> bool {
        session != self.generations.session || !self.is_tracing()
    }

    /// Waits until nobody advances.
    pub(super) fn await_turn(&mut self, p: u32, g: GIdx) {
        self.generations.queue.push(g);
        self.block(p, g, BlockReason::Sync, Wait::Forever, 0);
    }

    /// The goroutine that reads the trace, from Go 1.22 on.
    pub(super) fn read_generations(&mut self, p: u32, g: GIdx) {
        loop {
            let now = self.ticks();
            let tracer = self.runtime.tracer.get_mut();
            let Some(generation) = tracer.v2().map(|v2| v2.reader_generation()) else {
                return;
            };
            match tracer.read(&self.layout.program, now) {
                Chunk::Bytes(bytes) => {
                    self.outputs.write(bytes, self.sink);
                    return self.enter_syscall(p, g, 8_000, true);
                }
                Chunk::EndOfGeneration(bytes) => {
                    self.outputs.write(bytes, self.sink);
                    self.outputs.end_generation(generation, now, self.sink);
                }
                Chunk::Flushed => self.generation_is_read(p, g),
                Chunk::Park => return self.park_reader(p, g),
                Chunk::End => {
                    self.outputs.end();
                    self.runtime.note_over(|over| over.generations = generation);
                    self.generation_is_read(p, g);
                    return self.end_g(p, g);
                }
            }
        }
    }

    /// Whoever waited for that goes on.
    fn generation_is_read(&mut self, p: u32, by: GIdx) {
        let read = self.outputs.last_whole();
        self.runtime.note_over(|over| over.read = read);
        let waiter = self.generations.waiter.take();
        let queue = std::mem::take(&mut self.generations.queue);
        for g in waiter.into_iter().chain(queue) {
            self.unpark(Some(p), g, Some(by));
            self.ready(g, Some(p));
        }
    }
}

/// A moment of the run, since 1970.
fn unix_ns(now: u64) -> u64 {
    u64::try_from(EPOCH_UNIX_NS).unwrap_or(0) + now
}

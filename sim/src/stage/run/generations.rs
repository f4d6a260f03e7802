//! A stage in generations, from Go 1.22 on.
//!
//! Who starts, goes on and stops takes turns, by a lock as in Go (`traceAdvanceSema`): on the
//! engine it is a word of the back-end, so that a thread that waits for it is seen to wait.

use std::cell::{Cell, RefCell};

use sigprof_model::backend::{Atomic, Backend, Ordering};

use super::{FIRST_TICK, Run, Step};
use crate::bounds::STAGE_PROCS;
use crate::machine::recorder::{Outputs, Subscriber};
use crate::program::Stack;
use crate::tracer::{Chunk, GRef, GoStatus, ProcState, StopReason, Untraced};
use crate::truth::SnapshotTruth;

/// Frames of the stacks of events.
const FRAMES: usize = 2;

/// Bytes that a recorder keeps: with the newest generation, one more at the most.
const MAX_BYTES: u64 = 600;

/// The rest of a stage, from Go 1.22 on.
pub(super) struct Later<B: Backend> {
    pub(super) is_on: bool,
    /// Held by who starts, goes on or stops.
    lock: B::U32,
    outputs: RefCell<Outputs>,
    /// The reader of the trace is at it.
    is_reading: Cell<bool>,
}

impl<B: Backend> Later<B> {
    pub(super) fn new(is_on: bool) -> Self {
        Self {
            is_on,
            lock: B::U32::new("traceAdvanceSema", 0),
            outputs: RefCell::default(),
            is_reading: Cell::new(false),
        }
    }

    pub(super) fn take_snapshots(&self) -> Vec<Vec<u8>> {
        self.outputs.borrow_mut().take_snapshots()
    }

    fn lock(&self) {
        while !self.lock.compare_and_swap(0, 1, Ordering::Acquire) {
            self.lock.yield_while(1);
        }
    }

    fn unlock(&self) {
        self.lock.store(0, Ordering::Release);
    }
}

impl<B: Backend> Run<B> {
    /// Does a step as it is from Go 1.22 on; false if it is as ever.
    pub(super) fn later_step(&self, m: usize, step: &Step) -> bool {
        match step {
            Step::StartProfile | Step::StopProfile | Step::ReadProfile | Step::Sample(_) => {
                return false;
            }
            Step::ReadTrace if !self.is_enabled() => return true,
            Step::ReadTrace => {
                let drained = self.runtime.drain(&self.ms[m]);
                self.write(&drained);
                self.read_generations();
                return true;
            }
            Step::Yield => {
                if self.runtime.tracer.borrow().is_enabled() {
                    self.yields();
                }
                return true;
            }
            _ => {}
        }
        self.later.lock();
        match step {
            Step::StartTrace => self.start_file(),
            Step::StopTrace => self.remove_subscriber(Subscriber::Writer),
            Step::StartRecorder => self.start_recorder(),
            Step::StopRecorder => self.remove_subscriber(Subscriber::Recorder),
            Step::Advance => self.advance(false),
            Step::Snapshot if self.outputs(|o| o.wants(Subscriber::Recorder)) => {
                self.advance(false);
                self.outputs(|outputs| outputs.snapshot(self.now.get()));
            }
            _ => {}
        }
        self.later.unlock();
        true
    }

    fn outputs<T>(&self, then: impl FnOnce(&mut Outputs) -> T) -> T {
        then(&mut self.later.outputs.borrow_mut())
    }

    /// The monotonic clock, in nanoseconds.
    pub(super) fn mono(&self) -> u64 {
        FIRST_TICK + self.now.get()
    }

    pub(super) fn main_g(&self) -> Option<GRef> {
        self.later.is_on.then(|| self.main.get().of())
    }

    fn stack(&self) -> Stack<'_> {
        Stack {
            number: FRAMES,
            words: &self.stacks[FRAMES],
        }
    }

    fn is_enabled(&self) -> bool {
        self.runtime.tracer.borrow().is_enabled()
    }

    fn start_file(&self) {
        if self.outputs(|outputs| outputs.wants(Subscriber::Writer)) {
            return;
        }
        let number = self.runtime.begin_file(self.now.get());
        self.traces.borrow_mut().push(Vec::new());
        self.outputs(|outputs| outputs.want_file(number));
        self.add_subscriber();
    }

    fn start_recorder(&self) {
        if !self.outputs(|outputs| outputs.wants(Subscriber::Recorder)) {
            self.outputs(|outputs| outputs.want_recorder(u64::MAX, MAX_BYTES));
            self.add_subscriber();
        }
    }

    fn add_subscriber(&self) {
        if self.is_enabled() {
            return self.advance(false);
        }
        self.outputs(Outputs::begin);
        if !self.runtime.start_session() {
            return;
        }
        let (at, mono) = (self.at(), self.mono());
        let mut tracer = self.runtime.tracer.borrow_mut();
        if let Some(v2) = tracer.v2() {
            v2.register(at.now, false);
            v2.sync(at.now, mono, mono);
        }
        drop(tracer);
        self.procs_change();
        let at = self.at();
        let mut tracer = self.runtime.tracer.borrow_mut();
        tracer.stw_start(&at, StopReason::StartTrace, self.stack());
        let tells_all = tracer.v2().is_some_and(|v2| !v2.tells_procs_at_end());
        drop(tracer);
        if tells_all {
            self.tell_procs();
        }
        let at = self.at();
        self.runtime.tracer.borrow_mut().stw_done(&at);
    }

    fn procs_change(&self) {
        let at = self.at();
        let mut tracer = self.runtime.tracer.borrow_mut();
        tracer.gomaxprocs(&at, STAGE_PROCS.into(), self.stack());
    }

    /// The main goroutine has P 0; the others are idle.
    fn tell_procs(&self) {
        for p in 0..STAGE_PROCS {
            let at = self.at();
            let status = if p == 0 {
                ProcState::Running
            } else {
                ProcState::Idle
            };
            let mut tracer = self.runtime.tracer.borrow_mut();
            if let Some(v2) = tracer.v2() {
                v2.proc_status(&at, p, status);
            }
        }
    }

    fn remove_subscriber(&self, who: Subscriber) {
        if !self.outputs(|outputs| outputs.wants(who)) {
            return;
        }
        if self.outputs(|outputs| outputs.is_alone(who)) {
            return self.advance(true);
        }
        self.advance(false);
        self.outputs(|outputs| outputs.remove(who));
        if who == Subscriber::Writer {
            self.runtime.file_ends(self.now.get());
        }
        self.advance(false);
    }

    /// Goes on to the next generation, or stops the tracer, and reads the old one.
    fn advance(&self, stops: bool) {
        if !self.is_enabled() {
            return;
        }
        let is_main_noted = self.note_main(stops);
        let ms: Vec<_> = self.ms.iter().collect();
        let left = self.runtime.leave_log(&ms, stops);
        let old = match self.runtime.tracer.borrow_mut().v2() {
            Some(v2) => v2.switch(stops),
            None => 0,
        };
        if !stops {
            let (at, mono) = (self.at(), self.mono());
            if let Some(v2) = self.runtime.tracer.borrow_mut().v2() {
                v2.sync(at.now, mono, mono);
            }
            self.procs_change();
        }
        let now = self.tick();
        if let Some(v2) = self.runtime.tracer.borrow_mut().v2() {
            v2.flush_threads(old);
            let untraced = Untraced {
                g: self.main.get().of(),
                m: Some(0),
                status: GoStatus::Running,
                stack: Some(self.stack()),
            };
            let all: &[_] = if is_main_noted { &[untraced] } else { &[] };
            v2.untraced(old, now, all);
        }
        self.write(&left);
        let now = self.tick();
        let mut is_at_end = true;
        if let Some(v2) = self.runtime.tracer.borrow_mut().v2() {
            v2.finish(old, now, &self.program);
            is_at_end = v2.tells_procs_at_end();
        }
        if stops {
            self.runtime.session_ends(self.now.get());
        } else if !is_at_end {
            self.tell_procs();
        }
        self.read_generations();
    }

    /// Tells and notes what comes before a generation changes; whether the main goroutine did nothing.
    fn note_main(&self, stops: bool) -> bool {
        let main = self.main.get().of();
        let now = self.tick();
        let mut tracer = self.runtime.tracer.borrow_mut();
        let Some(v2) = tracer.v2() else { return false };
        let is_noted = !v2.is_told(main);
        v2.before_switch(now, stops);
        let is_at_end = v2.tells_procs_at_end();
        drop(tracer);
        if is_at_end {
            self.tell_procs();
        }
        is_noted
    }

    /// Reads what has been flushed.
    fn read_generations(&self) {
        // One reader at a time: what it reads is in order.
        if self.later.is_reading.replace(true) {
            return;
        }
        loop {
            let now = self.ticks();
            let mut tracer = self.runtime.tracer.borrow_mut();
            let Some(generation) = tracer.v2().map(|v2| v2.reader_generation()) else {
                break;
            };
            let mut outputs = self.later.outputs.borrow_mut();
            let mut traces = self.traces.borrow_mut();
            let mut sink = |number: usize, piece: &[u8]| traces[number].extend_from_slice(piece);
            match tracer.read(&self.program, now) {
                Chunk::Bytes(bytes) => outputs.write(bytes, &mut sink),
                Chunk::EndOfGeneration(bytes) => {
                    outputs.write(bytes, &mut sink);
                    outputs.end_generation(generation, now, &mut sink);
                }
                Chunk::Flushed => {}
                Chunk::Park => break,
                Chunk::End => {
                    outputs.end();
                    break;
                }
            }
        }
        self.later.is_reading.set(false);
    }

    /// The stage is over: what is in which file is known; returns the truth about snapshots.
    pub(super) fn settle(&self) -> Vec<SnapshotTruth> {
        if !self.later.is_on {
            return Vec::new();
        }
        let files: Vec<_> = self.outputs(|outputs| outputs.files().collect());
        let last_whole = self.outputs(|outputs| outputs.last_whole());
        self.runtime.settle(&files, last_whole);
        self.outputs(Outputs::take_snapshot_truths)
    }
}

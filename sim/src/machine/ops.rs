//! Operations of goroutines, one after the other.

use rand::RngExt;
use sigprof_model::backend::Backend;
use sigprof_model::prof_buf::Tag;

use super::Machine;
use super::sched::SLICE_NS;
use super::state::{GIdx, Role, Wait};
use crate::tracer::{BlockReason, RegionMode, Tracer};
use crate::workload::Op;

/// Regions that a goroutine has open at once, at the most.
const REGIONS_MAX: usize = 4;

impl<B: Backend, T: Tracer> Machine<'_, B, T> {
    /// The P's goroutine has computed for a while, and does something.
    pub(super) fn run_step(&mut self, p: u32, g: GIdx) {
        if std::mem::take(&mut self.gs[g].is_sweeping) {
            self.end_sweep(p);
        }
        match self.gs[g].role {
            Role::Main => self.control(p, g),
            Role::Collector => self.mark(p, g),
            Role::TraceReader => self.read_trace(p, g),
            Role::ProfileWriter => self.write_profile(p, g),
            Role::System => self.block(p, g, BlockReason::Generic, Wait::Forever, 0),
            Role::SampleReader(session) => self.read_samples(p, g, session),
            Role::Advancer(session) => self.advance_in_time(p, g, session),
            Role::Coroutine(_) => self.coroutine(p, g),
            Role::Worker(kind) => {
                let slice = &mut self.gs[g].slice;
                *slice += self.plan.step_us * 1000;
                if *slice >= SLICE_NS {
                    return self.give_way(p, g, true);
                }
                let op = self.next_op();
                self.work(p, g, kind, op);
            }
        }
    }

    fn next_op(&mut self) -> Op {
        let mut at = self.rng.random_range(0..self.ops_weight.max(1));
        for &(op, weight) in &self.ops {
            if at < weight {
                return op;
            }
            at -= weight;
        }
        Op::Compute
    }

    fn work(&mut self, p: u32, g: GIdx, kind: usize, op: Op) {
        let wait = 4 * self.plan.step_us * 1000;
        match op {
            Op::Yield => return self.give_way(p, g, false),
            Op::Sleep => return self.block(p, g, BlockReason::Sleep, Wait::Timer, wait),
            Op::Send => return self.block(p, g, BlockReason::ChanSend, Wait::Other, wait),
            Op::Receive => return self.block(p, g, BlockReason::ChanReceive, Wait::Other, wait),
            Op::Select => return self.block(p, g, BlockReason::Select, Wait::Other, wait),
            Op::Lock => return self.block(p, g, BlockReason::Sync, Wait::Other, wait),
            Op::Cond => return self.block(p, g, BlockReason::CondWait, Wait::Other, wait),
            Op::Park => return self.block(p, g, BlockReason::Generic, Wait::Other, wait),
            Op::Net => return self.block(p, g, BlockReason::Net, Wait::Net, wait),
            Op::Syscall => return self.enter_syscall(p, g, 6_000, true),
            Op::LongSyscall => {
                let uses_cpu = self.one_in(2);
                return self.enter_syscall(p, g, 2_000_000, uses_cpu);
            }
            Op::StopForever if self.one_in(20) => {
                self.unlock_thread(p, g);
                return self.block(p, g, BlockReason::Forever, Wait::Forever, 0);
            }
            Op::Renew => {
                self.new_g(Role::Worker(kind), Some((p, g)));
                return self.end(p, g);
            }
            Op::End => return self.end(p, g),
            Op::Alloc => {
                if self.allocate(p, g) {
                    return;
                }
            }
            Op::Spawn => {
                let kinds = self.layout.workers.len();
                let kind = self.rng.random_range(0..kinds);
                self.new_g(Role::Worker(kind), Some((p, g)));
            }
            Op::Gc => self.start_gc(p, g),
            Op::Task => self.task(p, g),
            Op::Region => self.region(p, g),
            Op::Log => {
                let length = self.rng.random_range(0..200);
                let (at, task) = (self.at(Some(p)), self.gs[g].task.unwrap_or(0));
                let stack = self.layout.stack(self.gs[g].event_stack);
                let message = &"message ".repeat(25)[..length];
                self.runtime
                    .tracer
                    .get_mut()
                    .user_log(&at, task, message, stack);
            }
            Op::Label => self.label(g),
            Op::LockThread => self.lock_thread(p, g),
            Op::Switch => return self.switch(p, g, kind),
            Op::Compute | Op::StopForever => {}
        }
        self.look(g);
        self.step_in(p, self.plan.step_us * 1000);
    }

    fn end(&mut self, p: u32, g: GIdx) {
        self.unlock_thread(p, g);
        self.end_g(p, g);
    }

    fn task(&mut self, p: u32, g: GIdx) {
        let at = self.at(Some(p));
        let stack = self.layout.stack(self.gs[g].event_stack);
        match self.gs[g].task.take() {
            // Whoever inherited the task goes on with it.
            Some(task) => self
                .runtime
                .tracer
                .get_mut()
                .user_task_end(&at, task, stack),
            None => {
                let task = self.next_task;
                self.next_task += 1;
                self.gs[g].task = Some(task);
                let name = format!("task{}", task % 3);
                self.runtime
                    .tracer
                    .get_mut()
                    .user_task_create(&at, task, &name, stack);
            }
        }
    }

    /// Regions are nested: the last that began ends first. Each has the task of its goroutine
    /// as it began.
    fn region(&mut self, p: u32, g: GIdx) {
        let is_full = self.gs[g].regions.len() >= REGIONS_MAX;
        if is_full || (!self.gs[g].regions.is_empty() && self.one_in(2)) {
            if let Some((task, number)) = self.gs[g].regions.pop() {
                self.user_region(p, g, (task, number), RegionMode::End);
            }
        } else {
            let number = self.rng.random_range(0..3);
            let task = self.gs[g].task.unwrap_or(0);
            self.gs[g].regions.push((task, number));
            self.user_region(p, g, (task, number), RegionMode::Start);
        }
    }

    fn user_region(&mut self, p: u32, g: GIdx, (task, number): (u64, u32), mode: RegionMode) {
        let at = self.at(Some(p));
        let stack = self.layout.stack(self.gs[g].event_stack);
        let name = format!("region{number}");
        self.runtime
            .tracer
            .get_mut()
            .user_region(&at, task, mode, &name, stack);
    }

    fn label(&mut self, g: GIdx) {
        let places = self.labels.len() as u64;
        let place = self.rng.random_range(0..=places);
        self.gs[g].labels = Tag::new(place);
    }

    /// Go: `LockOSThread`, or the end of it.
    fn lock_thread(&mut self, p: u32, g: GIdx) {
        if self.gs[g].locked_m.is_some() {
            return self.unlock_thread(p, g);
        }
        if self.gs[g].coroutine.is_some() {
            // Go throws if a coroutine is then switched to.
            return;
        }
        let m = self.ps[p as usize].m;
        self.gs[g].locked_m = Some(m);
        self.ms[m].is_locked = true;
    }

    fn unlock_thread(&mut self, _: u32, g: GIdx) {
        if let Some(m) = self.gs[g].locked_m.take() {
            self.ms[m].is_locked = false;
        }
    }
}

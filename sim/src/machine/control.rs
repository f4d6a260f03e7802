//! The main goroutine, which starts and stops traces and profiles, and those that read them
//! (Go: `runtime/trace/trace.go`, `Start`; `runtime/pprof/pprof.go`, `profileWriter`).

use std::collections::VecDeque;

use sigprof_model::backend::Backend;
use sigprof_model::protocol::Drainer;

use super::recorder::Subscriber;
use super::state::{GIdx, Role, Status, Wait};
use super::{EPOCH_UNIX_NS, Machine};
use crate::profiler::Labels;
use crate::tracer::{BlockReason, Chunk, RuntimeTracer, Tracer};
use crate::workload::Workload;

/// How long the goroutine that writes the profile sleeps (R52).
const PROFILE_SLEEP_NS: u64 = 100_000_000;

/// Nanoseconds in a millisecond.
const MS: u64 = 1_000_000;

/// A thing that the main goroutine does at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Control {
    StartTrace,
    StopTrace,
    StartProfile,
    StopProfile,
    /// Sets the number of Ps (Go: `runtime.GOMAXPROCS`).
    Procs(u32),
    StartRecorder,
    StopRecorder,
    /// Writes what the flight recorder has; it has gone on to the next generation before.
    Snapshot,
    /// Ends without stopping anything.
    Exit,
    /// Goes on to the next generation: a part of what the others do.
    Advance,
    Remove(Subscriber),
    WriteSnapshot,
}

impl Control {
    /// Whether it has to wait for whoever goes on to the next generation.
    fn advances(self) -> bool {
        !matches!(
            self,
            Self::StartProfile | Self::StopProfile | Self::Procs(_) | Self::Exit
        )
    }
}

/// The reader of the trace.
#[derive(Debug, Default)]
pub(super) struct Readers {
    /// The goroutine that reads the trace, while it sleeps.
    parked: Option<GIdx>,
    /// The reader was woken, and is still in the call in which it fell asleep.
    is_woken: bool,
    /// The reader waits until the trace is over.
    is_late: bool,
}

impl Readers {
    /// Whether who reads the trace sleeps and is to be woken.
    pub(super) fn is_wanted(&self, tracer: &impl Tracer) -> bool {
        let is_time = !self.is_late || tracer.is_awaited();
        self.parked.is_some() && is_time && tracer.has_work_for_reader()
    }

    /// Whether samples are looked for now. One that was woken returns the buffer as it is in
    /// 1.19, and begins again later (R36).
    pub(super) fn drains(&mut self, tracer: &RuntimeTracer, drainer: Drainer) -> bool {
        let was_woken = std::mem::take(&mut self.is_woken);
        let returns = was_woken && drainer == Drainer::ReadTraceLocked;
        tracer.drains_samples() && !returns
    }

    pub(super) fn take_parked(&mut self) -> Option<GIdx> {
        self.is_woken = self.parked.is_some();
        self.parked.take()
    }
}

/// The script of the main goroutine, by time.
pub(super) fn script(plan: &Workload) -> VecDeque<(u64, Control)> {
    let windows = |windows: &[[u64; 2]], start, stop| {
        let pairs = windows.iter();
        let times = pairs.flat_map(move |&[from, to]| [(from * MS, start), (to * MS, stop)]);
        times.collect::<Vec<_>>()
    };
    let mut script = windows(&plan.traces, Control::StartTrace, Control::StopTrace);
    script.extend(windows(
        &plan.profiles,
        Control::StartProfile,
        Control::StopProfile,
    ));
    script.extend(windows(
        &plan.recorders,
        Control::StartRecorder,
        Control::StopRecorder,
    ));
    script.extend(plan.snapshots.iter().map(|at| (at * MS, Control::Snapshot)));
    let procs = plan.gomaxprocs.iter();
    script.extend(procs.map(|&(at, procs)| (at * MS, Control::Procs(procs))));
    if plan.exit_ms > 0 {
        script.push((plan.exit_ms * MS, Control::Exit));
    }
    script.sort_unstable();
    script.into()
}

/// Sets of labels, each at a place of its own; the last two are equal.
pub(super) fn label_sets(kinds: u32) -> Vec<Labels> {
    let set = |number: u32| {
        let pair = |key: &str, value: String| (key.to_owned(), value);
        let mut set = vec![pair("worker", number.to_string())];
        if number % 2 == 1 {
            set.push(pair("tenant", format!("t{}", number % 3)));
        }
        set
    };
    let mut sets: Vec<_> = (0..kinds).map(set).collect();
    sets.push(set(0));
    sets
}

impl<B: Backend, T: Tracer> Machine<'_, B, T> {
    /// Everybody who is there before anything is traced.
    pub(super) fn begin(&mut self) {
        let main = self.new_g(Role::Main, None);
        for _ in 0..4 {
            let g = self.new_g(Role::System, None);
            self.gs[g].status = Status::Waiting(Wait::Forever);
        }
        self.run_queue.push_back(main);
        for number in 0..self.plan.goroutines {
            let g = self.new_g(Role::Worker((number % self.plan.kinds) as usize), None);
            self.run_queue.push_back(g);
        }
        for _ in 0..self.plan.foreign_threads {
            let m = self.new_m(true);
            self.on_cpu(m);
        }
        self.readers.is_late = !self.plan.reader;
        for p in 0..self.procs {
            self.start_proc(p);
        }
    }

    /// The main goroutine looks at its script.
    pub(super) fn control(&mut self, p: u32, main: GIdx) {
        let has_limit = self.plan.max_events > 0;
        let is_full =
            has_limit && self.runtime.tracer.borrow().all_events() >= self.plan.max_events;
        if is_full {
            self.hurry();
        }
        let Some(&(at, control)) = self.script.front() else {
            self.is_over = true;
            return;
        };
        if self.now < at && !is_full {
            // With a limit it looks now and then.
            let wait = if has_limit {
                (at - self.now).min(MS)
            } else {
                at - self.now
            };
            return self.block(p, main, BlockReason::Sleep, Wait::Timer, wait);
        }
        if self.revision.has_generations() {
            if self.generations.is_busy() && control.advances() {
                return self.await_turn(p, main);
            }
        } else {
            let stops_world = matches!(control, Control::StartTrace | Control::StopTrace);
            // Go waits for the end of the cycle (Go: `stopTheWorldGC`).
            self.gc.is_awaited = stops_world && self.gc.is_marking();
            if self.gc.is_awaited {
                return self.give_way(p, main, false);
            }
        }
        self.script.pop_front();
        match control {
            Control::StartProfile => self.start_profile(p, main),
            Control::StopProfile => self.stop_profile(p, main),
            _ if self.revision.has_generations() => self.control_tracer(p, main, control),
            Control::StartTrace => {
                self.start_trace(p, main);
                // Go: `trace.Start` starts the goroutine that reads.
                self.new_g(Role::TraceReader, Some((p, main)));
                self.step_in(p, 2_000);
            }
            Control::StopTrace => self.stop_trace(p, main),
            _ => self.step_in(p, 2_000),
        }
    }

    /// From Go 1.22 on (Go: `runtime/trace/subscribe.go`).
    fn control_tracer(&mut self, p: u32, main: GIdx, control: Control) {
        match control {
            Control::StartTrace => {
                let number = self.runtime.begin_file(self.now);
                self.outputs.want_file(number);
                return self.add_subscriber(p, main);
            }
            Control::StartRecorder => {
                let (age, bytes) = (self.plan.min_age_ms * MS, self.plan.max_bytes);
                self.outputs.want_recorder(age, bytes);
                return self.add_subscriber(p, main);
            }
            Control::StopTrace => return self.remove_subscriber(p, main, Subscriber::Writer),
            Control::StopRecorder => return self.remove_subscriber(p, main, Subscriber::Recorder),
            Control::Snapshot => {
                if self.outputs.wants(Subscriber::Recorder) {
                    self.next_of(&[Control::Advance, Control::WriteSnapshot]);
                }
            }
            Control::Advance => return self.advance(p, main, false),
            Control::Remove(who) => {
                self.outputs.remove(who);
                if who == Subscriber::Writer {
                    self.runtime.file_ends(self.now);
                }
            }
            Control::WriteSnapshot => self.outputs.snapshot(self.now),
            Control::Procs(procs) => {
                let own = self.set_procs(p, main, procs);
                return self.step_in(own, 2_000);
            }
            Control::Exit => self.is_over = true,
            Control::StartProfile | Control::StopProfile => {}
        }
        self.step_in(p, 2_000);
    }

    /// These come next.
    fn next_of(&mut self, controls: &[Control]) {
        for &control in controls.iter().rev() {
            self.script.push_front((self.now, control));
        }
    }

    /// Somebody new gets the trace: the tracer starts, or goes on to a generation that it begins
    /// with.
    fn add_subscriber(&mut self, p: u32, main: GIdx) {
        if self.runtime.tracer.borrow().is_enabled() {
            return self.advance(p, main, false);
        }
        self.outputs.begin();
        if self.start_session(p, main) {
            self.new_g(Role::TraceReader, Some((p, main)));
        }
        self.step_in(p, 2_000);
    }

    /// Goes on to the next generation before and after somebody is removed; with the last one the
    /// tracer stops.
    fn remove_subscriber(&mut self, p: u32, main: GIdx, who: Subscriber) {
        if !self.outputs.is_alone(who) {
            self.next_of(&[Control::Advance, Control::Remove(who), Control::Advance]);
        } else if self.outputs.wants(who) {
            return self.advance(p, main, true);
        }
        self.step_in(p, 2_000);
    }

    /// There are enough events: what was started is stopped.
    fn hurry(&mut self) {
        let is_tracing = self.runtime.tracer.borrow().is_enabled();
        let is_profiling = self.profile_hz > 0;
        self.script.retain(|&(_, control)| match control {
            Control::StopTrace | Control::StopRecorder => is_tracing,
            Control::StopProfile => is_profiling,
            Control::StartTrace | Control::StartProfile | Control::StartRecorder => false,
            Control::Snapshot | Control::Procs(_) => false,
            _ => true,
        });
    }

    fn start_profile(&mut self, p: u32, main: GIdx) {
        let m = self.ps[p as usize].m;
        let (hz, now) = (self.plan.hz, self.now);
        if self.runtime.start_profile(&self.ms[m].model, hz, now) {
            self.profile_hz = self.plan.hz;
            self.arm(m);
            self.arm_process();
            self.new_g(Role::ProfileWriter, Some((p, main)));
        }
        self.step_in(p, 2_000);
    }

    /// The main goroutine waits until the profile is written.
    fn stop_profile(&mut self, p: u32, main: GIdx) {
        if self.profile_hz == 0 {
            return self.step_in(p, 2_000);
        }
        let m = self.ps[p as usize].m;
        self.runtime.stop_profile(&self.ms[m].model, self.now);
        self.profile_hz = 0;
        self.arm(m);
        self.arm_process();
        self.block(p, main, BlockReason::ChanReceive, Wait::Forever, 0);
    }

    /// The goroutine that writes the profile takes what is there.
    pub(super) fn write_profile(&mut self, p: u32, g: GIdx) {
        if !self.runtime.has_profile() {
            return self.end_g(p, g);
        }
        if !self.runtime.read_profile() {
            return self.block(p, g, BlockReason::Sleep, Wait::Timer, PROFILE_SLEEP_NS);
        }
        let (program, labels) = (&self.layout.program, &self.labels);
        let epoch = Some(EPOCH_UNIX_NS);
        self.runtime
            .finish_profile(program, labels, epoch, self.now);
        let main = self.main();
        self.unpark(Some(p), main, Some(g));
        self.ready(main, Some(p));
        self.end_g(p, g);
    }

    /// The goroutine that reads the trace: one piece after the other, each with a call of the
    /// system that writes it (Go: `ReadTrace`; R36).
    pub(super) fn read_trace(&mut self, p: u32, g: GIdx) {
        if self.readers.is_late && !self.runtime.tracer.borrow().is_awaited() {
            return self.park_reader(p, g);
        }
        if self.revision.has_generations() {
            return self.read_generations(p, g);
        }
        let drainer = self.revision.protocol().drainer;
        let v1 = self.runtime.tracer.get_mut().v1();
        if v1.is_some_and(|v1| self.readers.drains(v1.reader(), drainer)) {
            let m = self.ps[p as usize].m;
            self.drain_samples(m);
        }
        let now = self.tick();
        let number = self.runtime.trace_number().unwrap_or(0);
        let tracer = self.runtime.tracer.get_mut();
        match tracer.read(&self.layout.program, now) {
            Chunk::Bytes(bytes) => {
                (self.sink)(number, bytes);
                self.enter_syscall(p, g, 8_000, true);
            }
            Chunk::Park | Chunk::Flushed | Chunk::EndOfGeneration(_) => self.park_reader(p, g),
            Chunk::End => {
                let main = self.main();
                self.ready(main, Some(p));
                self.end_g(p, g);
            }
        }
    }

    fn main(&self) -> GIdx {
        let mut all = self.gs.iter();
        all.position(|g| g.role == Role::Main).unwrap_or(0)
    }

    pub(super) fn park_reader(&mut self, p: u32, g: GIdx) {
        self.readers.parked = Some(g);
        self.block(p, g, BlockReason::SystemGoroutine, Wait::Buffers, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::Program;
    use crate::tracer::Ticks;
    use sigprof_wire::FormatVersion;

    /// Guards R36.4.
    #[test]
    fn who_is_woken_looks_for_samples_again_in_1_21_only() {
        let mut tracer = RuntimeTracer::new(FormatVersion::GO_1_19, 1).unwrap();
        tracer.start();
        tracer.read(&Program::new(), Ticks(9));
        let calls = |drainer| {
            let mut readers = Readers {
                parked: Some(0),
                ..Readers::default()
            };
            readers.take_parked();
            [(); 2].map(|()| readers.drains(&tracer, drainer))
        };
        assert_eq!(calls(Drainer::ReadTraceLocked), [false, true]);
        assert_eq!(calls(Drainer::ReadTrace), [true, true]);
    }
}

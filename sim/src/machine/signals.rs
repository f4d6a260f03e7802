//! Timers, and what their signals meet (Go: `os_linux.go`, `setThreadCPUProfiler`,
//! `validSIGPROF`; `signal_unix.go`, `sigprofNonGo`; R21, R22, R24, R27, R28).
//!
//! ```text
//!  a thread's timer: CPU time of the thread   \               pending? -> merged
//!  the process's timer: CPU time of them all  -- signal ----< late, or at once, or as soon as
//!                                             /               the thread is on a CPU again
//! ```

use rand::RngExt;
use sigprof_model::backend::Backend;
use sigprof_model::cpu_profile::Extra;
use sigprof_model::protocol::Reports;
use sigprof_model::sigprof::{Goroutine, Interrupted, sigprof_non_go};

use super::Machine;
use super::state::{Due, GIdx, Role, Running};
use crate::program::StackRef;
use crate::runtime::label_place;
use crate::tracer::Tracer;
use crate::truth::{Fate, Signal, Timer};

/// Nanoseconds in a second.
const SECOND_NS: u64 = 1_000_000_000;

/// One in so many looks at a scheduler's stack finds a thread that has just begun.
const JUST_BEGUN: u32 = 4;

/// The state of a thread that a signal interrupts.
struct Found {
    gp: Option<GIdx>,
    curg: Option<GIdx>,
    p: Option<u32>,
    stack: StackRef,
}

impl<B: Backend, T: Tracer> Machine<'_, B, T> {
    fn period(&self) -> u64 {
        SECOND_NS / u64::from(self.plan.hz)
    }

    /// The thread uses the CPU from now on.
    pub(super) fn on_cpu(&mut self, m: usize) {
        self.ms[m].on_cpu = Some(self.now);
        self.set_thread_timer(m);
        if let Some(timer) = self.ms[m].pending {
            self.after(0, Due::Deliver { m, timer });
        }
    }

    /// The thread leaves the CPU.
    pub(super) fn off_cpu(&mut self, m: usize) {
        let thread = &mut self.ms[m];
        if let Some(since) = thread.on_cpu.take() {
            let used = self.now - since;
            thread.timer_left = thread.timer_left.saturating_sub(used).max(1);
            thread.epoch += 1;
        }
    }

    fn set_thread_timer(&mut self, m: usize) {
        let thread = &mut self.ms[m];
        thread.epoch += 1;
        if thread.hz > 0 && thread.has_timer {
            let (left, epoch) = (thread.timer_left, thread.epoch);
            self.after(left, Due::ThreadTimer { m, epoch });
        }
    }

    /// A thread takes the rate over, if it differs (Go: `execute`).
    #[inline]
    pub(super) fn arm(&mut self, m: usize) {
        if self.ms[m].hz != self.profile_hz {
            self.arm_anew(m);
        }
    }

    fn arm_anew(&mut self, m: usize) {
        let first = 1 + self.rng.below(self.period());
        let thread = &mut self.ms[m];
        thread.hz = self.profile_hz;
        thread.model.set_profile_hz(self.profile_hz);
        thread.timer_left = first;
        if thread.on_cpu.is_some() {
            thread.on_cpu = Some(self.now);
            self.set_thread_timer(m);
        }
    }

    /// The timer of the process, which starts or stops with the profile.
    pub(super) fn arm_process(&mut self) {
        self.process_timer += 1;
        let epoch = self.process_timer;
        if self.profile_hz > 0 {
            let running = self.ms.iter().filter(|m| m.on_cpu.is_some()).count();
            let wait = self.period() / (running as u64).max(1);
            self.after(wait.max(1), Due::ProcessTimer { epoch });
        }
    }

    pub(super) fn process_timer(&mut self, epoch: u32) {
        if epoch != self.process_timer {
            return;
        }
        let running = |m: &usize| self.ms[*m].on_cpu.is_some();
        let running: Vec<_> = (0..self.ms.len()).filter(running).collect();
        if !running.is_empty() {
            let m = running[self.rng.random_range(0..running.len())];
            self.raise(m, Timer::Process);
        }
        self.arm_process();
    }

    pub(super) fn thread_timer(&mut self, m: usize, epoch: u32) {
        if self.ms[m].epoch != epoch {
            return;
        }
        self.ms[m].timer_left = self.period();
        self.ms[m].on_cpu = Some(self.now);
        self.set_thread_timer(m);
        self.raise(m, Timer::Thread);
    }

    fn raise(&mut self, m: usize, timer: Timer) {
        if self.ms[m].pending.is_some() {
            self.note(m, timer, Fate::Coalesced);
            return;
        }
        self.ms[m].pending = Some(timer);
        let late = self.rng.below(self.plan.late_us * 1000 + 1);
        self.after(late, Due::Deliver { m, timer });
    }

    /// The signal arrives, if the thread is on a CPU; if not, when it is.
    pub(super) fn deliver(&mut self, m: usize, timer: Timer) {
        let thread = &mut self.ms[m];
        if thread.on_cpu.is_none() || thread.pending != Some(timer) {
            return;
        }
        thread.pending = None;
        let has_own = thread.has_timer && thread.hz > 0;
        if has_own != (timer == Timer::Thread) {
            self.note(m, timer, Fate::NotAccepted);
        } else if thread.is_foreign {
            self.handle_foreign(m, timer);
        } else {
            self.handle(m, timer);
        }
    }

    fn handle_foreign(&mut self, m: usize, timer: Timer) {
        self.tick();
        let stack = self.layout.runtime.foreign;
        let extra = sigprof_non_go(&self.runtime.profile, &self.layout.stacks[stack.0 as usize]);
        let fate = match extra {
            Extra::Off => Fate::ProfilerOff,
            Extra::Kept => Fate::ForeignKept,
            Extra::Lost => Fate::ForeignLost,
        };
        self.note(m, timer, fate);
        if let Some(signal) = self.runtime.signals.get_mut().last_mut() {
            signal.stack = stack.0 as usize;
        }
    }

    fn handle(&mut self, m: usize, timer: Timer) {
        let found = self.find(m);
        let in_atomic = self.one_in(self.plan.in_atomic);
        let ticks = self.tick();
        let clocks = self.runtime.clocks(self.now, ticks);
        let id = |g: GIdx| self.gs[g].trace.id;
        let at = Interrupted {
            gp: found.gp.map_or(0, id),
            curg: found.curg.map(|g| Goroutine {
                id: id(g),
                labels: self.gs[g].labels,
            }),
            p: found.p,
            in_atomic,
            stack: self.words(found.stack),
        };
        let handled = self.runtime.handle(&self.ms[m].model, &clocks, at);
        let reported = match self.revision.protocol().reports {
            Reports::Gp => at.gp,
            Reports::Curg => at.curg.map_or(at.gp, |curg| curg.id),
        };
        let labels = at.curg.and_then(|curg| curg.labels);
        let generations = self.revision.has_generations();
        let signal = Signal {
            p: found.p,
            g: reported,
            stack: found.stack.0 as usize,
            labels: labels.map(label_place),
            thread: generations.then_some(self.ms[m].model.procid),
            ..self.signal(m, timer, Fate::Handled)
        };
        self.runtime.note_handled(signal, handled, at.stack);
    }

    /// Looks at what the signal interrupts.
    fn find(&mut self, m: usize) -> Found {
        let mut found = match (self.ms[m].syscall, self.ms[m].p) {
            // Near a system call there is no P (R25), but from Go 1.26 on until it is taken.
            (Some(g), _) => {
                let p = self.ms[m].old_p;
                let keeps = self.revision.keeps_p_in_syscall()
                    && self.ps[p as usize].running == Running::Syscall(g)
                    && self.ps[p as usize].m == m;
                self.found_goroutine(g, keeps.then_some(p))
            }
            (None, Some(p)) => match self.ps[p as usize].running {
                Running::Go(g) => self.found_goroutine(g, Some(p)),
                _ => self.found_scheduler(Some(p)),
            },
            (None, None) => self.found_scheduler(None),
        };
        if self.one_in(self.plan.lost_stacks) {
            let runtime = &self.layout.runtime;
            let is_marking = self.gc.is_marking();
            found.stack = if is_marking {
                runtime.lost_in_gc
            } else {
                runtime.lost_in_system
            };
        }
        found
    }

    fn found_goroutine(&self, g: GIdx, p: Option<u32>) -> Found {
        // A worker of the collector marks on the scheduler's stack.
        let is_on_g0 = self.gs[g].role == Role::Collector;
        Found {
            gp: (!is_on_g0).then_some(g),
            curg: Some(g),
            p,
            stack: self.gs[g].stack,
        }
    }

    fn found_scheduler(&mut self, p: Option<u32>) -> Found {
        let just_begun = self.plan.one_frame && self.one_in(JUST_BEGUN);
        let runtime = &self.layout.runtime;
        Found {
            gp: None,
            curg: None,
            p,
            stack: if just_begun {
                runtime.mstart
            } else {
                runtime.schedule
            },
        }
    }

    /// The world is stopped until then, and signals are not: they come to who stopped it, and to
    /// threads without a P (R35).
    pub(super) fn signals_until(&mut self, until: u64) {
        let mut later = Vec::new();
        while let Some((at, number, due)) = self.queue.pop_until(until) {
            self.moves += 1;
            self.now = self.now.max(at);
            match due.due() {
                Due::ThreadTimer { m, epoch } => self.thread_timer(m, epoch),
                Due::ProcessTimer { epoch } => self.process_timer(epoch),
                Due::Deliver { m, timer } => self.deliver(m, timer),
                _ => later.push((at, number, due)),
            }
        }
        self.now = self.now.max(until);
        later.into_iter().for_each(|entry| self.queue.push(entry));
    }

    /// The run is over: what is pending never comes.
    pub(super) fn give_up_pending(&mut self) {
        for m in 0..self.ms.len() {
            if let Some(timer) = self.ms[m].pending.take() {
                self.note(m, timer, Fate::Undelivered);
            }
        }
    }

    /// Writes down a signal that had this fate.
    fn note(&mut self, m: usize, timer: Timer, fate: Fate) {
        let signal = self.signal(m, timer, fate);
        self.runtime.signals.get_mut().push(signal);
    }

    /// A signal that comes to a thread at this moment.
    fn signal(&self, m: usize, timer: Timer, fate: Fate) -> Signal {
        Signal {
            ns: self.now,
            ticks: self.ticks().0,
            timer,
            m: m as u64,
            p: self.ms[m].p,
            g: 0,
            stack: self.layout.runtime.schedule.0 as usize,
            labels: None,
            fate,
            trace: self.runtime.trace_number(),
            profile: self.runtime.profile_number(),
            in_trace: None,
            in_profile: None,
            thread: None,
            generation: None,
            read_in: None,
        }
    }
}

//! Events that change what a goroutine does (R77, R78).

use sigprof_wire::v2::{EventType, NO_GOROUTINE, NO_PROC, NO_THREAD, go_status, proc_status};

use super::{Context, Head, Needs, Order, Result, Step, World, event, fault, need, need_all};
use crate::trace::v2::state::{NOT_EXIST, go_state};

/// Statuses are numbers below this.
const STATUSES: u64 = 5;

/// The arguments of an event that has none.
const NO_ARGS: [u64; 4] = [0; 4];

impl Order {
    #[inline]
    pub(super) fn go_start(
        &mut self,
        head: &Head,
        thread: u32,
        context: Context,
        world: &World,
    ) -> Result<Step> {
        let [id, number, ..] = head.args;
        let Some(goroutine) = self.goroutines.get(id) else {
            return Ok(Step::Wait);
        };
        let is_next = goroutine.seq.is_next(world.generation.number, number);
        if goroutine.status != go_status::RUNNABLE || !is_next {
            return Ok(Step::Wait);
        }
        need(context, Needs::One, Needs::One, Needs::None)?;
        goroutine.status = go_status::RUNNING;
        goroutine.seq.go_on();
        self.threads.bind_goroutine(thread, id);
        self.happened(head, context, world)
    }

    #[inline]
    pub(super) fn go_unblock(
        &mut self,
        head: &Head,
        context: Context,
        world: &World,
    ) -> Result<Step> {
        let [id, number, ..] = head.args;
        let Some(goroutine) = self.goroutines.get(id) else {
            return Ok(Step::Wait);
        };
        let is_next = goroutine.seq.is_next(world.generation.number, number);
        if goroutine.status != go_status::WAITING || !is_next {
            return Ok(Step::Wait);
        }
        goroutine.status = go_status::RUNNABLE;
        goroutine.seq.go_on();
        // Anybody may wake a goroutine, be it a thread without a P.
        self.happened(head, context, world)
    }

    /// The running goroutine has the status that an event of its own needs.
    #[inline]
    fn own(&mut self, context: Context, status: u8) -> Result<&mut super::states::Goroutine> {
        let id = context.goroutine;
        let Some(goroutine) = self.goroutines.get(id) else {
            return fault("a goroutine that is there", format!("goroutine {id}"));
        };
        if goroutine.status != status {
            let want = format!("goroutine {id} {:?}", go_state(status));
            return fault(want, format!("{:?}", go_state(goroutine.status)));
        }
        Ok(goroutine)
    }

    #[inline]
    pub(super) fn go_stop(
        &mut self,
        head: &Head,
        thread: u32,
        context: Context,
        world: &World,
    ) -> Result<Step> {
        need_all(context)?;
        let goroutine = self.own(context, go_status::RUNNING)?;
        match head.event_type {
            EventType::GoStop => goroutine.status = go_status::RUNNABLE,
            EventType::GoBlock => goroutine.status = go_status::WAITING,
            _ => self.goroutines.remove(context.goroutine),
        }
        self.threads.bind_goroutine(thread, NO_GOROUTINE);
        self.happened(head, context, world)
    }

    #[inline]
    pub(super) fn syscall_begin(
        &mut self,
        head: &Head,
        context: Context,
        world: &World,
    ) -> Result<Step> {
        need_all(context)?;
        self.own(context, go_status::RUNNING)?.status = go_status::SYSCALL;
        let number = head.args[0];
        let Some(proc) = self.procs.get(context.proc) else {
            return fault("a P that is there", format!("P {}", context.proc));
        };
        proc.status = proc_status::SYSCALL;
        if !proc.seq.is_next(world.generation.number, number) {
            let want = format!("number {} of P {}", proc.seq.next(), context.proc);
            return fault(want, number.to_string());
        }
        proc.seq.go_on();
        self.happened(head, context, world)
    }

    #[inline]
    pub(super) fn syscall_end(
        &mut self,
        head: &Head,
        context: Context,
        world: &World,
    ) -> Result<Step> {
        need_all(context)?;
        self.own(context, go_status::SYSCALL)?.status = go_status::RUNNING;
        let proc = self.procs.get(context.proc);
        match proc {
            Some(proc) if proc.status == proc_status::SYSCALL => {
                proc.status = proc_status::RUNNING;
            }
            _ => {
                let want = format!("P {} in a system call", context.proc);
                return fault(want, super::procs::said(proc.map(|p| p.status)));
            }
        }
        self.happened(head, context, world)
    }

    pub(super) fn syscall_end_blocked(
        &mut self,
        head: &Head,
        thread: u32,
        context: Context,
        world: &World,
    ) -> Result<Step> {
        if context.proc != NO_PROC {
            let Some(proc) = self.procs.get(context.proc) else {
                return fault("a P that is there", format!("P {}", context.proc));
            };
            // The P has yet to be stolen or stopped.
            if proc.status == proc_status::SYSCALL {
                return Ok(Step::Wait);
            }
        }
        need(context, Needs::One, Needs::Any, Needs::One)?;
        self.own(context, go_status::SYSCALL)?.status = go_status::RUNNABLE;
        self.threads.bind_goroutine(thread, NO_GOROUTINE);
        self.happened(head, context, world)
    }

    pub(super) fn go_create(
        &mut self,
        head: &Head,
        context: Context,
        world: &World,
    ) -> Result<Step> {
        need(context, Needs::One, Needs::One, Needs::Any)?;
        if let Some(creator) = self.goroutines.get(context.goroutine)
            && creator.status != go_status::RUNNING
        {
            let want = format!("goroutine {} Running", context.goroutine);
            return fault(want, format!("{:?}", go_state(creator.status)));
        }
        let status = match head.event_type {
            EventType::GoCreateBlocked => go_status::WAITING,
            _ => go_status::RUNNABLE,
        };
        self.add_goroutine(head.args[0], status, world)?;
        self.happened(head, context, world)
    }

    fn add_goroutine(&mut self, id: u64, status: u8, world: &World) -> Result<()> {
        if self.goroutines.get(id).is_some() {
            let got = format!("goroutine {id}, which is there already");
            return fault("a new goroutine", got);
        }
        self.goroutines.add(id, status, world.generation.number);
        Ok(())
    }

    /// A thread of C calls Go: its goroutine begins in a system call.
    pub(super) fn go_create_syscall(
        &mut self,
        head: &Head,
        thread: u32,
        context: Context,
        world: &World,
    ) -> Result<Step> {
        need(context, Needs::One, Needs::Any, Needs::None)?;
        let id = head.args[0];
        self.add_goroutine(id, go_status::SYSCALL, world)?;
        self.threads.bind_goroutine(thread, id);
        self.happened(head, context, world)
    }

    /// A call from C ended. The thread loses its P, too: its number may be used again, and a
    /// later theft of that P must not look like one from the new thread.
    pub(super) fn go_destroy_syscall(
        &mut self,
        head: &Head,
        thread: u32,
        context: Context,
        world: &World,
    ) -> Result<Step> {
        need(context, Needs::One, Needs::Any, Needs::One)?;
        self.own(context, go_status::SYSCALL)?;
        self.goroutines.remove(context.goroutine);
        let mut stolen = None;
        if context.proc != NO_PROC {
            match self.procs.get(context.proc) {
                Some(proc) if proc.status == proc_status::SYSCALL => {
                    proc.status = proc_status::SYSCALL_ABANDONED;
                }
                other => {
                    let want = format!("P {} in a system call", context.proc);
                    return fault(want, super::procs::said(other.map(|p| p.status)));
                }
            }
            let args = [context.proc, 0, 0, proc_status::SYSCALL.into()];
            stolen = Some(event(EventType::ProcSteal, args, head.time, context, world));
        }
        // 1.22 has the two the other way round (R78.6).
        if let Some(stolen) = stolen.filter(|_| !world.is_1_22) {
            self.queue.push(stolen);
        }
        let step = self.happened(head, context, world);
        if let Some(stolen) = stolen.filter(|_| world.is_1_22) {
            self.queue.push(stolen);
        }
        self.threads.bind_proc(thread, NO_PROC);
        self.threads.bind_goroutine(thread, NO_GOROUTINE);
        step
    }

    /// A coroutine gives way to another: three events in one.
    pub(super) fn go_switch(
        &mut self,
        head: &Head,
        thread: u32,
        context: Context,
        world: &World,
    ) -> Result<Step> {
        need_all(context)?;
        self.own(context, go_status::RUNNING)?;
        let [id, number, ..] = head.args;
        let Some(next) = self.goroutines.get(id) else {
            return Ok(Step::Wait);
        };
        if next.status != go_status::WAITING || !next.seq.is_next(world.generation.number, number) {
            return Ok(Step::Wait);
        }
        next.status = go_status::RUNNING;
        next.seq.go_on();
        self.happened(head, context, world)?;
        let ends = head.event_type == EventType::GoSwitchDestroy;
        let own = context.goroutine;
        let stops = if ends {
            self.goroutines.remove(own);
            EventType::GoDestroy
        } else {
            if let Some(own) = self.goroutines.get(own) {
                own.status = go_status::WAITING;
            }
            EventType::GoBlock
        };
        let stopped = event(stops, NO_ARGS, head.time, context, world);
        let after = Context {
            goroutine: NO_GOROUTINE,
            ..context
        };
        let started = [id, number, 0, 0];
        let started = event(EventType::GoStart, started, head.time, after, world);
        self.queue.push(stopped);
        self.queue.push(started);
        self.threads.bind_goroutine(thread, id);
        Ok(Step::Done)
    }

    /// What a goroutine does, at its first use in a generation (R77.3).
    pub(super) fn go_status(
        &mut self,
        head: &Head,
        thread: u32,
        mut context: Context,
        world: &World,
    ) -> Result<Step> {
        let [id, of_thread, number, stack] = head.args;
        if number >= STATUSES {
            return fault("a status of 0 to 4", number.to_string());
        }
        let status = (number & 0xff) as u8;
        let is_first = world.generation.number == self.first_generation;
        let old = self.known_status(id, status, is_first, world)?;
        match status {
            go_status::RUNNING => self.threads.bind_goroutine(thread, id),
            go_status::SYSCALL if of_thread == NO_THREAD => {
                return fault("a thread for a goroutine in a system call", "none");
            }
            go_status::SYSCALL if of_thread == context.thread => {
                if !is_first && context.goroutine != id {
                    return inconsistent(id, of_thread, context.goroutine);
                }
                self.threads.bind_goroutine(thread, id);
            }
            go_status::SYSCALL => {
                // It sat in the system call all the time, and its thread has nothing to say.
                match self.threads.known(of_thread) {
                    Some(slot) => {
                        let bound = self.threads.context(slot).goroutine;
                        if bound != id {
                            return inconsistent(id, of_thread, bound);
                        }
                        context.goroutine = bound;
                    }
                    None => {
                        let slot = self.threads.slot(of_thread);
                        self.threads.bind_goroutine(slot, id);
                    }
                }
                context.thread = of_thread;
            }
            _ => {}
        }
        let args = [id, of_thread, u64::from(old) << 32 | number, stack];
        self.happened_with(head, args, context, world)
    }

    /// Checks a status against what is known, and says what was before.
    fn known_status(&mut self, id: u64, status: u8, is_first: bool, world: &World) -> Result<u8> {
        use super::states::Seq;
        if let Some(known) = self.goroutines.get(id) {
            if known.status != status {
                let want = format!("goroutine {id} {:?}", go_state(known.status));
                return fault(want, format!("{:?}", go_state(status)));
            }
            known.seq = Seq::start(world.generation.number);
            return Ok(status);
        }
        if !is_first {
            let got = format!("goroutine {id} {:?}", go_state(status));
            return fault("a goroutine that was there before this generation", got);
        }
        self.goroutines.add(id, status, world.generation.number);
        Ok(go_status::UNDETERMINED)
    }
}

fn inconsistent<T>(goroutine: u64, thread: u64, bound: u64) -> Result<T> {
    let want = format!("goroutine {goroutine} on thread {thread}, in a system call");
    let got = match bound {
        NO_GOROUTINE => "no goroutine there".to_owned(),
        other => format!("goroutine {other} there"),
    };
    fault(want, got)
}

const _: () = assert!(NOT_EXIST as u64 >= STATUSES);

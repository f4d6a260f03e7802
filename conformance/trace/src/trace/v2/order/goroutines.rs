//! Events that change what a goroutine does (R77, R78).

use sigprof_wire::v2::{EventType, NO_GOROUTINE, NO_PROC, NO_THREAD, go_status, proc_status};

use super::states::Goroutine;
use super::{
    Bound, Context, Event, Fault, Needs, Order, Plain, Result, Step, WAIT, World, fault, need,
    need_all,
};
use crate::trace::v2::state::{NOT_EXIST, go_state};

/// Statuses are numbers below this.
const STATUSES: u64 = 5;

/// The arguments of an event that has none.
const NO_ARGS: [u64; 4] = [0; 4];

impl Order {
    #[inline(always)]
    pub(super) fn go_start(&mut self, plain: Plain) -> Step {
        let [id, number, ..] = plain.args;
        let Some(goroutine) = self.goroutines.get(id) else {
            return WAIT;
        };
        let is_next = goroutine.seq.is_next(self.generation, number);
        if goroutine.status != go_status::RUNNABLE || !is_next {
            return WAIT;
        }
        need(
            plain.context,
            plain.bound,
            [Needs::One, Needs::One, Needs::None],
        )?;
        goroutine.status = go_status::RUNNING;
        goroutine.seq.go_on();
        self.threads.bind_goroutine(plain.slot, id);
        Ok(())
    }

    #[inline(always)]
    pub(super) fn go_unblock(&mut self, plain: Plain) -> Step {
        let [id, number, ..] = plain.args;
        let Some(goroutine) = self.goroutines.get(id) else {
            return WAIT;
        };
        let is_next = goroutine.seq.is_next(self.generation, number);
        if goroutine.status != go_status::WAITING || !is_next {
            return WAIT;
        }
        goroutine.status = go_status::RUNNABLE;
        goroutine.seq.go_on();
        // Anybody may wake a goroutine, be it a thread without a P.
        Ok(())
    }

    /// The running goroutine and its slot, if it has the status that an event of its own needs.
    #[inline]
    fn own(&mut self, id: u64, status: u8) -> Result<(u32, &mut Goroutine)> {
        match self.goroutines.find(id) {
            Some((slot, goroutine)) if goroutine.status == status => Ok((slot, goroutine)),
            Some((_, goroutine)) => not_as(id, status, goroutine.status),
            None => not_there(id),
        }
    }

    /// The running goroutine has another status then, or is gone.
    #[inline(always)]
    pub(super) fn go_stop(&mut self, plain: Plain, then: Option<u8>) -> Step {
        need_all(plain.context, plain.bound)?;
        let (slot, goroutine) = self.own(plain.context.goroutine, go_status::RUNNING)?;
        match then {
            Some(status) => goroutine.status = status,
            None => self.goroutines.remove_found(slot),
        }
        self.threads.bind_goroutine(plain.slot, NO_GOROUTINE);
        Ok(())
    }

    #[inline(always)]
    pub(super) fn syscall_begin(&mut self, plain: Plain) -> Step {
        need_all(plain.context, plain.bound)?;
        let (_, goroutine) = self.own(plain.context.goroutine, go_status::RUNNING)?;
        goroutine.status = go_status::SYSCALL;
        let number = plain.args[0];
        let Some(proc) = self.procs.get(plain.context.proc) else {
            return no_proc(plain.context.proc);
        };
        proc.status = proc_status::SYSCALL;
        if !proc.seq.is_next(self.generation, number) {
            return not_next(plain.context.proc, proc.seq.next(), number);
        }
        proc.seq.go_on();
        Ok(())
    }

    #[inline(always)]
    pub(super) fn syscall_end(&mut self, plain: Plain) -> Step {
        need_all(plain.context, plain.bound)?;
        let (_, goroutine) = self.own(plain.context.goroutine, go_status::SYSCALL)?;
        goroutine.status = go_status::RUNNING;
        let proc = self.procs.get(plain.context.proc);
        match proc {
            Some(proc) if proc.status == proc_status::SYSCALL => {
                proc.status = proc_status::RUNNING;
                Ok(())
            }
            other => not_in_call(plain.context.proc, other.map(|p| p.status)),
        }
    }

    pub(super) fn syscall_end_blocked(&mut self, event: &Event, bound: Bound, thread: u32) -> Step {
        if event.proc != NO_PROC {
            let Some(proc) = self.procs.get(event.proc) else {
                return no_proc(event.proc);
            };
            // The P has yet to be stolen or stopped.
            if proc.status == proc_status::SYSCALL {
                return WAIT;
            }
        }
        need(event.context(), bound, [Needs::One, Needs::Any, Needs::One])?;
        let (_, goroutine) = self.own(event.goroutine, go_status::SYSCALL)?;
        goroutine.status = go_status::RUNNABLE;
        self.threads.bind_goroutine(thread, NO_GOROUTINE);
        Ok(())
    }

    #[inline(always)]
    pub(super) fn go_create(&mut self, plain: Plain, status: u8) -> Step {
        let Plain { context, bound, .. } = plain;
        need(context, bound, [Needs::One, Needs::One, Needs::Any])?;
        if let Some(creator) = self.goroutines.get(context.goroutine)
            && creator.status != go_status::RUNNING
        {
            return not_as(context.goroutine, go_status::RUNNING, creator.status);
        }
        self.add_goroutine(plain.args[0], status)?;
        Ok(())
    }

    #[inline(always)]
    fn add_goroutine(&mut self, id: u64, status: u8) -> Result<()> {
        if self.goroutines.has(id) {
            return is_there(id);
        }
        self.make_room()?;
        self.goroutines.add(id, status, self.generation);
        Ok(())
    }

    /// A thread of C calls Go: its goroutine begins in a system call.
    pub(super) fn go_create_syscall(&mut self, event: &Event, bound: Bound, thread: u32) -> Step {
        need(
            event.context(),
            bound,
            [Needs::One, Needs::Any, Needs::None],
        )?;
        let id = event.args[0];
        self.add_goroutine(id, go_status::SYSCALL)?;
        self.threads.bind_goroutine(thread, id);
        Ok(())
    }

    /// A call from C ended. The thread loses its P, too: its number may be used again, and a
    /// later theft of that P must not look like one from the new thread.
    pub(super) fn go_destroy_syscall(
        &mut self,
        event: &mut Event,
        bound: Bound,
        thread: u32,
        world: &World,
    ) -> Step {
        need(event.context(), bound, [Needs::One, Needs::Any, Needs::One])?;
        let (slot, _) = self.own(event.goroutine, go_status::SYSCALL)?;
        self.goroutines.remove_found(slot);
        if event.proc != NO_PROC {
            match self.procs.get(event.proc) {
                Some(proc) if proc.status == proc_status::SYSCALL => {
                    proc.status = proc_status::SYSCALL_ABANDONED;
                }
                other => return not_in_call(event.proc, other.map(|p| p.status)),
            }
            let args = [event.proc, 0, 0, proc_status::SYSCALL.into()];
            let stolen = event.with(EventType::ProcSteal, args, event.context());
            // 1.22 has the two the other way round (R78.6).
            self.queue.push(match world.is_1_22 {
                true => stolen,
                false => std::mem::replace(event, stolen),
            });
        }
        self.threads.bind_proc(thread, NO_PROC);
        self.threads.bind_goroutine(thread, NO_GOROUTINE);
        Ok(())
    }

    /// A coroutine gives way to another: three events in one.
    pub(super) fn go_switch(&mut self, event: &Event, bound: Bound, thread: u32) -> Step {
        need_all(event.context(), bound)?;
        self.own(event.goroutine, go_status::RUNNING)?;
        let [id, number, ..] = event.args;
        let Some(next) = self.goroutines.get(id) else {
            return WAIT;
        };
        if next.status != go_status::WAITING || !next.seq.is_next(self.generation, number) {
            return WAIT;
        }
        next.status = go_status::RUNNING;
        next.seq.go_on();
        let own = event.goroutine;
        let stops = if event.event_type == EventType::GoSwitchDestroy {
            self.goroutines.remove(own);
            EventType::GoDestroy
        } else {
            if let Some(own) = self.goroutines.get(own) {
                own.status = go_status::WAITING;
            }
            EventType::GoBlock
        };
        self.queue.push(event.with(stops, NO_ARGS, event.context()));
        let after = Context {
            goroutine: NO_GOROUTINE,
            ..event.context()
        };
        let args = [id, number, 0, 0];
        self.queue.push(event.with(EventType::GoStart, args, after));
        self.threads.bind_goroutine(thread, id);
        Ok(())
    }

    /// The status of a goroutine, at its first use in a generation (R77.3).
    pub(super) fn go_status(&mut self, event: &mut Event, thread: u32) -> Step {
        let [id, of_thread, number, stack] = event.args;
        let mut context = event.context();
        if number >= STATUSES {
            return fault("a status of 0 to 4", number.to_string());
        }
        let status = (number & 0xff) as u8;
        let is_first = self.is_first();
        let old = self.known_status(id, status)?;
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
                        self.make_room()?;
                        let slot = self.threads.slot(of_thread);
                        self.threads.bind_goroutine(slot, id);
                    }
                }
                context.thread = of_thread;
            }
            _ => {}
        }
        event.args = [id, of_thread, u64::from(old) << 32 | number, stack];
        event.set(context);
        Ok(())
    }

    /// Checks a status against what is known, and says what was before.
    fn known_status(&mut self, id: u64, status: u8) -> Result<u8> {
        use super::states::Seq;
        if let Some(known) = self.goroutines.get(id) {
            if known.status != status {
                return not_as(id, known.status, status);
            }
            known.seq = Seq::start(self.generation);
            return Ok(status);
        }
        if !self.is_first() {
            let got = format!("goroutine {id} {:?}", go_state(status));
            return fault("a goroutine that was there before this generation", got);
        }
        self.make_room()?;
        self.goroutines.add(id, status, self.generation);
        Ok(go_status::UNDETERMINED)
    }
}

#[cold]
fn not_as<T, E: From<Box<Fault>>>(id: u64, want: u8, got: u8) -> Result<T, E> {
    let want = format!("goroutine {id} {:?}", go_state(want));
    fault(want, format!("{:?}", go_state(got)))
}

#[cold]
fn is_there<T, E: From<Box<Fault>>>(id: u64) -> Result<T, E> {
    let got = format!("goroutine {id}, which is there already");
    fault("a new goroutine", got)
}

#[cold]
pub(super) fn not_there<T, E: From<Box<Fault>>>(id: u64) -> Result<T, E> {
    fault("a goroutine that is there", format!("goroutine {id}"))
}

#[cold]
pub(super) fn no_proc<T, E: From<Box<Fault>>>(id: u64) -> Result<T, E> {
    fault("a P that is there", format!("P {id}"))
}

#[cold]
fn not_next<T, E: From<Box<Fault>>>(id: u64, next: u64, number: u64) -> Result<T, E> {
    fault(format!("number {next} of P {id}"), number.to_string())
}

#[cold]
fn not_in_call<T, E: From<Box<Fault>>>(id: u64, status: Option<u8>) -> Result<T, E> {
    let want = format!("P {id} in a system call");
    fault(want, super::procs::said(status))
}

#[cold]
fn inconsistent<T, E: From<Box<Fault>>>(goroutine: u64, thread: u64, bound: u64) -> Result<T, E> {
    let want = format!("goroutine {goroutine} on thread {thread}, in a system call");
    let got = match bound {
        NO_GOROUTINE => "no goroutine there".to_owned(),
        other => format!("goroutine {other} there"),
    };
    fault(want, got)
}

const _: () = assert!(NOT_EXIST as u64 >= STATUSES);

//! Events that change what a P does (R77, R78).

use sigprof_wire::v2::{NO_PROC, proc_status};

use super::states::Seq;
use super::{Bound, Event, Needs, Order, Plain, Step, WAIT, fault, need};
use crate::trace::v2::state::NOT_EXIST;

/// Statuses are numbers below this.
const STATUSES: u64 = 5;

/// A status in words.
pub(super) fn said(status: Option<u8>) -> &'static str {
    match status {
        Some(proc_status::RUNNING) => "a running one",
        Some(proc_status::IDLE) => "an idle one",
        Some(proc_status::SYSCALL) => "one in a system call",
        Some(proc_status::SYSCALL_ABANDONED) => "one that was in a system call of a lost thread",
        Some(_) => "one of which nothing is known",
        None => "one that is not there",
    }
}

#[cold]
fn not_running(id: u64, status: Option<u8>) -> Step {
    fault(format!("P {id} running or in a system call"), said(status))
}

/// The status that the API makes of another.
fn simple(status: u8) -> u8 {
    match status {
        proc_status::SYSCALL => proc_status::RUNNING,
        proc_status::SYSCALL_ABANDONED => proc_status::IDLE,
        other => other,
    }
}

impl Order {
    #[inline(always)]
    pub(super) fn proc_start(&mut self, plain: Plain) -> Step {
        let [id, number, ..] = plain.args;
        let Some(proc) = self.procs.get(id) else {
            return WAIT;
        };
        let is_next = proc.seq.is_next(self.generation, number);
        if proc.status != proc_status::IDLE || !is_next || plain.context.proc != NO_PROC {
            return WAIT;
        }
        need(
            plain.context,
            plain.bound,
            [Needs::One, Needs::None, Needs::Any],
        )?;
        proc.status = proc_status::RUNNING;
        proc.seq.go_on();
        self.threads.bind_proc(plain.slot, id);
        Ok(())
    }

    #[inline(always)]
    pub(super) fn proc_stop(&mut self, plain: Plain) -> Step {
        need(
            plain.context,
            plain.bound,
            [Needs::One, Needs::One, Needs::Any],
        )?;
        match self.procs.get(plain.context.proc) {
            Some(p) if matches!(p.status, proc_status::RUNNING | proc_status::SYSCALL) => {
                p.status = proc_status::IDLE;
            }
            other => return not_running(plain.context.proc, other.map(|p| p.status)),
        }
        self.threads.bind_proc(plain.slot, NO_PROC);
        Ok(())
    }

    pub(super) fn proc_steal(&mut self, event: &mut Event, bound: Bound, thread: u32) -> Step {
        let [id, number, from, _] = event.args;
        let Some(proc) = self.procs.get(id) else {
            return WAIT;
        };
        let status = proc.status;
        let can = matches!(
            status,
            proc_status::SYSCALL | proc_status::SYSCALL_ABANDONED
        );
        if !can || !proc.seq.is_next(self.generation, number) {
            return WAIT;
        }
        need(event.context(), bound, [Needs::One, Needs::Any, Needs::Any])?;
        proc.status = proc_status::IDLE;
        proc.seq.go_on();
        // Who lost it has moved on if that is not known.
        if status != proc_status::SYSCALL_ABANDONED {
            let slot = if from == event.thread {
                Some(thread)
            } else {
                self.threads.known(from)
            };
            let Some(slot) = slot else {
                return fault(format!("thread {from}, which has P {id}"), "no such thread");
            };
            let has = self.threads.context(slot).proc;
            if has != id {
                let got = match has {
                    NO_PROC => "no P".to_owned(),
                    other => format!("P {other}"),
                };
                return fault(format!("thread {from} with P {id}"), got);
            }
            self.threads.bind_proc(slot, NO_PROC);
        }
        event.args[3] = status.into();
        Ok(())
    }

    /// The status of a P, at its first use in a generation (R77.3).
    pub(super) fn proc_status(&mut self, event: &mut Event, thread: u32) -> Step {
        let [id, number, ..] = event.args;
        if number >= STATUSES {
            return fault("a status of 0 to 4", number.to_string());
        }
        let status = (number & 0xff) as u8;
        let (mut shown, old);
        shown = status;
        match self.procs.get(id) {
            Some(known) => {
                let abandoned = status == proc_status::SYSCALL_ABANDONED;
                if abandoned && known.status == proc_status::SYSCALL {
                    // Nothing is lost of it: the thread is still known.
                    shown = proc_status::SYSCALL;
                } else if known.status != status {
                    let want = format!("P {id}: {}", said(Some(known.status)));
                    return fault(want, said(Some(status)));
                }
                known.seq = Seq::start(self.generation);
                old = simple(shown);
            }
            None => {
                self.make_room()?;
                self.procs.add(id, status, self.generation);
                old = if self.is_first() {
                    proc_status::UNDETERMINED
                } else {
                    NOT_EXIST
                };
            }
        }
        if matches!(status, proc_status::RUNNING | proc_status::SYSCALL) {
            self.threads.bind_proc(thread, id);
        }
        if shown != status {
            // It happened to the thread that has the P.
            match self.threads.with_proc(id) {
                Some(has) => event.set(has),
                None => return fault(format!("a thread with P {id}"), "none"),
            }
        }
        event.args = [id, shown.into(), old.into(), 0];
        Ok(())
    }
}

//! Events that change the state of one goroutine or one P.

use std::num::NonZeroU64;

use sigprof_wire::v1::EventType;

use super::{Processor, Seen};
use crate::error::InputError;
use crate::trace::v1::Place;
use crate::trace::v1::goroutines::{At, Goroutine};
use crate::trace::v1::lane::Head;
use crate::trace::v1::merge::inconsistent;
use crate::trace::v1::{Status, blocks};

/// An event with the goroutine and the P that it is about.
pub(super) struct Step<'s, 'h> {
    pub(super) head: &'h Head,
    pub(super) seen: &'s mut Seen,
    pub(super) g: &'s mut Goroutine,
    pub(super) p: &'s mut Processor,
}

impl Step<'_, '_> {
    /// Events that change the state of the P or of the goroutine they are about.
    #[inline]
    pub(super) fn run(&mut self, is_1_5: bool) -> Result<(), InputError> {
        use EventType as E;
        let event_type = self.seen.event_type;
        let at = self.head.offset;
        match event_type {
            E::ProcStart | E::ProcStop => self.processor()?,
            E::GCSweepStart => begin(self.head, self.seen, "sweep", &mut self.p.sweep)?,
            E::GCSweepDone => end(self.head, self.seen, "sweep", &mut self.p.sweep)?,
            E::GCMarkAssistStart => {
                begin(self.head, self.seen, "mark assist", &mut self.g.assist_at)?;
            }
            // It may have begun before the trace did.
            E::GCMarkAssistDone => {
                self.seen.link = self.g.assist_at.take().map(NonZeroU64::get);
            }
            E::GoWaiting | E::GoInSyscall => {
                self.check_status(Status::Runnable)?;
                self.g.status = Status::Waiting;
                self.became(event_type, at);
            }
            E::GoStart | E::GoStartLabel => self.start(is_1_5)?,
            E::GoEnd | E::GoStop => self.leave(Status::Dead)?,
            E::GoSched | E::GoPreempt => {
                self.leave(Status::Runnable)?;
                self.became(event_type, at);
            }
            E::GoSysCall => {
                self.check_running(false)?;
                self.became(event_type, at);
            }
            // The last event stays the GoSysCall.
            E::GoSysBlock => self.leave(Status::Waiting)?,
            E::GoSysExit => {
                self.check_status(Status::Waiting)?;
                let is_call = self.g.last == Some(E::GoSysCall);
                self.seen.link = is_call.then_some(self.g.last_at);
                self.g.status = Status::Runnable;
                self.became(event_type, at);
            }
            other if blocks(other) => {
                self.leave(Status::Waiting)?;
                self.became(event_type, at);
            }
            _ => {}
        }
        Ok(())
    }

    fn became(&mut self, event_type: EventType, at: u64) {
        self.g.last = Some(event_type);
        self.g.last_at = at;
    }

    fn processor(&mut self) -> Result<(), InputError> {
        let starts = self.seen.event_type == EventType::ProcStart;
        if self.p.is_running == starts {
            let (want, got) = if starts {
                ("a P that does not run", "one that runs")
            } else {
                ("a P that runs", "one that does not")
            };
            return Err(error(self.head, self.seen, want, got));
        }
        if !starts && self.p.goroutine != 0 {
            return Err(self.is_busy());
        }
        self.p.is_running = starts;
        Ok(())
    }

    fn start(&mut self, is_1_5: bool) -> Result<(), InputError> {
        self.check_status(Status::Runnable)?;
        if self.p.goroutine != 0 {
            return Err(self.is_busy());
        }
        self.g.status = Status::Running;
        self.p.goroutine = self.head.own_id;
        if std::mem::take(&mut self.g.is_new) {
            // A 1.5 trace has a PC there, and a stack has PCs of returns.
            self.seen.stack = self.g.created_with.wrapping_add(is_1_5.into());
        }
        self.seen.link = self.g.last.take().map(|_| self.g.last_at);
        self.g.started_at = self.head.offset;
        Ok(())
    }

    fn leave(&mut self, status: Status) -> Result<(), InputError> {
        self.check_running(false)?;
        self.g.status = status;
        self.p.goroutine = 0;
        self.seen.link = Some(self.g.started_at);
        Ok(())
    }

    pub(super) fn check_running(&self, allow_g0: bool) -> Result<(), InputError> {
        self.check_status(Status::Running)?;
        self.check_on_p()?;
        if !allow_g0 && self.head.own_id == 0 {
            return Err(error(self.head, self.seen, "a goroutine", "g0"));
        }
        Ok(())
    }

    pub(super) fn check_status(&self, want: Status) -> Result<(), InputError> {
        if self.g.status == want {
            return Ok(());
        }
        let want = format!("goroutine {} {want:?}", self.head.own_id);
        let got = format!("{:?}", self.g.status);
        Err(error(self.head, self.seen, want, got))
    }

    pub(super) fn check_on_p(&self) -> Result<(), InputError> {
        if self.p.goroutine == self.head.own_id {
            return Ok(());
        }
        let want = format!("goroutine {} on its P", self.head.own_id);
        let got = format!("goroutine {}", self.p.goroutine);
        Err(error(self.head, self.seen, want, got))
    }

    fn is_busy(&self) -> InputError {
        let got = format!("goroutine {}", self.p.goroutine);
        error(self.head, self.seen, "a P without a goroutine", got)
    }
}

/// Something of which there is one at a time begins.
pub(super) fn begin(
    head: &Head,
    seen: &Seen,
    what: &str,
    under_way: &mut At,
) -> Result<(), InputError> {
    let before = std::mem::replace(under_way, NonZeroU64::new(head.offset));
    if before.is_some() {
        return Err(error(head, seen, format!("no {what} under way"), "one"));
    }
    Ok(())
}

/// And it ends.
pub(super) fn end(
    head: &Head,
    seen: &mut Seen,
    what: &str,
    under_way: &mut At,
) -> Result<(), InputError> {
    seen.link = under_way.take().map(NonZeroU64::get);
    if seen.link.is_some() {
        return Ok(());
    }
    Err(error(head, seen, format!("a {what} under way"), "none"))
}

pub(super) fn error(
    head: &Head,
    seen: &Seen,
    want: impl Into<String>,
    got: impl Into<String>,
) -> InputError {
    let place = match seen.place {
        Place::P(p) => format!("on P {p}, "),
        _ => String::new(),
    };
    let error = inconsistent(head, want, got).with_place(seen.event_type.name());
    error.with_context(format!("{place}at {} ns", seen.time))
}

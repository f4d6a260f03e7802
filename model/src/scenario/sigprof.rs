//! A whole signal: the profile and the trace.

use std::cell::RefCell;
use std::rc::Rc;

use super::clock::Still;
use super::profile::{HZ, PCS, SMALL};
use super::shared::{Shared, alone, judged};
use super::{Outcome, Program, Scenario, Seen, Thread};
use crate::backend::Backend;
use crate::cpu_log::{CpuLog, Tracer};
use crate::cpu_profile::{CpuProfile, ProfileReader, Profiled, Profiler};
use crate::law::{Law, Violation};
use crate::m::M;
use crate::prof_buf::{Mode, Read, Tag, Wrote};
use crate::protocol::Protocol;
use crate::sample::Drained;
use crate::sigprof::{Goroutine, Handled, Interrupted, sigprof};

/// A goroutine with labels: their address is its id.
const CURG: Goroutine = Goroutine {
    id: 7,
    labels: Tag::new(7),
};

/// The place that a signal interrupts, unless a scenario says otherwise. The first PC is the
/// signal's number; there is another, so that no record looks like an overflow.
const AT: Interrupted<'static> = Interrupted {
    gp: CURG.id,
    curg: Some(CURG),
    p: Some(0),
    in_atomic: false,
    stack: &[1, 99],
};

/// A sample in one of the two streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Got {
    id: u64,
    /// The goroutine: in the profile, that of the labels.
    goid: u64,
}

/// A profile and a trace, both on, and two threads: one that stops them, and another.
struct Run<B: Backend> {
    protocol: Protocol,
    profile: CpuProfile<B, Protocol>,
    log: CpuLog<B, Protocol>,
    profiler: RefCell<Option<Profiler>>,
    reader: RefCell<Option<ProfileReader>>,
    tracer: RefCell<Option<Tracer>>,
    ms: [M<B>; 2],
    handled: RefCell<Vec<(u64, Handled)>>,
    in_trace: RefCell<Vec<Got>>,
    in_profile: RefCell<Vec<Got>>,
    /// The words of a read: kept for their memory.
    scratch: RefCell<Vec<u64>>,
}

/// The profiler, the profile's reader and the tracer, as they were before the threads began.
type Before = (Option<Profiler>, Option<ProfileReader>, Option<Tracer>);

impl<B: Backend> Shared for Run<B> {
    type Before = Before;

    fn before(&self) -> Before {
        let profiler = self.profiler.borrow().clone();
        let reader = self.reader.borrow().clone();
        (profiler, reader, self.tracer.borrow().clone())
    }

    fn again(&self, (profiler, reader, tracer): &Before) {
        self.profiler.replace(profiler.clone());
        self.reader.replace(reader.clone());
        self.tracer.replace(tracer.clone());
        self.handled.borrow_mut().clear();
        self.in_trace.borrow_mut().clear();
        self.in_profile.borrow_mut().clear();
    }
}

impl<B: Backend> Run<B> {
    fn started(protocol: Protocol) -> Rc<Self> {
        let (profile, mut profiler) = CpuProfile::new(protocol, SMALL, PCS, 1);
        let (log, mut tracer) = CpuLog::new(protocol, SMALL.log, 1);
        let ms = [M::new(41), M::new(42)];
        ms[1].set_profile_hz(HZ.unsigned_abs());
        // Nothing is on yet, so that both start.
        let reader = profile.set_rate(&mut profiler, &ms[0], HZ, 1);
        let _started = log.start(&mut tracer);
        Rc::new(Self {
            protocol,
            profile,
            log,
            profiler: RefCell::new(Some(profiler)),
            reader: RefCell::new(reader.ok().flatten()),
            tracer: RefCell::new(Some(tracer)),
            ms,
            handled: RefCell::default(),
            in_trace: RefCell::default(),
            in_profile: RefCell::default(),
            scratch: RefCell::default(),
        })
    }

    fn signal(&self, m: Option<usize>, at: Interrupted<'_>) {
        let m = m.map(|m| &self.ms[m]);
        let handled = sigprof(self.protocol, &self.profile, &self.log, m, &Still, at);
        self.handled.borrow_mut().push((at.stack[0], handled));
    }

    /// The trace stops, and then the profile.
    fn stop(&self) {
        let Some((mut tracer, mut profiler)) = self.tracer.take().zip(self.profiler.take()) else {
            return;
        };
        self.log
            .stop(&mut tracer, &self.ms.each_ref(), |_, drained| {
                if let Drained::Sample(sample) = drained {
                    let (id, goid) = (sample.stack[0], sample.place.goid);
                    self.in_trace.borrow_mut().push(Got { id, goid });
                }
            });
        // A stop is never refused.
        let _stopped = self.profile.set_rate(&mut profiler, &self.ms[0], 0, 1);
    }

    /// Reads the samples of the profile.
    fn read_profile(&self) {
        let mut got = self.in_profile.borrow_mut();
        let mut run = self.scratch.borrow_mut();
        let Some(mut reader) = self.reader.take() else {
            return;
        };
        while let Read::Records(records) = self.profile.read(&mut reader, Mode::NonBlocking) {
            run.clear();
            records.copy_to(&mut run);
            let mut rest = run.as_slice();
            for tag in records.tags() {
                let len = usize::try_from(rest[0]).unwrap_or(usize::MAX);
                let (record, behind) = rest.split_at(len.min(rest.len()));
                rest = behind;
                if let [_, _, 1, id, ..] = *record {
                    let goid = tag.map_or(0, Tag::get);
                    got.push(Got { id, goid });
                }
            }
        }
    }

    /// Judges when both have stopped.
    fn judge(&self) -> Result<Outcome, Violation> {
        self.read_profile();
        let (in_trace, in_profile) = (self.in_trace.borrow(), self.in_profile.borrow());
        let fail = |law, how: String| Err(Violation::new(law, how));
        let mut outcome = Vec::new();
        for &(id, handled) in self.handled.borrow().iter() {
            let find = |got: &[Got]| got.iter().find(|got| got.id == id).copied();
            let (profiled, traced) = (find(&in_profile), find(&in_trace));
            let (was_written, was_lost) = match handled {
                Handled::Sampled {
                    profiled: Profiled::Written { wrote, .. },
                    ..
                } => (wrote == Wrote::Record, wrote == Wrote::Dropped),
                _ => (false, false),
            };
            if profiled.is_some() != was_written {
                let how = format!("sample {id}: {handled:?}, in the profile: {profiled:?}");
                return fail(Law::Conserved, how);
            }
            match (profiled, traced) {
                (None, Some(_)) if !was_lost => {
                    let how = format!("sample {id}: in the trace alone");
                    return fail(Law::InProfile, how);
                }
                (Some(Got { goid: want, .. }), Some(Got { goid: got, .. })) if want != got => {
                    let how = format!("the labels are those of {want}, the trace names {got}");
                    return fail(Law::SameGoroutine, how);
                }
                _ => {}
            }
            let is_off = !matches!(handled, Handled::Sampled { .. });
            outcome.extend(is_off.then_some(Seen::Skipped(id)));
            outcome.extend(profiled.map(|got| Seen::InProfile(got.id)));
            outcome.extend(traced.map(|got| Seen::InTrace(got.id)));
        }
        // What came after the last drain.
        let mut left = None;
        let sink = |_, drained: Drained<'_>| left = Some(format!("{drained:?} is left"));
        self.log.leftovers(sink);
        match left {
            Some(left) => fail(Law::NoneRetired, left),
            None => Ok(Outcome(outcome)),
        }
    }
}

fn stop_against_signal<B: Backend>(protocol: Protocol) -> Program {
    let run = Run::<B>::started(protocol);
    let (stopper, handler) = (run.clone(), run.clone());
    let threads = vec![
        Thread::new("stopper", move || stopper.stop()),
        Thread::new("handler", move || handler.signal(Some(1), AT)),
    ];
    judged(&run, threads, Run::judge)
}

/// Nothing is known of the thread, and so of the goroutine.
fn stop_against_signal_without_m<B: Backend>(protocol: Protocol) -> Program {
    let run = Run::<B>::started(protocol);
    let (stopper, handler) = (run.clone(), run.clone());
    let nowhere = Interrupted {
        gp: 0,
        curg: None,
        p: None,
        ..AT
    };
    let threads = vec![
        Thread::new("stopper", move || stopper.stop()),
        Thread::new("handler", move || handler.signal(None, nowhere)),
    ];
    judged(&run, threads, Run::judge)
}

/// On behalf of a goroutine, of none, and of one without labels.
fn signal_in_the_scheduler<B: Backend>(protocol: Protocol) -> Program {
    let run = Run::<B>::started(protocol);
    let body = |on: &Run<B>| {
        let scheduler = Interrupted { gp: 0, ..AT };
        on.signal(Some(1), scheduler);
        on.signal(
            Some(1),
            Interrupted {
                curg: None,
                stack: &[2, 99],
                ..scheduler
            },
        );
        on.stop();
    };
    alone(&run, body, Run::judge)
}

/// All scenarios of signals that reach both profile and trace.
pub(super) fn all<B: Backend>() -> Vec<Scenario> {
    vec![
        Scenario::new(
            "trace_stops_then_profile",
            "a trace stops, and then the profile, while a thread takes a signal",
            stop_against_signal::<B>,
        ),
        Scenario::new(
            "trace_stops_against_signal_without_m",
            "the same, and of the thread that takes the signal nothing is known",
            stop_against_signal_without_m::<B>,
        ),
        Scenario::new(
            "signal_in_the_scheduler",
            "signals while a thread's scheduler runs, for a goroutine and for none",
            signal_in_the_scheduler::<B>,
        ),
    ]
}

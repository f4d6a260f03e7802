//! The profiler: handlers on one side, who sets the rate and who reads on the other.

mod judge;

use std::cell::RefCell;
use std::rc::Rc;

use super::ledger::{self, Item};
use super::{Outcome, Program, Scenario, Seen, Thread, sequence};
use crate::backend::Backend;
use crate::cpu_log::CpuLog;
use crate::cpu_profile::{CpuProfile, Extra, ProfileReader, ProfileSizes, Profiler, SyntheticPcs};
use crate::law::{Law, Violation};
use crate::limits::Sizes;
use crate::m::M;
use crate::prof_buf::{Mode, Read, Tag};
use crate::protocol::Protocol;
use crate::sample::Drained;
use crate::sigprof::{Clocks, Handled, Interrupted, sigprof, sigprof_non_go};

const PCS: SyntheticPcs = SyntheticPcs {
    lost_external: 901,
    external: 902,
    lost_atomic: 903,
    system: 904,
};

/// Room for the header of the profile and a few samples, and for two stacks of foreign
/// threads with one PC each.
const SMALL: ProfileSizes = ProfileSizes {
    log: Sizes { words: 32, tags: 8 },
    extra: 5,
};

const HZ: i32 = 100;

/// Threads: one that sets the rate, and another.
const MS: usize = 2;

/// What became of a signal, by the id that its stack says.
#[derive(Clone, Copy)]
enum Became {
    Handled(Handled),
    Extra(Extra),
}

struct Clock;

impl Clocks for Clock {
    fn nanotime(&self) -> u64 {
        5
    }

    fn ticks(&self) -> u64 {
        6
    }
}

/// A profile, and who takes part in it.
struct Run<B: Backend> {
    protocol: Protocol,
    profile: CpuProfile<B, Protocol>,
    log: CpuLog<B, Protocol>,
    profiler: RefCell<Option<Profiler>>,
    reader: RefCell<Option<ProfileReader>>,
    ms: [M<B>; MS],
    /// By the thread whose handler it was; foreign threads have the last.
    became: [RefCell<Vec<(u64, Became)>>; MS + 1],
    items: RefCell<Vec<Item>>,
}

impl<B: Backend> Run<B> {
    fn new(protocol: Protocol) -> Rc<Self> {
        let (profile, profiler) = CpuProfile::new(protocol, SMALL, PCS, 1);
        let (log, _) = CpuLog::new(protocol, SMALL.log, 0);
        Rc::new(Self {
            protocol,
            profile,
            log,
            profiler: RefCell::new(Some(profiler)),
            reader: RefCell::default(),
            ms: [M::new(41), M::new(42)],
            became: Default::default(),
            items: RefCell::default(),
        })
    }

    /// With a rate set, and the other thread armed.
    fn started(protocol: Protocol) -> Rc<Self> {
        let run = Self::new(protocol);
        run.set_rate(HZ);
        run.ms[1].set_profile_hz(HZ.unsigned_abs());
        run
    }

    fn set_rate(&self, hz: i32) {
        if let Some(mut profiler) = self.profiler.take() {
            let set = self.profile.set_rate(&mut profiler, &self.ms[0], hz, 1);
            if let Ok(Some(reader)) = set {
                self.reader.replace(Some(reader));
            }
            self.profiler.replace(Some(profiler));
        }
    }

    /// A signal on that thread, in the middle of a goroutine or of an emulated atomic.
    fn signal(&self, m: usize, id: u64, in_atomic: bool) {
        let at = Interrupted {
            gp: 7,
            curg: Some(7),
            labels: Tag::new(id),
            p: Some(0),
            in_atomic,
            stack: &[id],
        };
        let m_of = &self.ms[m];
        let handled = sigprof(self.protocol, &self.profile, &self.log, m_of, &Clock, at);
        let became = (id, Became::Handled(handled));
        self.became[m].borrow_mut().push(became);
    }

    fn foreign_signal(&self, id: u64) {
        let extra = sigprof_non_go(&self.profile, &[id]);
        let became = (id, Became::Extra(extra));
        self.became[MS].borrow_mut().push(became);
    }

    /// Reads once; true at the end.
    fn read(&self, mode: Mode) -> bool {
        let Some(mut reader) = self.reader.take() else {
            return true;
        };
        let items = match self.profile.read(&mut reader, mode) {
            Read::Eof => vec![Item::Eof],
            Read::Empty => vec![Item::Empty],
            Read::Records(records) => {
                let mut run = Vec::new();
                records.copy_to(&mut run);
                let tags: Vec<_> = records.tags().collect();
                ledger::items(&run, &tags, 1)
            }
        };
        self.reader.replace(Some(reader));
        let is_over = items == [Item::Eof];
        self.items.borrow_mut().extend(items);
        is_over
    }
}

/// Who sets the rate, and another thread.
fn rate_and_other<B: Backend>(
    run: &Rc<Run<B>>,
    rate: impl FnOnce(&Run<B>) + 'static,
    name: &'static str,
    other: impl FnOnce(&Run<B>) + 'static,
) -> Program {
    let (setter, second, judged) = (run.clone(), run.clone(), run.clone());
    Program {
        threads: vec![
            Thread::new("rate", move || rate(&setter)),
            Thread::new(name, move || other(&second)),
        ],
        judge: Box::new(move || {
            judged.set_rate(0);
            judged.judge()
        }),
    }
}

fn signal_in_set_rate<B: Backend>(protocol: Protocol) -> Program {
    let run = Run::<B>::new(protocol);
    let (setter, handler, judged) = (run.clone(), run.clone(), run);
    let body = move || {
        setter.set_rate(HZ);
        setter.set_rate(0);
    };
    let thread = Thread::new("rate", body).with_handler(move || handler.signal(0, 1, false));
    Program {
        threads: vec![thread],
        judge: Box::new(move || judged.judge()),
    }
}

fn start_against_signal<B: Backend>(protocol: Protocol) -> Program {
    let run = Run::<B>::new(protocol);
    run.ms[1].set_profile_hz(HZ.unsigned_abs());
    rate_and_other(
        &run,
        |run| run.set_rate(HZ),
        "handler",
        |run| run.signal(1, 1, false),
    )
}

fn stop_against_signal<B: Backend>(protocol: Protocol) -> Program {
    let run = Run::<B>::started(protocol);
    rate_and_other(
        &run,
        |run| run.set_rate(0),
        "handler",
        |run| run.signal(1, 1, false),
    )
}

fn stop_against_foreign_signal<B: Backend>(protocol: Protocol) -> Program {
    let run = Run::<B>::started(protocol);
    rate_and_other(
        &run,
        |run| run.set_rate(0),
        "foreign",
        |run| run.foreign_signal(1),
    )
}

fn signal_against_foreign_signal<B: Backend>(protocol: Protocol) -> Program {
    let run = Run::<B>::started(protocol);
    rate_and_other(
        &run,
        |run| run.signal(1, 1, false),
        "foreign",
        |run| run.foreign_signal(2),
    )
}

/// The goroutine that makes the profile sleeps, wakes, and reads to the end.
fn stop_against_reader<B: Backend>(protocol: Protocol) -> Program {
    let run = Run::<B>::started(protocol);
    run.foreign_signal(1);
    rate_and_other(
        &run,
        |run| run.set_rate(0),
        "reader",
        |run| while !run.read(Mode::Blocking) {},
    )
}

/// Foreign stacks that are kept, and one that is lost; signals in atomics; twice.
fn foreign_stacks<B: Backend>(protocol: Protocol) -> Program {
    let run = Run::<B>::started(protocol);
    let judged = run.clone();
    sequence(
        move || {
            for id in 1..=3 {
                run.foreign_signal(id);
            }
            run.signal(1, 4, true);
            run.signal(1, 5, false);
            run.read(Mode::NonBlocking);
            run.signal(1, 6, false);
            run.read(Mode::NonBlocking);
            run.foreign_signal(7);
            run.signal(1, 8, true);
            run.set_rate(0);
        },
        move || judged.judge(),
    )
}

/// A signal in a thread's scheduler: on whose behalf?
fn signal_in_the_scheduler<B: Backend>(protocol: Protocol) -> Program {
    let (profile, mut profiler) = CpuProfile::<B, _>::new(protocol, SMALL, PCS, 1);
    let (log, mut tracer) = CpuLog::<B, _>::new(protocol, SMALL.log, 1);
    let m = M::<B>::new(41);
    let named = Rc::new(RefCell::new(Vec::new()));
    let judged = named.clone();
    let body = move || {
        log.start(&mut tracer);
        // A profile that cannot start leaves nothing to judge.
        let _started = profile.set_rate(&mut profiler, &m, HZ, 1);
        let at = Interrupted {
            gp: 0,
            curg: Some(7),
            labels: Tag::new(7),
            p: Some(0),
            in_atomic: false,
            stack: &[1, 2],
        };
        sigprof(protocol, &profile, &log, &m, &Clock, at);
        log.stop(&mut tracer, &[&m], |_, drained| {
            if let Drained::Sample(sample) = drained {
                named.borrow_mut().push(sample.place.goid);
            }
        });
    };
    sequence(body, move || {
        let named = judged.take();
        if named != [7] {
            let how = format!("the labels are those of 7, the trace names {named:?}");
            return Err(Violation::new(Law::SameGoroutine, how));
        }
        Ok(Outcome(vec![Seen::Read(7)]))
    })
}

/// The scenarios.
pub(super) fn all<B: Backend>() -> Vec<Scenario> {
    vec![
        Scenario::new(
            "signal_in_set_rate",
            "a signal anywhere in setting the rate, on the same thread",
            signal_in_set_rate::<B>,
        ),
        Scenario::new(
            "profile_starts",
            "a profile starts while an armed thread takes a signal",
            start_against_signal::<B>,
        ),
        Scenario::new(
            "profile_stops",
            "a profile stops while an armed thread takes a signal",
            stop_against_signal::<B>,
        ),
        Scenario::new(
            "profile_stops_against_foreign_thread",
            "a profile stops while a thread that is not Go's takes a signal",
            stop_against_foreign_signal::<B>,
        ),
        Scenario::new(
            "signal_against_foreign_thread",
            "a thread of Go's and one that is not take a signal each",
            signal_against_foreign_signal::<B>,
        ),
        Scenario::new(
            "profile_stops_against_reader",
            "a profile stops while its reader sleeps or reads",
            stop_against_reader::<B>,
        ),
        Scenario::new(
            "foreign_stacks",
            "foreign threads' stacks, kept and lost, and signals in atomics",
            foreign_stacks::<B>,
        ),
        Scenario::new(
            "signal_in_the_scheduler",
            "a signal while a thread's scheduler runs",
            signal_in_the_scheduler::<B>,
        ),
    ]
}

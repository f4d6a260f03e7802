//! The profiler: handlers on one side, whoever sets the rate and whoever reads on the other.

pub(super) mod facts;
mod judge;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::clock::{Emulated, Still};
use super::ledger::{self, Item, Scratch};
use super::shared::{Shared, judged};
use super::{Outcome, Program, Scenario, Thread};
use crate::backend::Backend;
use crate::cpu_log::CpuLog;
use crate::cpu_profile::{CpuProfile, Extra, ProfileReader, ProfileSizes, Profiler, SyntheticPcs};
use crate::law::Violation;
use crate::limits::Sizes;
use crate::m::M;
use crate::prof_buf::{Mode, Tag};
use crate::protocol::Protocol;
use crate::sigprof::{Clocks, Goroutine, Handled, Interrupted, sigprof, sigprof_non_go};

pub(super) const PCS: SyntheticPcs = SyntheticPcs {
    lost_external: 901,
    external: 902,
    lost_atomic: 903,
    system: 904,
};

/// Room for the header of the profile and a few samples, and for two stacks of foreign
/// threads with one PC each.
pub(super) const SMALL: ProfileSizes = ProfileSizes {
    log: Sizes { words: 32, tags: 8 },
    extra: 5,
};

pub(super) const HZ: i32 = 100;

/// Threads: one that sets the rate, and another.
const MS: usize = 2;

/// Profiles that a scenario starts at the most, even if some should have been refused.
const PROFILES: usize = 4;

/// The outcome of a signal, on a thread of Go's or on a foreign one.
#[derive(Clone, Copy)]
enum Became {
    Handled(Handled),
    Extra(Extra),
}

/// The items of one profile, and the outcomes of all signals until the next begins.
#[derive(Default)]
struct Profile {
    items: Vec<Item>,
    became: Vec<(u64, Became)>,
}

/// All that changes in a run beside the back-end's words, as it was before the threads began; nothing was read.
struct Before {
    profiler: Option<Profiler>,
    reader: Option<ProfileReader>,
    became: [Vec<(u64, Became)>; MS + 1],
}

/// A profile, and all that take part in it.
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
    scratch: RefCell<Scratch>,
    /// Profiles that have been read to their end, and were finished; in the end all.
    finished: RefCell<Vec<Profile>>,
    /// The next one: kept for its memory.
    spare: RefCell<Profile>,
}

impl<B: Backend> Shared for Run<B> {
    type Before = Before;

    fn before(&self) -> Before {
        Before {
            profiler: self.profiler.borrow().clone(),
            reader: self.reader.borrow().clone(),
            became: self.became.each_ref().map(|of| of.borrow().clone()),
        }
    }

    fn again(&self, before: &Before) {
        self.profiler.replace(before.profiler.clone());
        self.reader.replace(before.reader.clone());
        for (mine, was) in self.became.iter().zip(&before.became) {
            mine.borrow_mut().clone_from(was);
        }
        self.items.borrow_mut().clear();
        let mut finished = self.finished.borrow_mut();
        if let Some(mut profile) = finished.pop() {
            profile.items.clear();
            profile.became.clear();
            self.spare.replace(profile);
        }
        finished.clear();
    }
}

impl<B: Backend> Run<B> {
    fn new(protocol: Protocol) -> Rc<Self> {
        let (profile, profiler) = CpuProfile::new(protocol, SMALL, PCS, PROFILES);
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
            scratch: RefCell::default(),
            finished: RefCell::default(),
            spare: RefCell::default(),
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

    /// Reads to the end, and says that it has; false if it is not the end.
    fn finish(&self) -> bool {
        while !self.read(Mode::NonBlocking) {
            if self.items.borrow().last() == Some(&Item::Empty) {
                break;
            }
        }
        let Some((mut profiler, reader)) = self.profiler.take().zip(self.reader.take()) else {
            return false;
        };
        let refused = self.profile.finish(&mut profiler, reader).err();
        self.profiler.replace(Some(profiler));
        let is_finished = refused.is_none();
        self.reader.replace(refused);
        if is_finished {
            self.end_profile();
        }
        is_finished
    }

    /// The next item is that of another profile.
    fn end_profile(&self) {
        let mut profile = self.spare.take();
        profile.items.append(&mut self.items.borrow_mut());
        for of in &self.became {
            profile.became.append(&mut of.borrow_mut());
        }
        self.finished.borrow_mut().push(profile);
    }

    /// A signal on that thread, in the middle of a goroutine or of an emulated atomic.
    fn signal(&self, m: usize, id: u64, in_atomic: bool) {
        self.signal_with(m, id, in_atomic, &Still);
    }

    fn signal_with(&self, m: usize, id: u64, in_atomic: bool, clock: &impl Clocks) {
        let labels = Tag::new(id);
        let at = Interrupted {
            gp: 7,
            curg: Some(Goroutine { id: 7, labels }),
            p: Some(0),
            in_atomic,
            stack: &[id],
        };
        let m_of = Some(&self.ms[m]);
        let handled = sigprof(self.protocol, &self.profile, &self.log, m_of, clock, at);
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
        let read = self.profile.read(&mut reader, mode);
        let is_over = ledger::take(&read, 1, &self.scratch, &self.items);
        self.reader.replace(Some(reader));
        is_over
    }
}

/// Judges a profile, which is stopped first.
fn stop_and_judge<B: Backend>(run: &Run<B>) -> Result<Outcome, Violation> {
    run.set_rate(0);
    run.judge()
}

/// A program of two threads: one sets the rate, the other does something else.
fn rate_and_other<B: Backend>(
    run: &Rc<Run<B>>,
    rate: impl Fn(&Run<B>) + 'static,
    name: &'static str,
    other: impl Fn(&Run<B>) + 'static,
) -> Program {
    let (setter, second) = (run.clone(), run.clone());
    let threads = vec![
        Thread::new("rate", move || rate(&setter)),
        Thread::new(name, move || other(&second)),
    ];
    judged(run, threads, stop_and_judge)
}

fn signal_in_set_rate<B: Backend>(protocol: Protocol) -> Program {
    let run = Run::<B>::new(protocol);
    let (setter, handler) = (run.clone(), run.clone());
    let body = move || {
        setter.set_rate(HZ);
        setter.set_rate(0);
    };
    let thread = Thread::new("rate", body).with_handler(move || handler.signal(0, 1, false));
    judged(&run, vec![thread], Run::judge)
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
    // So that both have something to write.
    run.foreign_signal(2);
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

/// One stack waits in the array, another comes as the profile stops; then one more
/// profile, in which no foreign thread takes a signal.
fn foreign_stack_in_the_next_profile<B: Backend>(protocol: Protocol) -> Program {
    let run = Run::<B>::started(protocol);
    run.foreign_signal(1);
    let (setter, foreign) = (run.clone(), run.clone());
    let threads = vec![
        Thread::new("rate", move || setter.set_rate(0)),
        Thread::new("foreign", move || foreign.foreign_signal(2)),
    ];
    judged(&run, threads, |run| {
        run.finish();
        run.set_rate(HZ);
        run.signal(1, 3, false);
        stop_and_judge(run)
    })
}

fn signal_in_an_emulated_atomic<B: Backend>(protocol: Protocol) -> Program {
    let run = Run::<B>::started(protocol);
    let atomics = Rc::new(Emulated::<B>::new());
    // Whether the thread is within one, as its PC shows.
    let is_inside = Rc::new(Cell::new(false));
    let (interrupted, is_in, signalled) = (atomics.clone(), is_inside.clone(), run.clone());
    let thread = Thread::new("thread", move || {
        is_in.set(true);
        interrupted.operation();
        is_in.set(false);
    });
    let handler = move || signalled.signal_with(1, 1, is_inside.get(), &*atomics);
    judged(&run, vec![thread.with_handler(handler)], stop_and_judge)
}

/// All scenarios of the profiler.
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
            "foreign_stack_in_the_next_profile",
            "a profile stops while a foreign thread takes a second signal, and another starts",
            foreign_stack_in_the_next_profile::<B>,
        ),
        Scenario::new(
            "signal_in_an_emulated_atomic",
            "a signal anywhere in an atomic operation that is a lock and more",
            signal_in_an_emulated_atomic::<B>,
        ),
    ]
}

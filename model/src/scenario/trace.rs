//! The log of a trace: handlers on one side, the tracer on the other.

pub(super) mod facts;
mod judge;
mod planned;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use smallvec::SmallVec;

use super::clock::Counter;
use super::ledger::Words;
use super::plan::PLAN_MS_MAX;
use super::shared::{Shared, judged};
use super::{Outcome, Program, Scenario, Thread};
use crate::backend::Backend;
use crate::cpu_log::{CpuLog, Sampled, Tracer};
use crate::law::{Law, Violation};
use crate::limits::Sizes;
use crate::m::M;
use crate::protocol::{Logs, Protocol};
use crate::sample::{Drained, Place};
pub(super) use planned::planned;

/// Room for two samples with one PC, with either header.
const TWO: Sizes = Sizes { words: 16, tags: 2 };

/// Traces that a scenario starts, at the most.
const TRACES: usize = 2;

/// Threads: the tracer's, and another.
const MS: usize = 2;

/// A sample that a handler took.
#[derive(Clone, Debug)]
struct Taken {
    id: u64,
    place: Place,
    sampled: Sampled,
}

/// A record that a drain found, and the generation in which it did.
#[derive(Clone, Debug)]
struct Found {
    generation: u64,
    what: FoundWhat,
}

#[derive(Clone, Debug)]
enum FoundWhat {
    Sample {
        time: u64,
        place: Place,
        stack: Words,
    },
    Lost(u64),
}

/// A trace, and all that take part in it.
struct Run<B: Backend> {
    protocol: Protocol,
    log: CpuLog<B, Protocol>,
    tracer: RefCell<Option<Tracer>>,
    ms: Vec<M<B>>,
    clock: Counter<B>,
    /// By the thread whose handler it was, so that what a thread does tells its part.
    taken: Vec<RefCell<Vec<Taken>>>,
    /// By the thread that drained.
    found: Vec<RefCell<Vec<Found>>>,
    /// When each generation, or trace, began.
    begun: RefCell<Vec<u64>>,
    /// Whether a trace is on, by our own account.
    is_on: Cell<bool>,
    /// All that were taken, all that were found and what was left, for the judge: kept for their memory.
    judged: RefCell<(Vec<Taken>, Vec<Found>, Vec<Found>)>,
}

/// All that changes in a run beside the back-end's words, as it was before the threads began.
struct Before {
    tracer: Option<Tracer>,
    taken: Vec<Vec<Taken>>,
    begun: usize,
    is_on: bool,
}

impl<B: Backend> Shared for Run<B> {
    type Before = Before;

    fn before(&self) -> Before {
        Before {
            tracer: self.tracer.borrow().clone(),
            taken: self.taken.iter().map(|of| of.borrow().clone()).collect(),
            begun: self.begun.borrow().len(),
            is_on: self.is_on.get(),
        }
    }

    fn again(&self, before: &Before) {
        self.tracer.replace(before.tracer.clone());
        for (mine, was) in self.taken.iter().zip(&before.taken) {
            mine.borrow_mut().clone_from(was);
        }
        self.begun.borrow_mut().truncate(before.begun);
        self.is_on.set(before.is_on);
    }
}

impl<B: Backend> Run<B> {
    fn new(protocol: Protocol, sizes: Sizes) -> Rc<Self> {
        Self::with(protocol, sizes, MS, TRACES)
    }

    /// A run with `ms` Ms, and `traces` traces at the most.
    fn with(protocol: Protocol, sizes: Sizes, ms: usize, traces: usize) -> Rc<Self> {
        let (log, tracer) = CpuLog::new(protocol, sizes, traces);
        Rc::new(Self {
            protocol,
            log,
            tracer: RefCell::new(Some(tracer)),
            ms: (41..).take(ms).map(M::new).collect(),
            clock: Counter::new(),
            taken: vec![RefCell::default(); ms],
            found: vec![RefCell::default(); ms],
            begun: RefCell::default(),
            is_on: Cell::default(),
            judged: RefCell::default(),
        })
    }

    /// Takes the sample with this id, in a handler on that thread.
    fn sample(&self, m: usize, id: u64) {
        let place = Place {
            p: (m == 0).then_some(0),
            goid: id,
            procid: 0,
        };
        self.sample_at(m, id, place, &[id]);
    }

    fn sample_at(&self, m: usize, id: u64, place: Place, stack: &[u64]) {
        let m_of = Some(&self.ms[m]);
        let sampled = self.log.sample_alone(m_of, place, &self.clock, stack);
        let procid = match self.protocol.logs {
            Logs::One => 0,
            Logs::ByGeneration => self.ms[m].procid,
        };
        let place = Place { procid, ..place };
        let taken = Taken { id, place, sampled };
        self.taken[m].borrow_mut().push(taken);
    }

    /// Does something as the tracer, on that thread.
    fn trace(&self, act: impl FnOnce(&Self, &mut Tracer)) {
        if let Some(mut tracer) = self.tracer.take() {
            act(self, &mut tracer);
            self.tracer.replace(Some(tracer));
        }
    }

    fn start(&self) {
        let now = self.clock.now();
        self.trace(|run, tracer| {
            if run.log.start(tracer).is_ok() {
                run.begun.borrow_mut().push(now);
            }
        });
        self.is_on.set(true);
    }

    fn advance(&self) {
        let now = self.clock.now();
        if self.is_on.get() {
            self.begun.borrow_mut().push(now);
        }
        let ms: SmallVec<[_; PLAN_MS_MAX]> = self.ms.iter().collect();
        self.trace(|run, tracer| run.log.advance(tracer, &ms, run.sink(0)));
    }

    fn stop(&self) {
        let ms: SmallVec<[_; PLAN_MS_MAX]> = self.ms.iter().collect();
        self.trace(|run, tracer| run.log.stop(tracer, &ms, run.sink(0)));
        self.is_on.set(false);
    }

    fn drain(&self, m: usize) {
        self.log.drain(&self.ms[m], self.sink(m));
    }

    fn sink(&self, m: usize) -> impl FnMut(u64, Drained<'_>) {
        move |generation, drained| {
            self.found[m]
                .borrow_mut()
                .push(Found::new(generation, &drained))
        }
    }
}

impl Found {
    fn new(generation: u64, drained: &Drained<'_>) -> Self {
        let what = match drained {
            Drained::Sample(sample) => FoundWhat::Sample {
                time: sample.time,
                place: sample.place,
                stack: Words::from_slice(sample.stack),
            },
            Drained::Overflow(dropped) => FoundWhat::Lost(dropped.count.into()),
        };
        Self { generation, what }
    }
}

/// A tracer, and a handler on a thread of its own that has no P.
fn tracer_and_handler<B: Backend>(
    run: &Rc<Run<B>>,
    trace: impl Fn(&Run<B>) + 'static,
    handle: impl Fn(&Run<B>) + 'static,
    judge: impl Fn(&Run<B>) -> Result<Outcome, Violation> + 'static,
) -> Program {
    let (tracer, handler) = (run.clone(), run.clone());
    let threads = vec![
        Thread::new("tracer", move || trace(&tracer)),
        Thread::new("handler", move || handle(&handler)),
    ];
    judged(run, threads, judge)
}

fn started<B: Backend>(protocol: Protocol, sizes: Sizes) -> Rc<Run<B>> {
    let run = Run::<B>::new(protocol, sizes);
    run.start();
    run
}

fn start_against_handler<B: Backend>(protocol: Protocol) -> Program {
    let run = Run::<B>::new(protocol, TWO);
    tracer_and_handler(
        &run,
        Run::start,
        |run| run.sample(1, 1),
        |run| {
            run.stop();
            run.judge(Law::Drained)
        },
    )
}

fn stop_against_handler<B: Backend>(protocol: Protocol) -> Program {
    let run = started::<B>(protocol, TWO);
    tracer_and_handler(
        &run,
        Run::stop,
        |run| {
            run.sample(1, 1);
            run.sample(1, 2);
        },
        |run| run.judge(Law::NoneRetired),
    )
}

fn restart_against_handler<B: Backend>(protocol: Protocol) -> Program {
    let run = started::<B>(protocol, TWO);
    tracer_and_handler(
        &run,
        |run| {
            run.stop();
            run.start();
            run.stop();
        },
        |run| run.sample(1, 1),
        |run| run.judge(Law::NoneRetired),
    )
}

fn advance_against_handler<B: Backend>(protocol: Protocol) -> Program {
    let run = started::<B>(protocol, TWO);
    tracer_and_handler(
        &run,
        Run::advance,
        |run| run.sample(1, 1),
        |run| {
            run.stop();
            run.judge(Law::NoneRetired)
        },
    )
}

fn two_handlers<B: Backend>(protocol: Protocol) -> Program {
    let run = started::<B>(protocol, TWO);
    let (one, other) = (run.clone(), run.clone());
    let threads = vec![
        Thread::new("one", move || one.sample(0, 1)),
        Thread::new("other", move || other.sample(1, 2)),
    ];
    judged(&run, threads, |run| {
        run.stop();
        run.judge(Law::Drained)
    })
}

fn signal_in_start_and_stop<B: Backend>(protocol: Protocol) -> Program {
    let run = Run::<B>::new(protocol, TWO);
    let (tracer, handler) = (run.clone(), run.clone());
    let body = move || {
        tracer.start();
        tracer.stop();
    };
    let thread = Thread::new("tracer", body).with_handler(move || handler.sample(0, 1));
    judged(&run, vec![thread], |run| {
        // The next trace finds everything as it should be.
        run.start();
        run.sample(0, 2);
        run.stop();
        run.judge(Law::Drained)
    })
}

fn signal_in_advance<B: Backend>(protocol: Protocol) -> Program {
    let run = started::<B>(protocol, TWO);
    let (tracer, handler) = (run.clone(), run.clone());
    let body = move || {
        tracer.advance();
        tracer.stop();
    };
    let thread = Thread::new("tracer", body).with_handler(move || handler.sample(0, 1));
    judged(&run, vec![thread], |run| run.judge(Law::Drained))
}

/// The goroutine that drains is in the tracer when its thread takes a sample, and the
/// tracer goes on meanwhile.
fn signal_in_drain_against_advance<B: Backend>(protocol: Protocol) -> Program {
    let run = started::<B>(protocol, TWO);
    run.sample(0, 1);
    let (tracer, drainer, handler) = (run.clone(), run.clone(), run.clone());
    let drain = Thread::new("drainer", move || drainer.drain(1));
    let threads = vec![
        Thread::new("tracer", move || tracer.advance()),
        drain.with_handler(move || handler.sample(1, 2)),
    ];
    judged(&run, threads, |run| {
        run.stop();
        run.judge(Law::NoneRetired)
    })
}

/// All scenarios of a trace's log that need interleavings.
pub(super) fn all<B: Backend>() -> Vec<Scenario> {
    let by_generation = |protocol: &Protocol| protocol.logs == Logs::ByGeneration;
    vec![
        Scenario::new(
            "start_against_handler",
            "a trace starts",
            start_against_handler::<B>,
        ),
        Scenario::new(
            "stop_against_handler",
            "a trace stops while a thread without a P takes two samples",
            stop_against_handler::<B>,
        ),
        Scenario::new(
            "restart_against_handler",
            "a trace stops, another starts and stops, while a thread takes a sample",
            restart_against_handler::<B>,
        ),
        Scenario::new(
            "advance_against_handler",
            "the next generation begins while a thread takes a sample",
            advance_against_handler::<B>,
        )
        .only(by_generation),
        Scenario::new(
            "two_handlers",
            "two threads take a sample each",
            two_handlers::<B>,
        ),
        Scenario::new(
            "signal_in_start_and_stop",
            "a signal anywhere in starting and stopping, on the same thread, and another trace",
            signal_in_start_and_stop::<B>,
        ),
        Scenario::new(
            "signal_in_advance",
            "a signal anywhere in going on to the next generation",
            signal_in_advance::<B>,
        )
        .only(by_generation),
        Scenario::new(
            "signal_in_drain_against_advance",
            "a signal in the goroutine that drains, while the next generation begins",
            signal_in_drain_against_advance::<B>,
        )
        .only(by_generation),
    ]
}

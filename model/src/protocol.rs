//! The protocol's variants as data: what differs from one Go release to the next.
//!
//! A *revision* is a named value of [`Protocol`]. The text of the protocol asks it
//! at the places where releases differ, and nowhere else knows of releases. A *mutant*
//! is a revision with one switch thrown ([`crate::mutants`]).
//!
//! | | seed | go1.19 | go1.21 | go1.22 | go1.26 | fixed |
//! |---|---|---|---|---|---|---|
//! | goroutine of a sample | gp | curg | curg | curg | curg | curg |
//! | overflow is tested | after the advance | before | before | before | before | before |
//! | logs, header words | 1, {P, G} | 1, {P, G} | 1, {P, G} | 2, {P, G, M} | 2, {P, G, M} | 2, {P, G, M} |
//! | guard of the generation | | | | seqlock | writing flag | writing flag |
//! | a drain reads | until empty | until empty | until empty | once | once | until empty |
//! | who drains | ReadTrace | ReadTrace | ReadTrace | every 100 ms | every 100 ms | every 100 ms |
//! | a writer wakes | at every record | at every record | at every record | at every record | half full | half full |
//! | `wakeupExtra` clears sleeping | no | no | no | no | yes | yes |
//! | looks again, at eof and overflow | no | no | no | no | no | yes |
//! | `addNonGo` looks at the rate | no | no | no | no | no | yes |
//!
//! Go 1.21 differs from 1.19 in when ReadTrace drains only: before it takes the lock of
//! the tracer, not under it (R36). To the scenarios, which drain when they like, the two are
//! the same.
//!
//! [`crate::defects`] shows what goes wrong where a row has changed, or where `fixed`
//! differs from `go1.26`.

mod flaw;
mod orderings;

pub use flaw::Flaw;
pub use orderings::Site;

use core::sync::atomic::Ordering;

/// When a writer wakes a reader that sleeps (R14).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wake {
    /// At every record: until Go 1.25.
    EveryRecord,
    /// When half of the ring is unread: from Go 1.26 on.
    HalfFull,
}

/// The goroutine that a sample names (R25).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reports {
    /// The one that ran, which may be a thread's scheduler (g0), whose id is 0: before
    /// Go 1.19 was out.
    Gp,
    /// The thread's current goroutine, on whose behalf the scheduler may have run.
    Curg,
}

/// When the reader of samples tests a record for an overflow (R37, B1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OverflowTest {
    /// While it looks at the record.
    BeforeAdvance,
    /// When it looks at the next one, or at none: before Go 1.19 was out.
    AfterAdvance,
}

/// How much a drain reads (R37, B2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Drain {
    /// Until a read returns nothing.
    UntilEmpty,
    /// As much as one read returns: from Go 1.22 on.
    Once,
}

/// The drainer of a trace that goes on (R36). Nothing in this crate asks for it: whoever runs a
/// tracer, as the simulator does, calls [`CpuLog::drain`](crate::cpu_log::CpuLog::drain)
/// accordingly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Drainer {
    /// `ReadTrace`, when a buffer of events is full, holding the tracer's lock: Go 1.19.
    ReadTraceLocked,
    /// `ReadTrace`, before it takes the lock: Go 1.21.
    ReadTrace,
    /// A goroutine, every 100 ms: from Go 1.22 on.
    Goroutine,
}

/// How many logs there are, and so what a sample's header says (R1, R31).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Logs {
    /// One log, `{P, G}`: until Go 1.21.
    One,
    /// One for each parity of the generation, `{P, G, M}`: from Go 1.22 on.
    ByGeneration,
}

/// The guard from which the tracer knows that a handler is in a generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Guard {
    /// Nothing: until Go 1.21.
    None,
    /// A count that is odd meanwhile: Go 1.22 to 1.25.
    Seqlock,
    /// A flag: from Go 1.26 on.
    Writing,
}

/// A step of the tracer as it stops, or as it goes on to the next generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// Handlers see that tracing is off (`enabled`, or `gen` = 0).
    Disable,
    /// Handlers see the next generation.
    NextGeneration,
    /// Waits until no handler is in the old one.
    AwaitHandlers,
    /// Handlers find no log (`cpuLogWrite` = nil).
    ClearLog,
    /// No more is written into the log.
    Close,
    /// Reads what is in the log.
    Drain,
}

/// The switches of a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Protocol {
    /// When a writer wakes a reader that sleeps.
    pub wake: Wake,
    /// Whether `wakeupExtra` takes the reader's sleeping flag away when it wakes it;
    /// if not, two of them before the reader runs wake it twice ([B31](crate::defects#b31)).
    pub extra_clears_sleeping: bool,
    /// Whether a reader that sees eof looks once more for what was written before the
    /// close; if not, it can report eof with a record unread ([B30](crate::defects#b30)).
    pub looks_again_at_eof: bool,
    /// Whether a reader that sees an overflow looks once more for records that are older;
    /// if not, it can report the overflow before them ([B32](crate::defects#b32)).
    pub looks_again_at_overflow: bool,

    /// The goroutine that a sample names ([B8](crate::defects#others)).
    pub reports: Reports,
    /// When a record is tested for an overflow ([B1](crate::defects#b1)).
    pub overflow_test: OverflowTest,
    /// How much a drain reads ([B2](crate::defects#b2)).
    pub drain: Drain,
    /// The drainer of a trace that goes on.
    pub drainer: Drainer,
    /// How many logs there are.
    pub logs: Logs,
    /// The guard from which the tracer knows that a handler is in a generation; without one, a
    /// handler can write after the last drain ([B6](crate::defects#b6)).
    pub guard: Guard,
    /// The steps of going on to the next generation, in order.
    pub advance: &'static [Step],
    /// The steps of stopping, in order.
    pub stop: &'static [Step],

    /// Whether `addNonGo` looks at the rate under the lock, as `add` does; if not, it can
    /// race with the `addExtra` of a stop ([B33](crate::defects#b33)).
    pub non_go_checks_rate: bool,

    /// A mistake, in a mutant.
    pub flaw: Option<Flaw>,
    /// An ordering that is weaker than needed, in a mutant.
    pub weakened: Option<(Site, Ordering)>,
}

impl Protocol {
    /// April 2022, before the fix of golang/go#52704.
    pub const SEED: Self = Self {
        reports: Reports::Gp,
        overflow_test: OverflowTest::AfterAdvance,
        ..Self::GO_1_19
    };

    /// Go 1.19 and 1.20.
    pub const GO_1_19: Self = Self {
        wake: Wake::EveryRecord,
        extra_clears_sleeping: false,
        looks_again_at_eof: false,
        looks_again_at_overflow: false,
        reports: Reports::Curg,
        overflow_test: OverflowTest::BeforeAdvance,
        drain: Drain::UntilEmpty,
        drainer: Drainer::ReadTraceLocked,
        logs: Logs::One,
        guard: Guard::None,
        advance: &[],
        stop: &[Step::ClearLog, Step::Close, Step::Drain, Step::Disable],
        non_go_checks_rate: false,
        flaw: None,
        weakened: None,
    };

    /// Go 1.21, where `ReadTrace` drains before it takes the lock.
    pub const GO_1_21: Self = Self {
        drainer: Drainer::ReadTrace,
        ..Self::GO_1_19
    };

    /// Go 1.22 to 1.25.
    pub const GO_1_22: Self = Self {
        drain: Drain::Once,
        drainer: Drainer::Goroutine,
        logs: Logs::ByGeneration,
        guard: Guard::Seqlock,
        advance: &[Step::NextGeneration, Step::AwaitHandlers, Step::Drain],
        stop: &[
            Step::Disable,
            Step::AwaitHandlers,
            Step::Drain,
            Step::ClearLog,
            Step::Close,
        ],
        ..Self::GO_1_21
    };

    /// Go 1.26 and 1.27.
    pub const GO_1_26: Self = Self {
        wake: Wake::HalfFull,
        extra_clears_sleeping: true,
        guard: Guard::Writing,
        ..Self::GO_1_22
    };

    /// The newest without its known defects.
    pub const FIXED: Self = Self {
        looks_again_at_eof: true,
        looks_again_at_overflow: true,
        drain: Drain::UntilEmpty,
        non_go_checks_rate: true,
        ..Self::GO_1_26
    };

    /// The revisions by name, oldest first.
    pub const REVISIONS: [(&'static str, Self); 6] = [
        ("seed", Self::SEED),
        ("go1.19", Self::GO_1_19),
        ("go1.21", Self::GO_1_21),
        ("go1.22", Self::GO_1_22),
        ("go1.26", Self::GO_1_26),
        ("fixed", Self::FIXED),
    ];

    /// The revision of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let mut revisions = Self::REVISIONS.into_iter();
        revisions.find_map(|(of, protocol)| (of == name).then_some(protocol))
    }

    /// Words of a sample's header in the tracer's ring.
    #[must_use]
    pub const fn header_words(&self) -> usize {
        match self.logs {
            Logs::One => 2,
            Logs::ByGeneration => 3,
        }
    }
}

/// Where the protocol's text asks for its switches.
///
/// A type for a revision lets the compiler leave out what that does not do; the revisions
/// that run on real threads have one. [`Protocol`] itself is the one for switches that are
/// thrown as the program runs.
pub trait Rules: Copy + Send + Sync + 'static {
    /// The switches of this revision.
    fn protocol(&self) -> &Protocol;

    /// Whether this is the mutant with that mistake.
    #[inline(always)]
    fn has(&self, flaw: Flaw) -> bool {
        self.protocol().flaw == Some(flaw)
    }

    /// The ordering of an operation.
    #[inline(always)]
    fn order(&self, site: Site) -> Ordering {
        match self.protocol().weakened {
            Some((weakened, ordering)) if weakened == site => ordering,
            _ => site.ordering(),
        }
    }
}

impl Rules for Protocol {
    #[inline]
    fn protocol(&self) -> &Protocol {
        self
    }
}

macro_rules! revisions {
    ($($(#[$doc:meta])* $name:ident = $value:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl Rules for $name {
            #[inline(always)]
            fn protocol(&self) -> &Protocol {
                &Protocol::$value
            }
        }
    )*};
}

revisions! {
    /// [`Protocol::GO_1_19`] as a type.
    Go1_19 = GO_1_19;
    /// [`Protocol::GO_1_26`] as a type.
    Go1_26 = GO_1_26;
    /// [`Protocol::FIXED`] as a type.
    Fixed = FIXED;
}

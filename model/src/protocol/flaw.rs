//! Plausible mistakes: each is a place where the protocol's text could have been
//! written otherwise, and would be wrong.
//!
//! No revision has one; a mutant has one. They stand in the text where the mistake would
//! be made, so that the check which must catch it looks at the very same code.

macro_rules! flaws {
    ($($(#[doc = $doc:literal])+ $flaw:ident,)*) => {
        /// A mistake in the protocol's text.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Flaw {
            $($(#[doc = $doc])+ $flaw,)*
        }

        impl Flaw {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$flaw),*];

            /// The mistake in a sentence: what its documentation says.
            #[must_use]
            pub const fn about(self) -> &'static str {
                match self {
                    $(Self::$flaw => concat!($($doc),+).trim_ascii(),)*
                }
            }
        }
    };
}

flaws! {
    // The ring: room and places.
    /// No word of zero where the rest of the ring is too short.
    MarkerOmitted,
    /// That rest is not charged against the free space.
    TailNotCharged,
    /// That rest does not count as written.
    TailNotCounted,
    /// A tag slot is not asked for.
    TagRoomIgnored,
    /// A record may be written while something is pending if it alone fits.
    OneFitsIsEnough,
    /// Counts of tags, which have 30 bits, are subtracted as if they had 32.
    DifferenceOf32Bits,

    // The ring: overflow.
    /// An overflow is reported after the record that found room again.
    OverflowAfterRecord,
    /// An overflow comes with the tag of that record.
    OverflowTagged,
    /// An overflow bears the time of the last drop.
    TimeOfLast,
    /// Its count is visible before its time is.
    TimeAfterCount,
    /// Its count goes on from its maximum to zero.
    NotSticky,
    /// The generation stays as it is.
    GenerationKept,

    // The ring: flags and wake-ups.
    /// A commit leaves the flags as they are.
    FlagsKept,
    /// A commit is a plain store.
    CommitByStore,
    /// A commit does not wake.
    CommitWithoutWake,
    /// A commit that does not wake forgets that the reader sleeps.
    SleepingNotCarried,
    /// The reader is woken when more than half of the ring is unread, not at half.
    ThresholdStrict,
    /// An overflow, or the end, raises no flag.
    ExtraNotRaised,
    /// The reader takes the flag away by a plain store.
    ExtraClearedByStore,
    /// The reader leaves the flag where it is.
    ExtraLeft,
    /// The reader takes the flag away before it looks for what it stands for.
    ExtraClearedFirst,
    /// The reader is woken before the end is visible.
    WokenBeforeEof,
    /// The end is reported before what is pending.
    EofBeforeOverflow,
    /// A wake-up takes a lock that whoever goes to sleep takes as well (Darwin).
    WakeMayBlock,

    // The ring: the reader.
    /// The records that a read returns are given back at once.
    GivenBackAtOnce,
    /// Tag slots are given back as they are.
    TagsKept,
    /// A run of records goes on beyond the end of the tags.
    TagRunIgnored,
    /// The word of zero counts as a record.
    MarkerCounted,

    // Samples.
    /// A sample without a P has a zero for it.
    NoMarkWithoutP,
    /// The number of the P is written as it is.
    PWithoutMark,
    /// The reader takes the mark of a P for its absence.
    HasPInverted,
    /// The thread is not written.
    ProcidMissing,
    /// A sample of no thread is taken all the same.
    NoMAllowed,

    // The signal lock and the logs.
    /// Handlers write without it.
    NoLock,
    /// A handler that finds no log keeps it.
    LockKeptWithoutLog,
    /// Starting a trace takes it.
    LockInStart,
    /// Stopping a trace takes it.
    LockInStop,
    /// A handler looks where to write before it has the lock.
    LogLoadedBeforeLock,
    /// A handler does not look whether tracing is on.
    EnabledIgnored,
    /// A handler reads the generation before it raises its guard.
    GenerationBeforeGuard,
    /// A handler that finds no generation leaves its guard raised.
    GuardKept,
    /// A handler inside of the tracer raises the guard again, and lowers the tracer's.
    GuardNotNested,
    /// A handler writes into the log of the other generation.
    OtherLog,
    /// The clock is read before the generation is.
    ClockBeforeGeneration,
    /// A trace starts while one is on.
    StartsWhenOn,
    /// A trace stops that is not on.
    StopsWhenOff,
    /// A trace that is not on goes to the next generation.
    AdvancesWhenOff,

    // The profiler.
    /// A thread that sets the rate goes on to take samples.
    ThreadNotDisarmed,
    /// A handler does not look whether its thread is armed.
    ArmedIgnored,
    /// A handler does not look whether it interrupted an emulated atomic.
    InAtomicIgnored,
    /// A profile starts before the last one has been read to its end.
    StartsUnfinished,
    /// A handler does not look at the rate again under the lock.
    RateUnderLockIgnored,
    /// Stacks of foreign threads are not written at the stop.
    ExtraLeftAtStop,
    /// They are written after the close.
    ExtraAfterClose,
    /// The count of those that found no room is not reset.
    LostExtraKept,
    /// Nor is the count of signals in emulated atomics.
    LostAtomicKept,
    /// A handler adds a foreign thread's stack without the lock.
    NonGoWithoutLock,
    /// Timers are armed before the header of the profile is written.
    ArmedBeforeHeader,
    /// The tracer is called before the profiler.
    TraceFirst,
}

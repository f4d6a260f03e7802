//! Bounds of what a plan may ask for, and of what a run may take, each with its reason.
//!
//! Within these bounds no sum or product of the simulator leaves 64 bits, so that a debug and a
//! release build make the same bytes, and a run ends in bounded memory, or with an error that
//! says which bound it met. The numbers are SPEC.md's S20.7 to S20.11.

use sigprof_wire::limits::MAX_CPU_PROF_STACK;

/// The least and the most that a number of a plan may be, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The number's name, as a plan has it.
    pub name: &'static str,
    /// The least that is allowed.
    pub least: u64,
    /// The most that is allowed.
    pub most: u64,
    /// The reason for the number.
    pub why: &'static str,
}

/// A number of a plan that lies outside of its bound.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: want {} to {}, got {got} ({})", .bound.least, .bound.most, .bound.why)]
pub struct OutOfBounds {
    /// Where in the plan: the number's name, after what it is part of.
    pub place: String,
    /// The bound that it breaks.
    pub bound: Bound,
    /// The number that was there.
    pub got: u64,
}

impl Bound {
    const fn new(name: &'static str, least: u64, most: u64, why: &'static str) -> Self {
        Self {
            name,
            least,
            most,
            why,
        }
    }

    /// Holds a number to the bound.
    ///
    /// # Errors
    ///
    /// If it lies outside.
    pub fn check(self, got: u64) -> Result<(), OutOfBounds> {
        if (self.least..=self.most).contains(&got) {
            return Ok(());
        }
        Err(OutOfBounds {
            place: self.name.to_owned(),
            bound: self,
            got,
        })
    }

    /// Holds a number of things to the bound.
    ///
    /// # Errors
    ///
    /// If it lies outside.
    pub fn check_len(self, got: usize) -> Result<(), OutOfBounds> {
        self.check(u64::try_from(got).unwrap_or(u64::MAX))
    }
}

impl OutOfBounds {
    /// The same error, in a part of the plan.
    #[must_use]
    pub fn within(mut self, part: &str) -> Self {
        self.place = format!("{part}, {}", self.place);
        self
    }
}

/// The text of any plan.
pub const TEXT_BYTES: Bound = Bound::new("bytes", 0, 1 << 20, "a plan is written by hand");

/// Ps of a run (GOMAXPROCS).
pub const PROCS: Bound = Bound::new("procs", 1, 1 << 10, "Go 1.19 has no more Ps");

/// Goroutines at the start.
pub const GOROUTINES: Bound = Bound::new("goroutines", 1, 1_000_000, "each takes 200 bytes");

/// Kinds of goroutines.
pub const KINDS: Bound = Bound::new("kinds", 1, 1_000, "each has 15 functions of its own");

/// Samples a second.
pub const HZ: Bound = Bound::new("hz", 1, 1_000_000, "as in Go");

/// Microseconds of a step.
pub const STEP_US: Bound = Bound::new("step_us", 1, 1_000_000, "a second");

/// Windows of traces.
pub const TRACES: Bound = Bound::new("traces", 1, 32, "each has a ring of its own");

/// Windows of profiles.
pub const PROFILES: Bound = Bound::new("profiles", 0, 32, "each has a ring of its own");

/// Milliseconds of a generation.
pub const GENERATION_MS: Bound = Bound::new("generation_ms", 1, 86_400_000, "a day");

/// Windows of flight recorders.
pub const RECORDERS: Bound = Bound::new("recorders", 0, 32, "as many as traces");

/// Snapshots of flight recorders.
pub const SNAPSHOTS: Bound = Bound::new("snapshots", 0, 1 << 10, "each is held in memory");

/// Changes of the number of Ps.
pub const CHANGES: Bound = Bound::new("gomaxprocs", 0, 1 << 10, "a plan is written by hand");

/// When a trace or a profile starts or stops, in milliseconds.
pub const TIME_MS: Bound = Bound::new("time", 0, 86_400_000, "a day");

/// The weight of an operation.
pub const WEIGHT: Bound = Bound::new("weight", 0, 1_000_000, "their sum fits 32 bits");

/// Threads that are not Go's.
pub const FOREIGN_THREADS: Bound = Bound::new("foreign_threads", 0, 1 << 10, "as many as Ps");

/// Microseconds by which a signal may come late.
pub const LATE_US: Bound = Bound::new("late_us", 0, 10_000_000, "ten seconds");

/// Ticks from the clock of a P to the next one's.
pub const SKEW_TICKS: Bound = Bound::new("skew_ticks", 0, 1 << 40, "1,024 Ps stay below 2^50");

/// Words of a ring.
pub const RING_WORDS: Bound = Bound::new("ring_words", 1, 1 << 18, "twice Go's");

/// Records of a ring.
pub const RING_TAGS: Bound = Bound::new("ring_tags", 1, 1 << 15, "twice Go's");

/// Threads of a stage.
pub const STAGE_THREADS: Bound = Bound::new("[[m]]", 1, 8, "the engine has no more");

/// Steps of all threads of a stage.
pub const STAGE_STEPS: Bound = Bound::new("steps", 0, 10_000, "a stage is written by hand");

/// Bytes of a step.
pub const STEP_BYTES: Bound = Bound::new("bytes", 0, 200, "the longest step has 70");

/// Starts of a trace in a stage.
pub const STAGE_TRACES: Bound = Bound::new("start-trace", 0, 32, "each has a ring of its own");

/// Starts of a profile in a stage.
pub const STAGE_PROFILES: Bound = Bound::new("start-profile", 0, 32, "each has a ring of its own");

/// Words of a stage's ring.
pub const STAGE_WORDS: Bound = Bound {
    name: "words",
    ..RING_WORDS
};

/// Records of a stage's ring.
pub const STAGE_TAGS: Bound = Bound {
    name: "tags",
    ..RING_TAGS
};

/// Samples of all threads of a stage.
pub const STAGE_SAMPLES: Bound = Bound::new("samples", 0, 100_000, "six rings of Go's");

/// Steps and samples of a stage in which the engine decides: a sample that is taken and read
/// takes up to 40 of the engine's operations.
pub const STAGE_MOVES: Bound = Bound::new(
    "steps and samples",
    0,
    400,
    "the engine ends a run after 20000 operations",
);

/// The goroutine of a sample.
pub const GOROUTINE: Bound = Bound::new("g", 0, i64::MAX as u64, "Go 1.19's goid is an int64");

/// The P of a sample of a stage.
pub const STAGE_P: Bound = Bound::new("p", 0, STAGE_PROCS as u64 - 1, "a stage has 8 Ps");

/// Frames of a sample.
pub const FRAMES: Bound = Bound::new("frames", 1, MAX_CPU_PROF_STACK, "as in Go");

/// The set of labels of a sample.
pub const LABELS: Bound = Bound::new("labels", 1, STAGE_LABELS, "a stage has 3 sets");

/// Times that a sample is taken.
pub const TIMES: Bound = Bound {
    name: "times",
    least: 1,
    ..STAGE_SAMPLES
};

/// Ps of a stage.
pub(crate) const STAGE_PROCS: u32 = 8;

/// Sets of labels of a stage.
pub(crate) const STAGE_LABELS: u64 = 3;

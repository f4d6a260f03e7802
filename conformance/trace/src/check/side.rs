//! The trace's side of a comparison: what a check needs of a trace, folded in one pass.
//!
//! Nothing is kept of an event that has gone by: stacks are counted, and of regions and drains
//! only those are held that are not over.

use std::collections::{BTreeSet, HashMap};

use super::alone::Alone;
use super::narrow::{Judged, Narrow, NothingSelected, Selecting};
use super::rate::Rates;
use super::reason::Reason;
use super::report::Report;
use super::ring::{Drains, Ring, Rings};
use super::snapshot::{Generations, RecorderSettings};
use super::source::{Logged, Seen, Tables, What};
use super::stacks::Tally;
use super::window::{LATE_NS, Windows};
use super::words;
use crate::pprof::{self, Profile};
use crate::trace::GoId;
use crate::trace::v1::hash::IdHash;

/// The trace's side of a check: samples by stack, which of them were selected, and what can
/// have come between trace and profile.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/valid/basics/tiny/");
/// # let (trace, profile) = (format!("{folder}trace"), format!("{folder}profile.pb.gz"));
/// use sigprof_trace::check::{Narrow, TraceSide, Verdict};
/// use sigprof_trace::trace::Reader;
///
/// let mut trace = Reader::from_path(trace)?;
/// let side = TraceSide::read(&mut trace, &Narrow::default())?;
/// let profile = sigprof_trace::pprof::read(&std::fs::read(profile)?)?;
/// assert_eq!(side.check(profile)?.verdict, Verdict::Match);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct TraceSide {
    narrow: Narrow,
    /// Why it may have no samples at all.
    no_samples: Reason,
    tally: Tally,
    span: i64,
    first_sample: Option<i64>,
    last_sample: Option<i64>,
    /// Most Ps that there were at once; 0 if the trace does not say.
    procs: u64,
    /// Threads that took a P.
    threads: BTreeSet<u64>,
    /// Of a v1 trace, by their Ps.
    threads_of: HashMap<u64, u64, IdHash>,
    drains: Drains,
    rates: Rates,
    /// Of a v2 trace.
    rings: Option<Rings>,
    /// A moment of the trace, and the same by the time of day, in nanoseconds since 1970.
    wall: Option<(i64, i128)>,
    /// Samples of this generation whose events are to come, and that were taken before the one before
    /// it began.
    leaked: u64,
    /// When the last generation began.
    generation_began: Option<i64>,
    /// Samples whose events went by.
    seen: u64,
    /// Of a v2 trace.
    generations: Generations,
    recorder: RecorderSettings,
    /// Damage because of which it could not be read whole.
    damage: Vec<String>,
    selecting: Selecting,
}

impl TraceSide {
    pub(super) fn new(narrow: &Narrow, no_samples: Reason) -> Self {
        Self {
            no_samples,
            tally: Tally::default(),
            span: 0,
            first_sample: None,
            last_sample: None,
            procs: 0,
            threads: BTreeSet::new(),
            threads_of: HashMap::default(),
            drains: Drains::default(),
            rates: Rates::default(),
            rings: None,
            wall: None,
            leaked: 0,
            generation_began: None,
            seen: 0,
            generations: Generations::default(),
            recorder: RecorderSettings::default(),
            damage: Vec::new(),
            selecting: Selecting::new(narrow),
            narrow: narrow.clone(),
        }
    }

    /// Takes the next event.
    pub(super) fn see(&mut self, seen: &Seen, tables: &impl Tables) {
        self.span = seen.time;
        let tally = &mut self.tally;
        self.selecting
            .see(seen, tables, |stack, count| tally.select(stack, count));
        let thread = self.thread(seen);
        self.rates.time(seen.time);
        if let Some(is_running) = seen.runs {
            self.rates.runs(thread, seen.time, is_running);
        }
        match seen.what {
            What::Sample { stack } => self.sample(seen, thread, stack, tables),
            What::Procs(procs) => self.procs = self.procs.max(procs),
            What::Thread(thread) => {
                self.threads.insert(thread);
            }
            What::RegionBegin { .. }
            | What::RegionEnd { .. }
            | What::Call { .. }
            | What::GoEnd
            | What::Other => {}
        }
        if let Some(changed) = seen.changed {
            self.calls(changed, seen, tables);
        }
    }

    /// A goroutine enters a call, or it does something else.
    fn calls(&mut self, changed: GoId, seen: &Seen, tables: &impl Tables) {
        if self.rings.is_none() {
            // A v1 trace does not say when a call ends that did not block.
            return;
        }
        let calling = self.rates.calling();
        match seen.what {
            What::Call { stack, is_old } => {
                let since = if is_old { 0 } else { seen.time };
                calling.enters(changed, since, || is_of_c(stack, tables));
            }
            _ => calling.leaves(changed, seen.time),
        }
    }

    /// The thread of an event. A v1 trace names it when it takes a P, and then only the P.
    fn thread(&mut self, seen: &Seen) -> u64 {
        let named = seen.thread.filter(|_| self.rings.is_some());
        if let Some(thread) = named {
            return thread;
        }
        if let (Some(thread), Some(proc)) = (seen.thread, seen.proc) {
            self.threads_of.insert(proc, thread);
        }
        let of_proc = seen
            .proc
            .and_then(|proc| self.threads_of.get(&proc).copied());
        of_proc.or(seen.thread).or(seen.proc).unwrap_or(u64::MAX)
    }

    fn sample(&mut self, seen: &Seen, thread: u64, stack: u64, tables: &impl Tables) {
        self.first_sample = self.first_sample.or(Some(seen.time));
        self.last_sample = Some(seen.time);
        if self.leaked > 0 {
            // Taken two generations before, and moved to where this one begins.
            self.leaked -= 1;
            self.rates.leaked();
        } else {
            self.rates.sample(thread, seen.time);
            self.rates.calling().sample(seen.goroutine);
        }
        self.seen += 1;
        let at = if self.rings.is_some() {
            // Counted when its generation began.
            self.tally.place(seen.table, stack, tables)
        } else {
            self.tally.add(seen.table, stack, tables)
        };
        if self.narrow.narrows_trace()
            && self.selecting.may_have(seen)
            && self.selecting.has_sample(seen, at)
        {
            self.tally.select(at, 1);
        }
    }

    /// Takes the next sample in the order of the file.
    pub(super) fn logged(&mut self, logged: &Logged) {
        self.drains.add(logged);
    }

    /// A moment of the trace, by the time of day.
    pub(super) fn wall(&mut self, at_ns: i64, wall_ns: i128) {
        self.wall.get_or_insert((at_ns, wall_ns));
    }

    /// Counts samples that lie in the trace, whether or not their events can be brought into an
    /// order.
    pub(super) fn count(
        &mut self,
        table: u64,
        stacks: impl Iterator<Item = u64>,
        tables: &impl Tables,
    ) {
        for stack in stacks {
            self.tally.add(table, stack, tables);
        }
    }

    /// A generation begins, whose samples were taken at these times.
    pub(super) fn begins(&mut self, start_ns: i64, taken: impl Iterator<Item = i64>) {
        let before = self.generation_began.replace(start_ns);
        let is_old = |taken: &i64| before.is_some_and(|before| *taken < before);
        self.leaked = taken.filter(is_old).count() as u64;
    }

    /// Samples that were counted.
    pub(super) fn samples(&self) -> u64 {
        self.tally.of_trace()
    }

    /// Samples whose events went by.
    pub(super) fn seen(&self) -> u64 {
        self.seen
    }

    /// The trace could not be read whole.
    pub(super) fn damaged(&mut self, why: String) {
        self.damage.push(why);
    }

    /// Damage because of which the trace could not be read whole.
    #[must_use]
    pub fn damage(&self) -> &[String] {
        &self.damage
    }

    /// The generations of a v2 trace.
    pub(super) fn generations(&mut self) -> &mut Generations {
        &mut self.generations
    }

    /// Says how the flight recorder was set that kept the trace: its window is held to that.
    #[must_use]
    pub fn recorded_with(mut self, settings: RecorderSettings) -> Self {
        self.recorder = settings;
        self
    }

    /// The rings of a v2 trace.
    pub(super) fn rings(&mut self) -> &mut Rings {
        self.rings.get_or_insert_default()
    }

    /// The time of the last event that was seen.
    pub(super) fn span(&self) -> i64 {
        self.span
    }

    /// Says how long the trace is, if not all of its events were seen.
    pub(super) fn lasts(&mut self, span: i64) {
        self.span = span;
    }

    /// Compares the trace's samples with the profile's, whose lists it takes over.
    ///
    /// # Errors
    /// [`NothingSelected`] if there is nothing to compare: neither side has a sample, or
    /// a label, goroutine or region was asked for that does not occur.
    pub fn check(self, profile: Profile) -> Result<Report, NothingSelected> {
        let no_label = self.narrow.without_label(&profile.samples);
        let windows = self.windows(&profile);
        let narrow = self.narrow.clone();
        let samples = profile.samples.into_iter().map(|sample| {
            let is_selected = narrow.has_labels(&sample);
            (sample.frames, sample.count, is_selected)
        });
        self.compare(&profile.frames, samples, windows, no_label)
    }

    /// The same with a profile that is lent.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn check_with(self, profile: &Profile) -> Result<Report, NothingSelected> {
        let no_label = self.narrow.without_label(&profile.samples);
        let windows = self.windows(profile);
        let narrow = self.narrow.clone();
        let samples = profile.samples.iter().map(|sample| {
            let is_selected = narrow.has_labels(sample);
            (sample.frames.clone(), sample.count, is_selected)
        });
        self.compare(&profile.frames, samples, windows, no_label)
    }

    /// Says of the trace alone whether as many samples came as were to come: one each `period_ns` of
    /// CPU time, or, without it, one each 10 ms, as with `runtime/pprof`.
    ///
    /// # Errors
    /// [`NothingSelected`] if it has no sample, and none was to be expected.
    pub fn alone(mut self, period_ns: Option<i64>) -> Result<Alone, NothingSelected> {
        let none = Profile {
            period: period_ns.unwrap_or(0),
            ..Profile::default()
        };
        let windows = self.windows(&none);
        let samples = self.tally.of_trace();
        let ring = self.ring();
        let rate = self.rates.end(self.span).without_leaks(&ring);
        let snapshot = self.generations.snapshot(self.recorder, self.span);
        Alone::new(
            samples,
            self.no_samples,
            windows,
            ring,
            rate,
            snapshot,
            self.damage,
        )
    }

    /// The tracer's ring, as the trace shows it.
    fn ring(&mut self) -> Ring {
        let longest_stack = self.tally.longest_stack();
        match self.rings.take() {
            Some(rings) => rings.ring(longest_stack, self.span),
            None => std::mem::take(&mut self.drains).ring(longest_stack),
        }
    }

    fn windows(&self, profile: &Profile) -> Windows {
        let is_said = |&ns: &i64| ns > 0;
        let time = Some(profile.time).filter(is_said);
        let begins = time.zip(self.wall).and_then(|(time, (at, wall))| {
            let since = i128::from(time) - wall + i128::from(at);
            i64::try_from(since).ok()
        });
        Windows {
            trace_ns: self.span,
            profile_ns: Some(profile.duration).filter(is_said),
            period_ns: Some(profile.period).filter(is_said),
            profile_begins_ns: begins,
            start_slack_ns: LATE_NS,
            first_sample_ns: self.first_sample,
            last_sample_ns: self.last_sample,
            max_threads: self.procs.max(1).max(self.threads.len() as u64),
        }
    }

    fn compare(
        mut self,
        frames: &[pprof::Frame],
        samples: impl Iterator<Item = (Box<[u32]>, u64, bool)>,
        windows: Windows,
        no_label: Option<NothingSelected>,
    ) -> Result<Report, NothingSelected> {
        let judged = self.narrow.judged();
        self.tally
            .add_profile(frames, samples, judged != Judged::BothWays);
        if self.tally.is_empty() {
            return Err(NothingSelected::no_samples());
        }
        let selecting = std::mem::take(&mut self.selecting);
        if let Some(nothing) = no_label.or_else(|| selecting.nothing()) {
            return Err(nothing);
        }
        let ring = self.ring();
        let rate = self.rates.end(self.span).without_leaks(&ring);
        let snapshot = self.generations.snapshot(self.recorder, self.span);
        let mut report = Report::new(
            self.narrow,
            self.tally,
            self.no_samples,
            ring,
            windows,
            rate,
            self.damage,
        );
        report.snapshot = snapshot;
        words::tell(&mut report);
        Ok(report)
    }
}

/// Whether a call with this stack is one of C: cmd/cgo makes a function of Go's for each of C's
/// that is called (Go: `cmd/cgo/out.go`).
fn is_of_c(stack: u64, tables: &impl Tables) -> bool {
    let leaf = tables.frames(stack).next();
    leaf.is_some_and(|leaf| {
        let name = tables.string(leaf.function);
        let has = |part: &[u8]| name.windows(part.len()).any(|window| window == part);
        has(b"._Cfunc_") || has(b"._C2func_")
    })
}

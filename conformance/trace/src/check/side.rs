//! The trace's side of a comparison: what a check needs of a trace, folded in one pass.
//!
//! Nothing is kept of an event that has gone by: stacks are counted, and of regions and drains
//! only those are held that are not over.

use std::collections::{BTreeSet, HashSet};

use super::narrow::{Judged, Narrow, NothingSelected};
use super::rate::Rates;
use super::reason::Reason;
use super::regions::Regions;
use super::report::Report;
use super::ring::{Drains, Rings};
use super::source::{Logged, Seen, Tables, What};
use super::stacks::Tally;
use super::window::Windows;
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
    drains: Drains,
    rates: Rates,
    /// Of a v2 trace.
    rings: Option<Rings>,
    goroutine: Option<Goroutine>,
    regions: Option<Regions>,
}

/// The goroutine that is selected.
#[derive(Clone, Debug)]
struct Goroutine {
    id: GoId,
    is_there: bool,
    /// While it is not: those that have samples.
    others: HashSet<GoId, IdHash>,
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
            drains: Drains::default(),
            rates: Rates::default(),
            rings: None,
            goroutine: narrow.goroutine.map(|id| Goroutine {
                id,
                is_there: false,
                others: HashSet::default(),
            }),
            regions: narrow.region.as_deref().map(Regions::new),
            narrow: narrow.clone(),
        }
    }

    /// Takes the next event.
    pub(super) fn see(&mut self, seen: &Seen, tables: &impl Tables) {
        self.span = seen.time;
        let is_sample = matches!(seen.what, What::Sample { .. });
        if let Some(wanted) = &mut self.goroutine {
            wanted.see(seen, is_sample);
        }
        if let Some(is_running) = seen.runs {
            self.rates.runs(seen.thread, seen.time, is_running);
        }
        match seen.what {
            What::Sample { stack } => self.sample(seen, stack, tables),
            What::Procs(procs) => self.procs = self.procs.max(procs),
            What::Thread(thread) => {
                self.threads.insert(thread);
            }
            What::RegionBegin { .. } | What::RegionEnd { .. } | What::GoEnd => {
                if let Some(regions) = &mut self.regions {
                    let tally = &mut self.tally;
                    regions.see(seen, tables, |stack, count| tally.select(stack, count));
                }
            }
            What::Other => {}
        }
    }

    fn sample(&mut self, seen: &Seen, stack: u64, tables: &impl Tables) {
        self.first_sample = self.first_sample.or(Some(seen.time));
        self.last_sample = Some(seen.time);
        self.rates.sample(seen.thread, seen.time);
        let at = self.tally.add(seen.table, stack, tables);
        let wanted = self.goroutine.as_ref().map(|wanted| wanted.id);
        if wanted.is_some() && wanted != seen.goroutine {
            return;
        }
        let is_selected = match &mut self.regions {
            Some(regions) => regions.has_sample(seen, at),
            None => wanted.is_some(),
        };
        if is_selected {
            self.tally.select(at, 1);
        }
    }

    /// Takes the next sample in the order of the file.
    pub(super) fn logged(&mut self, logged: &Logged) {
        self.drains.add(logged);
    }

    /// The rings of a v2 trace.
    pub(super) fn rings(&mut self) -> &mut Rings {
        self.rings.get_or_insert_default()
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
        let windows = self.windows(profile.duration, profile.period);
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
        let windows = self.windows(profile.duration, profile.period);
        let narrow = self.narrow.clone();
        let samples = profile.samples.iter().map(|sample| {
            let is_selected = narrow.has_labels(sample);
            (sample.frames.clone(), sample.count, is_selected)
        });
        self.compare(&profile.frames, samples, windows, no_label)
    }

    fn windows(&self, profile_ns: i64, period_ns: i64) -> Windows {
        Windows {
            trace_ns: self.span,
            profile_ns: Some(profile_ns).filter(|&ns| ns > 0),
            period_ns: Some(period_ns).filter(|&ns| ns > 0),
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
        let nothing = no_label
            .or_else(|| self.goroutine.and_then(Goroutine::nothing))
            .or_else(|| self.regions.and_then(Regions::nothing));
        if let Some(nothing) = nothing {
            return Err(nothing);
        }
        let longest_stack = self.tally.longest_stack();
        let ring = match self.rings {
            Some(rings) => rings.ring(longest_stack, self.span),
            None => self.drains.ring(longest_stack),
        };
        let rate = self.rates.end(self.span);
        let report = Report::new(
            self.narrow,
            self.tally,
            self.no_samples,
            ring,
            windows,
            rate,
        );
        let summary = words::summary(&report);
        Ok(Report { summary, ..report })
    }
}

impl Goroutine {
    fn see(&mut self, seen: &Seen, is_sample: bool) {
        if self.is_there {
            return;
        }
        self.is_there = [seen.goroutine, seen.changed].contains(&Some(self.id));
        if self.is_there {
            self.others = HashSet::default();
        } else if is_sample {
            self.others.extend(seen.goroutine);
        }
    }

    fn nothing(self) -> Option<NothingSelected> {
        let what = format!("the trace has no goroutine {}", self.id);
        let others = self.others.iter().map(GoId::to_string);
        (!self.is_there).then(|| NothingSelected::new(what, others))
    }
}

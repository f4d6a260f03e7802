//! The outcome as data. Its JSON form is an interface: what is in it stays, and a
//! change of meaning raises [`SCHEMA_VERSION`].

use serde::Serialize;

use super::narrow::{Judged, Narrow};
use super::ring::Ring;
use super::stacks::{Frame, Kind};
use super::verdict::{Causes, Reason, Sides, Verdict, differences, on_neither_side, pair};
use super::window::Windows;

/// The version of the JSON form.
pub const SCHEMA_VERSION: u32 = 1;

/// The outcome of a comparison.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The schema's version, [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The verdict on the pair.
    pub verdict: Verdict,
    /// Why, if there is something to explain.
    pub reason: Option<Reason>,
    /// The same in one sentence.
    pub summary: String,
    /// Samples of walked stacks in the trace, after narrowing.
    pub trace_samples: u64,
    /// Samples of walked stacks in the profile, after narrowing.
    pub profile_samples: u64,
    /// Samples that the trace misses, summed over the stacks.
    pub missing: u64,
    /// Samples that the trace has too many, summed over the stacks.
    pub surplus: u64,
    /// Stand-ins in the trace, which are not compared.
    pub trace_synthetic: u64,
    /// Stand-ins in the profile, which are not compared.
    pub profile_synthetic: u64,
    /// Samples that the profiler's own ring lost, by its own count.
    pub profile_lost: u64,
    /// The number of them that the trace does not have either, at the most.
    pub on_neither_side: u64,
    /// The part of the pair that was compared.
    pub narrow: Narrow,
    /// The differences that count.
    pub judged: Judged,
    /// How long either side ran.
    pub windows: Windows,
    /// The state of the tracer's ring, as the trace shows it.
    pub ring: Ring,
    /// Every stack, the largest difference first.
    pub stacks: Vec<StackReport>,
}

/// The outcome for one stack.
#[derive(Clone, Debug, Serialize)]
pub struct StackReport {
    /// The verdict on it.
    pub verdict: Verdict,
    /// Why, if there is something to explain.
    pub reason: Option<Reason>,
    /// How often it occurs in the trace.
    pub trace: u64,
    /// How often it occurs in the profile.
    pub profile: u64,
    /// Frames, leaf first.
    pub frames: Vec<Frame>,
}

impl Report {
    pub(super) fn new(
        narrow: &Narrow,
        sides: &Sides,
        causes: &Causes,
        ring: Ring,
        windows: Windows,
    ) -> Self {
        let Sides { whole, tally, .. } = *sides;
        let mut stacks: Vec<_> = tally
            .stacks()
            .map(|(frames, counts, kind)| {
                let (verdict, reason) = causes.stack(counts, kind);
                StackReport {
                    verdict,
                    reason,
                    trace: counts.trace,
                    profile: counts.profile,
                    frames: frames.into_iter().cloned().collect(),
                }
            })
            .collect();
        stacks.sort_by_key(|s| {
            let difference = s.trace.abs_diff(s.profile);
            std::cmp::Reverse((difference, s.trace.max(s.profile)))
        });
        let real = tally.total(Kind::Real);
        let synthetic = tally.total(Kind::Synthetic);
        let verdicts = stacks.iter().map(|s| (s.verdict, s.reason));
        let on_neither_side = on_neither_side(whole);
        let (verdict, reason) = pair(verdicts, synthetic, on_neither_side, sides.judged);
        let (missing, surplus) = differences(tally);
        let mut report = Self {
            schema_version: SCHEMA_VERSION,
            verdict,
            reason,
            summary: String::new(),
            trace_samples: real.trace,
            profile_samples: real.profile,
            missing,
            surplus,
            trace_synthetic: synthetic.trace,
            profile_synthetic: synthetic.profile,
            profile_lost: whole.profile_lost,
            on_neither_side,
            narrow: narrow.clone(),
            judged: sides.judged,
            windows,
            ring,
            stacks,
        };
        report.summary = super::words::summary(&report);
        report
    }
}

//! The outcome as data. Its JSON form is an interface: what is in it stays, and a
//! change of meaning raises [`SCHEMA_VERSION`].

use serde::Serialize;

use super::doubt::{self, Evidence};
use super::loss::{Loss, Losses, on_neither_side};
use super::narrow::{Judged, Narrow};
use super::rate::{Expected, Rate};
use super::reason::Reason;
use super::ring::Ring;
use super::snapshot::Snapshot;
use super::stacks::{Frames, Part, Tally};
use super::verdict::{Causes, Verdict, explain, pair};
use super::window::Windows;

/// The version of the JSON form.
pub const SCHEMA_VERSION: u32 = 2;

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
    /// The facts that the bytes show, a paragraph each.
    pub why: Vec<String>,
    /// Advice on it, a paragraph each.
    pub advice: Vec<String>,
    /// Notes beside it, a paragraph each.
    pub notes: Vec<String>,
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
    /// How fast the trace's samples came.
    pub rate: Rate,
    /// The samples that were to come, beside those that did.
    pub expected: Expected,
    /// The window that a flight recorder kept; none of another trace.
    pub snapshot: Option<Snapshot>,
    /// Damage because of which the trace could not be read whole.
    pub damage: Vec<String>,
    /// Samples that the trace may lack, and why.
    #[serde(skip)]
    pub trace_losses: Vec<Loss>,
    /// Samples that the profile may lack, and why.
    #[serde(skip)]
    pub profile_losses: Vec<Loss>,
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
    pub frames: Frames,
}

impl Report {
    /// Counts and losses to verdicts. `no_samples` is why the trace may have no samples at all.
    pub(super) fn new(
        narrow: Narrow,
        tally: Tally,
        no_samples: Reason,
        ring: Ring,
        mut windows: Windows,
        rate: Rate,
        damage: Vec<String>,
    ) -> Self {
        let judged = narrow.judged();
        let part = Part::of(&narrow);
        let (whole, totals) = (tally.totals(Part::Whole), tally.totals(part));
        let mut expected = rate.expected(Some(&windows));
        windows.start_slack_ns = doubt::start_slack(&rate, &expected, &windows, whole.real.profile);
        expected.by_profile = doubt::by_profile(&windows, whole.real.profile);
        let mut losses = Losses::new(
            judged,
            narrow.narrows_trace(),
            &tally,
            &ring,
            &windows,
            &expected,
            !damage.is_empty(),
        );
        let mut causes = Causes::new(&whole, &totals, &losses, no_samples);
        if judged == Judged::BothWays && damage.is_empty() && causes.missing.is_none() {
            expected.short_gaps = rate.short_gaps(&expected, &ring);
            losses.add_short_gaps(&expected);
            causes.missing = explain(totals.missing, &losses.of_trace);
        }
        let evidence = Evidence {
            rate: &rate,
            expected: &expected,
            windows: &windows,
            whole: &whole,
        };
        causes.doubt = evidence.doubt().filter(|_| judged != Judged::TraceAtMost);
        if !damage.is_empty() {
            causes.no_overlap = None;
        } else if evidence.is_of_before() {
            causes.no_overlap = Some(Reason::Before);
        } else if windows.are_apart() && whole.missing + whole.surplus > 0 {
            causes.no_overlap = Some(Reason::OtherTime);
        } else if judged == Judged::BothWays && causes.surplus.is_none() {
            causes.is_other_time = evidence.differs_much() && tally.is_alike();
        }
        // One word, whether or not the windows have room for what is missing (S8.29).
        let is_few = causes.doubt == Some(Reason::Fewer) && judged == Judged::BothWays;
        if is_few && evidence.had_room() && causes.missing.is_none() && tally.is_thinned() {
            causes.missing = causes.doubt;
        }
        let profile_lost = tally.profile_lost;
        let on_neither_side = on_neither_side(profile_lost, &whole);
        let stacks = stacks(tally, part, &causes);
        let verdicts = stacks.iter().map(|s| (s.verdict, s.reason));
        let (verdict, reason) = pair(verdicts, totals.synthetic, on_neither_side, judged);
        Self {
            schema_version: SCHEMA_VERSION,
            verdict,
            reason,
            summary: String::new(),
            why: Vec::new(),
            advice: Vec::new(),
            notes: Vec::new(),
            trace_samples: totals.real.trace,
            profile_samples: totals.real.profile,
            missing: totals.missing,
            surplus: totals.surplus,
            trace_synthetic: totals.synthetic.trace,
            profile_synthetic: totals.synthetic.profile,
            profile_lost,
            on_neither_side,
            narrow,
            judged,
            windows,
            ring,
            expected,
            rate,
            snapshot: None,
            damage,
            trace_losses: losses.of_trace,
            profile_losses: losses.of_profile,
            stacks,
        }
    }
}

/// The largest difference first; then the most samples; then by frames.
fn stacks(tally: Tally, part: Part, causes: &Causes) -> Vec<StackReport> {
    let (stacks, ranks) = tally.into_stacks(part);
    // Room for all at once: doubled, the list would be there twice.
    let mut reports = Vec::with_capacity(stacks.size_hint().1.unwrap_or(0));
    reports.extend(stacks.map(|(frames, counts, kind)| {
        let (verdict, reason) = causes.stack(counts, kind);
        StackReport {
            verdict,
            reason,
            trace: counts.trace,
            profile: counts.profile,
            frames,
        }
    }));
    let key = |s: &StackReport| {
        let difference = s.trace.abs_diff(s.profile);
        (difference, s.trace.max(s.profile))
    };
    reports.sort_unstable_by(|a, b| {
        let by_frames = || a.frames.ranks(&ranks).cmp(b.frames.ranks(&ranks));
        key(b).cmp(&key(a)).then_with(by_frames)
    });
    reports
}

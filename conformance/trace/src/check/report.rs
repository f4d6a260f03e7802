//! The outcome as data. Its JSON form is an interface: what is in it stays, and a
//! change of meaning raises [`SCHEMA_VERSION`].

use serde::Serialize;

use super::loss::{Loss, Losses, on_neither_side};
use super::narrow::{Judged, Narrow};
use super::rate::{Comes, ENOUGH, Expected, Rate};
use super::reason::Reason;
use super::ring::Ring;
use super::stacks::{Frames, Part, Tally, Totals};
use super::verdict::{Causes, Verdict, pair};
use super::window::{LATE_NS, Windows};

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
        windows.start_slack_ns = start_slack(&expected);
        expected.by_profile = by_profile(&windows, whole.real.profile);
        let losses = Losses::new(
            judged,
            narrow.narrows_trace(),
            &tally,
            &ring,
            &windows,
            &expected,
            !damage.is_empty(),
        );
        let mut causes = Causes::new(&whole, &totals, &losses, no_samples);
        let is_off = windows.profile_window().is_none() && rate.is_off(&expected);
        causes.doubt =
            doubt(&expected, &windows, &whole, is_off).filter(|_| judged == Judged::BothWays);
        if is_of_before(&windows, &whole) {
            causes.no_overlap = Some(Reason::Before);
        } else if windows.are_apart() && whole.missing + whole.surplus > 0 {
            causes.no_overlap = Some(Reason::OtherTime);
        } else if !damage.is_empty() {
            causes.no_overlap = None;
        } else if judged == Judged::BothWays && causes.surplus.is_none() {
            causes.is_other_time = differ_much(&whole) && tally.is_alike();
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
            damage,
            trace_losses: losses.of_trace,
            profile_losses: losses.of_profile,
            stacks,
        }
    }
}

/// The samples that are to be expected in the time in which both ran, by the profile's count.
fn by_profile(windows: &Windows, samples: u64) -> Option<u64> {
    let common = u128::from(windows.common_ns()?.unsigned_abs());
    let profile = u128::from(windows.profile_ns?.unsigned_abs());
    u64::try_from(u128::from(samples) * common / profile).ok()
}

/// Why it cannot be said that nothing is missing, though the windows have room for it: the trace
/// has fewer samples than there was time for (S8.21).
fn doubt(expected: &Expected, windows: &Windows, whole: &Totals, is_off: bool) -> Option<Reason> {
    let by_profile = expected.by_profile.unwrap_or(u64::MAX);
    let (trace, profile) = (whole.real.trace, whole.real.profile);
    // Where no clocks say that the profiler was off, it may have been on.
    let is_off = is_off && whole.missing >= ENOUGH;
    let few = match expected.comes {
        _ if is_off => true,
        Comes::TooFew | Comes::AsExpected | Comes::Gap => false,
        // Not by a few that fit between the windows.
        Comes::Missing => whole.missing > 2 + profile / 50,
        // Threads waited, and it may be no more than that. Where nearly all of the profile lies
        // within the trace, what is missing must fit into the rest as samples come on average.
        _ if by_profile >= profile - profile / 5 => {
            let outside = profile.saturating_sub(by_profile);
            whole.missing > outside + 3 * outside.isqrt() + windows.max_threads
        }
        // Where much of it lies outside, the load may have been another there.
        _ => {
            let by_both = expected.expected.min(by_profile);
            trace + 3 * by_both.isqrt() < by_both / 10 * 7
        }
    };
    few.then_some(Reason::Fewer)
}

/// How much earlier than it says a profile may have begun: longer by as much as threads wait for a
/// CPU, as its writer waited, too.
fn start_slack(expected: &Expected) -> i64 {
    let times = (expected.expected / expected.came.max(1)).max(1);
    LATE_NS.saturating_mul(times.try_into().unwrap_or(i64::MAX))
}

/// Whether the profile's samples take more time than the profile had, or nearly as much as all of
/// its threads: they are of before it
/// began, and the profiler was off while the trace ran, which has none (Go:
/// `runtime.SetCPUProfileRate`, called before `runtime/pprof.StartCPUProfile`).
fn is_of_before(windows: &Windows, whole: &Totals) -> bool {
    let (Some(profile), Some(period)) = (windows.profile_ns, windows.period_ns) else {
        return false;
    };
    let took = u128::from(whole.real.profile) * u128::from(period.unsigned_abs());
    let room = u128::from(profile.saturating_add(LATE_NS).unsigned_abs());
    whole.real.trace == 0 && took * 4 > room * u128::from(windows.max_threads) * 3
}

/// Whether a tenth of the trace's samples or more are not in the profile, though not each of them
/// stands there so many times: samples of one run are not too many by chance.
fn differ_much(whole: &Totals) -> bool {
    let real = whole.real;
    let is_multiple = real.trace.is_multiple_of(real.profile.max(1));
    let is_much = whole.surplus >= ENOUGH && whole.surplus.saturating_mul(10) >= real.trace;
    is_much && !is_multiple
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

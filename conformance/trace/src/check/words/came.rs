//! Sentences on how fast samples came.

use super::super::narrow::Judged;
use super::super::rate::{Comes, Expected, Rate, ShortGaps};
use super::super::reason::Reason;
use super::super::report::Report;
use super::super::ring::Ring;
use super::super::verdict::Verdict;
use super::super::window::Windows;
use super::seconds;
use crate::shown::counted;

/// The samples that were to come, and those that did, in one sentence.
pub(in crate::check) fn expected(expected: &Expected) -> String {
    let Expected {
        expected: n, came, ..
    } = expected;
    let why = match expected.comes {
        Comes::TooFew | Comes::AsExpected => "",
        Comes::Waited => ": threads waited for a CPU now and then",
        Comes::Fewer => ": threads waited for a CPU most of the time, or samples are missing",
        Comes::Missing => ": single samples are missing, or threads waited for a CPU",
        Comes::Gap => ": none for a while",
    };
    let rate = if expected.is_assumed {
        format!(", at one each {},", millis(expected.period_ns))
    } else {
        String::new()
    };
    format!(
        "Goroutines ran long enough between the first sample and the last for {}{rate} and {came} \
         came{why}.",
        counted(*n, "sample")
    )
}

/// Samples in calls of C and of the system; none if none came and none could have in C.
pub(in crate::check) fn calls(rate: &Rate, expected: &Expected) -> Option<String> {
    let calls = rate.calls;
    let room = |ns: u64| ns / expected.period_ns;
    if room(calls.c_ns) + calls.c_samples + calls.system_samples == 0 {
        return None;
    }
    let said = |(what, ns, samples): (&str, u64, u64)| {
        let time = seconds(ns.try_into().unwrap_or(i64::MAX));
        let room = counted(room(ns), "sample");
        format!("{what} for {time}, time for at most {room}, and {samples} came")
    };
    let of_c = ("in calls of C", calls.c_ns, calls.c_samples);
    let others = (
        "in calls of the system",
        calls.system_ns,
        calls.system_samples,
    );
    let both = [of_c, others]
        .into_iter()
        .filter(|(_, ns, samples)| *ns + *samples > 0);
    let both: Vec<_> = both.map(said).collect();
    Some(format!(
        "Besides, goroutines were {}. Who waits in a call gets none, so that nothing follows from these.",
        both.join("; ")
    ))
}

/// Shorter times without a sample, with the gaps.
pub(in crate::check) fn short_gaps(expected: &Expected) -> Option<String> {
    let ShortGaps { count, samples } = expected.short_gaps?;
    Some(format!(
        "In {count} times without a sample, short or long, goroutines ran long enough for {}, \
         and as they come otherwise it is no chance that none did.",
        counted(samples, "sample")
    ))
}

/// Where no sample came, though goroutines ran.
pub(in crate::check) fn gaps(expected: &Expected) -> impl Iterator<Item = String> {
    let period = expected.period_ns;
    expected.gaps.iter().map(move |gap| {
        format!(
            "Between {} and {} no sample came, though goroutines ran for {} in all: time for {}.",
            seconds(gap.from_ns),
            seconds(gap.to_ns),
            seconds(gap.running_ns.try_into().unwrap_or(i64::MAX)),
            counted(gap.running_ns / period, "sample"),
        )
    })
}

/// The rings of a v2 tracer that may have wrapped at the end.
pub(in crate::check) fn wraps(ring: &Ring, windows: &Windows) -> impl Iterator<Item = String> {
    ring.wrapped().map(|end| {
        let silent = end.ended_ns - end.last_taken_ns;
        if end.has_full_labels() {
            return format!(
                "With the last sample of generation {} its ring's list of {} labels was full, which ends \
                 a read as well. None of that generation follows for {}.",
                end.generation,
                ring.capacity_records,
                seconds(silent),
            );
        }
        let next = windows.fit(silent);
        format!(
            "The last sample of generation {} ends {} before its ring's end, and records take up to {}. \
             None of that generation follows for {}{}.",
            end.generation,
            counted(end.free_words.unwrap_or_default(), "word"),
            ring.largest_record_words,
            seconds(silent),
            next.map_or(String::new(), |n| format!(
                ": room for at most {}",
                counted(n, "sample")
            )),
        )
    })
}

/// Leaks that are told one by one.
const LEAKS: usize = 3;

/// The samples that came with a later generation than the one in which they were taken.
pub(in crate::check) fn leaks(ring: &Ring) -> Vec<String> {
    let leaks = ring.replay.iter().flat_map(|replay| &replay.leaks);
    let (mut samples, mut rest) = (0, 0);
    let mut lines: Vec<_> = Vec::new();
    for leak in leaks {
        if lines.len() == LEAKS {
            samples += leak.samples;
            rest += 1;
            continue;
        }
        lines.push(format!(
            "{} of generation {}, taken from {} on, came with generation {}: the ring had wrapped.",
            counted(leak.samples, "sample"),
            leak.taken_in,
            seconds(leak.first_taken_ns),
            leak.generation,
        ));
    }
    if rest > 0 {
        lines.push(format!(
            "{samples} more came late like that, with {} more.",
            counted(rest, "generation")
        ));
    }
    lines
}

/// That no sample came at the trace's beginning or end.
pub(in crate::check) fn off(rate: &Rate, expected: &Expected) -> impl Iterator<Item = String> {
    let ends = rate.off(expected);
    ends.map(|gap| {
        let (when, moment) = match gap.from_ns {
            0 => ("Until", gap.to_ns),
            from => ("From", from),
        };
        format!(
            "{when} {}{} no sample came, though goroutines ran for {} in all: the profiler was off then, or samples \
             are missing.",
            seconds(moment),
            if gap.from_ns == 0 { "" } else { " on" },
            seconds(gap.running_ns.try_into().unwrap_or(i64::MAX)),
        )
    })
}

/// Notes on the pair, a paragraph each.
pub(super) fn notes(report: &Report) -> Vec<String> {
    let mut notes: Vec<_> = too_few(report).into_iter().collect();
    if report.reason != Some(Reason::Gap) {
        notes.extend(gaps(&report.expected));
    }
    notes.extend(off(&report.rate, &report.expected));
    if report.reason != Some(Reason::Damaged) {
        notes.extend(report.damage.iter().cloned());
    }
    notes.extend(leaks(&report.ring));
    let is_to_be_said = matches!(report.verdict, Verdict::Consistent | Verdict::Lost);
    if is_to_be_said && report.judged == Judged::BothWays && report.expected.comes != Comes::TooFew
    {
        notes.push(expected(&report.expected));
        notes.extend(calls(&report.rate, &report.expected));
    }
    notes
}

/// The note on a profile whose rate could not be delivered.
fn too_few(report: &Report) -> Option<String> {
    let (rate, period) = (&report.rate, report.windows.period_ns?);
    let few = rate.too_few(period)?;
    let times = match few.tenths {
        tenths @ 100.. => (tenths / 10).to_string(),
        tenths => format!("{}.{}", tenths / 10, tenths % 10),
    };
    let counted = i64::try_from(rate.samples).ok()?.checked_mul(period)?;
    let ran = i64::try_from(rate.running_ns).ok()?;
    let period = millis(period.unsigned_abs());
    let shown = match few.tick_ns {
        Some(tick) => format!(
            "But they came on a tick of {}, and a thread gets one a tick at the most: its nanoseconds are at \
             least {times} times too few",
            millis(tick)
        ),
        None => format!(
            "But they came {} apart or more (the median is {}), and goroutines ran for {}, while {} samples are \
             {}: its nanoseconds are some {times} times too few",
            millis(rate.short_gap_ns?),
            millis(rate.median_gap_ns?),
            seconds(ran),
            rate.samples,
            seconds(counted),
        ),
    };
    Some(format!(
        "The profile says a sample each {period}. {shown}. The kernel's tick does not deliver so high a rate \
         (golang/go#35057). Counts are not affected."
    ))
}

/// Milliseconds with one digit behind the point.
pub(super) fn millis(ns: u64) -> String {
    format!("{}.{} ms", ns / 1_000_000, ns % 1_000_000 / 100_000)
}

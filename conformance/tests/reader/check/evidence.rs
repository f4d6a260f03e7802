//! Evidence in real pairs whose windows differ, that are of different times, or whose trace
//! is damaged; and of a trace without a profile.

mod thinned;

use std::path::{Path, PathBuf};

use sigprof::check::Reason::{
    Before, Damaged, Fewer, Gap, NoTraceSamples, OtherTime, RingCapacity, RingWrap, TooFew, Window,
};
use sigprof::check::{Alone, Narrow, Reason, Report, TraceSide, Verdict, check_collected, words};
use sigprof::pprof::{self, Profile};
use sigprof::trace::{Options, Reader, v1};

use super::pair::{LAST, SECOND};

fn folder(case: &str) -> PathBuf {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/valid");
    fixtures.join(case)
}

fn profile(case: &str) -> Profile {
    pprof::read(&std::fs::read(folder(case).join("profile.pb.gz")).unwrap()).unwrap()
}

fn bytes(case: &str) -> Vec<u8> {
    std::fs::read(folder(case).join("trace")).unwrap()
}

fn side(bytes: &[u8]) -> TraceSide {
    let options = Options {
        keep_going: true,
        ..Options::default()
    };
    let mut reader = Reader::with(bytes, options).unwrap();
    TraceSide::read(&mut reader, &Narrow::default()).unwrap()
}

/// The report on a real pair whose profile was changed.
fn changed(case: &str, change: impl FnOnce(&mut Profile)) -> Report {
    let mut profile = profile(case);
    change(&mut profile);
    side(&bytes(case)).check(profile).unwrap()
}

#[track_caller]
fn is(report: &Report, verdict: Verdict, reason: impl Into<Option<Reason>>) {
    let got = (report.verdict, report.reason);
    assert_eq!(got, (verdict, reason.into()), "{}", report.summary);
    // Rows never contradict the headline.
    for stack in &report.stacks {
        assert!(stack.verdict <= verdict, "{stack:?}");
    }
}

fn text(report: &Report) -> String {
    let text = words::text(report, words::Layout::default());
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Guards S8.23.
#[test]
fn clocks_tell_another_time_of_the_same_program() {
    let moved = |seconds: i64| {
        changed("basics/hog-go1.27", |profile| {
            profile.time += seconds * SECOND;
            profile.samples[0].count += 3;
        })
    };
    for (seconds, words) in [
        (10, "the profile began 9.66"),
        (-10, "the profile ended 9.66"),
    ] {
        let report = moved(seconds);
        is(&report, Verdict::NoOverlap, OtherTime);
        assert!(text(&report).contains(words), "{}", text(&report));
    }
    // Equal counts are more than what clocks say.
    let equal = changed("basics/hog-go1.27", |profile| profile.time += 10 * SECOND);
    is(&equal, Verdict::Match, None);
}

/// Guards S8.3, S8.23.
#[test]
fn clocks_tell_where_the_profile_lies() {
    let before = |seconds: i64, more: u64| {
        changed("basics/hog-go1.27", |profile| {
            profile.time -= seconds * SECOND;
            profile.duration += seconds * SECOND;
            profile.samples[0].count += more;
        })
    };
    let report = before(1, 140);
    is(&report, Verdict::Consistent, Window);
    assert_eq!(report.verdict.exit_code(), 0);
    let begins = report.windows.profile_begins_ns.unwrap();
    assert!((-1_010_000_000..-990_000_000).contains(&begins), "{begins}");
    // Four threads, 105 periods.
    is(&before(1, 500), Verdict::Wrong, None);
}

/// Guards S8.25.
#[test]
fn without_clocks_another_time_is_likely_where_functions_are_the_same() {
    let other = |change: &dyn Fn(&mut u64)| {
        changed("basics/hog", |profile| {
            profile
                .samples
                .iter_mut()
                .for_each(|s| change(&mut s.count));
        })
    };
    let fewer = other(&|count| *count = *count * 2 / 3);
    is(&fewer, Verdict::CannotTell, OtherTime);
    assert!(text(&fewer).contains("different times of the same program"));
    // All of them twice, or of functions that the other side does not have, is no other time.
    let twice = changed("basics/hog", |profile| {
        profile.samples.truncate(1);
        profile.samples[0].count = 1;
    });
    is(&twice, Verdict::Wrong, None);
}

/// Guards S8.24.
#[test]
fn a_trace_that_is_cut_is_compared_as_far_as_it_goes() {
    for (case, share, at_least) in [
        ("basics/hog", 60, 0),
        ("basics/hog-go1.27", 90, 0),
        ("rings/wrap-leak-go1.27", 60, 1000),
    ] {
        let bytes = bytes(case);
        let cut = &bytes[..bytes.len() * share / 100];
        let report = side(cut).check(profile(case)).unwrap();
        is(&report, Verdict::CannotTell, Damaged);
        assert!(report.trace_samples >= at_least, "{case}: {report:?}");
        let said = text(&report);
        assert!(said.contains("What could be read besides has"), "{said}");
        assert!(said.contains("0x"), "{said}");
    }
}

/// Where not one event can be read there is nothing to compare.
///
/// Guards S8.24.
#[test]
fn a_trace_of_which_nothing_can_be_read_is_an_error() {
    let mut bytes = bytes("basics/hog");
    bytes[16] = 0x3f;
    let options = Options {
        keep_going: true,
        ..Options::default()
    };
    let read = Reader::with(&bytes, options)
        .and_then(|mut reader| TraceSide::read(&mut reader, &Narrow::default()));
    assert!(read.is_err());
}

/// Samples that a ring or a gap seems to lack may stand in the part that is gone.
///
/// Guards S8.24.
#[test]
fn a_trace_that_is_cut_behind_a_wrap_has_not_lost_samples() {
    let bytes = bytes("rings/wrap-leak-go1.27");
    for share in [20, 30, 40, 50, 70] {
        let cut = &bytes[..bytes.len() * share / 100];
        let report = side(cut).check(profile("rings/wrap-leak-go1.27")).unwrap();
        assert_eq!(
            report.verdict,
            Verdict::CannotTell,
            "{share}: {}",
            report.summary
        );
        assert_eq!(report.reason, Some(Damaged), "{share}");
    }
}

/// Samples that came two generations late were not missing when they were taken.
///
/// Guards S8.22.
#[test]
fn samples_that_leaked_are_no_gap() {
    let alone = alone("rings/wrap-leak-go1.27");
    let leaks = &alone.ring.replay.as_ref().unwrap().leaks;
    assert_eq!(leaks.len(), 1);
    assert_eq!(alone.expected.gaps, []);
    // They came while goroutines ran, and not all at once where they were moved to.
    assert_eq!(alone.expected.came, alone.trace_samples);
    assert!(
        alone.rate.short_gap_ns > Some(1_000_000),
        "{:?}",
        alone.rate
    );
    let is_in = |gap: &sigprof::check::rate::Gap| {
        (gap.from_ns..=gap.to_ns).contains(&leaks[0].first_taken_ns)
    };
    assert!(!alone.rate.gaps.iter().any(is_in), "{:?}", alone.rate.gaps);
}

/// Guards S8.27.
#[test]
fn samples_of_before_are_told_by_the_time_that_they_took() {
    let before = |case: &str, less: u64| {
        changed(case, |profile| {
            let mut left = less;
            for sample in &mut profile.samples {
                let taken = left.min(sample.count - 1);
                sample.count -= taken;
                left -= taken;
            }
        })
    };
    let case = "windows/rate-before-go1.27";
    is(&before(case, 0), Verdict::NoOverlap, Before);
    // So few could have been taken while it ran.
    let few = before(case, 30);
    assert_ne!(few.reason, Some(Before), "{few:?}");
    // And where no goroutine ran, none was to come.
    let idle = changed("windows/no-sample-go1.19", |profile| {
        profile.samples[0].count = 95;
        profile.duration = SECOND / 2;
    });
    is(&idle, Verdict::NoOverlap, NoTraceSamples);
}

/// A profile of before that says nothing of it: Go 1.22 gives it a longer time.
///
/// Guards S8.30.
#[test]
fn a_trace_without_samples_says_whether_there_was_time_for_some() {
    let busy = changed("windows/rate-before-go1.22", |_| ());
    is(&busy, Verdict::NoOverlap, NoTraceSamples);
    let words = text(&busy);
    assert!(
        words.contains("time for 142 samples, and none came: the profiler did not run then"),
        "{words}"
    );
    assert!(
        words.contains("a call of runtime.SetCPUProfileRate ahead of it"),
        "{words}"
    );
    let idle = changed("windows/no-sample-go1.19", |_| ());
    is(&idle, Verdict::NoOverlap, NoTraceSamples);
    let words = text(&idle);
    assert!(words.contains("or the CPU was idle"), "{words}");
    assert!(!words.contains("SetCPUProfileRate"), "{words}");
}

fn alone(case: &str) -> Alone {
    side(&bytes(case)).alone(None).unwrap()
}

#[track_caller]
fn says(alone: &Alone, verdict: Verdict, reason: impl Into<Option<Reason>>) {
    let got = (alone.verdict, alone.reason);
    assert_eq!(got, (verdict, reason.into()), "{}", alone.text(100));
}

/// Guards S8.20, S8.26.
#[test]
fn a_trace_alone_is_held_to_the_time_that_goroutines_ran() {
    let hog = alone("basics/hog-go1.27");
    says(&hog, Verdict::Consistent, None);
    assert_eq!((hog.expected.expected, hog.expected.came), (55, 46));
    // At another rate there was time for more.
    let faster = side(&bytes("basics/hog-go1.27")).alone(Some(2_000_000));
    let faster = faster.unwrap();
    says(&faster, Verdict::CannotTell, Fewer);
    assert_eq!(faster.expected.expected, 276);
    // Two CPUs, four goroutines that always run.
    says(&alone("basics/hog"), Verdict::CannotTell, Fewer);
    says(&alone("basics/modern-go1.26"), Verdict::CannotTell, TooFew);
    says(
        &alone("rings/wrap-loss-go1.27"),
        Verdict::CannotTell,
        RingWrap,
    );
    says(
        &alone("rings/full-ring-go1.19"),
        Verdict::CannotTell,
        RingCapacity,
    );
    says(
        &alone("windows/no-overlap"),
        Verdict::CannotTell,
        NoTraceSamples,
    );
    let cut = &bytes("basics/hog-go1.27");
    let cut = side(&cut[..cut.len() * 9 / 10]).alone(None).unwrap();
    says(&cut, Verdict::CannotTell, Damaged);
    let idle = side(&bytes("windows/no-sample-go1.19")).alone(None);
    let why = idle.unwrap_err().to_string();
    assert!(why.contains("too short a time"), "{why}");
}

/// A time without samples in the midst of a real trace.
///
/// Guards S8.3, S8.22, S8.26.
#[test]
fn a_gap_is_a_loss() {
    let bytes = bytes("rings/overflow");
    let mut trace = v1::read(&bytes).unwrap();
    let is_sample = |event: &v1::Event| event.event_type == sigprof_wire::v1::EventType::CPUSample;
    let in_gap = 3 * SECOND..5 * SECOND;
    let before = trace.events.len();
    trace
        .events
        .retain(|event| !is_sample(event) || !in_gap.contains(&event.time));
    let removed = before - trace.events.len();
    assert!(removed > 200, "{removed}");
    let side = TraceSide::of(&trace, &Narrow::default());
    let gap = side.alone(None).unwrap();
    says(&gap, Verdict::CannotTell, RingCapacity);
    assert_eq!(gap.expected.gaps.len(), 1, "{:?}", gap.expected);
    let text = gap.text(100);
    assert!(text.contains("Between 2.99"), "{text}");
    // With its profile as well: the ring was full besides.
    let report = check_collected(&trace, &profile("rings/overflow"), &Narrow::default()).unwrap();
    assert_eq!(report.verdict, Verdict::Lost);
    assert!(report.trace_losses.iter().any(|loss| loss.reason == Gap));
}

/// Where much of a profile lies outside of the trace, its rate says what is to be expected within.
///
/// Guards S8.21.
#[test]
fn nine_of_ten_samples_less_do_not_look_healthy() {
    let thinned = |keep: usize| {
        let bytes = bytes("basics/hog");
        let mut trace = v1::read(&bytes).unwrap();
        let mut nth = 0;
        trace.events.retain(|event| {
            nth += usize::from(event.event_type == sigprof_wire::v1::EventType::CPUSample);
            event.event_type != sigprof_wire::v1::EventType::CPUSample || nth % 10 < keep
        });
        let mut profile = profile("basics/hog");
        // Six times as long.
        profile.duration += 5 * LAST / 7;
        profile.samples.iter_mut().for_each(|s| s.count *= 6);
        check_collected(&trace, &profile, &Narrow::default()).unwrap()
    };
    is(&thinned(10), Verdict::Consistent, Window);
    is(&thinned(1), Verdict::CannotTell, Fewer);
}

/// Goroutines compute in C, where samples come, and running time is not counted.
///
/// Guards S61.1, S61.2.
#[test]
fn samples_in_calls_of_c_are_held_to_the_time_in_them() {
    for (case, came) in [
        ("attribution/threads-go1.22", 15),
        ("attribution/threads-go1.27", 16),
    ] {
        let alone = alone(case);
        let calls = alone.rate.calls;
        assert_eq!((calls.c_samples, calls.system_samples), (came, 0));
        let room = calls.c_ns / alone.expected.period_ns;
        assert!(room >= came, "{calls:?}");
        let text = alone.text(1000);
        let said =
            format!("time for at most {room} samples, and {came} came; in calls of the system");
        assert!(text.contains(&said), "{text}");
    }
    // None came, and none could have in C.
    let hog = alone("basics/hog-go1.27");
    assert_eq!(hog.rate.calls.c_ns, 0);
    assert!(!hog.text(1000).contains("Besides"));
}

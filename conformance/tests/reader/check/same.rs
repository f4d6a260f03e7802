//! Equality of stacks, and the verdict on a pair that has several.

use sigprof::check::{Narrow, Report, Verdict};
use sigprof::pprof::{Frame, Profile, Sample};
use sigprof::trace::v1 as trace;
use sigprof_sim::tracer::{self, CpuSample, ProcId, Ticks, TraceBuilder};
use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType as E;

use sigprof_wire::limits::MAX_CPU_PROF_STACK;

use super::check;
use super::pair::{GOROUTINE, LAST, Pair, deep};

/// A trace with three samples of the one stack, and a profile with as many of the other.
fn pair(trace: &[tracer::Frame], profile: Vec<Frame>) -> Report {
    let mut builder = TraceBuilder::new(FormatVersion::GO_1_19).unwrap();
    builder.batch(Some(ProcId(0)), Ticks(99));
    builder.event(Ticks(100), E::HeapAlloc, &[1], &[]);
    let stack = builder.stack(trace);
    for ts in [110, 120, 130] {
        let (p, g) = (Some(ProcId(0)), None);
        let ts = Ticks(ts);
        builder.cpu_sample(Ticks(ts.0 + 1), CpuSample { ts, p, g, stack });
    }
    let bytes = builder.finish(1_000_000_000);
    let frames = (0..u32::try_from(profile.len()).unwrap()).collect();
    let profile = Profile {
        samples: vec![Sample {
            offset: 0,
            count: 3,
            frames,
            labels: Box::default(),
        }],
        frames: profile,
        period: 10_000_000,
        duration: 30,
        time: 0,
    };
    let trace = trace::read(&bytes).unwrap();
    sigprof::check::check_collected(&trace, &profile, &Narrow::default()).unwrap()
}

fn frame(function: &str, file: &str, line: i64) -> Frame {
    Frame {
        function: function.into(),
        line,
        file: file.into(),
    }
}

/// Guards S7.1.
#[test]
fn functions_and_lines_make_a_stack_and_pcs_and_files_do_not() {
    let traced = [tracer::Frame::new(77, "main.f", "/src/main.go", 7)];
    let same = pair(&traced, vec![frame("main.f", "main.go", 7)]);
    assert_eq!(same.verdict, Verdict::Match);
    for other in [
        frame("main.f", "/src/main.go", 8),
        frame("main.g", "/src/main.go", 7),
    ] {
        assert_ne!(pair(&traced, vec![other]).verdict, Verdict::Match);
    }
    let two = [
        traced[0].clone(),
        tracer::Frame::new(78, "main.g", "main.go", 9),
    ];
    let (f, g) = (frame("main.f", "", 7), frame("main.g", "", 9));
    assert_eq!(
        pair(&two, vec![f.clone(), g.clone()]).verdict,
        Verdict::Match
    );
    assert_ne!(pair(&two, vec![g, f]).verdict, Verdict::Match);
}

/// Guards S7.6.
#[test]
fn a_frame_without_a_name_does_not_count() {
    let named = tracer::Frame::new(1, "main.f", "main.go", 7);
    let nameless = tracer::Frame::new(0, "", "", 0);
    let f = || frame("main.f", "main.go", 7);
    let verdict = |trace: &[tracer::Frame], profile| pair(trace, profile).verdict;
    assert_eq!(
        verdict(&[nameless.clone(), named.clone()], vec![f()]),
        Verdict::Match
    );
    assert_eq!(
        verdict(std::slice::from_ref(&named), vec![f(), frame("", "", 0)]),
        Verdict::Match
    );
    assert_ne!(
        verdict(&[named], vec![f(), frame("main.g", "", 0)]),
        Verdict::Match
    );
}

/// Guards S8.1.
#[test]
fn samples_that_differ_in_labels_only_are_added_up() {
    let pair = Pair::default().trace("a", 9);
    let pair = pair
        .labelled("a", 4, ("k", "v"))
        .labelled("a", 3, ("k", "w"));
    check(&pair.clone().profile("a", 2), Verdict::Match, None);
    check(&pair.clone().profile("a", 3), Verdict::Wrong, None);
    let report = pair.profile("a", 2).check();
    let stacks = report.stacks.iter().map(|s| (s.trace, s.profile));
    assert_eq!(stacks.collect::<Vec<_>>(), [(9, 9)]);
}

/// Guards S8.8.
#[test]
fn the_worst_stack_is_the_verdict() {
    let pair = Pair::default().both("a", 3).both("b", 3);
    let surplus = pair.trace("a", 1).profile_ns(LAST - 1);
    assert_eq!(surplus.check().verdict, Verdict::Consistent);
    let lost = surplus.clone().profile("b", 1).profile_ns(0);
    let verdicts: Vec<_> = lost.check().stacks.iter().map(|s| s.verdict).collect();
    assert_eq!(verdicts, [Verdict::CannotTell; 2]);
    assert_eq!(lost.check().verdict, Verdict::CannotTell);
    let wrong = surplus.profile("b", 100);
    assert_eq!(wrong.check().verdict, Verdict::Wrong);
    // Stand-ins do not count.
    let stand_ins = Pair::default().both("a", 3).profile("b runtime._System", 9);
    assert_eq!(stand_ins.check().verdict, Verdict::Match);
}

/// However it is narrowed: a stack that the tracer cut is shown as the trace has it.
///
/// Guards S7.5.
#[test]
fn a_stack_is_cut_as_the_whole_trace_has_it() {
    let cut = deep(MAX_CPU_PROF_STACK);
    let mut pair = Pair::default()
        .trace_of(2, &cut, 3)
        .both("a", 1)
        .profile(&format!("{cut} main.inlined_into"), 3);
    pair.narrow.goroutine = Some(sigprof::trace::GoId(GOROUTINE));
    let stacks = pair.check().stacks;
    let shown: Vec<_> = stacks.iter().map(|s| (s.frames.len(), s.profile)).collect();
    assert_eq!(shown, [(64, 3), (1, 1)]);
}

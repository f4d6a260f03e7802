//! `sigprof export` of samples: which, with what labels, and in what shape.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod labels;
mod utf8;
mod viewers;

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use sigprof::check::{Narrow, TraceSide};
use sigprof::export::pprof::{self, Label};
use sigprof::export::samples::{ExportError, Select, Task};
use sigprof::pprof::Profile;
use sigprof::trace::{GoId, Nanos, Reader, TaskId};
use sigprof_sim::tracer::{CpuSample, Frame, GoId as SimGoId, ProcId, Ticks, TraceBuilder};
use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType;

const CASES: [&str; 4] = [
    "basics/hog",
    "basics/hog-go1.27",
    "generations/tasks-go1.23",
    "attribution/threads-go1.27",
];

fn fixture(case: &str) -> Vec<u8> {
    let valid = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/valid");
    std::fs::read(valid.join(case).join("trace")).unwrap()
}

fn packed(bytes: &[u8], options: &pprof::Options) -> Result<Vec<u8>, ExportError> {
    let (mut reader, mut out) = (Reader::new(bytes).unwrap(), Vec::new());
    pprof::write(&mut reader, options, &mut out).map(|()| out)
}

fn profile(bytes: &[u8], select: Select) -> Result<Profile, ExportError> {
    let options = pprof::Options {
        select,
        ..pprof::Options::default()
    };
    packed(bytes, &options).map(|out| sigprof::pprof::read(&out).unwrap())
}

fn count(profile: &Profile) -> u64 {
    profile.samples.iter().map(|sample| sample.count).sum()
}

/// The number of samples that are selected; 0 if that is refused.
fn selected(bytes: &[u8], select: Select) -> u64 {
    match profile(bytes, select) {
        Ok(profile) => count(&profile),
        Err(ExportError::Nothing(_)) => 0,
        Err(error) => panic!("{error}"),
    }
}

/// The samples of each value of a label.
fn by_label(profile: &Profile, key: &str) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for sample in &profile.samples {
        for (_, value) in sample.labels.iter().filter(|(k, _)| &**k == key) {
            *counts.entry(value.to_string()).or_default() += sample.count;
        }
    }
    counts
}

fn counts(pairs: &[(&str, u64)]) -> BTreeMap<String, u64> {
    pairs.iter().map(|&(k, n)| (k.to_owned(), n)).collect()
}

fn in_region(name: &str) -> Select {
    Select {
        region: Some(name.to_owned()),
        ..Select::default()
    }
}

/// Guards S50.2.
#[test]
fn samples_are_labelled_with_what_their_goroutines_do() {
    for (case, worker, (of_worker, of_main)) in [
        ("basics/hog", "main.main.func2", (75, 44)),
        ("basics/hog-go1.27", "main.main.func1", (30, 16)),
    ] {
        let profile = profile(&fixture(case), Select::default()).unwrap();
        let functions = [(worker, of_worker), ("runtime.main", of_main)];
        assert_eq!(by_label(&profile, "goroutine_function"), counts(&functions));
        let regions = [("work", of_worker), ("cpuHogger", of_main)];
        assert_eq!(by_label(&profile, "region"), counts(&regions));
        assert_eq!(by_label(&profile, "task"), counts(&[("round", of_worker)]));
    }
}

/// Guards S50.4.
#[test]
fn a_region_and_a_goroutine_select_what_a_check_selects() {
    let mut seen = 0;
    for case in CASES {
        let bytes = fixture(case);
        let regions = ["work", "cpuHogger", "step", "burn"].map(in_region);
        let goroutines = (1..40).map(|id| Select {
            goroutine: Some(GoId(id)),
            ..Select::default()
        });
        for select in regions.into_iter().chain(goroutines) {
            let narrow = Narrow {
                goroutine: select.goroutine,
                region: select.region.clone(),
                ..Narrow::default()
            };
            let side = TraceSide::read(&mut Reader::new(&bytes).unwrap(), &narrow).unwrap();
            let of_check = side.check(Profile::default());
            let of_check = of_check.map_or(0, |r| r.trace_samples + r.trace_synthetic);
            assert_eq!(
                selected(&bytes, select.clone()),
                of_check,
                "{case} {select:?}"
            );
            seen += of_check;
        }
    }
    assert!(seen > 200, "{seen}");
}

/// Guards S50.4.
#[test]
fn times_cut_a_trace_in_two() {
    for case in CASES {
        let bytes = fixture(case);
        let all = selected(&bytes, Select::default());
        let mut reader = Reader::new(&bytes).unwrap();
        let (mut first, mut times) = (0, Vec::new());
        while let Some(event) = reader.next_event().unwrap() {
            times.extend(event.is_sample().then_some(event.time));
        }
        for &at in [times[0], times[times.len() / 2], Nanos(i64::MAX)].iter() {
            let until = selected(
                &bytes,
                Select {
                    to: Some(at),
                    ..Select::default()
                },
            );
            let from = selected(
                &bytes,
                Select {
                    from: Some(at),
                    ..Select::default()
                },
            );
            let before = times.iter().filter(|&&time| time < at).count() as u64;
            assert_eq!((until, from), (before, all - before), "{case} {at}");
            first += until;
        }
        assert!(first > 0 && all > 1, "{case}");
    }
}

/// Guards S50.4.
#[test]
fn a_task_is_selected_by_its_number_or_its_name() {
    let bytes = fixture("basics/hog-go1.27");
    let of = |task| Select {
        task: Some(task),
        ..Select::default()
    };
    let named = selected(&bytes, of(Task::Name("round".into())));
    assert_eq!(named, 30);
    let each = (1..=12).map(|id| selected(&bytes, of(Task::Id(TaskId(id)))));
    let each: Vec<_> = each.collect();
    assert_eq!(each.iter().sum::<u64>(), named);
    assert!(each.iter().filter(|&&n| n > 0).count() > 5, "{each:?}");
}

/// Guards S50.4.
#[test]
fn a_choice_without_a_sample_is_refused_in_words() {
    let check = |select, words: &str| {
        let error = profile(&fixture("basics/hog-go1.27"), select).unwrap_err();
        assert!(matches!(&error, ExportError::Nothing(_)), "{error:?}");
        assert!(error.to_string().contains(words), "{error}");
    };
    let none = Select::default;
    let nap = || Some("nap".to_owned());
    check(
        Select {
            region: nap(),
            ..none()
        },
        "no region \"nap\"; there are: cpuHogger, work",
    );
    let task = nap().map(Task::Name);
    check(
        Select { task, ..none() },
        "no task \"nap\"; there are: round",
    );
    let goroutine = Some(GoId(123_456));
    check(
        Select {
            goroutine,
            ..none()
        },
        "no goroutine 123456; there are: 1, 2",
    );
    let from = Some(Nanos(10_000_000_000));
    check(Select { from, ..none() }, "it has 47 in 0.33");
}

/// On standard output a damaged trace leaves bytes that are no profile to anybody.
///
/// Guards S24.3.
#[test]
fn a_profile_of_a_refused_trace_has_no_end() {
    let bytes = many_and(9_000, |trace| {
        // Nobody runs.
        trace.event(Ticks(100_000), EventType::GoEnd, &[], &[]);
    });
    let (mut out, mut reader) = (Vec::new(), Reader::new(&bytes).unwrap());
    pprof::write(&mut reader, &Default::default(), &mut out).unwrap_err();
    assert!(!out.is_empty(), "nothing was written yet");
    GzDecoder::new(&out[..])
        .read_to_end(&mut Vec::new())
        .unwrap_err();
    assert!(sigprof::pprof::read(&out).is_err());
}

/// So many samples, each of a goroutine of its own, and the same again.
fn many(count: u64) -> Vec<u8> {
    many_and(count, |_| {})
}

fn many_and(count: u64, add: impl FnOnce(&mut TraceBuilder)) -> Vec<u8> {
    let mut trace = TraceBuilder::new(FormatVersion::GO_1_19).unwrap();
    let stack = trace.stack(&[Frame::new(1, "main.f", "f.go", 1)]);
    trace.batch(Some(ProcId(0)), Ticks(1));
    trace.event(Ticks(1), EventType::Gomaxprocs, &[1], &[]);
    for at in 0..2 * count {
        let g = Some(SimGoId(at % count + 1));
        let sample = CpuSample {
            ts: Ticks(at + 10),
            p: None,
            g,
            stack,
        };
        trace.cpu_sample(Ticks(at + 10), sample);
    }
    add(&mut trace);
    trace.finish(1_000_000_000)
}

/// Guards S50.5.
#[test]
fn equal_samples_are_one_up_to_a_number_that_follows_the_traces_size() {
    let few = profile(&many(1_000), Select::default()).unwrap();
    assert_eq!((few.samples.len(), count(&few)), (1_000, 2_000));
    let lots = profile(&many(9_000), Select::default()).unwrap();
    assert_eq!(count(&lots), 18_000);
    assert!(lots.samples.len() > 9_000, "{}", lots.samples.len());
    let options = pprof::Options {
        labels: Vec::new(),
        ..pprof::Options::default()
    };
    let none = packed(&many(9_000), &options).unwrap();
    assert_eq!(sigprof::pprof::read(&none).unwrap().samples.len(), 1);
}

/// Guards S50.3.
#[test]
fn only_labels_that_are_wanted_are_there() {
    let bytes = fixture("basics/hog-go1.27");
    let options = pprof::Options {
        labels: vec![Label::Region],
        ..pprof::Options::default()
    };
    let profile = sigprof::pprof::read(&packed(&bytes, &options).unwrap()).unwrap();
    let keys: Vec<_> = profile
        .samples
        .iter()
        .flat_map(|s| s.labels_as_text())
        .collect();
    assert!(
        !keys.is_empty() && keys.iter().all(|(key, _)| key == "region"),
        "{keys:?}"
    );
}

/// Guards S50.1.
#[test]
fn a_profile_has_the_traces_times_as_far_as_it_has_them() {
    let new = profile(&fixture("basics/hog-go1.27"), Select::default()).unwrap();
    assert_eq!(new.period, 10_000_000);
    assert_eq!(new.time / 1_000_000_000, 1_795_864_734);
    assert_eq!(new.duration / 1_000_000, 330);
    let old = profile(&fixture("basics/hog"), Select::default()).unwrap();
    assert_eq!((old.time, old.duration / 1_000_000), (0, 1_183));
    let (from, to) = (Some(Nanos(100_000_000)), Some(Nanos(250_000_000)));
    let part = Select {
        from,
        to,
        ..Select::default()
    };
    let part = profile(&fixture("basics/hog-go1.27"), part).unwrap();
    assert_eq!(part.time, new.time + 100_000_000);
    assert_eq!(part.duration, 150_000_000);
}

/// Guards S50.1.
#[test]
fn stacks_end_where_those_of_gos_profiles_do() {
    for case in CASES {
        let profile = profile(&fixture(case), Select::default()).unwrap();
        let has_it = profile
            .frames
            .iter()
            .any(|f| &*f.function == "runtime.goexit");
        assert!(!has_it && profile.frames.len() > 3, "{case}");
    }
}

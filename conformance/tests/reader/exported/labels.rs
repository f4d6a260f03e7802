//! The labels of samples, in traces that are written for one fact each.

use sigprof::export::samples::{self, ExportError, Labelled, Labels, Select, Take};
use sigprof::trace::{Reader, Stacks, TaskId, ThreadId};
use sigprof_sim::tracer::{CpuSample, Frame, ProcId, Ticks, TraceBuilder};
use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType;
use sigprof_wire::v2::{EventType as E, NO_THREAD};

use crate::fuzzed::targets::write::{batch, clocks, event, header, strings};

#[derive(Default)]
struct Taken(Vec<(Labels, bool)>);

impl Take for Taken {
    fn sample(
        &mut self,
        _: &Reader,
        _: &Stacks,
        sample: &Labelled,
        is_selected: bool,
    ) -> Result<u32, ExportError> {
        self.0.push((sample.labels, is_selected));
        Ok(u32::try_from(self.0.len()).unwrap() - 1)
    }

    fn select(&mut self, number: u32, _: u64) {
        self.0[number as usize].1 = true;
    }
}

/// The labels of the samples that are selected.
fn labels(bytes: &[u8], select: &Select) -> (Vec<Labels>, Stacks) {
    let (mut stacks, mut taken) = (Stacks::default(), Taken::default());
    let mut reader = Reader::new(bytes).unwrap();
    samples::walk(&mut reader, select, &mut stacks, &mut taken).unwrap();
    let selected = taken.0.into_iter().filter(|&(_, is_selected)| is_selected);
    (selected.map(|(labels, _)| labels).collect(), stacks)
}

/// The regions and tasks of the samples.
fn regions(bytes: &[u8], select: &Select) -> Vec<(String, u64, String)> {
    let (labels, stacks) = labels(bytes, select);
    let text = |number: Option<u32>| {
        let text = number.map(|number| stacks.text(number));
        text.map_or("-".to_owned(), |text| {
            String::from_utf8_lossy(text).into_owned()
        })
    };
    let row = |labels: &Labels| {
        let task = labels.task.map_or(0, |TaskId(task)| task);
        (text(labels.region), task, text(labels.task_name))
    };
    labels.iter().map(row).collect()
}

/// A trace in which goroutine 1 does these things on thread 7, a sample after each. Strings are a,
/// b and c.
fn does(events: &[(E, &[u64])]) -> Vec<u8> {
    does_with(&[b"a", b"b", b"c"], events)
}

/// The same with these strings. The stack of samples is a function of each, in a file of that name.
pub(super) fn does_with(texts: &[&[u8]], events: &[(E, &[u64])]) -> Vec<u8> {
    let mut out = header(26);
    clocks(&mut out, 26, 1, 1, 15_625_000);
    strings(&mut out, 1, 1, texts);
    let frames = (1..=texts.len() as u64).flat_map(|id| [id, id, id, 1]);
    let stack: Vec<_> = [1, texts.len() as u64].into_iter().chain(frames).collect();
    let mut stacks = Vec::new();
    event(&mut stacks, E::Stacks, &[]);
    event(&mut stacks, E::Stack, &stack);
    batch(&mut out, 1, NO_THREAD, 1, &stacks);
    let (mut data, mut samples) = (Vec::new(), Vec::new());
    event(&mut data, E::ProcStatus, &[1, 0, 1]);
    event(&mut data, E::GoStatus, &[1, 1, 7, 2]);
    event(&mut samples, E::CPUSamples, &[]);
    for (at, &(kind, args)) in (1..).zip(events) {
        let numbers = [&[100], args].concat();
        event(&mut data, kind, &numbers);
        event(&mut samples, E::CPUSample, &[1_052 + 100 * at, 7, 0, 1, 1]);
    }
    batch(&mut out, 1, 7, 1_000, &data);
    batch(&mut out, 1, NO_THREAD, 1_000, &samples);
    event(&mut out, E::EndOfGeneration, &[]);
    out
}

fn rows(expected: &[(&str, u64, &str)]) -> Vec<(String, u64, String)> {
    let row = |&(region, task, name): &(&str, u64, &str)| (region.into(), task, name.into());
    expected.iter().map(row).collect()
}

/// Regions have the task and the name.
///
/// Guards S50.2.
#[test]
fn the_innermost_region_counts_and_the_innermost_that_has_a_task() {
    let trace = does(&[
        (E::UserTaskBegin, &[5, 0, 3, 0]),
        (E::UserRegionBegin, &[5, 1, 0]),
        (E::UserRegionBegin, &[0, 2, 0]),
        (E::UserRegionEnd, &[0, 2, 0]),
        (E::UserTaskEnd, &[5, 0]),
        (E::UserRegionEnd, &[5, 1, 0]),
    ]);
    let expected = [
        ("-", 0, "-"),
        ("a", 5, "c"),
        ("b", 5, "c"),
        ("a", 5, "c"),
        ("a", 5, "c"),
        ("-", 0, "-"),
    ];
    assert_eq!(regions(&trace, &Select::default()), rows(&expected));
}

/// Guards S50.2.
#[test]
fn a_region_that_ends_inside_another_leaves_that_one() {
    let trace = does(&[
        (E::UserRegionBegin, &[0, 1, 0]),
        (E::UserRegionBegin, &[0, 2, 0]),
        (E::UserRegionEnd, &[0, 1, 0]),
        (E::UserRegionEnd, &[0, 2, 0]),
    ]);
    let expected = [("a", 0, "-"), ("b", 0, "-"), ("b", 0, "-"), ("-", 0, "-")];
    assert_eq!(regions(&trace, &Select::default()), rows(&expected));
}

/// Of a region that began before the trace only its end is known, when its samples have gone by.
///
/// Guards S50.2, S50.4.
#[test]
fn an_end_alone_selects_and_labels_only_what_it_selects() {
    let trace = does(&[
        (E::UserTaskBegin, &[5, 0, 3, 0]),
        (E::UserRegionEnd, &[0, 1, 0]),
        (E::UserTaskEnd, &[5, 0]),
    ]);
    let none = ("-", 0, "-");
    assert_eq!(regions(&trace, &Select::default()), rows(&[none; 3]));
    let select = Select {
        region: Some("a".into()),
        ..Select::default()
    };
    assert_eq!(regions(&trace, &select), rows(&[("a", 0, "-")]));
}

/// A v1 sample names a P.
///
/// Guards S50.2.
#[test]
fn a_v1_sample_is_on_the_thread_that_its_p_last_started_on() {
    let mut trace = TraceBuilder::new(FormatVersion::GO_1_19).unwrap();
    let stack = trace.stack(&[Frame::new(1, "main.f", "f.go", 1)]);
    let p = Some(ProcId(0));
    trace.batch(p, Ticks(1));
    for (at, thread) in [(100, 3), (200, 4)] {
        trace.event(Ticks(at), EventType::ProcStart, &[thread], &[]);
        trace.event(Ticks(at + 90), EventType::ProcStop, &[], &[]);
    }
    trace.batch(None, Ticks(1));
    for at in [150, 250, 295] {
        let sample = CpuSample {
            ts: Ticks(at),
            p,
            g: None,
            stack,
        };
        trace.cpu_sample(Ticks(at), sample);
    }
    let bytes = trace.finish(1_000_000_000);
    let (labels, _) = labels(&bytes, &Select::default());
    let threads: Vec<_> = labels.iter().map(|labels| labels.thread).collect();
    assert_eq!(threads, [Some(ThreadId(3)), Some(ThreadId(4)), None]);
}

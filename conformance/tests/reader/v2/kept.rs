//! Damaged traces with `--keep-going`: what is lost, and what is not.

use std::collections::BTreeMap;

use sigprof::trace::v2::{Options, Reader, Release, Warning, dump};
use sigprof_wire::v2::EventType as E;

use crate::fuzzed::targets::write::{batch, clocks, event, header};
use crate::v2::fixture;
use crate::v2::kinder::{read, read_all, trace};

const KEEP_GOING: Options = Options {
    strict: None,
    keep_going: true,
    release: Release::Go1_27,
};

/// Guards S43.3.
#[test]
fn with_keep_going_the_whole_batches_of_a_cut_generation_are_read() {
    for name in [
        "basics/modern-go1.22",
        "events/allocfree-go1.23",
        "recorder/window-go1.25",
        "basics/modern-go1.27",
    ] {
        let whole = fixture(name);
        let cut = &whole[..whole.len() * 6 / 10];
        let (few, _, error) = read(cut, Options::default());
        let error = error.unwrap();
        let (cause, _) = error.split_once(" (generation ").unwrap();
        let (more, warnings, error) = read(cut, KEEP_GOING);
        assert!(more > few + 20, "{name}: {few} {more}");
        assert_eq!(warnings, [], "{name}");
        let error = error.unwrap();
        assert!(error.starts_with(cause), "{name}: {error}");
        assert!(error.contains("and was read as far as it goes"), "{error}");
    }
}

/// Guards S42.3, S43.2.
#[test]
fn text_between_batches_is_told_and_with_keep_going_passed_over() {
    let mut bytes = trace(|_| {});
    let at = bytes.len();
    bytes.extend_from_slice(b"listening on :8080\n");
    let next = bytes.len();
    clocks(&mut bytes, 26, 2, 200, 15_625_000);
    bytes.push(E::EndOfGeneration as u8);
    let (few, _, error) = read(&bytes, Options::default());
    assert_eq!(
        error.unwrap(),
        format!(
            "{at:#x}: batch: want a batch (byte 1), got text: \"listening on :8080\"; the trace goes on at byte {next}"
        )
    );
    let (more, _, error) = read(&bytes, KEEP_GOING);
    assert!(more > few && error.is_some(), "{few} {more}");
}

/// Behind what is passed over of a stream, and not held, the same is found.
///
/// Guards S43.2.
#[test]
fn of_a_stream_the_same_is_found_behind_what_is_passed_over() {
    const AT_ONCE: usize = 64 << 10;
    let broken = trace(|data| event(data, E::GoStatus, &[1, 9, 7, 9]));
    for before in [trace(|_| {}), broken] {
        let lens = (AT_ONCE - 60..AT_ONCE + 60).step_by(7);
        for len in lens.chain([0, 1, 3 * AT_ONCE - 1, 10 * AT_ONCE]) {
            let mut bytes = before.clone();
            bytes.extend(b"\n1 connection of 1\r".iter().cycle().take(len));
            for generation in 2..4 {
                clocks(&mut bytes, 26, generation, generation * 100, 15_625_000);
                let mut data = Vec::new();
                event(&mut data, E::ProcStatus, &[1, 0, 1]);
                batch(&mut bytes, generation, 7, generation * 100, &data);
                bytes.push(E::EndOfGeneration as u8);
            }
            let whole = read(&bytes, KEEP_GOING);
            assert!(whole.0 > 4, "{len}: {whole:?}");
            let stream = Reader::of_stream(&bytes[..], KEEP_GOING).unwrap();
            assert_eq!(read_all(stream), whole, "{len}");
        }
    }
}

/// Text within a generation costs its rest, not those that follow.
///
/// Guards S42.3, S43.2.
#[test]
fn text_within_a_generation_leaves_those_after_it() {
    for (name, generation) in [
        ("generations/tasks-go1.23", 2),
        ("generations/tasks-go1.27", 2),
    ] {
        let bytes = fixture(name);
        let generations = |bytes: &[u8]| {
            let mut reader = Reader::new(bytes, KEEP_GOING).unwrap();
            let mut seen = std::collections::BTreeSet::new();
            while matches!(reader.advance(), Ok(true)) {
                seen.insert(reader.event().generation);
            }
            seen
        };
        let whole = generations(&bytes);
        assert!(whole.len() > 4, "{name}: {whole:?}");
        for batch in 1..5 {
            let at = batches(&bytes, generation)[batch];
            let text = b"listening on :8080\n".iter().copied();
            let mut broken = bytes.clone();
            broken.splice(at..at, text);
            let (_, _, error) = read(&broken, KEEP_GOING);
            assert!(error.unwrap().contains("text: \"listening"), "{name}");
            let mut left = generations(&broken);
            left.insert(generation);
            assert_eq!(left, whole, "{name}: batch {batch}");
        }
    }
}

/// Guards S43.1.
#[test]
fn with_keep_going_a_broken_generation_is_left_out_and_the_error_comes_last() {
    let mut bytes = header(26);
    for generation in 1..=3 {
        let time = 100 * generation;
        clocks(&mut bytes, 26, generation, time, 15_625_000);
        let mut data = Vec::new();
        event(&mut data, E::ProcStatus, &[1, 0, 1]);
        let status = if generation == 2 { 9 } else { 2 };
        event(&mut data, E::GoStatus, &[1, 1, 7, status]);
        batch(&mut bytes, generation, 7, time, &data);
        bytes.push(E::EndOfGeneration as u8);
    }
    let (events, _, error) = read(&bytes, Options::default());
    assert_eq!(events, 5);
    assert!(
        error
            .unwrap()
            .contains("GoStatus: want a status of 0 to 4, got 9")
    );
    let options = Options {
        keep_going: true,
        ..Options::default()
    };
    let (events, warnings, error) = read(&bytes, options);
    assert_eq!(events, 9);
    assert!(error.unwrap().contains("got 9"));
    assert!(
        matches!(&warnings[..], [Warning::Lost { generation: 2, .. }]),
        "{warnings:?}"
    );
}

/// Guards S43.2.
#[test]
fn with_keep_going_a_broken_batch_is_passed_over() {
    let mut bytes = fixture("basics/modern-go1.24");
    let at = 2000;
    bytes[at..at + 300].fill(0xff);
    let (few, _, error) = read(&bytes, Options::default());
    assert!(error.is_some());
    let options = Options {
        keep_going: true,
        ..Options::default()
    };
    let (more, warnings, error) = read(&bytes, options);
    assert!(more > few && error.is_some(), "{few} {more} {warnings:?}");
}

/// Guards S42.1, S42.4.
#[test]
fn a_trace_that_ends_behind_any_of_its_batches_is_of_a_program_that_never_stopped() {
    for name in [
        "basics/modern-go1.22",
        "basics/modern-go1.24",
        "recorder/window-go1.25",
        "basics/modern-go1.27",
    ] {
        let bytes = fixture(name);
        let generations = generations(&bytes);
        let (mut said, mut silent) = (0, 0);
        for &end in generations.values().flat_map(|starts| &starts[1..]) {
            let (few, warnings, error) = read(&bytes[..end], Options::default());
            let Some(error) = error else {
                let is_said = matches!(warnings[..], [.., Warning::NeverStopped { .. }]);
                *if is_said { &mut said } else { &mut silent } += 1;
                continue;
            };
            let words = "the program ended without trace.Stop, or the file was cut off there";
            let start = format!("{end:#x}: batch: want ");
            assert!(
                error.starts_with(&start) && error.contains(words),
                "{name}: {error}"
            );
            said += 1;
            // With less of the last batch there is not more to read, but for a Sync.
            let (more, warnings, error) = read(&bytes[..end], KEEP_GOING);
            let (less, ..) = read(&bytes[..end - 1], KEEP_GOING);
            assert!(
                more >= few && more + 1 >= less,
                "{name}: {few} {less} {more} of {end}"
            );
            assert_eq!(warnings, [], "{name}");
            assert!(error.unwrap().starts_with(&start), "{name}");
        }
        assert!(said > 8 && silent < said / 4, "{name}: {said} {silent}");
    }
}

/// Guards S42.4.
#[test]
fn damage_in_a_generation_that_was_not_finished_keeps_its_place() {
    let open = |data: &dyn Fn(&mut Vec<u8>)| {
        let mut out = header(25);
        clocks(&mut out, 25, 1, 100, 15_625_000);
        let mut events = Vec::new();
        event(&mut events, E::ProcStatus, &[1, 0, 1]);
        event(&mut events, E::GoStatus, &[1, 1, 7, 2]);
        data(&mut events);
        batch(&mut out, 1, 7, 101, &events);
        let (_, _, error) = read(&out, Options::default());
        let (_, warnings, kept) = read(&out, KEEP_GOING);
        (error.unwrap(), kept.unwrap(), warnings)
    };
    let (error, kept, _) = open(&|data| data.push(250));
    let words = "event: want an event with a time, got byte 250, which is no type (generation 1)";
    assert!(error.ends_with(words) && kept == error, "{error} {kept}");
    let (error, kept, warnings) = open(&|data| event(data, E::GoCreate, &[1, 1, 0, 0]));
    // What there is of it was read: it is not left out.
    assert_eq!(warnings, []);
    let words = "GoCreate: want a new goroutine, got goroutine 1, which is there already (generation 1, thread 7; generation 1 is incomplete";
    assert!(error.contains(words), "{error}");
    assert!(kept.contains(words), "{kept}");
    let why = "the program ended without trace.Stop, or the file was cut off there)";
    assert!(error.ends_with(why) && kept.ends_with(why), "{error}");
}

/// Where the batches of a generation begin.
pub(crate) fn batches(bytes: &[u8], generation: u64) -> Vec<usize> {
    generations(bytes).remove(&generation).unwrap_or_default()
}

/// The same of every generation, in their order.
pub(crate) fn generations(bytes: &[u8]) -> BTreeMap<u64, Vec<usize>> {
    let mut out = Vec::new();
    dump::dump(bytes, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    let lines: Vec<_> = text.lines().collect();
    let mut all = BTreeMap::<_, Vec<_>>::new();
    for pair in lines.windows(2) {
        let number = pair[1].rsplit_once("gen = ").map(|(_, number)| number);
        if let Some(number) = number.filter(|_| pair[0].ends_with("| EventBatch")) {
            let offset = usize::from_str_radix(&pair[0][2..8], 16).unwrap();
            all.entry(number.parse().unwrap()).or_default().push(offset);
        }
    }
    all
}

//! One reader for both formats: it says what the readers of each say.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sigprof_trace::trace::kind::{GoState, ProcState};
use sigprof_trace::trace::{Event, Kind, Nanos, Options, Reader, StackId, v1, v2};

/// Every valid trace of a format in `fixtures/`.
fn traces(format: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let mut found = Vec::new();
    let mut folders = vec![root.join("valid")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false if path.file_name().unwrap() == "trace" => found.push(path),
                false => {}
            }
        }
    }
    found.retain(|path| v2::is_v2(&std::fs::read(path).unwrap()) == (format == "v2"));
    found.sort();
    assert!(found.len() > 10, "{format}");
    found
}

fn events(mut reader: Reader) -> Vec<Event> {
    std::iter::from_fn(|| reader.next_event().unwrap()).collect()
}

#[test]
fn a_v1_trace_has_the_events_of_its_own_reader() {
    for path in traces("v1") {
        let bytes = std::fs::read(&path).unwrap();
        let own = v1::read(&bytes).unwrap();
        let mut both = events(Reader::new(&bytes).unwrap());
        // The label of a start is an event of its own.
        both.retain(|event| !matches!(event.kind, Kind::Label(_)));
        assert_eq!(both.len(), own.events.len(), "{}", path.display());
        for (one, other) in both.iter().zip(&own.events) {
            assert_eq!((one.offset, one.time), (other.offset, Nanos(other.time)));
            let is_sample = other.event_type.name() == "CPUSample";
            assert_eq!(one.is_sample(), is_sample, "{other:?}");
            let ids = (
                one.goroutine.map_or(0, |g| g.0),
                one.stack.map_or(0, |s| s.id),
            );
            let own = (
                other.goroutine_or_zero(),
                other.stack.map_or(0, |s| s.get()),
            );
            assert_eq!(ids, own, "{other:?}");
        }
    }
}

#[test]
fn a_v2_trace_has_the_events_of_its_own_reader() {
    for path in traces("v2") {
        let bytes = std::fs::read(&path).unwrap();
        let mut own = v2::Reader::new(&bytes, Options::default()).unwrap();
        let mut both = Reader::new(&bytes).unwrap();
        let mut first = None;
        while let Some(event) = both.next_event().unwrap() {
            assert!(own.advance().unwrap());
            let other = own.event();
            let time = Nanos(other.time) - Nanos(*first.get_or_insert(other.time));
            assert_eq!((event.offset, event.time), (other.offset, time));
            // The reader alone knows the table of a stack.
            let mut kind = event.kind;
            let mut expected = other.kind();
            for kind in [&mut kind, &mut expected] {
                if let Kind::GoTransition { stack, .. } = kind {
                    *stack = stack.filter(|stack| stack.id != 0);
                    *stack = stack.map(|stack| StackId { table: 0, ..stack });
                }
            }
            assert_eq!(kind, expected);
            assert_eq!(event.thread.map(|m| m.0), other.thread());
            let names = |frames: Vec<_>| frames.iter().map(|f| both.text(*f)).collect::<Vec<_>>();
            let frames: Vec<_> = both.frames(event.stack).map(|f| f.function).collect();
            let others: Vec<_> = own.frames(other.stack()).map(|f| f.function).collect();
            assert_eq!(names(frames), names(others));
        }
        assert!(!own.advance().unwrap(), "{}", path.display());
    }
}

/// A state in which a goroutine may have been, where the last event left it in another: a
/// system call of a v1 trace that did not block ends without an event.
fn came_back(last: GoState, from: GoState) -> bool {
    last == GoState::Syscall && from == GoState::Running
}

/// That each transition begins where the one before it ended.
#[track_caller]
fn check_chains(path: &Path) {
    let bytes = std::fs::read(path).unwrap();
    let (mut goroutines, mut procs) = (BTreeMap::new(), BTreeMap::new());
    for event in events(Reader::new(&bytes).unwrap()) {
        let at = format!("{}: {event:?}", path.display());
        match event.kind {
            Kind::GoTransition {
                goroutine,
                from,
                to,
                ..
            } => {
                let last = goroutines.insert(goroutine, to);
                let is_next = last.is_none_or(|last| last == from || came_back(last, from));
                assert!(is_next || from == GoState::Undetermined, "{last:?}, {at}");
            }
            Kind::ProcTransition { proc, from, to } => {
                let last = procs.insert(proc, to);
                let is_next = last.is_none_or(|last| last == from);
                assert!(is_next || from == ProcState::Undetermined, "{last:?}, {at}");
            }
            _ => {}
        }
    }
    assert!(!goroutines.is_empty(), "{}", path.display());
}

#[test]
fn states_of_real_v1_traces_follow_each_other() {
    let real = |path: &&PathBuf| path.to_string_lossy().contains("/valid/basics/");
    let traces = traces("v1");
    let real: Vec<_> = traces.iter().filter(real).collect();
    assert!(!real.is_empty());
    real.into_iter().for_each(|path| check_chains(path));
}

#[test]
fn states_of_v2_traces_follow_each_other() {
    traces("v2").iter().for_each(|path| check_chains(path));
}

/// A function can make a reader and return it.
fn opened(path: &Path) -> Reader<'static> {
    Reader::from_path(path).unwrap()
}

#[test]
fn a_reader_may_own_what_it_reads() {
    for format in ["v1", "v2"] {
        for path in basics(format) {
            let bytes = std::fs::read(&path).unwrap();
            let expected = events(Reader::new(&bytes).unwrap());
            assert_eq!(events(opened(&path)), expected);
            let file = std::fs::File::open(&path).unwrap();
            let streamed = Reader::from_stream(file, Options::default()).unwrap();
            assert_eq!(events(streamed), expected);
        }
    }
}

/// Ordinary traces of a format.
fn basics(format: &str) -> Vec<PathBuf> {
    let mut found = traces(format);
    found.retain(|path| path.to_string_lossy().contains("/valid/basics/"));
    assert!(!found.is_empty(), "{format}");
    found
}

#[test]
fn a_cut_trace_gives_what_there_is_and_then_the_error() {
    for format in ["v1", "v2"] {
        let path = basics(format).remove(0);
        let bytes = std::fs::read(path).unwrap();
        let cut = &bytes[..bytes.len() - 200];
        let options = Options {
            keep_going: true,
            ..Options::default()
        };
        let mut reader = Reader::with(cut, options).unwrap();
        let mut count = 0;
        let error = loop {
            match reader.next_event() {
                Ok(Some(_)) => count += 1,
                Ok(None) => break None,
                Err(error) => break Some(error),
            }
        };
        assert!(count > 0 && error.is_some(), "{count} {error:?}");
        assert_eq!(reader.next_event(), Ok(None));
    }
}

/// Samples by the functions of their stacks.
fn by_stack(bytes: &[u8]) -> BTreeMap<Vec<String>, u64> {
    let mut reader = Reader::new(bytes).unwrap();
    let mut counts = BTreeMap::new();
    while let Some(event) = reader.next_event().unwrap() {
        if event.is_sample() {
            let names = reader.frames(event.stack).map(|f| reader.text(f.function));
            // Profiles do not show it (S50.1).
            let names = names.filter(|name| name != "runtime.goexit");
            *counts.entry(names.collect()).or_default() += 1;
        }
    }
    counts
}

/// Ids of stacks and strings begin anew in each generation; those of a profile do not.
///
/// Guards S16.13.
#[test]
fn an_exported_profile_has_the_samples_of_either_format() {
    let mut most = 0;
    for path in traces("v2").into_iter().chain(basics("v1")) {
        let bytes = std::fs::read(&path).unwrap();
        let mut profile = Vec::new();
        let mut reader = Reader::new(&bytes).unwrap();
        sigprof_trace::export::pprof::write(&mut reader, &Default::default(), &mut profile)
            .unwrap();
        let profile = sigprof_trace::pprof::read(&profile).unwrap();
        let mut counts: BTreeMap<Vec<String>, u64> = BTreeMap::new();
        for sample in &profile.samples {
            let names = profile
                .stack(sample)
                .map(|frame| frame.function.to_string());
            *counts.entry(names.collect()).or_default() += sample.count;
        }
        most = most.max(counts.values().sum());
        assert_eq!(counts, by_stack(&bytes), "{}", path.display());
    }
    assert!(most > 100, "{most}");
}

/// The pair of real Go 1.27, its profile changed.
fn check_of_1_27(
    narrow: &sigprof_trace::check::Narrow,
    change: impl FnOnce(&mut sigprof_trace::pprof::Profile),
) -> (sigprof_trace::check::Verdict, u64) {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/valid/basics/hog-go1.27");
    let mut reader = opened(&folder.join("trace"));
    let bytes = std::fs::read(folder.join("profile.pb.gz")).unwrap();
    let mut profile = sigprof_trace::pprof::read(&bytes).unwrap();
    change(&mut profile);
    let report = sigprof_trace::check::check(&mut reader, &profile, narrow).unwrap();
    (report.verdict, report.trace_samples)
}

/// Guards S1.3.
#[test]
fn a_pair_of_go_1_27_matches_as_a_whole_and_in_part() {
    use sigprof_trace::check::{Narrow, Verdict};
    use sigprof_trace::trace::GoId;

    let whole = check_of_1_27(&Narrow::default(), |_| {});
    assert_eq!(whole, (Verdict::Match, 47));
    let part = Narrow {
        labels: vec![("tracing".into(), "on".into())],
        region: Some("cpuHogger".into()),
        ..Narrow::default()
    };
    let (verdict, samples) = check_of_1_27(&part, |_| {});
    assert_eq!(verdict, Verdict::Match);
    assert!((10..47).contains(&samples), "{samples}");
    let one = Narrow {
        goroutine: Some(GoId(1)),
        ..Narrow::default()
    };
    assert!(check_of_1_27(&one, |_| {}).1 < 47);
}

#[test]
fn a_changed_pair_of_go_1_27_does_not_match() {
    use sigprof_trace::check::{Narrow, Verdict};

    let more = check_of_1_27(&Narrow::default(), |p| p.samples[0].count += 40);
    assert_ne!(more.0, Verdict::Match);
    let fewer = check_of_1_27(&Narrow::default(), |p| p.samples[0].count -= 1);
    assert_ne!(fewer.0, Verdict::Match);
}

/// The tables and samples of a trace of one generation as a whole trace.
fn tables_of(bytes: &[u8]) -> Vec<u8> {
    use sigprof_wire::v2::EventType as E;

    let kept = [E::Stacks, E::Strings, E::CPUSamples, E::Sync].map(|kind| kind as u8);
    let varint = |at: &mut usize| {
        let (mut value, mut shift) = (0, 0);
        loop {
            let byte = bytes[*at];
            *at += 1;
            value |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                return value;
            }
        }
    };
    let (mut at, mut out) = (16, Vec::new());
    while bytes[at] == E::EventBatch as u8 {
        let start = at;
        at += 1;
        // Generation, thread and time; that of no thread is cut off, and of no matter.
        for _ in 0..3 {
            varint(&mut at);
        }
        let size = varint(&mut at);
        if kept.contains(&bytes[at]) {
            out.extend_from_slice(&bytes[start..at + size]);
        }
        at += size;
    }
    out.extend_from_slice(&bytes[at..]);
    out
}

/// Go takes a number of a generation that comes again where ends of generations are marked.
#[test]
fn ids_are_over_with_their_generation_whatever_its_number() {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/valid/basics/hog-go1.27");
    let bytes = std::fs::read(folder.join("trace")).unwrap();
    let first = tables_of(&bytes);
    let mut second = first.clone();
    let name = b"main.hog";
    let at = second.windows(name.len()).position(|w| w == name).unwrap();
    second[at..at + name.len()].copy_from_slice(b"main.HOG");
    let twice = [&bytes[..16], &first, &second].concat();
    let plain = by_stack(&twice);
    let has = |name: &str| {
        let of = |stack: &&Vec<String>| stack.iter().any(|frame| frame == name);
        let stacks = plain.keys().filter(of);
        stacks.map(|stack| plain[stack]).sum::<u64>()
    };
    assert!(has("main.hog") > 10, "{plain:?}");
    assert_eq!(has("main.hog"), has("main.HOG"));
    let mut exported = Vec::new();
    let mut reader = Reader::new(&twice).unwrap();
    sigprof_trace::export::pprof::write(&mut reader, &Default::default(), &mut exported).unwrap();
    let profile = sigprof_trace::pprof::read(&exported).unwrap();
    let mut counts: BTreeMap<Vec<String>, u64> = BTreeMap::new();
    for sample in &profile.samples {
        let names = profile
            .stack(sample)
            .map(|frame| frame.function.to_string());
        *counts.entry(names.collect()).or_default() += sample.count;
    }
    assert_eq!(counts, plain);
    let narrow = sigprof_trace::check::Narrow::default();
    let mut reader = Reader::new(&twice).unwrap();
    let report = sigprof_trace::check::check(&mut reader, &profile, &narrow).unwrap();
    assert_eq!(report.verdict, sigprof_trace::check::Verdict::Match);
    assert!(
        report
            .stacks
            .iter()
            .all(|stack| stack.trace == stack.profile)
    );
}

/// A goroutine that only waits has no event of its own in a v2 trace.
#[test]
fn a_goroutine_that_only_changes_is_there() {
    use sigprof_trace::check::Narrow;
    use sigprof_trace::trace::GoId;

    let of = |id| Narrow {
        goroutine: Some(GoId(id)),
        ..Narrow::default()
    };
    assert_eq!(check_of_1_27(&of(17), |_| {}).1, 0);
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/valid/basics/hog-go1.27");
    let mut reader = opened(&folder.join("trace"));
    let profile = sigprof_trace::pprof::Profile::default();
    let error = sigprof_trace::check::check(&mut reader, &profile, &of(99_999)).unwrap_err();
    assert!(error.to_string().contains("no goroutine 99999"), "{error}");
}

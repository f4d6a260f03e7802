//! Where Go is hard on its users, and what is said of damage.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::Duration;

use sigprof::trace::v2::{Options, Reader, Release, Warning, render};
use sigprof_wire::v2::EventType as E;

use crate::fuzzed::targets::write::{batch, clocks, event, header, strings};
use crate::v2::{fixture, printed};

/// A whole trace of header 26 with one goroutine, whose events are given.
pub(crate) fn trace(events: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = header(26);
    clocks(&mut out, 26, 1, 100, 15_625_000);
    let mut data = Vec::new();
    event(&mut data, E::ProcStatus, &[1, 0, 1]);
    event(&mut data, E::GoStatus, &[1, 1, 7, 2]);
    events(&mut data);
    batch(&mut out, 1, 7, 101, &data);
    strings(&mut out, 1, 102, &[b"a", b"b"]);
    event(&mut out, E::EndOfGeneration, &[]);
    out
}

fn regions(data: &mut Vec<u8>) {
    event(data, E::UserRegionBegin, &[1, 0, 1, 0]);
    event(data, E::UserRegionBegin, &[1, 0, 2, 0]);
    event(data, E::UserRegionEnd, &[1, 0, 1, 0]);
    event(data, E::UserRegionEnd, &[1, 0, 2, 0]);
}

#[track_caller]
pub(crate) fn read(bytes: &[u8], options: Options) -> (usize, Vec<Warning>, Option<String>) {
    read_all(Reader::new(bytes, options).unwrap())
}

/// The same of what a reader reads.
pub(crate) fn read_all(mut reader: Reader) -> (usize, Vec<Warning>, Option<String>) {
    let mut events = 0;
    let error = loop {
        match reader.advance() {
            Ok(true) => events += 1,
            Ok(false) => break None,
            Err(error) => break Some(error.to_string()),
        }
    };
    (events, reader.warnings().first().to_vec(), error)
}

/// Guards R79.4, S41.1, S41.2.
#[test]
fn a_region_that_ends_inside_another_is_warned_of_and_refused_when_strict() {
    let bytes = trace(regions);
    let (events, warnings, error) = read(&bytes, Options::default());
    assert_eq!((events, error), (8, None));
    let expected = Warning::Region {
        offset: 91,
        goroutine: 1,
        name: "a".into(),
        inner: Some("b".into()),
        has_begun: true,
    };
    assert_eq!(warnings, [expected]);
    let strict = Options {
        strict: Some(sigprof::trace::Strict::Go1_27),
        ..Options::default()
    };
    let (events, _, error) = read(&bytes, strict);
    assert_eq!(events, 5);
    assert_eq!(
        error.unwrap(),
        "0x5b: UserRegionEnd: want the end of region \"b\" of task 0, the innermost of goroutine 1, got that of \"a\" of task 0 (generation 1, thread 7)"
    );
}

/// Guards R79.3.
#[test]
fn a_task_begins_once() {
    let bytes = trace(|data| {
        event(data, E::UserTaskBegin, &[1, 9, 0, 1, 0]);
        event(data, E::UserTaskBegin, &[1, 9, 0, 1, 0]);
    });
    let (_, _, error) = read(&bytes, Options::default());
    let error = error.unwrap();
    assert!(
        error.contains("want a new task, got task 9, which has begun already"),
        "{error}"
    );
}

/// Guards R73.1.
#[test]
fn an_id_that_is_not_there_is_refused_also_that_of_a_sample() {
    let bytes = trace(|data| event(data, E::GoBlock, &[1, 3, 0]));
    let (_, _, error) = read(&bytes, Options::default());
    let error = error.unwrap();
    assert!(
        error.contains("GoBlock: want a string of its generation, got id 3"),
        "{error}"
    );
    let mut bytes = header(26);
    clocks(&mut bytes, 26, 1, 100, 15_625_000);
    let mut data = vec![E::CPUSamples as u8];
    event(&mut data, E::CPUSample, &[101, 7, 0, 1, 4]);
    batch(&mut bytes, 1, u64::MAX, 100, &data);
    bytes.push(E::EndOfGeneration as u8);
    let (_, _, error) = read(&bytes, Options::default());
    let error = error.unwrap();
    assert!(
        error.contains("CPUSample: want a stack of its generation, got id 4"),
        "{error}"
    );
}

/// Guards R72.1.
#[test]
fn nothing_comes_of_a_generation_whose_tables_are_wrong() {
    let mut bytes = header(26);
    clocks(&mut bytes, 26, 1, 100, 15_625_000);
    let mut data = vec![E::Stacks as u8];
    event(&mut data, E::Stack, &[1, 1, 0x1000, 1, 2, 3]);
    batch(&mut bytes, 1, u64::MAX, 100, &data);
    let mut data = vec![E::CPUSamples as u8];
    event(&mut data, E::CPUSample, &[101, 7, 0, 1, 1]);
    batch(&mut bytes, 1, u64::MAX, 100, &data);
    bytes.push(E::EndOfGeneration as u8);
    let mut reader = Reader::new(&bytes, Options::default()).unwrap();
    assert!(reader.advance().unwrap());
    assert_eq!(reader.event().event_type(), E::Sync);
    let error = reader.advance().unwrap_err();
    assert!(error.to_string().contains("got function 1"), "{error}");
}

/// Guards R71.3, S42.1.
#[test]
fn a_program_that_never_stopped_is_said_to_have_not() {
    for name in ["cut/never-stopped-go1.25", "cut/never-stopped-go1.27"] {
        let bytes = fixture(name);
        let (events, warnings, error) = read(&bytes, Options::default());
        assert!(events > 100);
        let said = warnings
            .iter()
            .any(|w| matches!(w, Warning::NeverStopped { .. }))
            || error
                .as_ref()
                .is_some_and(|e| e.contains("without trace.Stop"));
        assert!(said, "{name}: {warnings:?} {error:?}");
    }
    for name in ["basics/modern-go1.25", "basics/modern-go1.27"] {
        let (_, warnings, error) = read(&fixture(name), Options::default());
        assert_eq!((warnings, error), (vec![], None), "{name}");
    }
}

/// Guards S42.1, S42.2.
#[test]
fn a_trace_that_is_cut_is_read_up_to_there_and_the_end_says_how_much_is_missing() {
    let whole = fixture("basics/modern-go1.27");
    let cut = &whole[..whole.len() * 9 / 10];
    let (events, _, error) = read(cut, Options::default());
    assert!(events > 100);
    let error = error.unwrap();
    assert!(error.contains("is incomplete, its "), "{error}");
    assert!(error.contains(" % of the trace) may be lost"), "{error}");
}

/// Guards S40.1.
#[test]
fn a_stream_reads_as_a_file_does() {
    for folder in crate::v2::fixtures() {
        let bytes = std::fs::read(folder.join("trace")).unwrap();
        let whole = printed(Reader::new(&bytes, Options::default()).unwrap());
        let stream = Reader::of_stream(&bytes[..], Options::default()).unwrap();
        assert!(whole == printed(stream), "{}", folder.display());
    }
}

/// Guards S40.3.
#[test]
fn what_comes_through_a_pipe_is_printed_a_generation_at_a_time() {
    let first = trace(regions);
    for (args, wanted) in [
        (["parse", "-"], "Sync n=1 "),
        (["parse", "--format=go"], "Sync Time=6400 N=1 "),
    ] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_sigprof"))
            .args(args)
            .args((args[1] != "-").then_some("-"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut to = command.stdin.take().unwrap();
        to.write_all(&first).unwrap();
        let mut from = BufReader::new(command.stdout.take().unwrap());
        let (done, is_done) = std::sync::mpsc::channel();
        let reading = std::thread::spawn(move || {
            let mut line = String::new();
            from.read_line(&mut line).unwrap();
            done.send(line).unwrap();
            std::io::copy(&mut from, &mut std::io::sink()).unwrap();
        });
        // The input has not ended: whoever waits for that waits for ever.
        let line = is_done.recv_timeout(Duration::from_secs(20));
        drop(to);
        reading.join().unwrap();
        assert!(command.wait().unwrap().success());
        assert!(line.unwrap().contains(wanted), "{args:?}");
    }
}

/// Guards R70.2.
#[test]
fn a_release_refuses_headers_that_are_newer() {
    let bytes = fixture("basics/modern-go1.27");
    let options = Options {
        release: Release::Go1_25,
        ..Options::default()
    };
    let error = Reader::new(&bytes, options).unwrap_err().to_string();
    assert_eq!(
        error,
        "0x0: header: want a header that Go 1.25 reads, got one of Go 1.26"
    );
}

/// Guards S40.2.
#[test]
fn each_line_of_json_is_json_and_each_byte_is_dumped_once() {
    let bytes = fixture("basics/one-p-go1.27");
    let mut reader = Reader::new(&bytes, Options::default()).unwrap();
    let (mut renderer, mut out) = (render::Renderer::default(), Vec::new());
    while reader.advance().unwrap() {
        renderer.json(&mut out, &reader);
    }
    for line in out.split(|&b| b == b'\n').filter(|l| !l.is_empty()) {
        let value: serde_json::Value = serde_json::from_slice(line).unwrap();
        assert!(value["type"].is_string());
    }
    dumped_once(&bytes);
}

/// The dump, in which each byte stands once.
pub(crate) fn dumped_once(bytes: &[u8]) -> String {
    let mut out = Vec::new();
    sigprof::trace::v2::dump::dump(bytes, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    let mut at = 0;
    for line in text.lines() {
        let (offset, rest) = line.split_once(" | ").unwrap();
        assert_eq!(usize::from_str_radix(&offset[2..], 16).unwrap(), at);
        let hex = rest.split(" | ").next().unwrap();
        for byte in hex.split_whitespace() {
            assert_eq!(u8::from_str_radix(byte, 16).unwrap(), bytes[at]);
            at += 1;
        }
    }
    assert_eq!(at, bytes.len());
    text
}

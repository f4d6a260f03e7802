//! The words of `dump` for experiments, and of `dump` and `wire` for a trace that is cut off.

use sigprof::trace::v2::{Options, Reader, Release, dump, render, wire};
use sigprof_wire::v2::EventType as E;

use super::kinder::dumped_once;
use crate::fuzzed::targets::write::{clocks, event, header, varint};
use crate::v2::fixture;

/// A trace with a batch of an experiment.
fn experiment(number: u8, data: &[u8]) -> Vec<u8> {
    let mut out = header(26);
    clocks(&mut out, 26, 1, 100, 15_625_000);
    out.extend([E::ExperimentalBatch as u8, number]);
    for value in [1, u64::MAX, 101, data.len() as u64] {
        varint(&mut out, value);
    }
    out.extend(data);
    event(&mut out, E::EndOfGeneration, &[]);
    out
}

/// The meanings of the data of such a batch.
fn explained(number: u8, data: &[u8]) -> Vec<String> {
    let text = dumped_once(&experiment(number, data));
    let lines = text.lines().map(|line| line.rsplit(" | ").next().unwrap());
    let lines = lines
        .skip_while(|line| *line != "ExperimentalBatch")
        .skip(6);
    let lines = lines.take_while(|line| *line != "EndOfGeneration");
    lines.map(|line| line.trim().to_owned()).collect()
}

/// Guards S69.1, S40.2.
#[test]
fn the_data_of_alloc_free_are_explained_as_the_runtime_writes_them() {
    let mut info = vec![1];
    for value in [0xc0_0000_0000, 8192, 8, 2048] {
        varint(&mut info, value);
    }
    let expected = [
        "info",
        "least heap address = 0xc000000000",
        "page size = 8192",
        "alignment of heap objects = 8",
        "alignment of stacks = 2048",
    ];
    assert_eq!(explained(1, &info), expected);
    let types = [0, 3, 0x90, 1, 24, 16, 3, b'i', b'n', b't', 4, 9, 0, 0, 0];
    let expected = [
        "types",
        "type 3",
        "address = 0x90",
        "size = 24",
        "bytes with pointers = 16",
        "3 bytes",
        "\"int\"",
        "type 4",
        "address = 0x9",
        "size = 0",
        "bytes with pointers = 0",
        "0 bytes",
    ];
    assert_eq!(explained(1, &types), expected);
}

/// Guards S69.1.
#[test]
fn data_that_are_not_like_that_are_shown_as_they_are() {
    let raw = "data of the experiment";
    assert_eq!(explained(7, &[1, 2, 3]), [raw]);
    assert_eq!(explained(1, &[2, 3]), [raw]);
    assert_eq!(explained(1, &[]), [""; 0]);
    assert_eq!(explained(1, &[1, 0x80]), ["info", raw]);
    let more = [1, 1, 2, 3, 4, 5];
    assert_eq!(explained(1, &more).last().unwrap(), raw);
    assert_eq!(explained(1, &more).len(), 6);
    let long = explained(1, &[0, 3, 4, 5, 6, 9, b'a']);
    assert_eq!(long[long.len() - 2..], ["9 bytes", raw]);
}

/// Guards S69.1, S40.2.
#[test]
fn real_alloc_free_is_named_and_none_of_its_data_left_over() {
    for name in ["events/allocfree-go1.23", "events/allocfree-go1.27"] {
        let bytes = fixture(name);
        let text = dumped_once(&bytes);
        assert!(text.contains("|   exp = 1 AllocFree\n"), "{name}");
        assert!(text.contains("  page size = 8192\n"), "{name}");
        assert!(!text.contains("data of the experiment"), "{name}");
        let mut reader = Reader::new(&bytes, Options::default()).unwrap();
        let (mut renderer, mut json) = (render::Renderer::default(), Vec::new());
        while reader.advance().unwrap() {
            renderer.json(&mut json, &reader);
        }
        let json = String::from_utf8(json).unwrap();
        assert!(
            json.contains(r#""experiment":"AllocFree","event":"Span""#),
            "{name}"
        );
    }
}

/// The errors of both, which come after all that is whole.
fn errors(bytes: &[u8]) -> [String; 2] {
    let out = &mut std::io::sink();
    let of_dump = dump::dump(bytes, out).unwrap_err().to_string();
    let mut stream = bytes;
    let of_stream = dump::dump_stream(&mut stream, out).unwrap_err();
    assert_eq!(of_dump, of_stream.to_string());
    let of_wire = wire::write(bytes, Release::Go1_27, out).unwrap_err();
    [of_dump, of_wire.to_string()]
}

/// Guards S69.2, S42.1, S42.2.
#[test]
fn what_is_cut_off_is_said_to_be_with_its_share() {
    let whole = fixture("basics/modern-go1.27");
    let ends = dumped_once(&whole);
    let ends = ends
        .lines()
        .filter(|line| line.ends_with("| EndOfGeneration"));
    let ends: Vec<_> = ends
        .map(|line| usize::from_str_radix(&line[2..8], 16).unwrap())
        .collect();
    let [.., start, end] = ends[..] else {
        panic!("two generations at least")
    };
    // In the midst of a string of the last generation.
    let text = dumped_once(&whole);
    let last = text.lines().rfind(|line| line.ends_with("| String"));
    let last = last.unwrap();
    let cut = usize::from_str_radix(&last[2..8], 16).unwrap() + 3;
    assert!((start..end).contains(&cut));
    let lost = cut - (start + 1);
    let share = lost as f64 * 100.0 / cut as f64;
    let number = ends.len();
    for error in errors(&whole[..cut]) {
        let want = format!(
            "(generation {number} is incomplete ({lost} bytes, {share:.1} % of the trace), and was read as far as it goes: the file was cut off, or the program ended without trace.Stop)"
        );
        assert!(error.ends_with(&want), "{error}\n{want}");
    }
    // What is broken, and no end, is not said to be one.
    let mut broken = whole[..start + 1].to_vec();
    broken.push(0xff);
    for error in errors(&broken) {
        assert!(!error.contains("cut off"), "{error}");
    }
}

/// Guards S42.2, S69.2.
#[test]
fn behind_the_end_of_a_generation_it_is_the_next_that_is_cut_off() {
    let whole = fixture("generations/tasks-go1.27");
    let next = super::kept::batches(&whole, 2)[0];
    for error in errors(&whole[..=next]) {
        let words = "(the next generation is incomplete (1 byte, ";
        assert!(error.contains(words), "{error}");
    }
}

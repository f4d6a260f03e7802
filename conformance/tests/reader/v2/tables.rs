//! Headers, generations and tables, on small traces made by hand.

use sigprof::trace::v2::{Options, Reader, Release};
use sigprof_wire::v2::EventType as E;

use crate::fuzzed::targets::write::{batch, clocks, event, header, strings};
use crate::v2::{like, printed};

/// Adds a generation with one goroutine that begins to run, and whatever comes in between.
fn generation(out: &mut Vec<u8>, minor: u16, number: u64, tables: impl FnOnce(&mut Vec<u8>)) {
    let time = 100 * number;
    clocks(out, minor, number, time, 15_625_000);
    let mut data = Vec::new();
    event(&mut data, E::ProcStatus, &[1, 0, 1]);
    event(&mut data, E::GoStatus, &[1, 1, 7, 2]);
    batch(out, number, 7, time + 1, &data);
    tables(out);
}

/// The text that is printed of a trace, and the error at its end.
fn read(bytes: &[u8], options: Options) -> (String, Option<String>) {
    let reader = match Reader::new(bytes, options) {
        Ok(reader) => reader,
        Err(error) => return (String::new(), Some(error.to_string())),
    };
    let (out, result) = printed(reader);
    let text = String::from_utf8(out).unwrap();
    (text, result.err().map(|error| error.to_string()))
}

#[track_caller]
fn is_refused(bytes: &[u8], words: &str) {
    let (_, error) = read(bytes, Options::default());
    let error = error.unwrap_or_else(|| panic!("want {words:?}, got no error"));
    assert!(error.contains(words), "want {words:?}, got {error}");
}

/// Guards R70.1.
#[test]
fn four_headers_begin_a_trace_and_no_other() {
    for minor in [22, 23, 25, 26] {
        let mut bytes = header(minor);
        generation(&mut bytes, minor, 1, |_| ());
        if minor == 26 {
            event(&mut bytes, E::EndOfGeneration, &[]);
        }
        let (text, error) = read(&bytes, Options::default());
        assert_eq!(error, None, "go 1.{minor}");
        assert!(text.contains("GoID=1"), "go 1.{minor}: {text}");
    }
    for minor in [24, 27] {
        let mut bytes = header(minor);
        generation(&mut bytes, minor, 1, |_| ());
        let (_, error) = read(&bytes, Options::default());
        let words = format!("1.{minor}");
        assert!(error.is_some_and(|e| e.contains(&words)), "go 1.{minor}");
    }
}

/// Guards R71.1.
#[test]
fn a_generation_ends_where_the_next_number_begins_and_numbers_do_not_skip() {
    let of = |second| {
        let mut bytes = header(23);
        generation(&mut bytes, 23, 1, |_| ());
        generation(&mut bytes, 23, second, |_| ());
        bytes
    };
    let (text, error) = read(&of(2), Options::default());
    assert_eq!(error, None);
    assert_eq!(text.matches("GoID=1").count(), 2, "{text}");
    is_refused(&of(3), "generation");
    is_refused(&of(0), "generation");
}

/// Guards R71.4.
#[test]
fn before_1_26_a_batch_that_is_cut_ends_its_generation_and_the_error_comes_behind_it() {
    let mut bytes = header(23);
    generation(&mut bytes, 23, 1, |_| ());
    let mut data = Vec::new();
    event(&mut data, E::GoStop, &[1, 0, 0]);
    batch(&mut bytes, 1, 7, 105, &data);
    bytes.pop();
    let (text, error) = read(&bytes, Options::default());
    assert!(text.contains("GoID=1"), "{text}");
    assert!(error.is_some(), "{text}");
}

/// Guards R71.4.
#[test]
fn of_1_22_nothing_comes_of_a_generation_behind_which_a_batch_is_cut() {
    let options = |keep_going| Options {
        release: Release::Go1_22,
        keep_going,
        ..Options::default()
    };
    let mut bytes = header(22);
    generation(&mut bytes, 22, 1, |_| ());
    let whole = bytes.len();
    generation(&mut bytes, 22, 2, |_| ());
    let mut data = Vec::new();
    event(&mut data, E::GoStop, &[1, 0, 0]);
    batch(&mut bytes, 2, 7, 205, &data);
    // In the first batch of generation 2: nothing. Behind it: generation 1 is whole.
    let (text, error) = read(&bytes[..whole + 4], options(false));
    assert_eq!((text.as_str(), error.is_some()), ("", true));
    let (text, error) = read(&bytes[..bytes.len() - 1], options(false));
    assert_eq!(text.matches("GoID=1").count(), 1, "{text}");
    assert!(error.unwrap().contains("generation 2 is incomplete"));
    // It is asked to read on.
    let (text, _) = read(&bytes[..bytes.len() - 1], options(true));
    assert_eq!(text.matches("GoID=1").count(), 2, "{text}");
}

/// Guards R72.2.
#[test]
fn ids_are_unique_in_their_table_and_0_has_no_entry() {
    let of = |ids: [u64; 2]| {
        let mut bytes = header(25);
        generation(&mut bytes, 25, 1, |out| {
            let mut data = Vec::new();
            event(&mut data, E::Strings, &[]);
            for id in ids {
                event(&mut data, E::String, &[id, 1]);
                data.push(b'a');
            }
            batch(out, 1, u64::MAX, 102, &data);
        });
        bytes
    };
    assert_eq!(read(&of([1, 2]), Options::default()).1, None);
    is_refused(&of([1, 1]), "String");
    is_refused(&of([0, 1]), "String");
}

/// Before 1.25 nobody looked at what follows.
///
/// Guards R72.3.
#[test]
fn from_1_25_on_a_frequency_is_alone_in_its_batch_under_all_headers() {
    let mut bytes = header(22);
    let mut data = Vec::new();
    event(&mut data, E::Frequency, &[15_625_000]);
    data.push(b'0');
    batch(&mut bytes, 1, u64::MAX, 100, &data);
    let mut data = Vec::new();
    event(&mut data, E::ProcStatus, &[1, 0, 1]);
    batch(&mut bytes, 1, 7, 101, &data);
    let error = |release| read(&bytes, like(release)).1;
    assert_eq!(error(Release::Go1_24), None);
    let said = error(Release::Go1_25).unwrap();
    assert!(said.contains("want nothing behind the Frequency"), "{said}");
    is_refused(&bytes, "want nothing behind the Frequency");
}

/// Guards R73.4.
#[test]
fn from_1_23_on_the_first_frame_of_a_pc_counts_for_all() {
    let mut bytes = header(22);
    generation(&mut bytes, 22, 1, |out| {
        strings(out, 1, 102, &[b"f", b"g", b"file"]);
        let mut data = Vec::new();
        event(&mut data, E::Stacks, &[]);
        for (id, function) in [(1, 1), (2, 2)] {
            event(&mut data, E::Stack, &[id, 1, 0x9, function, 3, 7]);
        }
        batch(out, 1, u64::MAX, 102, &data);
        let mut data = Vec::new();
        event(&mut data, E::HeapAlloc, &[1, 5]);
        event(&mut data, E::ProcsChange, &[1, 1, 1]);
        event(&mut data, E::ProcsChange, &[1, 1, 2]);
        batch(out, 1, 7, 105, &data);
    });
    let names = |release| {
        let (text, error) = read(&bytes, like(release));
        assert_eq!(error, None, "{text}");
        ["\tf @ 0x9", "\tg @ 0x9"].map(|name| text.matches(name).count())
    };
    assert_eq!(names(Release::Go1_22), [1, 1]);
    assert_eq!(names(Release::Go1_27), [2, 0]);
}

//! Profiles byte by byte: what the reader takes, and what it refuses as Go's does (R52). On each
//! of them real Go is asked as well, where it is installed.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::io::Write;

use sigprof::oracle::{Go, Mode};
use sigprof::pprof::{self, Profile};

use crate::pack::pack;

/// A field that is a number.
fn number(field: u8, value: u8) -> Vec<u8> {
    vec![field << 3, value]
}

/// A field that is a message, a text, or packed numbers.
fn bytes(field: u8, content: &[u8]) -> Vec<u8> {
    let len = u8::try_from(content.len()).unwrap();
    [&[field << 3 | 2, len][..], content].concat()
}

fn message(field: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    bytes(field, &parts.concat())
}

const STRINGS: [&str; 7] = ["", "samples", "count", "f", "f.go", "key", "value"];

fn strings() -> Vec<Vec<u8>> {
    STRINGS.map(|text| bytes(6, text.as_bytes())).to_vec()
}

fn sample_type() -> Vec<u8> {
    message(1, &[number(1, 1), number(2, 2)])
}

fn sample() -> Vec<u8> {
    message(2, &[number(1, 1), number(2, 3)])
}

fn location() -> Vec<u8> {
    message(
        4,
        &[number(1, 1), message(4, &[number(1, 1), number(2, 7)])],
    )
}

fn function() -> Vec<u8> {
    message(5, &[number(1, 1), number(2, 3), number(4, 4)])
}

/// One stack of one frame, three times; with more fields, and strings, at the end.
fn with(more: &[Vec<u8>]) -> Vec<u8> {
    let parts = [sample_type(), sample(), location(), function()];
    [&parts[..], more, &strings()].concat().concat()
}

fn stacks(profile: &Profile) -> Vec<(Vec<&str>, u64)> {
    let stack = |sample| {
        profile
            .stack(sample)
            .map(|frame| &*frame.function)
            .collect()
    };
    let samples = profile.samples.iter();
    samples
        .map(|sample| (stack(sample), sample.count))
        .collect()
}

/// Whether real Go takes it; `None` where it is not installed.
fn go_takes(profile: &[u8]) -> Option<bool> {
    let go = match Go::find("1.19") {
        Ok(go) => go,
        Err(absent) if Mode::from_env() == Mode::Required => panic!("{absent}"),
        Err(absent) => {
            let _ = writeln!(std::io::stderr(), "skipped: {absent}");
            return None;
        }
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("profile");
    std::fs::write(&path, profile).unwrap();
    Some(go.pprof_raw(&path).is_ok())
}

/// Both take it.
#[track_caller]
fn takes(profile: &[u8]) -> Profile {
    assert_ne!(go_takes(profile), Some(false), "{profile:?}");
    pprof::read(profile).unwrap()
}

/// Neither takes it, and ours says this.
#[track_caller]
fn refuses(profile: &[u8], words: &str) {
    let error = pprof::read(profile).unwrap_err().to_string();
    assert!(error.contains(words), "want {words:?}: {error}");
    assert_ne!(go_takes(profile), Some(true), "{profile:?}");
}

/// Guards R52.1, R52.12.
#[test]
fn a_profile_is_read_packed_and_plain() {
    let plain = with(&[]);
    let packed = pack(&plain);
    for profile in [plain, packed] {
        assert_eq!(stacks(&takes(&profile)), [(vec!["f"], 3)]);
    }
}

/// Guards R52.12.
#[test]
fn unknown_fields_are_skipped_and_known_ones_of_another_type_refused() {
    let unknown = [
        number(15, 1),
        bytes(15, b"x"),
        vec![15 << 3 | 5, 1, 2, 3, 4],
    ]
    .concat();
    assert_eq!(stacks(&takes(&with(&[unknown]))), [(vec!["f"], 3)]);
    // A location that is a number, and a period that is a text.
    refuses(&with(&[number(4, 1)]), "location: want a location");
    refuses(&with(&[bytes(12, b"x")]), "period: want a period");
}

/// Guards R52.3.
#[test]
fn numbers_are_read_packed_and_one_by_one() {
    let packed = message(2, &[bytes(1, &[1, 1]), bytes(2, &[4])]);
    let single = message(2, &[number(1, 1), number(1, 1), number(2, 4)]);
    let mixed = message(2, &[number(1, 1), bytes(1, &[1]), number(2, 4)]);
    for sample in [packed, single, mixed] {
        let profile = takes(&with(&[sample]));
        assert_eq!(stacks(&profile)[1], (vec!["f", "f"], 4));
    }
}

/// Guards S7.2.
#[test]
fn lines_of_a_location_are_frames_innermost_first() {
    let line = |function| message(4, &[number(1, function), number(2, 7)]);
    let inlined = message(4, &[number(1, 2), line(2), line(1)]);
    let inner = message(5, &[number(1, 2), number(2, 5)]);
    let sample = message(2, &[number(1, 2), number(2, 4)]);
    let profile = takes(&with(&[sample, inlined, inner]));
    assert_eq!(stacks(&profile)[1], (vec!["key", "f"], 4));
}

/// Guards R52.4.
#[test]
fn tables_may_stand_anywhere() {
    let parts = [
        strings().concat(),
        function(),
        sample_type(),
        location(),
        sample(),
    ];
    for turned in 0..parts.len() {
        let mut parts = parts.to_vec();
        parts.rotate_left(turned);
        let profile = takes(&parts.concat());
        assert_eq!(stacks(&profile), [(vec!["f"], 3)], "{turned}");
    }
}

/// Guards R52.13.
#[test]
fn what_go_takes_for_invalid_is_refused() {
    let parts = [sample_type(), sample(), location(), function()].concat();
    let first = [&bytes(6, b"x")[..], &strings()[1..].concat()].concat();
    refuses(
        &[parts, first].concat(),
        "string_table: want an empty first string",
    );

    refuses(
        &with(&[message(5, &[number(1, 2), number(2, 99)])]),
        "got string 99",
    );
    let label = message(3, &[number(1, 5), number(2, 99)]);
    refuses(
        &with(&[message(2, &[number(1, 1), number(2, 1), label])]),
        "got string 99",
    );
    let line = message(4, &[number(1, 9)]);
    let stray = [
        message(4, &[number(1, 2), line]),
        message(2, &[number(1, 2), number(2, 1)]),
    ];
    refuses(&with(&stray), "want functions of the profile");

    for (field, place) in [(3, "mapping"), (4, "location"), (5, "function")] {
        refuses(
            &with(&[message(field, &[])]),
            &format!("{place}: want an id from 1 on"),
        );
        let twice = [
            message(field, &[number(1, 9)]),
            message(field, &[number(1, 9)]),
        ];
        refuses(
            &with(&twice),
            &format!("{place}: want an id of its own, got 9 again"),
        );
    }
    refuses(
        &with(&[message(2, &[number(1, 1), number(2, 1), number(2, 1)])]),
        "sample: want 1 values, got 2",
    );
}

/// Go takes the first, with a hole in the stack; ours does not.
///
/// Guards R52.14, S11.3.
#[test]
fn a_sample_with_an_unknown_location_is_refused_though_go_takes_it() {
    let profile = with(&[message(2, &[number(1, 9), number(2, 1)])]);
    let error = pprof::read(&profile).unwrap_err().to_string();
    assert!(
        error.contains("want locations of the profile, got location 9"),
        "{error}"
    );
}

/// A profile of these fields, with one sample of these nanoseconds, as continuous profilers have it.
fn of_nanoseconds(nanos: u8, more: &[Vec<u8>]) -> Vec<u8> {
    let sample_type = message(1, &[number(1, 7), number(2, 8)]);
    let sample = message(2, &[number(1, 1), number(2, nanos)]);
    let names = [bytes(6, b"cpu"), bytes(6, b"nanoseconds")].concat();
    let parts = [sample_type, sample, location(), function()].concat();
    [parts, more.concat(), strings().concat(), names].concat()
}

/// Guards S11.2, S11.7.
#[test]
fn counts_may_be_nanoseconds_that_are_multiples_of_the_period() {
    let period = |nanos| [number(12, nanos)];
    let profile = takes(&of_nanoseconds(120, &period(40)));
    assert_eq!(stacks(&profile), [(vec!["f"], 3)]);
    let error = |bytes: &[u8]| pprof::read(bytes).unwrap_err().to_string();
    let odd = error(&of_nanoseconds(121, &period(40)));
    assert_eq!(
        odd,
        "0x6: sample: want a multiple of the period, 40 ns, got 121 ns"
    );
    let none = error(&of_nanoseconds(120, &[]));
    assert_eq!(
        none,
        "0x0: period: want a period above 0, by which cpu/nanoseconds can be divided, got 0"
    );
}

/// Guards S11.5, S11.8.
#[test]
fn differences_and_legacy_profiles_are_named() {
    let below_0 = bytes(2, &[&[8, 1, 16][..], &[0xff; 9], &[1]].concat());
    let error = |bytes: &[u8]| pprof::read(bytes).unwrap_err().to_string();
    let difference = error(&with(&[below_0]));
    assert!(
        difference.contains("got -1: is this the difference of two profiles?"),
        "{difference}"
    );
    for size in [4, 8] {
        let word = |n: u8| [&[n][..], &vec![0; size - 1]].concat();
        let legacy = [0, 3, 0, 100, 0].map(word).concat();
        let error = error(&legacy);
        assert!(error.contains("got a legacy profile"), "{error}");
    }
}

/// A profile of both sample types with a sample of each of these nanoseconds, three times, at a
/// period of 40 ns; and its one function is `main.f`.
fn of_both(nanos: &[u8], more: &[Vec<u8>]) -> Vec<u8> {
    let types = [sample_type(), message(1, &[number(1, 7), number(2, 8)])].concat();
    let samples = nanos.iter().map(|&nanos| {
        let values = [number(2, 3), number(2, nanos)];
        message(2, &[&[number(1, 1)][..], &values].concat())
    });
    let samples: Vec<u8> = samples.flatten().collect();
    let main = message(5, &[number(1, 1), number(2, 9), number(4, 4)]);
    let names = ["cpu", "nanoseconds", "main.f", "one", "other"];
    let names = names.map(|name| bytes(6, name.as_bytes())).concat();
    let parts = [types, samples, main, number(12, 40), more.concat()];
    [parts.concat(), strings().concat(), names].concat()
}

/// Go takes them: they are valid, but of no one run.
///
/// Guards S11.9.
#[test]
fn profiles_merged_into_one_are_named() {
    let error = |bytes: &[u8]| pprof::read(bytes).unwrap_err().to_string();
    let what = "(several profiles merged into one? check each with the trace of its run)";
    takes(&of_both(&[120, 120], &[location()]));
    let rates = of_both(&[120, 60], &[location()]);
    assert_ne!(go_takes(&rates), Some(false));
    let want = format!("sample: want 3 times the period, 40 ns, got 60 ns {what}");
    assert!(error(&rates).contains(&want), "{}", error(&rates));

    // Two locations of package main, in two mappings: of one file, or of two.
    let programs = |file: u8, build: u8| {
        let at = |id: u8| {
            let line = message(4, &[number(1, 1), number(2, 7)]);
            message(4, &[number(1, id), number(2, id), line])
        };
        let mapping = |id: u8, file: u8, build: u8| {
            message(3, &[number(1, id), number(5, file), number(6, build)])
        };
        let more = [at(1), at(2), mapping(1, 10, 3), mapping(2, file, build)];
        of_both(&[120], &more)
    };
    for same in [programs(10, 3), programs(11, 3), programs(10, 0)] {
        takes(&same);
    }
    for (file, build, words) in [(11, 0, "one and in other"), (10, 4, "one and in one")] {
        let two = programs(file, build);
        assert_ne!(go_takes(&two), Some(false));
        let error = error(&two);
        let want = format!("want one package main, got functions of it in {words} {what}");
        assert!(error.contains(&want), "{error}");
    }
}

/// Guards R52.15.
#[test]
fn a_label_is_text_if_its_string_is_not_the_empty_one() {
    let text = message(3, &[number(1, 5), number(2, 6)]);
    let numeric = message(3, &[number(1, 5), number(2, 0), number(3, 8)]);
    let labelled = message(2, &[number(1, 1), number(2, 1), text, numeric]);
    let profile = takes(&with(&[labelled]));
    assert_eq!(*profile.samples[1].labels, [("key".into(), "value".into())]);
}

//! Each area of fixtures fails when its fixture is not as it should be, and says what was
//! wanted, what came, and where.

use sigprof::suite::area::Area;
use sigprof::suite::fixture::Files;
use sigprof::suite::outcome::Status;
use sigprof::suite::{Case, Context, Inputs, Options};

const TINY: &str = "real/go1.19/tiny";
const HOG: &str = "real/go1.19/hog";

/// The embedded fixtures, one of them changed.
fn with(path: &str, bytes: impl Into<Vec<u8>>) -> Files {
    let mut files = Files::embedded();
    files.insert(path, bytes);
    files
}

/// The fixtures with another value for a key of tiny's `origin.toml`.
fn with_origin(key: &str, value: &str) -> Files {
    let path = format!("{TINY}/origin.toml");
    let text = String::from_utf8(Files::embedded().file(&path).unwrap().to_vec()).unwrap();
    let line = |l: &str| match l.split_once(" = ") {
        Some((k, _)) if k.trim_matches('"') == key => format!("{k} = {value}\n"),
        _ => format!("{l}\n"),
    };
    let changed: String = text.lines().map(line).collect();
    assert_ne!(changed, text, "{key}");
    with(&path, changed)
}

fn run(files: &Files, area: Area, name: &str) -> Status {
    let name = name.to_owned();
    let (inputs, options) = (Inputs::new(files.clone(), None), Options::default());
    Case { area, name }.run(&Context {
        inputs: &inputs,
        options: &options,
    })
}

/// A case that must fail with all of these words.
#[track_caller]
fn fails(files: &Files, area: Area, name: &str, words: &[&str]) {
    let status = run(files, area, name);
    let Status::Failed(failures) = &status else {
        panic!("expected a failure that names {words:?}, got {status:?}");
    };
    let [failure] = failures.as_slice() else {
        panic!("expected one failure, got {failures:?}");
    };
    // Wherever something is wrong with a fixture, a file is.
    assert!(failure.place.file.is_some(), "{failure}");
    let why = failure.to_string();
    assert!(
        words.iter().all(|w| why.contains(w)),
        "expected {words:?}, got {why}"
    );
}

#[track_caller]
fn passes(files: &Files, area: Area, name: &str) {
    assert_eq!(run(files, area, name), Status::Passed);
}

fn tiny(file: &str) -> Vec<u8> {
    let files = Files::embedded();
    files.file(&format!("{TINY}/{file}")).unwrap().to_vec()
}

/// Tiny's trace with a byte of an event's type damaged.
fn damaged_trace() -> Vec<u8> {
    let mut trace = tiny("trace");
    trace[16] = 0xff;
    trace
}

#[test]
fn an_origin_with_another_hash_fails() {
    for (key, what) in [
        ("trace", "/trace)"),
        ("profile.pb.gz", "/profile.pb.gz)"),
        ("source", "SHA-256 of the program's source"),
    ] {
        let want = format!("\"{}\"", "0".repeat(64));
        let files = with_origin(key, &want);
        fails(
            &files,
            Area::Origin,
            TINY,
            &[what, &format!("expected {want}"), "got \""],
        );
    }
}

#[test]
fn files_that_are_not_those_of_the_origin_fail() {
    for file in ["trace", "profile.pb.gz"] {
        let mut bytes = tiny(file);
        bytes[20] ^= 1;
        let files = with(&format!("{TINY}/{file}"), bytes);
        fails(
            &files,
            Area::Origin,
            TINY,
            &["SHA-256", file, "expected", "got"],
        );
    }
    for program in ["programs/tiny/new.go", "programs/internal/new.go"] {
        let files = with(program, "package new");
        fails(
            &files,
            Area::Origin,
            TINY,
            &["SHA-256 of the program's source"],
        );
    }
    passes(
        &with("programs/other/new.go", "package new"),
        Area::Origin,
        TINY,
    );
}

#[test]
fn an_origin_of_another_case_or_release_fails() {
    let files = with_origin("case", "\"hog\"");
    fails(
        &files,
        Area::Origin,
        TINY,
        &["expected \"hog\"", "got \"tiny\""],
    );
    let files = with_origin("go", "\"go1.20.1\"");
    fails(
        &files,
        Area::Origin,
        TINY,
        &["expected \"go1.19.\"", "got \"go1.20.\""],
    );
}

#[test]
fn what_is_not_there_fails() {
    for (area, file) in [
        (Area::Origin, "origin.toml"),
        (Area::Read, "trace"),
        (Area::Read, "profile.pb.gz"),
        (Area::Dump, "trace"),
        (Area::Check, "expect.toml"),
    ] {
        let path = format!("{TINY}/{file}");
        let mut files = Files::embedded();
        files.remove(&path);
        fails(&files, area, TINY, &[&path, "got none"]);
    }
}

#[test]
fn readers_that_see_something_else_than_go_fail() {
    for (key, what) in [
        ("events", "events"),
        ("trace_samples", "samples: "),
        ("profile_samples", "samples: "),
        ("profile_lost", "samples: "),
    ] {
        let files = with_origin(key, "987654");
        fails(&files, Area::Read, TINY, &[what, "expected 9", "got "]);
    }
    let files = with_origin("parsed_sha256", "\"0\"");
    fails(
        &files,
        Area::Read,
        TINY,
        &["sorted events", "expected \"0\"", "got \""],
    );
}

#[test]
fn damaged_files_fail_in_every_area() {
    let files = with(&format!("{TINY}/trace"), damaged_trace());
    for area in [Area::Read, Area::Dump, Area::Check] {
        fails(&files, area, TINY, &["offset 0x10", "expected ", "got "]);
    }
    let files = with(&format!("{TINY}/profile.pb.gz"), "text");
    for area in [Area::Read, Area::Check] {
        fails(&files, area, TINY, &["/profile.pb.gz", "expected ", "got "]);
    }
}

/// Hog with these checks in its `expect.toml`.
fn hog_with_checks(checks: &str) -> Files {
    let expect = format!("summary = \"\"\n{checks}");
    with(&format!("{HOG}/expect.toml"), expect)
}

#[test]
fn another_verdict_than_expected_fails() {
    let right = "[[check]]\nverdict = \"match\"\n";
    passes(&hog_with_checks(right), Area::Check, HOG);
    let wrong = "[[check]]\nverdict = \"lost\"\n";
    fails(
        &hog_with_checks(wrong),
        Area::Check,
        HOG,
        &["expected lost", "got match: "],
    );
    // The first check does not speak for the second.
    let both = format!("{right}{wrong}");
    fails(
        &hog_with_checks(&both),
        Area::Check,
        HOG,
        &["expected lost", "got match: "],
    );
}

#[test]
fn another_reason_than_expected_fails() {
    let wrong = "[[check]]\nverdict = \"match\"\nreason = \"window\"\n";
    fails(
        &hog_with_checks(wrong),
        Area::Check,
        HOG,
        &["expected match (window)", "got match: "],
    );
    let none = "summary = \"\"\n[[check]]\nverdict = \"lost\"\n";
    let overflow = "real/go1.19/overflow";
    let files = with(&format!("{overflow}/expect.toml"), none);
    fails(
        &files,
        Area::Check,
        overflow,
        &["expected lost,", "got lost (ring-capacity): "],
    );
}

#[test]
fn expected_checks_are_narrowed() {
    // Goroutine 1 is that of main.main in every run.
    let narrowed = "[[check]]\ngoroutine = 1\nverdict = \"match\"\n\
        [[check]]\ngoroutine = 1\nlabel = \"tracing=on\"\nregion = \"cpuHogger\"\nverdict = \"match\"\n";
    passes(&hog_with_checks(narrowed), Area::Check, HOG);
    for (narrow, words) in [
        ("goroutine = 123456", "no goroutine 123456"),
        ("label = \"tracing=off\"", "label tracing=off"),
        ("region = \"nap\"", "no region \"nap\""),
    ] {
        let files = hog_with_checks(&format!("[[check]]\n{narrow}\nverdict = \"match\"\n"));
        fails(&files, Area::Check, HOG, &[words]);
    }
    // Workers run on goroutines of their own.
    let files =
        hog_with_checks("[[check]]\ngoroutine = 1\nlabel = \"worker=1\"\nverdict = \"match\"\n");
    fails(
        &files,
        Area::Check,
        HOG,
        &["expected match", "--goroutine 1", "worker=1"],
    );
}

const INVALID: &str = "summary = \"\"\norigin = \"\"\nerror = \"another\"\n";

#[test]
fn an_error_in_other_words_fails() {
    for (name, got) in [
        ("invalid/trace/unknown-event", "got 63"),
        ("invalid/profile/no-count", "got \"0x"),
    ] {
        let files = with(&format!("{name}/expect.toml"), INVALID);
        fails(&files, Area::Invalid, name, &["expected \"another\"", got]);
    }
}

#[test]
fn an_invalid_input_that_is_read_fails() {
    for (name, file, valid) in [
        ("invalid/trace/unknown-event", "trace", "trace"),
        ("invalid/profile/no-count", "profile", "profile.pb.gz"),
    ] {
        let files = with(&format!("{name}/{file}"), tiny(valid));
        fails(&files, Area::Invalid, name, &["expected ", "got none"]);
    }
}

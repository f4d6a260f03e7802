//! Options that nothing would come of are refused (S46).

use std::fs::File;
use std::path::Path;

use crate::run::{finish, run, sigprof};

fn fixture(pair: &str) -> String {
    format!(
        "{}/../fixtures/valid/basics/{pair}",
        env!("CARGO_MANIFEST_DIR")
    )
}

fn old() -> String {
    fixture("hog/trace")
}

fn new() -> String {
    fixture("modern-go1.27/trace")
}

#[track_caller]
fn refuses(args: &[&str], words: &str) {
    run(args).refuses(2, words);
}

/// Guards S46.1.
#[test]
fn a_release_that_does_not_judge_a_trace_of_this_format_is_refused() {
    let (old, new) = (old(), new());
    for command in [
        &["parse"][..],
        &["parse", "--format", "samples"],
        &["stat"],
        &["export", "--format", "chrome"],
        &["export", "--format", "pprof"],
    ] {
        let with = |path, release| [command, &["--strict", release, path]].concat();
        let words =
            format!("and --strict go1.27 for those of Go 1.22 to 1.27; {new} is one of Go 1.26");
        refuses(&with(&new, "go1.19"), &words);
        let words =
            format!("and --strict go1.19 for those of Go 1.5 to 1.21; {old} is one of Go 1.19");
        refuses(&with(&old, "go1.27"), &words);
        for (path, release) in [(&old, "go1.19"), (&new, "go1.27")] {
            // A profile is no text.
            let output = sigprof(&with(path, release)).output().unwrap();
            assert_eq!(output.status.code(), Some(0), "{output:?}");
            assert!(!output.stdout.is_empty());
        }
    }
}

/// Guards S46.1.
#[test]
fn a_stream_is_asked_for_its_format_too() {
    let mut command = sigprof(&["parse", "--strict", "go1.19", "-"]);
    command.pipe_stdin(Path::new(&new())).unwrap();
    finish(command).refuses(2, "; - is one of Go 1.26");
    let from = File::open(new()).unwrap();
    let args = ["parse", "--format", "go1.21", "-"];
    let output = std::process::Command::new(assert_cmd::cargo::cargo_bin!("sigprof"))
        .args(args)
        .stdin(from)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
}

/// Guards S46.2.
#[test]
fn what_parse_has_for_one_format_is_refused_for_the_other() {
    let (old, new) = (old(), new());
    let v2 = "is for traces of Go 1.22 to 1.27 (v2); ";
    refuses(
        &["parse", "--go", "1.27", &old],
        &format!("--go {v2}{old} is one of Go 1.19"),
    );
    refuses(&["parse", "--go", "1.22", "--format", "samples", &old], v2);
    refuses(
        &["parse", "--format", "wire", &old],
        &format!("--format wire {v2}"),
    );
    refuses(
        &["parse", "--format", "go1.21", &new],
        "--format go1.21 is for traces of Go 1.5 to 1.21 (v1)",
    );
    run(&["parse", "--go", "1.27", "--format", "samples", &new]).ends(0);
    run(&["parse", "--format", "go1.21", &old]).ends(0);
}

/// Guards S46.3.
#[test]
fn what_a_form_has_no_use_for_is_refused() {
    let (old, new) = (old(), new());
    let profile = fixture("hog/profile.pb.gz");
    for form in ["go", "json", "samples", "wire"] {
        let args = ["parse", "--stacks", "--format", form, &new];
        refuses(&args, "--stacks is for --format text alone");
    }
    refuses(
        &["parse", "--format", "samples", "--event", "CPUSample", &old],
        "--event is not with --format samples",
    );
    for options in [
        &["--event", "Sync"][..],
        &["--strict", "go1.27"],
        &["--keep-going"],
    ] {
        let args = [&["parse", "--format", "wire"], options, &[&new]].concat();
        refuses(&args, &format!("{} is not with --format wire", options[0]));
    }
    for options in [
        &["--event", "GoStart"][..],
        &["--stacks"],
        &["--go", "1.27"],
        &["--strict", "go1.19"],
        &["--keep-going"],
    ] {
        let form = ["parse", "--input", "profile", "--format", "samples"];
        let args = [&form, options, &[&profile]].concat();
        refuses(&args, &format!("{} is for traces", options[0]));
    }
    refuses(
        &["export", "--format", "chrome", "--rate", "99", &old],
        "--rate is not for --format chrome and folded",
    );
    refuses(
        &["export", "--format", "pprof", "--without-p", &new],
        "--without-p is for --format chrome alone",
    );
}

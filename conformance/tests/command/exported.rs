//! `sigprof export` of samples and `sigprof check --diff`, as commands.

use std::path::Path;

use super::run::run;

const TRACE: &str = "fixtures/valid/rings/wrap-loss-go1.27/trace";
const PROFILE: &str = "fixtures/valid/rings/wrap-loss-go1.27/profile.pb.gz";

fn path(below: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    root.join(below).to_str().unwrap().to_owned()
}

/// Guards S51.3.
#[test]
fn a_difference_is_a_file_beside_the_outcome() {
    let folder = tempfile::tempdir().unwrap();
    let diff = folder.path().join("diff.pb.gz");
    let (trace, profile, diff) = (path(TRACE), path(PROFILE), diff.to_str().unwrap());
    let plain = run(&["check", &trace, &profile]).ends(5);
    let with = run(&["check", &trace, &profile, "--diff", diff]).ends(5);
    assert_eq!(plain.out, with.out);
    let error = sigprof::pprof::read(&std::fs::read(diff).unwrap()).unwrap_err();
    assert!(error.to_string().contains("difference"), "{error}");
    let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(names.len(), 1);
}

/// Guards S51.3.
#[test]
fn a_difference_takes_the_place_of_no_input_and_not_of_the_outcome() {
    let folder = tempfile::tempdir().unwrap();
    let copy = |from: &str, name: &str| {
        let to = folder.path().join(name);
        std::fs::copy(path(from), &to).unwrap();
        to.to_str().unwrap().to_owned()
    };
    let (trace, profile) = (copy(TRACE, "trace"), copy(PROFILE, "profile"));
    for input in [&trace, &profile] {
        run(&["check", &trace, &profile, "--diff", input]).refuses(2, "is the input");
    }
}

/// Guards S50.4.
#[test]
fn an_export_without_a_sample_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("out");
    let (trace, out) = (path(TRACE), file.to_str().unwrap());
    for format in ["pprof", "speedscope", "firefox", "folded"] {
        let args = [
            "export", "--format", format, "--region", "nap", &trace, "-o", out,
        ];
        run(&args).refuses(4, "nothing selected: the trace has no region \"nap\"");
        assert!(!file.exists());
    }
}

#[test]
fn what_chooses_samples_is_no_option_of_chromes_format() {
    let trace = path(TRACE);
    for choice in [["--region", "work"], ["--from", "1s"], ["--task", "7"]] {
        let args = ["export", "--format", "chrome", &trace, choice[0], choice[1]];
        run(&args).refuses(2, "--format chrome shows all events");
    }
    let args = [
        "export", "--format", "folded", &trace, "--from", "2s", "--to", "1500ms",
    ];
    run(&args).refuses(2, "--from must be before --to");
    let args = [
        "export",
        "--format",
        "pprof",
        &trace,
        "--labels",
        "proc",
        "--no-labels",
    ];
    run(&args).refuses(2, "cannot be used with");
}

/// Every format writes the same to a file as to standard output.
#[test]
fn formats_of_samples_go_to_a_pipe_too() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("out");
    let (trace, out) = (
        path("fixtures/valid/basics/hog-go1.27/trace"),
        file.to_str().unwrap(),
    );
    for format in ["speedscope", "firefox", "folded"] {
        run(&["export", "--format", format, &trace, "-o", out]).ends(0);
        let to_pipe = run(&["export", "--format", format, &trace]).ends(0);
        assert_eq!(
            to_pipe.out,
            std::fs::read_to_string(&file).unwrap(),
            "{format}"
        );
    }
}

/// Of a v1 and of a v2 trace.
///
/// Guards S45.5.
#[test]
fn samples_that_chromes_format_leaves_out_are_said() {
    for (case, samples) in [("basics/syscalls", 43), ("attribution/threads-go1.27", 9)] {
        let trace = path(&format!("fixtures/valid/{case}/trace"));
        let export = |more: &[&str]| {
            let args = [&["export", "--format", "chrome", &trace], more].concat();
            run(&args).ends(0).err
        };
        let said = format!(
            "warning: left out, as Go's viewer does: {samples} samples without a P; --without-p shows them\n"
        );
        assert_eq!(export(&[]), said, "{case}");
        for silent in ["--quiet", "--without-p"] {
            assert_eq!(export(&[silent]), "", "{case}");
        }
    }
}

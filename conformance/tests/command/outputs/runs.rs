//! A simulated run as an output: several files that belong together.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::{at, complaint, ends, names, run};

const FILES: [&str; 5] = [
    "plan.toml",
    "profile.pb.gz",
    "schedule",
    "trace",
    "truth.json",
];

fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let read = |name: String| {
        let bytes = fs::read(folder.join(&name)).unwrap();
        (name, bytes)
    };
    names(folder).into_iter().map(read).collect()
}

/// Guards S24.4.
#[test]
fn two_runs_are_not_mixed_and_other_files_stay() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    run(
        &["sim", "--seed", "1", "--case", "restart", "--out", out],
        0,
    );
    assert!(folder.path().join("trace.2").exists());
    fs::write(folder.path().join("notes"), "mine").unwrap();
    fs::write(folder.path().join("trace.old"), "mine").unwrap();
    run(&["sim", "--seed", "7", "--out", out], 0);
    let mut expected = [&FILES[..], &["notes", "trace.old"]].concat();
    expected.sort_unstable();
    assert_eq!(names(folder.path()), expected);
}

/// Guards S24.2.
#[test]
fn the_plan_of_a_run_may_be_run_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let plan = at(folder.path(), "plan.toml");
    run(&["sim", "--seed", "7", "--out", out], 0);
    let before = contents(folder.path());
    run(
        &["sim", "--seed", "7", "--workload", &plan, "--out", out],
        0,
    );
    assert!(contents(folder.path()) == before);
}

/// Guards S24.1, S24.4.
#[test]
fn a_run_whose_last_bytes_do_not_fit_leaves_the_old_one() {
    let (old, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let out = old.path().to_str().unwrap();
    run(
        &["sim", "--seed", "1", "--case", "restart", "--out", out],
        0,
    );
    let before = contents(old.path());
    let args = ["sim", "--unjudged", "--seed", "7", "--out"];
    run(&[&args[..], &[other.path().to_str().unwrap()]].concat(), 0);
    let sizes = contents(other.path());
    let truth = sizes["truth.json"].len();
    // As many blocks of 512 bytes as hold all of the truth but its end.
    let blocks = (truth - 1) / 512;
    let fits = |name: &str| sizes[name].len() <= blocks * 512;
    assert_eq!(FILES.map(fits), [true, true, true, true, false]);
    let limited = Command::new("sh")
        .arg("-c")
        .arg(format!(
            "trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\""
        ))
        .arg(assert_cmd::cargo::cargo_bin!("sigprof"))
        .args(args)
        .arg(out)
        .output()
        .unwrap();
    ends(&limited, 3);
    assert!(contents(old.path()) == before);
}

/// Guards S24.4.
#[test]
fn a_run_that_cannot_take_its_place_has_no_truth() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    run(&["sim", "--seed", "7", "--out", out], 0);
    fs::remove_file(folder.path().join("trace")).unwrap();
    fs::create_dir(folder.path().join("trace")).unwrap();
    let output = run(&["sim", "--seed", "8", "--out", out], 3);
    let why = complaint(&output);
    assert!(why.contains("has no truth.json"), "{why}");
    assert_eq!(names(folder.path()), FILES[..4]);
}

/// Guards S24.4.
#[test]
fn a_plan_that_cannot_be_run_makes_no_folder() {
    let folder = tempfile::tempdir().unwrap();
    let (plan, out) = (at(folder.path(), "plan.toml"), at(folder.path(), "out"));
    fs::write(&plan, "threads = 'many'\n").unwrap();
    run(
        &["sim", "--seed", "7", "--workload", &plan, "--out", &out],
        2,
    );
    assert_eq!(names(folder.path()), ["plan.toml"]);
}

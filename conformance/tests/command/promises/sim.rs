//! Tests of the command `sigprof sim`.

use std::path::Path;

use super::sigprof;

/// Runs it into a new folder; exit code, and standard output with standard error.
fn sim(args: &[&str], out: &Path) -> (i32, String) {
    let output = sigprof(&["sim"])
        .args(args)
        .arg("--out")
        .arg(out)
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    let code = output.status.code().unwrap();
    (code, String::from_utf8_lossy(&text).into_owned())
}

/// Guards S20.1.
#[test]
fn writes_what_can_be_had_again() {
    let folder = tempfile::tempdir().unwrap();
    let (first, again) = (folder.path().join("a"), folder.path().join("b"));
    let (code, text) = sim(&["--seed", "7", "--revision", "go1.21"], &first);
    assert_eq!(code, 0, "{text}");
    assert!(text.starts_with("seed 7 revision go1.21 events "), "{text}");
    assert!(text.ends_with(" violations 0\n"), "{text}");
    let plan = first.join("plan.toml");
    let plan = plan.to_str().unwrap();
    sim(
        &["--seed", "7", "--revision", "go1.21", "--workload", plan],
        &again,
    );
    for name in [
        "trace",
        "profile.pb.gz",
        "truth.json",
        "plan.toml",
        "schedule",
    ] {
        let read = |folder: &Path| std::fs::read(folder.join(name)).unwrap();
        assert!(!read(&first).is_empty(), "{name}");
        assert!(read(&first) == read(&again), "{name}");
    }
}

/// Signals go to disk as they are settled; the file is that of a run that holds them all.
///
/// Guards S20.14.
#[test]
fn a_truth_that_streamed_is_as_if_it_had_not() {
    use sigprof_sim::machine::{self, Revision};
    use sigprof_sim::{Seed, workload};
    let folder = tempfile::tempdir().unwrap();
    for revision in ["go1.19", "go1.21", "go1.22", "go1.25", "fixed"] {
        for seed in ["2", "5", "8"] {
            let (code, text) = sim(&["--seed", seed, "--revision", revision], folder.path());
            assert_eq!(code, 0, "{text}");
            let (seed, revision) = (seed.parse().unwrap(), Revision::named(revision).unwrap());
            let workload = workload::draw_for(Seed(seed), revision);
            let made = machine::run(Seed(seed), &workload, revision, &mut |_, _| ());
            let whole = serde_json::to_vec(&made.unwrap().truth).unwrap();
            let streamed = std::fs::read(folder.path().join("truth.json")).unwrap();
            assert!(whole == streamed, "{seed} {}", revision.name);
        }
    }
}

/// Guards S20.1.
#[test]
fn further_traces_and_profiles_are_counted_from_2() {
    let folder = tempfile::tempdir().unwrap();
    let (code, text) = sim(&["--seed", "1", "--case", "restart"], folder.path());
    assert_eq!(code, 0, "{text}");
    let entries = std::fs::read_dir(folder.path()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    let expected = [
        "plan.toml",
        "profile.2.pb.gz",
        "profile.pb.gz",
        "schedule",
        "trace",
        "trace.2",
        "truth.json",
    ];
    assert_eq!(names, expected);
}

/// The first trace is a link to the second, and so another than was made once both are
/// written: that is only seen in what is read again.
///
/// Guards S20.3.
#[cfg(unix)]
#[test]
fn what_is_written_is_held_to_the_truth_and_a_broken_rule_is_exit_1() {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("trace.2", folder.path().join("trace")).unwrap();
    let args = ["--seed", "1", "--case", "restart"];
    let (code, text) = sim(&args, folder.path());
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("\nStacks: "), "{text}");
    let (code, text) = sim(&[&args[..], &["--unjudged"]].concat(), folder.path());
    assert_eq!(code, 0, "{text}");
}

/// Guards S20.4, S20.9.
#[test]
fn a_hard_case_says_how_the_engine_went() {
    let folder = tempfile::tempdir().unwrap();
    let (code, text) = sim(&["--seed", "1", "--case", "stop-in-handler"], folder.path());
    assert_eq!(code, 0, "{text}");
    let schedule = std::fs::read_to_string(folder.path().join("schedule")).unwrap();
    assert_eq!(schedule.lines().count(), 3, "{schedule}");
    let truth = std::fs::read_to_string(folder.path().join("truth.json")).unwrap();
    assert!(truth.contains("\"seed\":\"0x0000000000000001\""));
}

/// Guards S20.3.
#[test]
fn a_runtime_that_crashes_is_exit_1() {
    let folder = tempfile::tempdir().unwrap();
    let args = [
        "--seed",
        "1",
        "--case",
        "only-overflow",
        "--revision",
        "seed",
    ];
    let (code, text) = sim(&args, folder.path());
    assert_eq!(code, 1);
    assert!(
        text.contains("Go's runtime crashes in revision seed"),
        "{text}"
    );
}

/// Both, as their options were once called.
///
/// Guards S20.4, S20.7, S20.10.
#[test]
fn what_is_no_plan_is_exit_2() {
    let folder = tempfile::tempdir().unwrap();
    let plan = folder.path().join("plan.toml");
    let check = |text: &str, want: &str| {
        std::fs::write(&plan, text).unwrap();
        let args = ["--seed", "1", "--plan", plan.to_str().unwrap()];
        let (code, said) = sim(&args, &folder.path().join("out"));
        assert_eq!(code, 2, "{said}");
        assert!(said.contains(want), "{said}");
    };
    check("procs = 0", "procs: want 1 to 1024");
    check("[[m]]\ndoes = [\"fly\"]", "no step: \"fly\"");
    check("[[m]]\ndoes = [\"start-trace\"]", "m 1: want a stop-trace");
    check(
        "traces = [[1, 86400001]]",
        "traces[0], time: want 0 to 86400000, got 86400001 (a day)",
    );
    let (code, said) = sim(&["--seed", "1", "--case", "none"], folder.path());
    assert_eq!(code, 2);
    assert!(said.contains("[possible values: deep, "), "{said}");
}

//! Files that commands write: whole or not at all, and nothing beside them.

#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use sigprof_model::events::{EventType as E, FormatVersion};
use sigprof_sim::tracer::{ProcId, Ticks, TraceBuilder};

fn sigprof(args: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("sigprof"));
    command.args(args);
    command
}

fn run(args: &[&str]) -> Output {
    sigprof(args).output().unwrap()
}

#[track_caller]
fn ends(output: &Output, code: i32) {
    assert_eq!(output.status.code(), Some(code), "{output:?}");
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn tiny() -> String {
    concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../fixtures/valid/basics/tiny/trace"
    )
    .into()
}

/// A trace that is refused for its order: a goroutine that was never created starts.
fn of_wrong_order(folder: &Path) -> String {
    let mut builder = TraceBuilder::new(FormatVersion::GO_1_19).unwrap();
    builder.batch(Some(ProcId(0)), Ticks(99));
    builder.event(Ticks(100), E::GoCreate, &[1, 0], &[]);
    builder.event(Ticks(110), E::GoStart, &[7, 1], &[]);
    let path = folder.join("wrong");
    fs::write(&path, builder.finish(1_000_000_000)).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Guards S24.1, S24.3.
#[test]
fn a_refused_trace_leaves_the_old_file_and_none_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let trace = of_wrong_order(folder.path());
    let to = folder.path().join("to");
    fs::write(&to, "old").unwrap();
    for format in ["chrome", "pprof"] {
        ends(
            &run(&[
                "export",
                &trace,
                "--format",
                format,
                "-o",
                to.to_str().unwrap(),
            ]),
            3,
        );
        assert_eq!(fs::read(&to).unwrap(), b"old");
    }
    assert_eq!(names(folder.path()), ["to", "wrong"]);
}

/// Guards S24.3.
#[test]
fn json_of_a_refused_trace_is_not_closed() {
    let folder = tempfile::tempdir().unwrap();
    let trace = of_wrong_order(folder.path());
    let output = run(&["export", &trace, "--format", "chrome"]);
    ends(&output, 3);
    assert!(!output.stdout.is_empty());
    assert!(serde_json::from_slice::<serde_json::Value>(&output.stdout).is_err());
}

/// Guards S24.1.
#[test]
fn a_new_file_has_the_mode_of_any_new_file_and_a_link_is_written_through() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = tempfile::tempdir().unwrap();
    let (link, to) = (folder.path().join("link"), folder.path().join("to"));
    symlink("to", &link).unwrap();
    ends(
        &run(&[
            "export",
            &tiny(),
            "--format",
            "pprof",
            "-o",
            link.to_str().unwrap(),
        ]),
        0,
    );
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    let other = folder.path().join("other");
    fs::write(&other, "").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&to), mode(&other));
}

/// Guards S24.2.
#[test]
fn an_output_that_is_the_input_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (trace, hard, soft) = (path("trace"), path("hard"), path("soft"));
    fs::copy(tiny(), &trace).unwrap();
    fs::hard_link(&trace, &hard).unwrap();
    std::os::unix::fs::symlink(&trace, &soft).unwrap();
    for to in [&trace, &hard, &soft] {
        let output = run(&["export", &trace, "--format", "chrome", "-o", to]);
        ends(&output, 2);
        assert!(String::from_utf8_lossy(&output.stderr).contains("is the input"));
    }
    assert_eq!(fs::read(&trace).unwrap(), fs::read(tiny()).unwrap());
}

/// Guards S24.4.
#[test]
fn two_runs_are_not_mixed_and_other_files_stay() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    ends(
        &run(&["sim", "--seed", "1", "--case", "restart", "--out", out]),
        0,
    );
    fs::write(folder.path().join("notes"), "mine").unwrap();
    fs::write(folder.path().join("trace.old"), "mine").unwrap();
    ends(&run(&["sim", "--seed", "7", "--out", out]), 0);
    let expected = [
        "notes",
        "plan.toml",
        "profile.pb.gz",
        "schedule",
        "trace",
        "trace.old",
        "truth.json",
    ];
    assert_eq!(names(folder.path()), expected);
}

/// Guards S24.1, S24.4.
#[test]
fn a_run_that_does_not_fit_leaves_the_old_one() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    ends(
        &run(&["sim", "--seed", "1", "--case", "restart", "--out", out]),
        0,
    );
    let before: Vec<_> = names(folder.path());
    let truth = fs::read(folder.path().join("truth.json")).unwrap();
    // Of files no more than so many blocks of 512 or 1024 bytes.
    let limited = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\""])
        .arg(assert_cmd::cargo::cargo_bin!("sigprof"))
        .args(["sim", "--unjudged", "--seed", "7", "--out", out])
        .output()
        .unwrap();
    ends(&limited, 3);
    assert_eq!(names(folder.path()), before);
    assert_eq!(fs::read(folder.path().join("truth.json")).unwrap(), truth);
}

/// Guards S24.5.
#[test]
fn a_signal_ends_a_read_that_would_wait_for_ever() {
    for (signal, args) in [
        ("INT", &["parse", "-"][..]),
        ("TERM", &["stat", "-"]),
        ("HUP", &["dump", "-"]),
    ] {
        let mut child = sigprof(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let waiting = child.stdin.take();
        std::thread::sleep(Duration::from_secs(1));
        kill(signal, child.id());
        let output = child.wait_with_output().unwrap();
        drop(waiting);
        ends(&output, 5);
        assert!(String::from_utf8_lossy(&output.stderr).contains("interrupted"));
    }
}

/// Guards S24.5.
#[test]
fn a_run_of_the_corpus_that_is_ended_leaves_no_folder() {
    let folder = tempfile::tempdir().unwrap();
    let child = sigprof(&["corpus", "run", "--", "sleep", "1"])
        .env("TMPDIR", folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(names(folder.path()).len(), 1);
    kill("TERM", child.id());
    let output = child.wait_with_output().unwrap();
    assert!(matches!(output.status.code(), Some(1 | 5)), "{output:?}");
    assert!(names(folder.path()).is_empty());
}

fn kill(signal: &str, pid: u32) {
    let kill = Command::new("sh")
        .args(["-c", "kill -$0 $1", signal, &pid.to_string()])
        .status();
    assert!(kill.unwrap().success());
}

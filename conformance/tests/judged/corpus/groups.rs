//! Nothing that a parser starts is there when its run is over.

use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::parser::{program, shell};

const OURS: &str = r#""$SIGPROF" parse --format samples "$1""#;

/// Until it is so, or for some seconds.
fn wait_for(is_so: impl Fn() -> bool) -> bool {
    let end = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        if Instant::now() > end {
            return false;
        }
        sleep(Duration::from_millis(20));
    }
    true
}

/// The numbers of processes that a script has noted, one a line.
fn noted(log: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// Whether a process is gone, or only waits for somebody to take note of its end.
fn is_gone(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let asked = Command::new("sh")
        .args(["-c", &format!("kill -0 {pid}")])
        .output();
    stat.contains(") Z ") || !asked.unwrap().status.success()
}

/// Runs a script that starts a process which hears no TERM and holds both pipes, and notes its
/// number in `$LOG`; what was printed, and the numbers.
#[track_caller]
fn leaves_nothing(options: &[&str], script: &str, code: i32, words: &str) {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let path = log.display();
    let start = format!("(trap '' TERM HUP INT; sleep 1000) & echo $! >> {path}; {script}");
    let all = ["--no-smoke-test", "--filter", "valid/basics/tiny"];
    let (got, out, err) = shell(&[&all, options].concat(), &start);
    assert_eq!((got, err.as_str()), (code, ""), "{out}");
    assert!(out.contains(words), "{out}");
    let pids = noted(&log);
    assert_eq!(pids.len(), 1);
    assert!(wait_for(|| is_gone(&pids[0])), "{} is left", pids[0]);
}

/// Processes that a parser starts end with it: at a time-out, with too much output, and when it
/// ends by itself, where its exit code and output count.
///
/// Guards S30.8.
#[test]
fn what_a_parser_starts_ends_with_it() {
    let timeout = ["--timeout", "1"];
    leaves_nothing(&timeout, "wait", 1, "none: it was killed");
    leaves_nothing(&[], "exec yes", 1, "more: it was killed");
    leaves_nothing(&[], OURS, 0, "\n1 passed, 0 failed\n");
    leaves_nothing(&[], "exit 7", 1, "got  exit status: 7, without a word");
    // What writes without end behind it is not heard, and ends too.
    leaves_nothing(
        &[],
        &format!("{OURS}; yes >&2 &"),
        0,
        "\n1 passed, 0 failed\n",
    );
    leaves_nothing(&[], "yes & exit 0", 1, "more: it was killed");
}

/// A child may print what is left to print, for a second.
///
/// Guards S30.8.
#[test]
fn a_child_may_finish_the_output() {
    let script = format!("(sleep 0.2; {OURS}) & exit 0");
    let (code, out, _) = shell(&["--filter", "valid/basics/tiny"], &script);
    assert_eq!(code, 0, "{out}");
}

/// A process that leaves the group cannot be found; the runner says that its output has no end.
#[cfg(target_os = "linux")]
#[test]
fn a_process_that_leaves_the_group_is_not_waited_for() {
    let script = format!("setsid sleep 8 & {OURS}");
    let options = ["--no-smoke-test", "--filter", "valid/basics/tiny"];
    let start = Instant::now();
    let (code, out, _) = shell(&options, &script);
    assert!(start.elapsed() < Duration::from_secs(7));
    assert_eq!(code, 1, "{out}");
    assert!(
        out.contains("got  none: a process that has left its process group"),
        "{out}"
    );
}

/// Guards S30.8, S30.12.
#[test]
fn an_interrupt_leaves_nothing_and_shows_what_there_is() {
    let folder = tempfile::tempdir().unwrap();
    let (log, temporary) = (folder.path().join("log"), folder.path().join("tmp"));
    std::fs::create_dir(&temporary).unwrap();
    let script = format!(
        "(trap '' TERM INT; sleep 1000) & echo $! >> {}; wait",
        log.display()
    );
    let options = [
        "corpus",
        "run",
        "--no-smoke-test",
        "--timeout",
        "600",
        "--jobs",
        "2",
    ];
    let mut run = Command::new(program());
    run.args(options).args(["--", "sh", "-c", &script, "sh"]);
    run.env("TMPDIR", &temporary).stdout(Stdio::piped());
    let run = run.spawn().unwrap();
    assert!(wait_for(|| noted(&log).len() == 2));
    assert!(std::fs::read_dir(&temporary).unwrap().next().is_some());
    let pid = run.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    let output = run.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(5));
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(out.contains("\n0 passed, 0 failed, 226 not run\n"), "{out}");
    for pid in noted(&log) {
        assert!(wait_for(|| is_gone(&pid)), "{pid} is left");
    }
    assert!(std::fs::read_dir(temporary).unwrap().next().is_none());
}

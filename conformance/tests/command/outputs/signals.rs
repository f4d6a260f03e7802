//! Ctrl-C, TERM and HUP: every command hears them.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::pack::pack;

use super::{at, complaint, ends, fixture, make_fifo, names, run, sigprof};

/// Longer than anything takes here.
const PATIENCE: Duration = Duration::from_secs(60);

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(20);

fn spawn(command: &mut Command) -> Child {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[track_caller]
fn wait_until(is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "it does not come");
        sleep(PAUSE);
    }
}

/// Waits until it hears SIGTERM.
#[track_caller]
fn wait_until_it_hears(child: &Child) {
    let path = format!("/proc/{}/status", child.id());
    if !Path::new(&path).exists() {
        return sleep(Duration::from_secs(2));
    }
    wait_until(|| {
        let status = fs::read_to_string(&path).unwrap();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        u64::from_str_radix(caught.unwrap().trim(), 16).unwrap() >> 14 & 1 == 1
    });
}

fn kill(signal: &str, child: &Child) {
    let kill = Command::new("sh")
        .args(["-c", "kill -$0 $1", signal, &child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
}

/// Guards S24.5.
#[test]
fn a_signal_ends_a_read_that_would_wait_for_ever() {
    for (signal, args) in [
        ("INT", &["parse", "-"][..]),
        ("TERM", &["stat", "-"]),
        ("HUP", &["dump", "-"]),
    ] {
        if signal == "HUP" && is_hup_ignored() {
            println!("skipped: HUP is ignored here, as under nohup");
            continue;
        }
        let mut child = spawn(&mut sigprof(args));
        let waiting = child.stdin.take();
        wait_until_it_hears(&child);
        kill(signal, &child);
        let output = child.wait_with_output().unwrap();
        drop(waiting);
        ends(&output, 5);
        let expected = format!("interrupted (SIG{signal})\n");
        assert_eq!(complaint(&output), expected);
    }
}

/// Whether who runs the tests ignores HUP, which its children do then, too.
fn is_hup_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.is_some_and(|mask| u64::from_str_radix(mask.trim(), 16).is_ok_and(|bits| bits & 1 == 1))
}

/// Guards S24.5.
#[test]
fn a_signal_that_is_ignored_stays_ignored() {
    if !Path::new("/proc/self/status").exists() {
        return;
    }
    let mut child = spawn(
        Command::new("sh")
            .args(["-c", "trap '' HUP; exec \"$0\" stat -"])
            .arg(assert_cmd::cargo::cargo_bin!("sigprof")),
    );
    let waiting = child.stdin.take();
    wait_until_it_hears(&child);
    kill("HUP", &child);
    sleep(Duration::from_millis(500));
    assert!(child.try_wait().unwrap().is_none());
    kill("TERM", &child);
    let output = child.wait_with_output().unwrap();
    drop(waiting);
    ends(&output, 5);
    assert_eq!(complaint(&output), "interrupted (SIGTERM)\n");
}

/// Guards S24.5.
#[test]
fn what_was_parsed_until_then_is_shown_in_whole_lines() {
    let trace = fixture("valid/basics/busy/trace");
    for command in [&["parse", "--format", "json"][..], &["dump"]] {
        let args = [command, &[&trace]].concat();
        let all = run(&args, 0).stdout;
        let mut child = spawn(&mut sigprof(&args));
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut shown = Vec::new();
        // It goes on until the pipe is full.
        out.read_until(b'\n', &mut shown).unwrap();
        kill("INT", &child);
        let mut words = BufReader::new(child.stderr.take().unwrap());
        let mut word = String::new();
        words.read_line(&mut word).unwrap();
        assert!(word.starts_with("SIGINT: "), "{word}");
        out.read_to_end(&mut shown).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(5));
        let shown = events_of(command, &shown);
        assert!(shown.ends_with(b"\n") && shown.len() < all.len());
        assert!(all.starts_with(shown));
        word.clear();
        words.read_to_string(&mut word).unwrap();
        came_to(&word, shown);
    }
}

/// The output without the error that JSON has in its last line (S59.4).
fn events_of<'a>(command: &[&str], shown: &'a [u8]) -> &'a [u8] {
    if !command.contains(&"json") {
        return shown;
    }
    let (_, rest) = shown.split_last().unwrap();
    let end = rest.iter().rposition(|&byte| byte == b'\n').unwrap() + 1;
    let error: serde_json::Value = serde_json::from_slice(&shown[end..]).unwrap();
    assert_eq!(error["exit_code"], 5);
    &shown[..end]
}

/// The last line says how many events, or lines, are shown; below an event there may be its stack.
#[track_caller]
fn came_to(words: &str, shown: &[u8]) {
    let text = String::from_utf8_lossy(shown);
    let is_event = |line: &&str| line.starts_with("M=");
    let (lines, events) = (text.lines().count(), text.lines().filter(is_event).count());
    // The first line of JSON is none.
    let is_json = text.starts_with("{\"schema_version\"");
    let events = match events {
        0 => lines - usize::from(is_json),
        events => events,
    };
    let one = format!("interrupted: {lines} lines are shown");
    let other = format!("interrupted: {events} events are shown, the last of them from 0x");
    let last = words.lines().last().unwrap();
    assert!(
        last == one || last.starts_with(&other),
        "{words}: {lines}, {events}"
    );
}

/// Guards S24.5, S48.1.
#[test]
fn what_came_through_a_pipe_until_then_is_shown_in_whole_lines() {
    let (old, new) = (
        fixture("valid/basics/tiny/trace"),
        fixture("valid/basics/hog-go1.27/trace"),
    );
    for (trace, command) in [
        (&old, &["dump"][..]),
        (&new, &["dump"]),
        (&new, &["parse"]),
        (&new, &["parse", "--format", "json"]),
        (&new, &["parse", "--format", "go", "--keep-going"]),
        (&new, &["parse", "--format", "wire"]),
    ] {
        let all = run(&[command, &[trace]].concat(), 0).stdout;
        let mut child = spawn(&mut sigprof(&[command, &["-"]].concat()));
        let mut to = child.stdin.take().unwrap();
        let bytes = fs::read(trace).unwrap();
        let writer = std::thread::spawn(move || {
            to.write_all(&bytes).unwrap();
            to
        });
        let mut out = child.stdout.take().unwrap();
        let reader = std::thread::spawn(move || {
            let mut shown = Vec::new();
            out.read_to_end(&mut shown).unwrap();
            shown
        });
        // All of it was read, and there is no end: the program waits for more.
        let to = writer.join().unwrap();
        sleep(Duration::from_millis(700));
        kill("INT", &child);
        let shown = reader.join().unwrap();
        let output = child.wait_with_output().unwrap();
        drop(to);
        ends(&output, 5);
        let words = complaint(&output);
        assert!(words.starts_with("SIGINT: "), "{words}");
        let shown = events_of(command, &shown);
        assert!(
            shown.ends_with(b"\n") && all.starts_with(shown),
            "{command:?}"
        );
        // Of a generation that may go on, parse shows nothing.
        let has_most = shown.len() > all.len() / 2;
        assert!(
            has_most,
            "{command:?}: {} of {} bytes",
            shown.len(),
            all.len()
        );
        came_to(&words, shown);
    }
}

/// Guards S24.5.
#[test]
fn of_a_generation_that_the_signal_cut_off_nothing_is_shown() {
    let trace = fs::read(fixture("valid/basics/hog-go1.27/trace")).unwrap();
    let command = ["parse", "--format", "json", "--keep-going", "-"];
    let mut child = spawn(&mut sigprof(&command));
    let mut to = child.stdin.take().unwrap();
    to.write_all(&trace[..trace.len() / 2]).unwrap();
    wait_until_it_hears(&child);
    sleep(Duration::from_millis(700));
    kill("INT", &child);
    let output = child.wait_with_output().unwrap();
    drop(to);
    ends(&output, 5);
    let words = complaint(&output);
    assert!(words.contains("interrupted: 1 event is shown"), "{words}");
}

/// Guards S48.1.
#[test]
fn a_packed_stream_is_shown_as_far_as_it_was_unpacked() {
    let trace = fs::read(fixture("valid/basics/hog-go1.27/trace")).unwrap();
    let packed = pack(&trace);
    let mut child = spawn(&mut sigprof(&["dump", "-"]));
    let mut to = child.stdin.take().unwrap();
    to.write_all(&packed[..packed.len() * 3 / 4]).unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut shown = Vec::new();
    out.read_until(b'\n', &mut shown).unwrap();
    kill("TERM", &child);
    out.read_to_end(&mut shown).unwrap();
    let output = child.wait_with_output().unwrap();
    drop(to);
    ends(&output, 5);
    came_to(&complaint(&output), &shown);
}

/// Guards S24.5, S24.6, S9.8.
#[test]
fn mutants_that_were_run_to_the_end_are_shown() {
    let mut child = spawn(&mut sigprof(&["mutants", "--jobs", "1", "--full"]));
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut text = String::new();
    out.read_line(&mut text).unwrap();
    kill("TERM", &child);
    out.read_to_string(&mut text).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(5), "{text}");
    let is_told = text.contains("; interrupted: ") && text.ends_with(" not run to the end\n");
    assert!(is_told, "{text}");
}

/// Guards S24.5, S30.12.
#[test]
fn a_parser_that_hangs_is_killed_at_once_and_no_folder_is_left() {
    for options in [&[][..], &["--no-smoke-test"]] {
        let folder = tempfile::tempdir().unwrap();
        let hangs = ["--timeout", "600", "--", "sh", "-c", "sleep 600"];
        let args = [&["corpus", "run"], options, &hangs].concat();
        let start = Instant::now();
        let child = spawn(sigprof(&args).env("TMPDIR", folder.path()));
        // Its folder is there, and in it the first case.
        let has_case = || {
            let folders = fs::read_dir(folder.path()).unwrap();
            let mut folders = folders.map(|entry| entry.unwrap().path());
            folders.any(|path| path.is_dir() && !names(&path).is_empty())
        };
        wait_until(has_case);
        kill("TERM", &child);
        let output = child.wait_with_output().unwrap();
        ends(&output, 5);
        assert!(start.elapsed() < PATIENCE);
        assert!(names(folder.path()).is_empty());
    }
}

/// Starts a run that takes the place of another, and waits halfway for somebody to read a pipe.
fn start_half_a_run(folder: &Path) -> Child {
    make_fifo(&at(folder, "trace"));
    fs::write(folder.join("truth.json"), "old").unwrap();
    let out = folder.to_str().unwrap();
    let child = spawn(&mut sigprof(&[
        "sim",
        "--unjudged",
        "--seed",
        "7",
        "--out",
        out,
    ]));
    // What comes before the trace.
    wait_until(|| folder.join("schedule").exists());
    child
}

/// Guards S24.4, S24.5.
#[test]
fn a_run_that_takes_its_place_does_so_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let child = start_half_a_run(folder.path());
    assert!(!folder.path().join("truth.json").exists());
    kill("INT", &child);
    sleep(Duration::from_millis(300));
    let trace = fs::read(folder.path().join("trace")).unwrap();
    assert!(trace.starts_with(b"go 1."));
    let output = child.wait_with_output().unwrap();
    ends(&output, 5);
    let truth = fs::read(folder.path().join("truth.json")).unwrap();
    assert!(truth.len() > "old".len());
    assert_eq!(names(folder.path()).len(), 5);
}

/// Guards S24.5.
#[test]
fn a_second_signal_ends_it_at_once_and_takes_the_helpers_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = start_half_a_run(folder.path());
    kill("INT", &child);
    let mut words = BufReader::new(child.stderr.take().unwrap());
    let mut word = String::new();
    words.read_line(&mut word).unwrap();
    assert!(word.contains("once more ends at once"), "{word}");
    kill("TERM", &child);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let left = ["plan.toml", "profile.pb.gz", "schedule", "trace"];
    assert_eq!(names(folder.path()), left);
}

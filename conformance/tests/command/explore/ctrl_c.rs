//! Ctrl-C ends an exploration with what was found.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

/// Starts it, and waits for its first line.
fn start(args: &[&str]) -> (Child, BufReader<std::process::ChildStdout>) {
    let mut child = Command::new(assert_cmd::cargo::cargo_bin!("sigprof"))
        .args(args)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    assert!(line.starts_with("explore "), "{line}");
    (child, out)
}

fn interrupt(child: &Child) {
    let pid = child.id().to_string();
    let kill = Command::new("sh")
        .args(["-c", "kill -INT $0", &pid])
        .status();
    assert!(kill.unwrap().success());
}

/// Guards S9.7.
#[test]
fn it_ends_cleanly_and_is_inconclusive() {
    let (mut child, mut out) = start(&["explore", "--time", "1h"]);
    interrupt(&child);
    let mut text = String::new();
    out.read_to_string(&mut text).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(5), "{text}");
    assert!(text.contains("\ninterrupted after "), "{text}");
    assert!(text.ends_with("scenarios: nothing found\n"), "{text}");
}

/// Guards S9.7.
#[test]
fn what_was_found_is_told() {
    // The first seed breaks the one, and the other goes on for ever.
    let scenarios = ["--scenario", "headers", "--scenario", "lock"];
    let options = ["explore", "--revision", "seed", "--time", "1h"];
    let (mut child, mut out) = start(&[&options[..], &scenarios].concat());
    std::thread::sleep(std::time::Duration::from_secs(2));
    assert!(child.try_wait().unwrap().is_none());
    interrupt(&child);
    let mut text = String::new();
    out.read_to_string(&mut text).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1), "{text}");
    assert!(text.contains("FOUND in headers: L15"), "{text}");
    assert!(text.contains("\ninterrupted after "), "{text}");
}

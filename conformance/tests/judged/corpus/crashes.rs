//! A crash is distinguished from a refusal: by exit codes, and by what runtimes write. The texts
//! are those of the releases named; where a runtime is installed it is asked itself.

use std::path::Path;
use std::process::Command;

use sigprof::oracle::Go;

use super::parser::{EMPTY, TINY, fails, shell};

/// Passes where a refusal is wanted.
#[track_caller]
fn refuses(script: &str) {
    let (code, out, _) = shell(&[&["--no-smoke-test"], EMPTY].concat(), script);
    assert_eq!(code, 0, "{script}: {out}");
}

#[track_caller]
fn crashes(script: &str, words: &str) {
    fails(
        EMPTY,
        script,
        &["want a refusal, exit code 3: 0x0: header", words],
    );
}

/// Guards S30.9.
#[test]
fn exit_codes_of_crashes_are_no_refusals() {
    for (code, words) in [
        (101, "that of a Rust panic"),
        (126, "that of a command which cannot be executed"),
        (127, "that of a command which was not found"),
        (129, "that of a command which died by signal 1"),
        (134, "that of a command which died by signal 6"),
        (159, "that of a command which died by signal 31"),
    ] {
        let words = format!("got  a crash: exit status: {code}, {words}, without a word");
        crashes(&format!("exit {code}"), &words);
    }
}

/// Python and the JVM end with 1 what nobody caught, Go's flag package and argparse with 2 what they do
/// not know: only 3 is said by whoever means it.
///
/// Guards S63.1.
#[test]
fn one_exit_code_is_a_refusal() {
    refuses("exit 3");
    for code in [1, 2, 4, 100, 102, 125, 128, 160, 255] {
        let got = format!("got  exit status: {code}, without a word");
        fails(
            EMPTY,
            &format!("exit {code}"),
            &["want a refusal, exit code 3", &got],
        );
        fails(
            TINY,
            &format!("exit {code}"),
            &["want exit code 0 and the samples", &got],
        );
    }
}

/// Writes a text to standard error, and exits.
fn says(text: &str, code: u8) -> String {
    format!("cat >&2 <<'END'\n{text}\nEND\nexit {code}")
}

const GO: &str = "panic: boom\n\ngoroutine 1 [running]:\nmain.main()\n\t/a/b.go:3 +0x29d";

/// Guards S30.9.
#[test]
fn traces_of_runtimes_are_no_refusals() {
    for (text, code, words) in [
        // Go 1.27.3; `go run`; GOTRACEBACK=none; GOTRACEBACK=system.
        (GO, 2, "a Go panic (exit status: 2): panic: boom"),
        (
            &format!("{GO}\nexit status 2"),
            1,
            "a Go panic (exit status: 1): panic: boom",
        ),
        ("panic: boom", 2, "a Go panic (exit status: 2): panic: boom"),
        (
            "fatal error: all goroutines are asleep - deadlock!\n\n\
             goroutine 1 gp=0x1289048121e0 m=0 mp=0x588480 [chan receive]:",
            2,
            "a Go panic (exit status: 2): fatal error: all goroutines",
        ),
        // Rust 1.95 with another exit code, and before 1.73.
        (
            "thread 'main' (3869) panicked at r.rs:1:270:\nboom\nnote: run with",
            1,
            "a Rust panic (exit status: 1): thread 'main' (3869) panicked at r.rs:1:270: boom",
        ),
        (
            "thread 'main' panicked at 'boom', a.rs:1:2",
            1,
            "a Rust panic (exit status: 1): thread 'main' panicked at 'boom', a.rs:1:2",
        ),
        // CPython 3.11.7.
        (
            "Traceback (most recent call last):\n  File \"a\", line 1, in <module>\nValueError: x",
            1,
            "a Python traceback (exit status: 1): ValueError: x",
        ),
        (
            "  + Exception Group Traceback (most recent call last):\n  | ExceptionGroup: g",
            1,
            "a Python traceback",
        ),
        // OpenJDK 17.
        (
            "Exception in thread \"main\" java.lang.RuntimeException: boom\n\tat J.main(J.java:1)",
            1,
            "a JVM exception that nobody caught (exit status: 1): Exception in thread",
        ),
        (
            "#\n# A fatal error has been detected by the Java Runtime Environment:\n#\n#  SIGSEGV (0xb)",
            134,
            "a JVM exception that nobody caught (exit status: 134): # A fatal error",
        ),
        // A wrapper makes a refusal's exit code of it.
        (GO, 3, "a Go panic (exit status: 3): panic: boom"),
        // Node.js 20.
        (
            "/a/n.js:1\nthrow new Error(\"f\")\n^\n\nError: f\n    at Object.<anonymous>\n\nNode.js v20.20.2",
            1,
            "a Node.js exception that nobody caught (exit status: 1): Error: f",
        ),
        // GCC 12.
        (
            "=====\n==3074==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x6",
            1,
            "a sanitizer's report (exit status: 1): ==3074==ERROR: AddressSanitizer",
        ),
    ] {
        crashes(&says(text, code), &format!("got  a crash: {words}"));
    }
}

/// Guards S30.9.
#[test]
fn words_like_those_of_a_crash_are_a_refusal() {
    for text in [
        "panic: not a trace",
        "error: panic: not a trace",
        "fatal error: not a trace",
        "goroutine 1 [running]:",
        "the thread 'x' panicked",
        "Error: in Node.js v20 and later",
    ] {
        refuses(&says(text, 3));
    }
}

/// A crash of the program `run`, with these words, if there is one to ask.
fn really(run: &str, words: &str) {
    crashes(
        &format!("ulimit -c 0; unset RUST_BACKTRACE GOTRACEBACK; {run}"),
        words,
    );
}

fn has(program: &str) -> bool {
    let asked = Command::new(program).arg("--version").output();
    asked.is_ok_and(|output| output.status.success())
}

/// Guards S30.9.
#[test]
fn rust_itself_crashes_like_that() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("crash.rs");
    std::fs::write(&source, "fn main() { panic!(\"boom\") }").unwrap();
    let mut rustc = Command::new("rustc");
    rustc.arg(&source).current_dir(folder.path());
    assert!(rustc.status().unwrap().success());
    let program = folder.path().join("crash").display().to_string();
    really(
        &program,
        "a crash: a Rust panic (exit status: 101): thread 'main' ",
    );
    // A wrapper makes a refusal of it.
    really(
        &format!("{program} || exit 1"),
        "a Rust panic (exit status: 1): thread 'main' ",
    );
}

/// Guards S30.9.
#[test]
fn go_itself_crashes_like_that() {
    let Ok(go) = Go::find("1.27") else { return };
    let folder = tempfile::tempdir().unwrap();
    let source = "package main\n\nfunc main() {\n\tvar p *int\n\t*p = 1\n}\n";
    std::fs::write(folder.path().join("main.go"), source).unwrap();
    let mut build = go.command();
    build.args(["build", "-o", "crash", "main.go"]);
    assert!(build.current_dir(folder.path()).status().unwrap().success());
    let program = folder.path().join("crash").display().to_string();
    let words = "a Go panic (exit status: 2): panic: runtime error: invalid memory address";
    really(&program, words);
    really(&format!("GOTRACEBACK=none {program}"), words);
    really(
        &format!("GOTRACEBACK=crash {program}"),
        "a crash: a Go panic (exit status: 134): panic: ",
    );
}

/// Guards S30.9.
#[test]
fn python_node_and_the_jvm_themselves_crash_like_that() {
    if has("python3") {
        let words = "a Python traceback (exit status: 1): ZeroDivisionError: ";
        really("python3 -c '1/0'", words);
    }
    if has("node") {
        let words = "a Node.js exception that nobody caught (exit status: 1): Error: boom";
        really("node -e 'throw new Error(\"boom\")'", words);
    }
    if has("java") {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Crash.java");
        java(&path);
        let words = "a JVM exception that nobody caught (exit status: 1): Exception in thread";
        really(&format!("java {}", path.display()), words);
    }
}

fn java(path: &Path) {
    let source = "class Crash { public static void main(String[] a) { throw new Error(\"x\"); } }";
    std::fs::write(path, source).unwrap();
}

//! A parser that lies, crashes, hangs or cannot stop gets to know what is wrong with it.

use super::parser::{EMPTY, TINY, fails, shell};

#[test]
fn a_parser_that_drops_a_sample_is_caught() {
    let script = r#""$SIGPROF" parse --format samples "$1" | sed '0,/"time_ns"/{/"time_ns"/d}'"#;
    let words = [
        "FAILED valid/basics/tiny",
        "want 7 samples, got 6",
        "want time_ns ",
    ];
    fails(TINY, script, &words);
}

#[test]
fn a_parser_that_changes_a_p_is_caught() {
    let script = r#""$SIGPROF" parse --format samples "$1" | sed 's/"p":0/"p":1/'"#;
    let words = [
        "want 7 samples, got 7",
        " p 0 g ",
        " p 1 g ",
        "they differ in p",
    ];
    fails(TINY, script, &words);
}

#[test]
fn a_parser_that_accepts_everything_is_caught_on_every_case() {
    let script = r#"echo '{"stacks":[],"samples":[]}'"#;
    let words = [
        "want a refusal, exit code 3: 0x0: header: ",
        "got  exit code 0, with the output",
    ];
    fails(EMPTY, script, &words);
    let (code, out, _) = shell(&["--no-smoke-test", "--filter", "invalid/"], script);
    assert_eq!(code, 1);
    let last = "\n0 passed, 110 failed\n\nexplained by: sigprof explain ";
    assert!(out.contains(last), "{out}");
}

#[test]
fn a_parser_that_refuses_everything_is_caught() {
    let words = [
        "want exit code 0 and the samples",
        "got  exit status: 3: unknown version",
    ];
    fails(
        TINY,
        "echo reading >&2; echo 'unknown version' >&2; exit 3",
        &words,
    );
    let (code, out, _) = shell(&["--no-smoke-test", "--filter", "valid/"], "exit 3");
    assert_eq!(code, 1);
    assert!(out.contains("\n0 passed, "), "{out}");
}

/// A crash is no refusal, even where one is wanted.
///
/// Guards S30.4.
#[test]
fn a_parser_that_crashes_is_caught() {
    for options in [TINY, EMPTY] {
        let words = "got  a crash: signal: 11 (SIGSEGV)";
        fails(options, "ulimit -c 0; kill -SEGV $$", &[words]);
    }
}

#[test]
fn a_parser_that_prints_junk_is_caught() {
    let words = [
        "want the object `trace`",
        "got  the output \"hello\\n\" (expected value at line 1",
    ];
    fails(TINY, "echo hello", &words);
    fails(TINY, "exit 0", &["got  no output (EOF"]);
    let words = ["samples[0]: want a stack below 0, got 3"];
    let script = r#"echo '{"stacks":[],"samples":[{"time_ns":0,"p":0,"g":1,"stack":3}]}'"#;
    fails(TINY, script, &words);
}

/// Guards S30.4.
#[test]
fn a_parser_that_hangs_is_killed() {
    for options in [TINY, EMPTY] {
        let options = [options, &["--timeout", "1"]].concat();
        fails(
            &options,
            "exec sleep 60",
            &["want an end in time", "none: it was killed"],
        );
        // It closes its output, and hangs then.
        fails(&options, "exec sleep 60 >&- 2>&-", &["want an end in time"]);
    }
}

/// Guards S30.4.
#[test]
fn a_parser_that_prints_without_end_is_cut() {
    fails(
        TINY,
        "exec yes",
        &["want at most 16 MiB of output", "more: it was killed"],
    );
    let options = [&["--no-smoke-test"], EMPTY].concat();
    let (code, out, err) = shell(&options, "yes >&2 & sleep 0.2; kill $!; exit 3");
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
}

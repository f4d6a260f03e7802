//! Names that others chose, in all that is printed for people: nothing in them clears a screen,
//! sets a title, turns a line around or begins one.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]
#![cfg(unix)]

pub(crate) mod terminal;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sigprof::shown::{Shown, is_hidden};
use sigprof_sim::tracer::{CpuSample, Frame, GoId, ProcId, Ticks, TraceBuilder};
use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType;
use tempfile::TempDir;

/// A name that tries what a name can.
const NAME: &str = "main.\x1b[2J\x1b]0;title\x07\x1b]52;c;eA==\x07\r\nFORGED match: all is well\u{9b}2J\x08\x7f\u{202e}\u{2028}##[error]x";

/// As it is to be seen.
const SEEN: &str = "\\u{1b}[2J\\u{1b}]0;title\\u{7}";

/// A folder with a trace and a profile that have this name wherever one can stand.
struct Hostile(TempDir);

impl Hostile {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut builder = TraceBuilder::new(FormatVersion::GO_1_19).unwrap();
        let p = Some(ProcId(0));
        builder.batch(p, Ticks(1));
        builder.event(Ticks(2), EventType::GoCreate, &[1, 0], &[]);
        builder.event(Ticks(3), EventType::GoStart, &[1, 1], &[]);
        let region = builder.string(NAME);
        builder.event(Ticks(4), EventType::UserRegion, &[0, 0, region.0], &[]);
        builder.user_log(Ticks(5), 0, NAME, NAME, &[]);
        let frame = Frame::new(1, NAME, NAME, 7);
        let stack = builder.stack(&[frame]);
        let sample = CpuSample {
            ts: Ticks(6),
            p,
            g: Some(GoId(1)),
            stack,
        };
        builder.cpu_sample(Ticks(7), sample);
        fs::write(folder.path().join("trace"), builder.finish(1_000_000_000)).unwrap();
        let this = Self(folder);
        let export = ["export", "--format", "pprof", "-o", "profile", "trace"];
        assert!(this.command(&export).status().unwrap().success());
        this
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("sigprof"));
        command.args(args).current_dir(self.0.path());
        command.env_remove("SIGPROF_ORACLES").env("NO_COLOR", "1");
        command
    }

    /// Standard output and standard error, one after the other.
    fn prints(&self, args: &[&str]) -> String {
        let output = self.command(args).output().unwrap();
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    }
}

/// Nothing hidden, no line of the name's own, and the name itself for all to see.
#[track_caller]
fn is_harmless(text: &str, seen: &str) {
    let hidden = text.chars().find(|&c| c != '\n' && is_hidden(c));
    assert_eq!(hidden, None, "in {text:?}");
    let forged = text.lines().find(|line| line.starts_with("FORGED"));
    assert_eq!(forged, None, "in {text}");
    assert!(text.contains(seen), "want {seen} in {text}");
}

/// Guards S25.1, S25.4.
#[test]
fn names_of_a_trace_and_a_profile_are_shown_and_do_nothing() {
    let files = Hostile::new();
    let label = format!("{NAME}={NAME}");
    for args in [
        &["check", "trace", "profile"][..],
        &["check", "trace", "profile", "--all"],
        &["check", "trace", "profile", "--region", NAME],
        &["check", "trace", "profile", "--label", &label],
        &["parse", "trace"],
        &["parse", "trace", "--stacks"],
        &["dump", "trace"],
    ] {
        let text = files.prints(args);
        // Of a pair that is a match, a table is shown with --all alone.
        let is_match = args == ["check", "trace", "profile"];
        is_harmless(&text, if is_match { "match: " } else { "u{1b}" });
        // A table has the two ends of a long name.
        if args[0] == "parse" && !args.contains(&"--label") {
            assert!(text.contains(SEEN), "{args:?}: {text}");
        }
    }
    let check = files.prints(&["check", "trace", "profile"]);
    assert!(!check.contains("##["), "{check}");
    let parse = files.prints(&["parse", "trace"]);
    assert!(parse.contains(&Shown(NAME).to_string()), "{parse}");
}

/// Guards S25.1, S25.5.
#[test]
fn names_of_files_and_arguments_are_shown_and_do_nothing() {
    let files = Hostile::new();
    fs::write(files.path(NAME), b"go 1.19 trace\0\0\0\xff").unwrap();
    for args in [
        &["check", NAME, "profile"][..],
        &["stat", "--keep-going", NAME],
        &["parse", NAME],
        &["dump", NAME],
        &["replay", NAME],
        &["parse", "trace", "--event", NAME],
        &["parse", "trace", NAME],
        &["sim", "--seed", "1", "--case", NAME, "--out", "out"],
        &["fuzz", "--plan", NAME],
        &["corpus", "list", "--format-version", NAME],
    ] {
        is_harmless(&files.prints(args), SEEN);
    }
}

/// Guards S25.5.
#[test]
fn what_a_plan_or_a_kept_run_says_is_shown_and_does_nothing() {
    let files = Hostile::new();
    let quoted = serde_json::to_string(NAME).unwrap();
    let quoted = quoted
        .replace("\u{7f}", "\\u007f")
        .replace("\u{9b}", "\\u009b");
    fs::write(files.path("plan.toml"), format!("{quoted} = 1\n")).unwrap();
    is_harmless(
        &files.prints(&["fuzz", "--plan", "plan.toml"]),
        "\\u{1b}[2J",
    );
    is_harmless(
        &files.prints(&[
            "sim",
            "--seed",
            "1",
            "--workload",
            "plan.toml",
            "--out",
            "o",
        ]),
        "\\u{1b}[2J",
    );
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/seeds/b30.toml");
    let case = fs::read_to_string(seeds).unwrap();
    let about = case.lines().find(|line| line.starts_with("about")).unwrap();
    let case = case.replace(about, &format!("about = {quoted}"));
    fs::write(files.path("case.toml"), case).unwrap();
    let text = files.prints(&["replay", "case.toml", "--html", "page.html"]);
    is_harmless(&text, SEEN);
    is_harmless(&fs::read_to_string(files.path("page.html")).unwrap(), SEEN);
}

/// Guards S25.1.
#[test]
fn what_a_parser_complains_of_is_shown_and_does_nothing() {
    let files = Hostile::new();
    fs::write(files.path("words"), NAME).unwrap();
    let args = ["corpus", "run", "--filter", "valid/basics/tiny", "--"];
    for parser in ["cat words >&2; exit 1", "cat words"] {
        let path = files.path("");
        let parser = format!("cd '{}'; {parser}", path.display());
        let text = files.prints(&[&args[..], &["sh", "-c", &parser]].concat());
        is_harmless(&text, "");
    }
}

/// Guards S25.2, S25.3.
#[test]
fn formats_for_programs_are_their_own_bytes_but_on_a_terminal() {
    let files = Hostile::new();
    for args in [
        &["parse", "trace", "--format", "go"][..],
        &["parse", "trace", "--format", "json"],
        &["parse", "trace", "--format", "samples"],
        &["check", "trace", "profile", "--format", "json"],
        &["export", "trace", "--format", "chrome"],
        &["export", "trace", "--format", "pprof"],
    ] {
        let piped = files.command(args).output().unwrap().stdout;
        let shown = terminal::shows(files.command(args));
        let hidden = shown.chars().find(|&c| c != '\n' && is_hidden(c));
        assert_eq!(hidden, None, "{args:?}: {shown:?}");
        match *args.last().unwrap() {
            "go" => assert!(piped.windows(4).any(|bytes| bytes == b"\x1b[2J")),
            "pprof" => {}
            _ => {
                let values = |text: &[u8]| -> Vec<serde_json::Value> {
                    let values = serde_json::Deserializer::from_slice(text).into_iter();
                    values.collect::<Result<_, _>>().unwrap()
                };
                assert_eq!(values(shown.as_bytes()), values(&piped), "{args:?}");
            }
        }
    }
}

/// Guards S25.2.
#[test]
fn words_are_harmless_on_a_terminal() {
    let files = Hostile::new();
    for args in [
        &["check", "trace", "profile", "--all"][..],
        &["parse", "trace", "--stacks"],
        &["stat", NAME],
        &["stat", "trace", NAME],
    ] {
        is_harmless(&terminal::shows(files.command(args)), "u{1b}");
    }
}

/// Unicode's own tables, as another project has them, hold no hidden character that ours lacks.
///
/// Guards S25.1.
#[test]
fn what_unicode_hides_is_hidden() {
    let properties = r"^[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\x{fff9}-\x{fffb}]$";
    let properties = regex::Regex::new(&format!("(?s){properties}")).unwrap();
    for c in '\0'..=char::MAX {
        let expected = properties.is_match(c.encode_utf8(&mut [0; 4]));
        assert_eq!(is_hidden(c), expected, "U+{:04X}", u32::from(c));
    }
}

/// A person sees how far it is and how many cases have failed; a log gets nothing of it.
///
/// Guards S63.6.
#[test]
fn a_run_of_the_corpus_shows_on_a_terminal_how_far_it_is() {
    let program = assert_cmd::cargo::cargo_bin!("sigprof");
    let mut run = std::process::Command::new(program);
    run.args([
        "corpus",
        "run",
        "--no-smoke-test",
        "--filter",
        "valid/basics/",
    ]);
    run.args(["--jobs", "1", "--", "sh", "-c", "sleep 0.1; exit 3"]);
    let shown = terminal::shows(run);
    assert!(
        shown.contains("cases ") && shown.contains(" of 17, ") && shown.contains("s more"),
        "{shown:?}"
    );
    assert!(shown.contains("3 failed"), "{shown:?}");
}

//! One name for one thing, numbers as they were given, and names that are wrong (S76).

use std::path::Path;

use crate::run::{finish, in_one_line, run, sigprof};

fn fixture(path: &str) -> String {
    format!("{}/../fixtures/{path}", env!("CARGO_MANIFEST_DIR"))
}

fn pair() -> [String; 2] {
    ["trace", "profile.pb.gz"].map(|file| fixture(&format!("valid/rings/overflow/{file}")))
}

/// Guards S76.1.
#[test]
fn a_seed_is_shown_as_it_was_given() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().to_str().unwrap();
    for seed in ["7", "0x7", "0xDEADbeef", "0x0007"] {
        let out = run(&["sim", "--seed", seed, "-o", at]).ends(0).out;
        assert!(out.starts_with(&format!("seed {seed} ")), "{out}");
        let kept = std::fs::read_to_string(folder.path().join("schedule")).unwrap();
        assert_eq!(kept.lines().next().unwrap().len(), 18, "{kept}");
    }
    let lock = ["explore", "--scenario", "lock", "--seeds"];
    let head = |range| run(&[&lock[..], &[range]].concat()).ends(0).out;
    assert!(head("0..17").starts_with("explore lock of fixed, pct3, seeds 0 to 16\n"));
    assert!(head("0x10..0x20").starts_with("explore lock of fixed, pct3, seeds 0x10 to 0x1f\n"));
    let replay = ["replay", "--scenario", "lock", "--format", "json", "--seed"];
    let again = run(&[&replay[..], &["0x2a"]].concat()).ends(0).json()["again"].clone();
    assert!(again.as_str().unwrap().ends_with("--seed 0x2a"), "{again}");
    let suite = [
        "conformance",
        "--filter",
        "valid/basics/tiny",
        "--format",
        "json",
    ];
    let of = |more: &[&str]| run(&[&suite[..], more].concat()).ends(0).json()["seed"].clone();
    assert_eq!(
        (of(&[]), of(&["--seed", "0x2a"])),
        ("0".into(), "0x2a".into())
    );
}

/// The page, or the difference, alone; the outcome beside it, with its exit code.
///
/// Guards S76.2.
#[test]
fn a_second_output_goes_to_standard_output_as_well() {
    let [trace, profile] = pair();
    let page = run(&["check", &trace, &profile, "--html", "-"]).ends(5);
    assert!(page.out.starts_with("<!DOCTYPE html>") || page.out.starts_with("<!doctype html>"));
    assert!(
        page.err.starts_with("lost: the ring's capacity"),
        "{}",
        page.err
    );
    assert!(page.out.trim_end().ends_with("</html>"));
    let output = sigprof(&["check", &trace, &profile, "--diff", "-"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(5));
    assert!(output.stdout.starts_with(b"\x1f\x8b"), "a profile, packed");
    assert!(output.stderr.starts_with(b"lost: "));
    let run_of_b30 = fixture("seeds/b30.toml");
    let page = run(&["replay", &run_of_b30, "--html", "-"]).ends(1);
    assert!(page.out.trim_end().ends_with("</html>"));
    assert!(page.err.starts_with("replay go1.26, "), "{}", page.err);

    let json = ["--format", "json"];
    for command in [
        &["check", &trace, &profile, "--html", "-"][..],
        &["check", &trace, &profile, "--diff", "-"],
        &["replay", &run_of_b30, "--html", "-"],
    ] {
        run(&[command, &json].concat()).refuses(2, "standard output has one place");
    }
    let both = ["check", &trace, &profile, "--diff", "-", "--html", "-"];
    run(&both).refuses(2, "want a file each");
}

/// Guards S76.2.
#[test]
fn a_folder_has_one_name_and_is_no_standard_output() {
    for command in [
        &["sim", "--seed", "1"][..],
        &["explore", "--scenario", "lock"],
        &["fuzz"],
        &["mutants"],
        &["corpus", "unpack"],
        &["corpus", "run"],
    ] {
        let asks = [command, &["--output", "-"]].concat();
        run(&asks).refuses(2, "want a folder, which standard output cannot be");
    }
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let found = ["explore", "--scenario", "overflow", "--revision", "go1.26"];
    for (option, name) in [("-o", "short"), ("--output", "long"), ("--keep", "old")] {
        run(&[&found[..], &[option, &at(name)]].concat()).ends(1);
        assert!(Path::new(&at(name)).join("go1.26-overflow.toml").is_file());
    }
    for (command, option) in [("man", "-o"), ("man", "--output")] {
        run(&[command, option, &at("man1")]).ends(0);
    }
    run(&["man", &at("man1")]).ends(0);
    run(&["man"]).refuses(2, "--output <DIR>");
}

/// Guards S76.3.
#[test]
fn times_are_spelled_in_one_way() {
    let run_of = |timeout: &str| {
        let program = ["--no-smoke-test", "--filter", "basics/tiny", "--", "true"];
        run(&[&["corpus", "run", "--timeout", timeout], &program[..]].concat()).ends(1)
    };
    for timeout in ["3", "3s", "1m30s"] {
        let again = format!("corpus run --timeout {timeout} ");
        assert!(run_of(timeout).out.contains(&again), "{timeout}");
    }
    for option in [
        &["explore", "--time", "1x"][..],
        &["sim", "--seed", "1", "-o", "o", "--generation", "1"],
        &["check", "t", "--min-age", "10"],
        &["corpus", "run", "--timeout", "ten", "--", "true"],
        &["export", "--format", "folded", "t", "--from", "5"],
    ] {
        run(option).refuses(2, "want a time such as 1.5s, 300ms or 1m30s");
    }
    let fraction = ["sim", "--seed", "1", "-o", "o", "--generation", "1.5ms"];
    run(&fraction).refuses(2, "want whole milliseconds");
}

/// Guards S76.5.
#[test]
fn a_name_that_nothing_has_is_answered_with_those_that_there_are() {
    let hog = fixture("valid/basics/hog/trace");
    let commands: [(&[&str], i32, &[&str]); 10] = [
        (
            &["explore", "--scenario", "overflw"],
            2,
            &["overflow", "lock"],
        ),
        (&["replay", "--scenario", "x", "--seed", "1"], 2, &["lock"]),
        (
            &["fuzz", "--mutant", "no_lok"],
            2,
            &["no_lock", "drains_once"],
        ),
        (
            &["sim", "--seed", "1", "-o", "o", "--case", "leek"],
            2,
            &["leak", "deep"],
        ),
        (
            &["explore", "--strategy", "x"],
            2,
            &["bounded0 to bounded9"],
        ),
        (
            &["mutants", "--filter", "no_lokc"],
            4,
            &["like it: no_lock", "drains_once", "go1.26"],
        ),
        (
            &["conformance", "--filter", "seed seeds/b30"],
            4,
            &["like it: seeds seeds/b3", "areas are origin"],
        ),
        (
            &["corpus", "run", "--filter", "basics/tinny", "--", "x"],
            4,
            &["valid/basics"],
        ),
        (
            &["corpus", "mistakes", "--filter", "name-latin"],
            4,
            &["names are "],
        ),
        (
            &["parse", "--event", "CPUsample", &hog],
            4,
            &["CPUSample", "GoStart"],
        ),
    ];
    for (command, code, words) in commands {
        let error = run(command).ends(code).err;
        for word in words {
            // Between any two words there may be a line's end.
            let said = in_one_line(&error).contains(word);
            assert!(said, "{command:?}: {word}: {error}");
        }
        let widest = error.lines().map(str::len).max();
        assert!(code != 4 || widest <= Some(100), "{command:?}: {error}");
    }
}

/// An option that would change nothing is not taken and forgotten.
///
/// Guards S46.3.
#[test]
fn options_that_go_with_no_other_are_refused() {
    let [trace, profile] = pair();
    let lists: [&[&str]; 6] = [
        &["--seeds", "0..5"],
        &["--time", "5s"],
        &["--runs", "5"],
        &["--jobs", "2"],
        &["--strategy", "dpor"],
        &["-o", "found"],
    ];
    for option in lists {
        let asks = [&["explore", "--list"], option].concat();
        run(&asks).refuses(2, "cannot be used with");
    }
    for option in [&["--seed", "1"][..], &["--full"], &["-j", "2"]] {
        let asks = [&["conformance", "--list"], option].concat();
        run(&asks).refuses(2, "cannot be used with");
    }
    let oracles = ["conformance", "--oracles", "off", "--oracles-dir", "o"];
    run(&oracles).refuses(2, "--oracles-dir is not with --oracles off");
    for command in ["explore", "fuzz"] {
        let asks = [command, "--runs", "5", "--seeds", "0..5"];
        run(&asks).refuses(
            2,
            "--runs is for bounded and dpor; pct3 has a run for each seed",
        );
    }
    let case = ["sim", "--seed", "1", "--case", "leak", "-o", "o"];
    let generation = [&case[..], &["--generation", "5ms"]].concat();
    run(&generation).refuses(2, "cannot be used with");
    let all = ["check", &trace, &profile, "--all", "--format", "json"];
    run(&all).refuses(2, "--all is for text");
}

/// The output of `parse` is JSON from the first line to the last, an error as well.
///
/// Guards S16.5, S59.4.
#[test]
fn lines_of_json_begin_with_their_version_and_end_with_an_error() {
    let lines = |path: &str, code| {
        let out = run(&["parse", "--format", "json", &fixture(path)])
            .ends(code)
            .out;
        let line = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap();
        out.lines().map(line).collect::<Vec<_>>()
    };
    for path in [
        "valid/basics/tiny/trace",
        "valid/basics/modern-go1.27/trace",
    ] {
        let lines = lines(path, 0);
        assert_eq!(lines[0]["schema_version"], 2);
        assert_eq!(lines[0]["sigprof_version"], env!("CARGO_PKG_VERSION"));
        assert!(lines[1..].iter().all(|line| line["type"].is_string()));
    }
    let refused = lines("invalid/wire/too-few-arguments/trace", 3);
    let error = refused.last().unwrap();
    assert_eq!(
        (&error["exit_code"], &error["fault"]["offset"]),
        (&3.into(), &0x20.into())
    );
    let mut command = sigprof(&["parse", "--format", "json", "-"]);
    command.write_stdin("no trace");
    let refused = finish(command).ends(3);
    assert_eq!(refused.json()["exit_code"], 3);
}

/// Guards S16.1, S59.4.
#[test]
fn every_json_says_which_version_it_has_and_which_program_made_it() {
    let [trace, profile] = pair();
    let [folder, seed] = ["valid/basics/hog-go1.27", "seeds/b30.toml"].map(fixture);
    let commands: [&[&str]; 16] = [
        &["check", &trace, &profile],
        &["check", &trace],
        &["check", &folder],
        &["stat", &trace],
        &["conformance", "--filter", "valid/basics/tiny"],
        &["conformance", "--filter", "valid/basics/tiny", "--list"],
        &["corpus", "list", "--invalid"],
        &["corpus", "mistakes", "--filter", "names"],
        &["explore", "--scenario", "lock", "--seeds", "0..9"],
        &["explore", "--list"],
        &["fuzz", "--seeds", "0..9"],
        &["replay", &seed],
        &["mutants", "--filter", "no_lock"],
        &["mutants", "--filter", "no-such-mutant"],
        &["explain", "L3"],
        &["go-text", "--oracles-dir", "no-such-folder"],
    ];
    let versions = |json: &serde_json::Value, command: &[&str]| {
        assert!(json["schema_version"].is_u64(), "{command:?}");
        assert_eq!(
            json["sigprof_version"],
            env!("CARGO_PKG_VERSION"),
            "{command:?}"
        );
    };
    for command in commands {
        let json = run(&[command, &["--format", "json"]].concat()).json();
        versions(&json, command);
    }
    let corpus = [
        "corpus",
        "run",
        "--format",
        "json",
        "--filter",
        "basics/tiny",
        "--",
    ];
    let json = run(&[&corpus[..], &["sigprof", "parse", "--format", "samples"]].concat()).json();
    versions(&json, &corpus);
}

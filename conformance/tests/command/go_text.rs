//! `sigprof go-text` as a command: JSON. What the text does is in the judged tests.

use serde_json::Value;
use sigprof::oracle::Go;

use super::promises::fields::names;
use super::run::run;

fn go_text(options: &[&str], code: i32) -> Option<Value> {
    let go = Go::find_or_skip("1.27")?;
    let home = go.root().parent().and_then(|home| home.to_str());
    let dir = home.expect("a path of text");
    let fixed = ["go-text", "--oracles-dir", dir, "--format", "json"];
    Some(run(&[&fixed[..], options].concat()).ends(code).json())
}

/// Guards S74.7.
#[test]
fn json_has_the_fields_of_its_rule() {
    // The fixes are not in the text.
    let scenario = ["--scenario", "record_then_close"];
    let compare = [&scenario[..], &["--model", "fixed"]].concat();
    let Some(compared) = go_text(&compare, 1) else {
        return;
    };
    let explore = [&scenario[..], &["--explore", "dpor"]].concat();
    let explored = go_text(&explore, 1).expect("Go, as before");
    let (one, other) = (&compared["scenarios"][0], &explored["scenarios"][0]);
    let parts = [one, &one["difference"], other, &other["found"]];
    names(
        "S74.7",
        &[&[&compared], &parts[..]].concat(),
        &["--format json"],
    );
    assert_eq!(one["difference"]["strategy"], "dpor");
    assert_eq!(
        (&other["found"]["defect"], &explored["strategy"]),
        (&"B30".into(), &"dpor".into())
    );
    assert_eq!(
        (&compared["is_whole"], &compared["strategy"]),
        (&true.into(), &Value::Null)
    );
}

/// Guards S76.5.
#[test]
fn a_model_that_there_is_not_is_answered_with_those_that_there_are() {
    let words = "no revision or mutant is named generation_keep; like it: generation_kept";
    run(&["go-text", "--model", "generation_keep"]).refuses(2, words);
    run(&["go-text", "--model", "nosuch"]).refuses(2, "revisions are seed, go1.19");
}

/// Guards S74.5.
#[test]
fn explore_runs_gos_text_in_place_of_the_model() {
    if Go::find_or_skip("1.27").is_none() {
        return;
    }
    let explore = ["explore", "--go-text", "1.27", "--strategy", "dpor"];
    let of = |scenario: &'static str| [&explore[..], &["--scenario", scenario]].concat();
    let found = run(&of("record_then_close")).ends(1);
    assert!(found.out.contains("(B30)"), "{}", found.out);
    let scenario = &go_text(&["--scenario", "write_read", "--explore", "dpor"], 0);
    let nothing = run(&[&of("write_read")[..], &["--format", "json"]].concat()).ends(0);
    assert_eq!(Some(nothing.json()), *scenario);
    // It has no seeds of its own.
    let ends = run(&[&explore[..], &["--seeds", "0..5"]].concat()).ends(2);
    assert!(ends.err.contains("'--seeds <A..B>'"), "{}", ends.err);
}

/// Guards S75.6.
#[cfg(unix)]
#[test]
fn a_terminal_shows_how_far_it_is_and_each_outcome_in_a_line() {
    if Go::find_or_skip("1.27").is_none() {
        return;
    }
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("sigprof"));
    command.args(["go-text", "--scenario", "write_read", "--scenario", "lock"]);
    let shown = crate::forged::terminal::shows(command);
    for words in ["scenarios ", "1 of 2, ", "lock, 0 runs, ", "write_read, "] {
        assert!(shown.contains(words), "{words:?}: {shown:?}");
    }
    // What stands after the bar was taken away.
    let rows = shown
        .lines()
        .filter_map(|line| line.rsplit("\x1b[1A").next());
    let rows = rows.filter(|row| row.starts_with("write_read ") || row.starts_with("lock "));
    assert_eq!(rows.count(), 2, "{shown:?}");
}

//! `sigprof fuzz`: plans that are drawn (S9.9, S16.10).

use std::path::Path;

use super::{Run, run};

fn fuzz(args: &[&str]) -> Run {
    run(&[&["fuzz"], args].concat())
}

/// Guards S9.9.
#[test]
fn nothing_is_found_in_what_has_no_defects() {
    let run = fuzz(&["--seeds", "0..3000"]).ends(0);
    assert!(
        run.out.ends_with("3000 plans, 3000 runs: nothing found\n"),
        "{}",
        run.out
    );
}

/// Guards S9.9, S16.10.
#[test]
fn the_outcome_is_the_same_on_any_number_of_threads() {
    let args = [
        "--revision",
        "go1.22",
        "--seeds",
        "0..1000",
        "--format",
        "json",
    ];
    let on = |jobs| fuzz(&[&args[..], &["--jobs", jobs]].concat()).ends(1);
    let alone = on("1");
    assert_eq!(alone.out, on("2").out);
    assert_eq!(alone.out, on("5").out);
    let found = alone.json()["found"].clone();
    let laws = found
        .as_array()
        .unwrap()
        .iter()
        .map(|found| found["law"].clone());
    let laws: Vec<_> = laws.collect();
    assert!(
        laws.contains(&"L8".into()) && laws.contains(&"L11".into()),
        "{laws:?}"
    );
}

/// A failure that was found is found again: by the command that is shown, and as a plan that was
/// kept, in all ways in which a plan can be run.
///
/// Guards S9.9.
#[test]
fn what_is_found_is_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().to_str().unwrap();
    let under = ["--revision", "go1.26"];
    let first = fuzz(&[&under[..], &["--seeds", "0..2000", "--keep", kept]].concat()).ends(1);
    let again = first
        .out
        .lines()
        .find_map(|line| line.trim().strip_prefix("again: sigprof "));
    let again: Vec<_> = again.unwrap().split(' ').collect();
    run(&again).ends(1);

    let plan = folder.path().join("go1.26-L8.toml");
    let text = std::fs::read_to_string(&plan).unwrap();
    let of_plan = ["--plan", plan.to_str().unwrap()];
    fuzz(&[&under[..], &of_plan, &["--strategy", "dpor"]].concat()).ends(1);
    fuzz(&[&under[..], &of_plan, &["--seeds", "0..500"]].concat()).ends(1);
    fuzz(
        &[
            &["--revision", "fixed"],
            &of_plan[..],
            &["--strategy", "dpor"],
        ]
        .concat(),
    )
    .ends(0);
    let strategy = text
        .split("--strategy ")
        .nth(1)
        .unwrap()
        .split(' ')
        .next()
        .unwrap();
    let schedule = text.split('\'').nth(1).unwrap();
    let one = ["--strategy", strategy, "--schedule", schedule];
    let shown = fuzz(&[&under[..], &of_plan, &one].concat()).ends(1);
    assert!(
        shown.out.contains("L8 (the end comes after all data)"),
        "{}",
        shown.out
    );
    // Nothing is forced: nothing happens.
    let dull = ["--strategy", strategy, "--schedule", "-"];
    fuzz(&[&under[..], &of_plan, &dull].concat()).ends(0);
}

/// Guards S26.9.
#[test]
fn what_is_no_plan_is_refused_with_place_and_reason() {
    let folder = tempfile::tempdir().unwrap();
    let check = |text: &str, words: &str| {
        let path = folder.path().join("plan.toml");
        std::fs::write(&path, text).unwrap();
        fuzz(&["--plan", path.to_str().unwrap()]).refuses(2, words);
    };
    check("kind = \"ring\"\nwords = 8\n", "missing field `tags`");
    let head = "kind = \"ring\"\nwords = 8\ntags = 2\n";
    check(
        &format!("{head}[[m]]\ndoes = [\"jump\"]"),
        "no operation \"jump\": want write N",
    );
    check(
        &format!("{head}[[m]]\ndoes = [\"write 9\"]"),
        "M0, write 9: never fits into 8 words",
    );
    check(
        "kind = \"trace\"\nwords = 65537\ntags = 2\n[[m]]\n",
        "want 1 to 65536 words, got 65537",
    );
    let nowhere = Path::new("nowhere.toml").to_str().unwrap();
    fuzz(&["--plan", nowhere]).refuses(3, "nowhere.toml");
}

#[test]
fn what_does_not_go_together_is_a_usage_error() {
    fuzz(&["--schedule", "-"]).refuses(2, "--plan");
    fuzz(&["--seeds", "1..2", "--time", "1s"]).refuses(2, "cannot be used with");
    fuzz(&["--strategy", "loom"]).refuses(2, "no strategy");
}

//! Several pairs at once: of a folder, or of files.

use std::path::Path;

use serde_json::Value;

use crate::run::run;

fn fixture(case: &str) -> String {
    format!("{}/../fixtures/valid/{case}", env!("CARGO_MANIFEST_DIR"))
}

/// A folder with copies of these fixtures' traces and profiles under names of their own.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (from, to) in files {
        let to = folder.path().join(to);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(fixture(from), to).unwrap();
    }
    folder
}

fn path(folder: &Path) -> &str {
    folder.to_str().unwrap()
}

/// Guards S9.11.
#[test]
fn a_folders_pairs_are_checked_and_the_worst_is_the_exit_code() {
    let folder = folder(&[
        ("basics/hog/trace", "api.trace"),
        ("basics/hog/profile.pb.gz", "api.pprof"),
        ("basics/hog/expected.json", "notes.json"),
        ("rings/wrap-loss-go1.27/trace", "b/trace"),
        ("rings/wrap-loss-go1.27/profile.pb.gz", "b/profile.pb.gz"),
    ]);
    let of = |args: &[&str]| run(&[&["check"], args].concat());
    let run = of(&[path(folder.path())]).ends(5);
    let rows: Vec<_> = run.out.lines().collect();
    assert!(
        rows[1].starts_with(" 0 ") && rows[1].contains("match: "),
        "{run:#?}"
    );
    assert!(
        rows[2].starts_with(" 5 ") && rows[2].contains("338 of "),
        "{run:#?}"
    );
    assert_eq!(rows[4], "Pairs put together: 2 by their names.");
    assert_eq!(rows[6], "1 other file is neither a trace nor a profile.");
    // One that cannot be read does not hide the others.
    let broken = folder.path().join("c.trace");
    std::fs::write(&broken, "go 1.26 trace\0\0\0\x07").unwrap();
    let run = of(&[path(folder.path())]).ends(3);
    assert!(
        run.out.contains("match: ") && run.out.contains("c.trace: 0x"),
        "{run:#?}"
    );
}

/// Guards S9.11.
#[test]
fn files_are_put_together_whatever_their_order() {
    let (profile, trace) = (
        fixture("basics/hog/profile.pb.gz"),
        fixture("basics/hog/trace"),
    );
    let other = fixture("basics/hog-go1.27/trace");
    let run = run(&["check", &profile, &trace, &other]).ends(0);
    assert_eq!(run.out.matches("match: ").count(), 1, "{run:#?}");
    assert_eq!(run.out.matches("consistent: ").count(), 1, "{run:#?}");
}

/// Guards S9.11.
#[test]
fn files_whose_names_say_nothing_are_put_together_by_their_order() {
    let folder = folder(&[
        ("basics/hog/trace", "3"),
        ("basics/hog/profile.pb.gz", "2"),
        ("basics/hog-go1.27/trace", "1"),
        ("basics/hog-go1.27/profile.pb.gz", "4"),
    ]);
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let files = ["3", "2", "1", "4"].map(at);
    let files: Vec<_> = files.iter().map(String::as_str).collect();
    let run = run(&[&["check"], &files[..]].concat()).ends(0);
    assert_eq!(run.out.matches("match: ").count(), 2, "{run:#?}");
    let how = "Pairs put together: 2 by the order in which they were given.";
    assert!(run.out.contains(how), "{run:#?}");
    // A folder has no order.
    let json = crate::run::run(&["check", path(folder.path()), "--format", "json"]).json();
    for row in json["pairs"].as_array().unwrap() {
        assert_eq!(row["paired_by"], Value::Null, "{row}");
    }
}

/// Guards S9.11.
#[test]
fn what_is_for_one_pair_is_refused_for_several() {
    let folder = fixture("basics");
    let page = ["check", &folder, "--html", "page.html"];
    run(&page).refuses(2, "--html is for one pair");
    let twice = ["check", "-", &folder, &folder];
    run(&twice).refuses(2, "each is read twice");
    let empty = tempfile::tempdir().unwrap();
    run(&["check", path(empty.path())]).refuses(4, "has no trace and no profile");
}

/// Guards S16.20.
#[test]
fn json_has_each_outcome() {
    let folder = folder(&[
        ("basics/hog/trace", "a.trace"),
        ("basics/hog/profile.pb.gz", "a.pprof"),
        ("basics/hog/profile.pb.gz", "b.pprof"),
    ]);
    let json = run(&["check", path(folder.path()), "--format", "json"])
        .ends(4)
        .json();
    let pairs = json["pairs"].as_array().unwrap();
    assert_eq!(pairs.len(), 2);
    assert_eq!(pairs[0]["outcome"]["verdict"], "match");
    assert_eq!(
        (&pairs[0]["exit_code"], &pairs[0]["error"]),
        (&0.into(), &Value::Null)
    );
    assert_eq!(
        (&pairs[1]["exit_code"], &pairs[1]["trace"]),
        (&4.into(), &Value::Null)
    );
    assert_eq!(pairs[1]["error"], "no trace goes with it");
    let by = ["name", "folder", "order"];
    crate::promises::fields::names("S16.20", &[&json, &pairs[0]], &by);
}

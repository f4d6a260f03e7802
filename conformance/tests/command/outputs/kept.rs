//! Findings, pages and the corpus as outputs.

use std::fs;

use super::{at, complaint, fixture, names, run};

/// Guards S24.2.
#[test]
fn a_plan_that_is_hunted_is_not_replaced_by_what_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let keep = folder.path().to_str().unwrap();
    let hunt = ["fuzz", "--mutant", "drains_once", "--keep", keep];
    run(&[&hunt[..], &["--seeds", "0..300"]].concat(), 1);
    let found = names(folder.path());
    let is_kept = |name: &String| name.starts_with("drains_once-L");
    assert!(!found.is_empty() && found.iter().all(is_kept), "{found:?}");
    let plan = at(folder.path(), &found[0]);
    let before = fs::read(&plan).unwrap();
    let output = run(&[&hunt[..], &["--plan", &plan]].concat(), 2);
    assert!(complaint(&output).contains("is the input"), "{output:?}");
    assert_eq!(fs::read(&plan).unwrap(), before);
}

/// Guards S24.1, S24.2.
#[test]
fn a_page_replaces_a_page_but_not_the_run_that_it_shows() {
    let folder = tempfile::tempdir().unwrap();
    let (case, page) = (at(folder.path(), "b2.toml"), at(folder.path(), "page"));
    fs::copy(fixture("seeds/b2.toml"), &case).unwrap();
    fs::write(&page, "old").unwrap();
    run(&["replay", &case, "--html", &case], 2);
    assert_eq!(
        fs::read(&case).unwrap(),
        fs::read(fixture("seeds/b2.toml")).unwrap()
    );
    run(&["replay", &case, "--html", &page], 1);
    assert!(fs::read_to_string(&page).unwrap().ends_with("</html>\n"));
    assert_eq!(names(folder.path()), ["b2.toml", "page"]);
}

/// Guards S24.1.
#[test]
fn the_corpus_is_unpacked_as_a_whole_into_a_new_folder_only() {
    let folder = tempfile::tempdir().unwrap();
    let used = at(folder.path(), "used");
    fs::create_dir(&used).unwrap();
    fs::write(folder.path().join("used/notes"), "mine").unwrap();
    run(&["corpus", "unpack", &used], 3);
    assert_eq!(names(used.as_ref()), ["notes"]);
    let new = at(folder.path(), "new");
    run(&["corpus", "unpack", &new], 0);
    let parts = [
        "README.md",
        "SPEC.md",
        "invalid",
        "manifests",
        "schemas",
        "valid",
    ];
    assert_eq!(names(new.as_ref()), parts);
}

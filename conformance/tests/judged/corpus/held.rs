//! Files that real Go wrote are held apart from what is said of them.

use sigprof::corpus::expected::Valid;
use sigprof::corpus::faults::{self, Fault};
use sigprof::corpus::{held, layout, ours};
use sigprof::fixtures::{Files, sha256};

const HOG: &str = "valid/basics/hog";

/// One bit of a name in the trace is another, and all that lies beside it says so as well.
fn tampered() -> (Files, String) {
    let mut files = Files::embedded();
    let path = format!("{HOG}/trace");
    let before = files.file(&path).unwrap().to_vec();
    let name = b"main.hog";
    let at = before.windows(name.len()).position(|w| w == name).unwrap();
    let mut after = before.clone();
    after[at + 5] ^= 1;
    let mut valid: Valid = files.json(&format!("{HOG}/expected.json")).unwrap();
    let read = valid.trace.clone();
    valid.trace = ours::trace(&after).unwrap();
    assert_ne!(valid.trace, read, "no sample has that name");
    files.insert(format!("{HOG}/expected.json"), layout::valid(&valid));
    let path_of_origin = format!("{HOG}/origin.toml");
    let origin = String::from_utf8(files.file(&path_of_origin).unwrap().to_vec()).unwrap();
    let (old, new) = (sha256(&before), sha256(&after));
    assert!(origin.contains(&old));
    files.insert(path_of_origin, origin.replace(&old, &new));
    files.insert(path, after);
    (files, new)
}

#[track_caller]
fn found(faults: &[Fault], want: &str, got: &str) {
    let words: Vec<_> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(words.len(), 1, "{words:#?}");
    assert!(words[0].contains(want), "want {want}, got {words:?}");
    assert!(words[0].ends_with(got), "want {got}, got {words:?}");
}

/// Nothing else would see it: everything that is said of the trace is true.
///
/// Guards S27.1.
#[test]
fn a_flipped_bit_is_found_though_all_that_is_said_of_it_was_adapted() {
    let (files, sum) = tampered();
    let want = format!(
        "{HOG}/trace: want what {} has, and a person reviewed: ",
        held::PATH
    );
    found(
        &faults::all(&files),
        &want,
        &format!("{HOG}/trace 59779 bytes {sum}"),
    );
}

/// Nor does it help to say that Go did not make it.
///
/// Guards S27.1.
#[test]
fn a_file_of_gos_cannot_be_passed_off_as_another() {
    let (mut files, sum) = tampered();
    let path = format!("{HOG}/origin.toml");
    let origin = String::from_utf8(files.file(&path).unwrap().to_vec()).unwrap();
    let (origin, _) = origin.split_once("[judged]").unwrap();
    files.insert(path, origin.to_owned());
    found(&faults::of_case(&files, HOG), "a person reviewed: ", &sum);
}

/// Guards S27.1.
#[test]
fn a_file_of_gos_that_nobody_reviewed_is_found() {
    let mut files = Files::embedded();
    for name in ["trace", "profile.pb.gz", "expected.json", "origin.toml"] {
        let bytes = files.file(&format!("{HOG}/{name}")).unwrap().to_vec();
        let text = String::from_utf8_lossy(&bytes).replace("case = \"hog\"", "case = \"new\"");
        let bytes = if name == "origin.toml" {
            text.into()
        } else {
            bytes
        };
        files.insert(format!("valid/basics/new/{name}"), bytes);
    }
    let faults = faults::of_case(&files, "valid/basics/new");
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(
        faults[0].want.ends_with("no file that real Go wrote"),
        "{faults:?}"
    );
    let mut files = Files::embedded();
    files.remove(&format!("{HOG}/profile.pb.gz"));
    let faults = faults::of_case(&files, HOG);
    assert!(
        faults
            .iter()
            .any(|f| f.want.contains("reviewed") && f.got == "none"),
        "{faults:?}"
    );
    assert_eq!(
        held::list(&files).lines().count(),
        held::list(&Files::embedded()).lines().count() - 1
    );
}

//! Real Go prints of each trace what we print.

use std::path::Path;

use sigprof::oracle::Go;
use sigprof::trace::v2::{Reader, Release};

use crate::v2::go::{Many, check};
use crate::v2::{fixtures, header, like};

/// A release prints of every fixture that it can read what we print.
#[track_caller]
fn check_release(release: Release) {
    let Some(go) = Many::build(release) else {
        return;
    };
    let traces = fixtures().into_iter().map(|folder| folder.join("trace"));
    let files: Vec<_> = traces
        .filter(|file| header(&std::fs::read(file).unwrap()) <= release.minor())
        .collect();
    assert!(!files.is_empty());
    assert!(check(&go, release, "wire", &files) > 0);
    assert!(check(&go, release, "parsed", &files) + 1 >= files.len());
}

/// Go 1.22 takes threads of equal times in any order, which these traces do not have where it
/// shows.
///
/// Guards R75.1, R80.1, R81.1.
#[test]
fn go_1_22_prints_of_fixtures_what_we_print() {
    check_release(Release::Go1_22);
}

/// Guards R75.1, R80.1, R81.1.
#[test]
fn go_1_23_prints_of_fixtures_what_we_print() {
    check_release(Release::Go1_23);
}

/// Guards R75.2, R76.3, R80.1, R81.1.
#[test]
fn go_1_24_prints_of_fixtures_what_we_print() {
    check_release(Release::Go1_24);
}

/// Guards R75.2, R76.3, R80.1, R80.2, R81.1.
#[test]
fn go_1_25_prints_of_fixtures_what_we_print() {
    check_release(Release::Go1_25);
}

/// Guards R75.2, R76.3, R80.1, R80.2, R81.1.
#[test]
fn go_1_26_prints_of_fixtures_what_we_print() {
    check_release(Release::Go1_26);
}

/// Guards R71.2, R72.1, R75.2, R76.1, R76.3, R80.1, R80.2, R81.1.
#[test]
fn go_1_27_prints_of_fixtures_what_we_print() {
    check_release(Release::Go1_27);
}

/// A text trace of Go's own tests as bytes: what is expected, and the trace.
pub(crate) fn test_data(go: &Go, path: &Path, text: &str) -> Option<(bool, Vec<u8>)> {
    let (_, expect) = text.split_once("-- expect --\n")?;
    let (expect, trace) = expect.split_once("-- trace --\n")?;
    let _ = go;
    let bytes = crate::fuzzed::targets::write::from_text(trace)
        .unwrap_or_else(|| panic!("{}", path.display()));
    Some((expect.starts_with("SUCCESS"), bytes))
}

/// Guards R77.1, R77.2, R77.3, R78.1.
#[test]
fn traces_of_gos_own_tests_succeed_or_fail_as_they_say() {
    for release in Release::ALL {
        let Some(go) = Go::find_or_skip(&release.to_string()) else {
            continue;
        };
        let trace = go.root().join("src/internal/trace");
        let folders = [
            trace.join("testdata/tests"),
            trace.join("v2/testdata/tests"),
        ];
        let folder = folders.iter().find(|f| f.is_dir()).unwrap();
        let mut seen = [0, 0];
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let Some((succeeds, bytes)) = test_data(&go, &path, &text) else {
                continue;
            };
            let options = sigprof::trace::v2::Options {
                strict: Some(sigprof::trace::Strict::Go1_27),
                ..like(release)
            };
            let result = Reader::new(&bytes, options).and_then(|mut r| r.verify());
            assert_eq!(
                result.is_ok(),
                succeeds,
                "{release} {}: {result:?}",
                path.display()
            );
            seen[usize::from(succeeds)] += 1;
        }
        assert!(seen[1] > 10, "{release}: {seen:?}");
    }
}

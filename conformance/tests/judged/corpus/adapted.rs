//! Other people's parsers do with the corpus what is known, and nothing else (`adapters`).

use sigprof::corpus::judge::{Failure, FailureKind};
use sigprof::corpus::run::{Outcome, Worth};

use super::adapters::{Came, Known, known};
use super::judged::decoder;

/// Every run of `known.toml`, which is all the releases that the corpus is for.
///
/// Guards S67.
#[test]
#[ignore = "a sweep: just test-all"]
fn go_s_parsers_differ_where_it_is_known() {
    let mut unlike = Vec::new();
    for run in known().run {
        let Some(decoder) = decoder(&run.go) else {
            continue;
        };
        let came = run.on(decoder.program()).unwrap();
        let lines = run.unlike(&came).into_iter();
        unlike.extend(lines.map(|line| format!("Go {}, {}: {line}", run.go, run.level)));
    }
    assert!(unlike.is_empty(), "{}", unlike.join("\n"));
}

fn outcome(failure: Option<(FailureKind, &str)>) -> Came {
    let failure = failure.map(|(kind, got)| Failure {
        kind,
        want: "a refusal".into(),
        got: got.into(),
        note: String::new(),
    });
    Came {
        passed: [0, 0, usize::from(failure.is_none())],
        outcomes: vec![Outcome {
            name: "invalid/wire/odd".into(),
            worth: Worth::Refusal,
            file: "invalid/wire/odd/trace".into(),
            rules: Vec::new(),
            failure,
            millis: 1,
        }],
    }
}

/// The complaints about an outcome where the file has this entry.
fn unlike(differs: &str, passed: usize, came: &Came) -> String {
    let run = format!(
        "[[run]]\ngo = '1.27'\nlevel = 'samples'\nformats = ['v2']\npassed = [0, 0, {passed}]\n{differs}"
    );
    let known: Known = toml::from_str(&run).unwrap();
    known.run[0].unlike(came).join("\n")
}

const ENTRY: &str = "[[run.differs]]\nkind = 'accepted'\nshows = 'no samples'\n\
    cases = ['invalid/wire/odd']\nreason = 'Nobody knows.'\n";

/// Guards S67.
#[test]
fn a_difference_fails_unless_it_is_known_as_it_is() {
    let accepted = outcome(Some((FailureKind::Accepted, "no samples")));
    assert_eq!(unlike(ENTRY, 0, &accepted), "");
    assert!(unlike("", 0, &accepted).contains("odd: \"accepted\": want a refusal"));
    for other in [
        (FailureKind::Crash, "no samples"),
        (FailureKind::Accepted, "two samples"),
    ] {
        let text = unlike(ENTRY, 0, &outcome(Some(other)));
        assert!(text.contains("want a refusal, got"), "{text}");
        assert!(text.contains("a stale entry"), "{text}");
    }
}

/// Guards S67.
#[test]
fn a_stale_entry_fails_and_so_does_another_count() {
    let passed = outcome(None);
    assert_eq!(unlike("", 1, &passed), "");
    assert_eq!(
        unlike("", 2, &passed),
        "want passed [0, 0, 2], got [0, 0, 1]"
    );
    let text = unlike(ENTRY, 1, &passed);
    assert!(
        text.contains("odd: a stale entry") && text.contains("Nobody knows."),
        "{text}"
    );
}

//! Reports with texts that somebody chose to break them, as a strict reader of XML and GitHub's
//! runner see them.

use proptest::prelude::*;
use sigprof::failure::Failure;
use sigprof::oracle::Mode;
use sigprof::shown;
use sigprof::suite::outcome::{CaseOutcome, Head, Judge, Outcome, Status};
use sigprof::suite::report::Format;
use sigprof_sim::Seed;

/// Two cases with this text wherever one can stand.
fn outcome(text: &str) -> Outcome {
    let case = |area, status| CaseOutcome {
        area,
        name: text.into(),
        status,
        millis: 7,
        again: text.into(),
    };
    let failure = Failure::new(text, text, text).file(text).rule("S22.2");
    let root = text.into();
    let release = "go1.19.8".into();
    Outcome {
        head: Head {
            seed: Seed(1),
            is_full: false,
            oracles: Mode::Auto,
            shard: None,
            cases: 2,
            of: 2,
            judges: vec![Judge { release, root }],
        },
        cases: vec![
            case("read", Status::Failed(vec![failure])),
            case("go1.19", Status::Skipped(text.into())),
        ],
        is_interrupted: false,
        millis: 1,
    }
}

/// That a strict reader takes the report, and finds this text in each of its places.
fn holds(text: &str) {
    let xml = outcome(text).show(Format::Junit).unwrap();
    let document = roxmltree::Document::parse(&xml).unwrap_or_else(|e| panic!("{e}: {xml:?}"));
    let of = |name: &str| {
        let mut all = document.descendants();
        all.find(|node| node.has_tag_name(name)).unwrap()
    };
    let attribute = |element: &str, name: &str| {
        shown::read(
            of(element)
                .attribute(name)
                .unwrap_or_else(|| panic!("{name}: {xml}")),
        )
    };
    assert_eq!(attribute("testcase", "name"), text, "{xml}");
    assert_eq!(attribute("skipped", "message"), text, "{xml}");
    let message = format!("{text}: expected {text}, got {text} ({text})");
    assert_eq!(attribute("failure", "message"), message, "{xml}");
    let mut properties = document.descendants();
    let root = properties.find(|node| node.attribute("name") == Some("goroot"));
    assert_eq!(shown::read(root.unwrap().attribute("value").unwrap()), text);
    let body = shown::read(of("failure").text().unwrap());
    let got = format!("what      {text}\nexpected  {text}\ngot       {text}\nwhere     {text}\n");
    assert!(body.starts_with(&got), "{body:?}");
    assert!(body.ends_with(&format!("\nagain     {text}")), "{body:?}");
}

/// Guards S25.6.
#[test]
fn a_strict_reader_of_xml_finds_every_text() {
    for text in [
        "a\tb",
        "a\nb",
        "a\r\nb\rc",
        "\u{fffe}\u{ffff}\u{1ffff}",
        "\0\x01\x1b[31mred\x1b[0m\x1b]0;t\x07",
        "\u{7f}\u{85}\u{9b}2J\u{2028}",
        "<a b='\"]]>&amp;&#9;",
        " lead and trail ",
        "C:\\u{1b}\\u",
        "\u{202e}\u{e0041}é世",
    ] {
        holds(text);
    }
}

proptest! {
    /// Guards S25.6.
    #[test]
    fn a_strict_reader_of_xml_finds_any_text(
        chars in prop::collection::vec(
            prop_oneof![
                any::<char>(),
                prop::char::range('\0', '\u{a0}'),
                prop::sample::select(vec!['\\', 'u', '{', '}', '1', '\n', '\t', '\u{ffff}']),
            ],
            1..40,
        )
    ) {
        holds(&chars.into_iter().collect::<String>());
    }
}

/// As the runner does it: `::` after spaces, or `##[` anywhere (actions/runner,
/// `src/Runner.Common/ActionCommand.cs`).
fn is_command(line: &str) -> bool {
    line.trim_start().starts_with("::") || line.contains("##[")
}

/// Guards S25.4.
#[test]
fn no_line_but_an_annotation_is_a_command_to_github() {
    let text = "a\n::error::b\r\n  ::set-output name=c::d\n##[error]e\n::add-mask::f";
    let report = outcome(text).show(Format::Github).unwrap();
    let commands: Vec<_> = report.lines().filter(|line| is_command(line)).collect();
    let [error, warning] = commands.as_slice() else {
        panic!("want two annotations, got {commands:#?}");
    };
    assert!(
        error.starts_with("::error file=a\\u{a}%3A%3Aerror"),
        "{error}"
    );
    assert!(
        warning.starts_with("::warning title=conformance::1 case"),
        "{warning}"
    );
    for shown in [Format::Text, Format::Github] {
        let report = outcome(text).show(shown).unwrap();
        let hidden = report.chars().find(|&c| c != '\n' && shown::is_hidden(c));
        assert_eq!(hidden, None, "{report}");
    }
}

/// Guards S25.5.
#[test]
fn no_line_of_a_value_begins_at_the_margin() {
    let text = "a\nFAILED b\n1 passed, 0 failed, 0 skipped in 0.0 s";
    let report = outcome(text).show(Format::Text).unwrap();
    let failed = report.lines().filter(|line| line.starts_with("FAILED"));
    assert_eq!(failed.count(), 1, "{report}");
    let passed = report.lines().filter(|line| line.starts_with("1 passed"));
    assert_eq!(passed.count(), 0, "{report}");
}

//! The switches, release by release.

use sigprof_model::protocol::Protocol;

use crate::Golden;

/// A row a switch, a column a revision; what is as in the revision before is a quotation mark.
pub(crate) fn table(_: &str) -> Golden {
    let mut rows = vec![vec!["switch".to_owned()]];
    rows[0].extend(Protocol::REVISIONS.map(|(name, _)| name.to_owned()));
    let columns = Protocol::REVISIONS.map(|(_, protocol)| switches(&protocol));
    for (at, (name, _)) in columns[0].iter().enumerate() {
        let mut row = vec![(*name).to_owned()];
        let mut last = "";
        for column in &columns {
            let (_, value) = &column[at];
            let is_new = value != last;
            row.push(if is_new {
                value.clone()
            } else {
                "\"".to_owned()
            });
            last = value;
        }
        rows.push(row);
    }
    let about = "the switches of each revision (model/src/protocol.rs)";
    (about.to_owned(), super::table(&rows))
}

fn switches(protocol: &Protocol) -> Vec<(&'static str, String)> {
    // A switch that is new is an error here until it has its row.
    let &Protocol {
        wake,
        extra_clears_sleeping,
        looks_again_at_eof,
        looks_again_at_overflow,
        reports,
        overflow_test,
        drain,
        drainer,
        logs,
        guard,
        advance,
        stop,
        non_go_checks_rate,
        flaw,
        weakened,
    } = protocol;
    let mut rows = vec![
        ("wake", format!("{wake:?}")),
        ("extra_clears_sleeping", format!("{extra_clears_sleeping}")),
        ("looks_again_at_eof", format!("{looks_again_at_eof}")),
        (
            "looks_again_at_overflow",
            format!("{looks_again_at_overflow}"),
        ),
        ("reports", format!("{reports:?}")),
        ("overflow_test", format!("{overflow_test:?}")),
        ("drain", format!("{drain:?}")),
        ("drainer", format!("{drainer:?}")),
        ("logs", format!("{logs:?}")),
        ("header_words", format!("{}", protocol.header_words())),
        ("guard", format!("{guard:?}")),
        ("non_go_checks_rate", format!("{non_go_checks_rate}")),
        ("flaw", format!("{flaw:?}")),
        ("weakened", format!("{weakened:?}")),
    ];
    let steps = [
        [("advance, 1", 0), ("advance, 2", 1), ("advance, 3", 2)]
            .map(|(n, at)| (n, advance.get(at))),
        [("stop, 1", 0), ("stop, 2", 1), ("stop, 3", 2)].map(|(n, at)| (n, stop.get(at))),
        [("stop, 4", 3), ("stop, 5", 4), ("stop, 6", 5)].map(|(n, at)| (n, stop.get(at))),
    ];
    let shown = steps.concat().into_iter().map(|(name, step)| {
        let step = step.map_or_else(|| "-".to_owned(), |step| format!("{step:?}"));
        (name, step)
    });
    rows.extend(shown);
    assert!(
        advance.len() <= 3 && stop.len() <= 6,
        "more steps than rows"
    );
    rows
}

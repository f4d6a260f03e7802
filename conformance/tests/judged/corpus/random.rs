//! Real Go as the judge of random runs and of damaged traces: it prints the events that ours
//! prints, and refuses what ours refuses.

use std::collections::BTreeMap;
use std::path::Path;

use sigprof::corpus::expected::GoDoes;
use sigprof::oracle::compare;
use sigprof::trace::v1::Strict;
use sigprof_wire::FormatVersion;

use super::go::Answer;
use super::judged::decoder;
use super::runs;

/// Go gives events of equal times an order of its own, partly at random (S4, R62.3), so that it
/// may read a trace now and refuse it the next time: it is asked this often at the most.
const ROUNDS: usize = 20;

/// Traces of a thousand that one of both refuses for what happens at a time that two events
/// have.
const TIES_OF_1000: usize = 3;

/// Asks Go 1.21 about traces; how many were read, and why the others were refused.
fn judge(traces: &[Vec<u8>]) -> Option<BTreeMap<String, usize>> {
    let decoder = decoder("1.21")?;
    let folder = tempfile::tempdir().unwrap();
    let mut left = BTreeMap::new();
    for (at, trace) in traces.iter().enumerate() {
        let file = folder.path().join(at.to_string());
        std::fs::write(&file, trace).unwrap();
        left.insert(file, None);
    }
    let mut outcomes = BTreeMap::new();
    for _ in 0..ROUNDS {
        for files in left.clone().into_keys().collect::<Vec<_>>().chunks(1000) {
            for (file, answer) in files.iter().zip(decoder.print(files).unwrap()) {
                match outcome(&std::fs::read(file).unwrap(), &answer) {
                    Ok(outcome) => {
                        *outcomes.entry(outcome).or_default() += 1;
                        left.remove(file);
                    }
                    Err(difference) => *left.get_mut(file).unwrap() = Some(difference),
                }
            }
        }
    }
    let (ties, others): (Vec<_>, Vec<_>) = left
        .into_values()
        .flatten()
        .partition(|difference| difference.is_tie);
    let words = |all: Vec<Difference>| all.into_iter().map(|d| d.words).collect::<Vec<_>>();
    let (ties, others) = (words(ties), words(others));
    assert!(others.is_empty(), "{others:#?}");
    assert!(
        ties.len() <= (traces.len() * TIES_OF_1000 / 1000).max(1),
        "{ties:#?}"
    );
    Some(outcomes)
}

/// A trace that Go and we do not see alike.
#[derive(Clone)]
struct Difference {
    words: String,
    /// Whether one of both stumbles at a time at which the other sees two events.
    is_tie: bool,
}

/// The outcome of a trace in our reader and in Go's, if it is the same.
fn outcome(trace: &[u8], answer: &Answer) -> Result<String, Difference> {
    let ours = compare::read(trace, FormatVersion::GO_1_21, Some(Strict::Go1_19));
    let (theirs, said) = (answer.printed(), &answer.said);
    let difference = |words: String, is_tie| Difference { words, is_tie };
    match (ours, answer.does) {
        (Ok(ours), GoDoes::Accepts) => compare::same_lines("Go 1.21", &theirs, &ours)
            .map(|()| "read".to_owned())
            .map_err(|words| difference(words, false)),
        // Where Go panics, ours reports an error (S5).
        (Err(error), GoDoes::Refuses | GoDoes::Panics) => {
            Ok(format!("{:?}: {}", error.kind(), error.want()))
        }
        (Ok(ours), does) => {
            let time = said.rsplit_once("time ").map(|(_, rest)| rest);
            let is_tie = time.is_some_and(|rest| is_tie(&ours, rest.trim_end_matches(')')));
            let words = format!("Go {does:?}: {said}; ours reads it");
            Err(difference(words, is_tie))
        }
        (Err(error), does) => {
            let time = error.context().rsplit_once(", at ").map(|(_, rest)| rest);
            let is_tie = time.is_some_and(|rest| is_tie(&theirs, rest.trim_end_matches(" ns")));
            Err(difference(format!("Go {does:?}, ours: {error}"), is_tie))
        }
    }
}

/// Whether more than one event has this time.
fn is_tie(printed: &[u8], time: &str) -> bool {
    let printed = String::from_utf8_lossy(printed);
    let has_time = |line: &&str| line.split(' ').next() == Some(time);
    printed.lines().filter(has_time).count() > 1
}

/// Runs of which some are read and others are refused, for several reasons.
#[track_caller]
fn check_runs(count: u64) {
    let traces: Vec<_> = (0..count)
        .map(|seed| runs::trace(&runs::nth(seed)))
        .collect();
    let Some(outcomes) = judge(&traces) else {
        return;
    };
    assert!(outcomes["read"] > traces.len() / 6, "{outcomes:#?}");
    assert!(outcomes.len() > 4, "{outcomes:#?}");
}

/// A real trace with every so many bytes changed in three ways, and cut.
#[track_caller]
fn check_damaged(step: usize) {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    let bytes = std::fs::read(fixtures.join("valid/basics/tiny/trace")).unwrap();
    let mut traces = Vec::new();
    for at in (0..bytes.len()).step_by(step) {
        for flip in [1, 0x40, 0x80] {
            let mut changed = bytes.clone();
            changed[at] ^= flip;
            traces.push(changed);
        }
    }
    let cuts = (0..bytes.len()).step_by(7 * step);
    traces.extend(cuts.map(|len| bytes[..len].to_vec()));
    let Some(outcomes) = judge(&traces) else {
        return;
    };
    assert!(
        outcomes["read"] > 100 / step && outcomes.len() > 10,
        "{outcomes:#?}"
    );
}

#[test]
fn go_1_21_sees_in_random_runs_what_we_see() {
    check_runs(300);
}

#[test]
#[ignore = "a sweep: just test-all"]
fn go_1_21_sees_in_3000_random_runs_what_we_see() {
    check_runs(3000);
}

#[test]
fn go_1_21_sees_in_damaged_traces_what_we_see() {
    check_damaged(11);
}

#[test]
#[ignore = "a sweep: just test-all"]
fn go_1_21_sees_in_a_trace_damaged_at_every_byte_what_we_see() {
    check_damaged(1);
}

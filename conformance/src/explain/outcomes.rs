//! Verdicts, their reasons, and exit codes.

use super::{Entry, Kind};
use crate::check::{Narrow, Reason, TraceSide, Verdict};
use crate::fixtures::Files;
use crate::pprof;
use crate::spec;
use crate::trace::{Options, Reader};

/// A pair of Go 1.19 in which each side has what the other has.
const HOG: &str = "valid/basics/hog/trace valid/basics/hog/profile.pb.gz";

/// Rules of SPEC.md that say most of a code.
const RULES: usize = 3;

pub(super) fn entries(files: &Files) -> Vec<Entry> {
    let mut entries: Vec<_> = Verdict::ALL.map(verdict).into();
    entries.extend(Reason::ALL.map(|of| reason(of, files)));
    entries.extend(exits());
    entries
}

/// The rules that name a code, as far as there is room.
fn see(word: &str) -> Vec<String> {
    let word = format!("`{word}`");
    let rules = spec::rules(spec::TEXT).filter(|rule| rule.text.contains(&word));
    let of_check = rules.filter(|rule| !rule.number.starts_with("S16"));
    of_check
        .take(RULES)
        .map(|rule| rule.number.to_owned())
        .collect()
}

fn verdict(of: Verdict) -> Entry {
    let word = of.to_string();
    let mut entry = Entry::new(Kind::Verdict, &word, of.meaning());
    entry.why = vec![format!(
        "`sigprof check` ends with exit code {}",
        of.exit_code()
    )];
    let reasons = Reason::ALL
        .into_iter()
        .filter(|reason| reason.of_missing() == of || reason.of_surplus() == of);
    let reasons: Vec<_> = reasons.map(|reason| reason.to_string()).collect();
    if !reasons.is_empty() {
        entry.why.push(format!(
            "it has one of these reasons: {}",
            reasons.join(", ")
        ));
    }
    entry.shown_by = vec![check(match of {
        Verdict::Match => HOG,
        Verdict::Synthetic => {
            "valid/rings/only-overflow-go1.21/trace valid/rings/only-overflow-go1.21/profile.pb.gz"
        }
        Verdict::Consistent => "valid/basics/busy/trace valid/basics/busy/profile.pb.gz",
        Verdict::CannotTell => of_reason(Reason::Damaged),
        Verdict::Surplus => {
            "valid/stacks/none-go1.19/trace valid/rings/one-frame-and-overflow-go1.19/profile.pb.gz"
        }
        Verdict::Lost => of_reason(Reason::RingWrap),
        Verdict::NoOverlap => of_reason(Reason::Before),
        Verdict::Wrong => {
            "valid/stacks/none-go1.19/trace valid/order/equal-times-go1.21/profile.pb.gz"
        }
    })];
    entry.see = see(&word);
    entry.see.extend(reasons);
    entry
}

fn reason(of: Reason, files: &Files) -> Entry {
    let word = of.to_string();
    let mut entry = Entry::new(Kind::Reason, &word, of.meaning());
    let (missing, surplus) = (of.of_missing(), of.of_surplus());
    entry.why = vec![format!("samples that the trace lacks are then `{missing}`")];
    if surplus != missing {
        entry
            .why
            .push(format!("those that it has too many, `{surplus}`"));
    }
    let shown = of_reason(of);
    if !shown.is_empty() {
        entry.shown_by = vec![check(shown)];
    }
    entry.what.extend(advice(shown, files));
    if of == Reason::UnknownWindow {
        let why = "No fixture shows it: every profile that runtime/pprof writes says how long it ran. Those \
                   of other tools may not, and a profile that was put together from several.";
        entry.what.push(why.to_owned());
    }
    entry.see = see(&word);
    entry.see.push(missing.to_string());
    entry
}

/// The check's words on a pair or a trace alone that is judged so: why, and what to do.
fn advice(shown: &str, files: &Files) -> Vec<String> {
    let mut arguments = shown.split(' ');
    let mut bytes = || files.file(arguments.next()?).ok();
    let Some(trace) = bytes() else {
        return Vec::new();
    };
    let options = Options {
        keep_going: true,
        ..Options::default()
    };
    let profile = bytes();
    // A selection changes what is said of it; `sigprof check` says that.
    if arguments.next().is_some() {
        return Vec::new();
    }
    let said = || -> Option<(Vec<String>, Vec<String>)> {
        let mut reader = Reader::with(trace, options).ok()?;
        let side = TraceSide::read(&mut reader, &Narrow::default()).ok()?;
        Some(match profile {
            Some(profile) => {
                let report = side.check(pprof::read(profile).ok()?).ok()?;
                (report.why, report.advice)
            }
            None => {
                let alone = side.alone(None).ok()?;
                (alone.why, alone.advice)
            }
        })
    };
    let (why, advice) = said().unwrap_or_default();
    let why = why
        .into_iter()
        .map(|why| format!("Where it is shown: {why}"));
    let advice = advice.into_iter().map(|what| format!("What to do: {what}"));
    why.chain(advice).collect()
}

/// A pair, or a trace alone, that is judged for this reason; empty if no fixture is.
fn of_reason(reason: Reason) -> &'static str {
    match reason {
        Reason::RingCapacity => "valid/rings/overflow/trace valid/rings/overflow/profile.pb.gz",
        Reason::RingWrap => {
            "valid/rings/wrap-loss-go1.27/trace valid/rings/wrap-loss-go1.27/profile.pb.gz"
        }
        Reason::Gap => "valid/windows/rate-ended-go1.24/trace",
        Reason::Damaged => "invalid/states/stw-twice/trace valid/basics/hog/profile.pb.gz",
        Reason::Fewer => "valid/order/odd-ticks-go1.22/trace",
        Reason::OtherTime => {
            "valid/recorder/recorder-cuts-ring-go1.25/trace valid/basics/modern-go1.22/profile.pb.gz"
        }
        Reason::Before => {
            "valid/windows/rate-before-go1.27/trace valid/windows/rate-before-go1.27/profile.pb.gz"
        }
        Reason::TooFew => "valid/stacks/none-go1.19/trace",
        Reason::Window => "valid/basics/busy/trace valid/basics/busy/profile.pb.gz",
        Reason::Shift => {
            "valid/rings/exact-fit-go1.19/trace valid/rings/exact-fit-go1.19/profile.pb.gz"
        }
        Reason::ProfileRing => {
            "valid/rings/one-frame-and-overflow-go1.19/trace \
             valid/rings/one-frame-and-overflow-go1.19/profile.pb.gz"
        }
        Reason::OldFormat => {
            "valid/events/every-event-go1.5/trace valid/windows/no-sample-go1.21/profile.pb.gz"
        }
        Reason::NoTraceSamples => {
            "valid/windows/no-overlap/trace valid/windows/no-overlap/profile.pb.gz"
        }
        Reason::NoProfileSamples => {
            "valid/stacks/none-go1.19/trace valid/rings/only-overflow-go1.21/profile.pb.gz"
        }
        Reason::NoCommonStack => {
            "valid/stacks/none-go1.19/trace valid/windows/no-sample-go1.21/profile.pb.gz"
        }
        Reason::OutsideSelection => {
            "valid/basics/hog/trace valid/basics/hog/profile.pb.gz --label tracing=on --goroutine 18"
        }
        // Of the stacks whose samples have no such label; the pair as a whole has no difference.
        Reason::Narrowing => {
            "valid/basics/hog/trace valid/basics/hog/profile.pb.gz --label tracing=on"
        }
        // Each of our profiles says how long it ran.
        Reason::UnknownWindow => "",
        // Of an enumeration of another crate that may grow: a test asks for each.
        _ => "",
    }
}

/// The command that checks fixtures.
fn check(arguments: &str) -> String {
    let mut command = "sigprof check".to_owned();
    for argument in arguments.split(' ') {
        let is_file = argument.starts_with("valid/") || argument.starts_with("invalid/");
        let folder = if is_file { "fixtures/" } else { "" };
        command += &format!(" {folder}{argument}");
    }
    command
}

/// Exit codes, by the rules that say what they are.
fn exits() -> Vec<Entry> {
    let codes = [
        ("0", "S9.1", check(HOG)),
        (
            "1",
            "S9.2",
            "sigprof explore --scenario overflow --revision go1.26".to_owned(),
        ),
        ("2", "S9.3", "sigprof check".to_owned()),
        (
            "3",
            "S9.4",
            "sigprof parse fixtures/invalid/wire/too-few-arguments/trace".to_owned(),
        ),
        (
            "4",
            "S9.5",
            "sigprof conformance --filter no-such-case".to_owned(),
        ),
        ("5", "S9.6", check(of_reason(Reason::RingWrap))),
    ];
    let exit = |(code, number, command): (&str, &str, String)| {
        let text = spec::rule(number).map_or("", |rule| rule.text);
        let mut entry = Entry::new(Kind::Exit, code, text);
        let verdicts = Verdict::ALL.into_iter();
        let verdicts = verdicts.filter(|verdict| verdict.exit_code().to_string() == code);
        let verdicts: Vec<_> = verdicts.map(|verdict| verdict.to_string()).collect();
        entry.why = match verdicts.is_empty() {
            true => vec!["no verdict leads to it".to_owned()],
            false => vec![format!(
                "these verdicts lead to it: {}",
                verdicts.join(", ")
            )],
        };
        entry.shown_by = vec![command];
        entry.see = vec![number.to_owned()];
        entry.see.extend(verdicts);
        entry
    };
    let mut entries: Vec<_> = codes.map(exit).into();
    let text = "A second signal ended the command at once, with nothing of what it had.";
    let mut at_once = Entry::new(Kind::Exit, "130", text);
    let how =
        "No command ends so by itself: press Ctrl-C twice while `sigprof explore --time 1m` runs.";
    at_once.what.push(how.to_owned());
    let rule = spec::rule("S24.5").map_or("", |rule| rule.text);
    at_once.why = vec![rule.to_owned()];
    at_once.see = vec!["S24.5".to_owned()];
    entries.push(at_once);
    entries
}

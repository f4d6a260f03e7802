//! The model's codes: laws, defects, mutants and scenarios.

use std::sync::atomic::Ordering;

use sigprof_model::defects;
use sigprof_model::known::{self, Known};
use sigprof_model::law::Law;
use sigprof_model::mutants::{Change, Fate, Mutant, Shows};
use sigprof_model::scenario::Scenario;
use sigprof_sim::engine;

use super::{Entry, Kind, rules};
use crate::explore::seeds::Case;
use crate::failure::rule_of;
use crate::fixtures::Files;
use crate::spec;

/// All of the model's.
pub(super) fn entries(files: &Files, mutants: &[Mutant]) -> Vec<Entry> {
    let kept = kept(files);
    let mut entries: Vec<_> = Law::ALL.map(|of| law(of, mutants, &kept)).into();
    entries.extend(bugs(mutants).iter().map(|id| defect(id, mutants, &kept)));
    entries.extend(mutants.iter().map(mutant));
    let scenarios = engine::scenarios();
    entries.extend(scenarios.iter().map(|of| scenario_of(of, mutants)));
    entries
}

/// The kept runs that break a law.
fn kept(files: &Files) -> Vec<Case> {
    let text = |name: &String| files.file(&format!("{name}.toml")).ok().map(<[u8]>::to_vec);
    let texts = files.seeds().iter().filter_map(text).collect::<Vec<_>>();
    let cases = texts
        .iter()
        .map(|text| Case::parse(&String::from_utf8_lossy(text)));
    cases
        .filter_map(Result::ok)
        .filter(|case| case.law.is_some())
        .collect()
}

/// The command that finds a mutant, if it can be found.
pub(super) fn command(mutant: &Mutant) -> Option<String> {
    let Fate::Breaks {
        scenario, shows, ..
    } = mutant.fate
    else {
        return None;
    };
    // The strategies that are complete for what they can see.
    let strategy = match shows {
        Shows::InOrder => "dpor",
        Shows::WeakMemory => "dpor-weak",
    };
    let name = mutant.name;
    Some(format!(
        "sigprof explore --mutant {name} --scenario {scenario} --strategy {strategy}"
    ))
}

fn is_of(mutant: &Mutant, wanted: Law) -> bool {
    matches!(mutant.fate, Fate::Breaks { law, .. } if law == wanted)
}

/// The places in Go's source that rules name, each once.
fn sources<'a>(numbers: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut sources: Vec<String> = Vec::new();
    for number in numbers {
        let source = spec::rule(number).as_ref().and_then(rules::source);
        if let Some(source) = source.filter(|source| !sources.contains(source)) {
            sources.push(source);
        }
    }
    sources
}

fn law(of: Law, mutants: &[Mutant], kept: &[Case]) -> Entry {
    let number = rule_of(of);
    let text = spec::rule(&number).map_or(of.words(), |rule| rule.text);
    let mut entry = Entry::new(Kind::Law, of.code(), of.words());
    entry.what.push(text.to_owned());
    let defects = known::ALL.iter().filter(|known| known.explains(of));
    for known in defects {
        entry.why.push(breaks(known));
        entry.see.push(known.id.to_owned());
    }
    let mutants: Vec<_> = mutants.iter().filter(|mutant| is_of(mutant, of)).collect();
    let break_it = match mutants.len() {
        1 => "1 mutant of the model breaks it".to_owned(),
        n => format!("{n} mutants of the model break it"),
    };
    entry.why.push(break_it);
    let rules = mutants.iter().flat_map(|mutant| mutant.rules);
    entry.go = sources(rules.copied());
    let case = kept.iter().filter(|case| case.law == Some(of));
    let shortest = case.min_by_key(|case| case.schedule.forced());
    entry.shown_by.extend(shortest.map(Case::command));
    let first = mutants.iter().find_map(|mutant| command(mutant));
    entry.shown_by.extend(first);
    entry.see.push(number);
    entry
        .see
        .extend(mutants.iter().take(3).map(|mutant| mutant.name.to_owned()));
    entry
}

/// A defect of releases in a sentence.
fn breaks(known: &Known) -> String {
    let releases = known.revisions.join(", ");
    format!("{} in {releases}: {}", known.id, known.what)
}

/// The defects by number: those that releases have, and those that are mutants now.
fn bugs(mutants: &[Mutant]) -> Vec<String> {
    let known = known::ALL.iter().map(|known| known.id);
    let shipped = mutants.iter().filter_map(|mutant| mutant.bug);
    let named = spec::rules(spec::TEXT).flat_map(|rule| words(rule.text));
    let named = named.filter(|word| word.strip_prefix('B').is_some_and(is_number));
    let mut ids: Vec<&str> = known.chain(shipped).chain(named).collect();
    ids.sort_by_key(|id| id[1..].parse::<u32>().unwrap_or(u32::MAX));
    ids.dedup();
    ids.into_iter().map(str::to_owned).collect()
}

fn defect(id: &str, mutants: &[Mutant], kept: &[Case]) -> Entry {
    let section = defects::section(id).unwrap_or_default();
    let naming = spec::rules(spec::TEXT).filter(|rule| words(rule.text).any(|word| word == id));
    let naming: Vec<_> = naming.collect();
    let known = known::ALL.iter().find(|known| known.id == id);
    let (paragraphs, steps) = parts(&section);
    let mut paragraphs = paragraphs.into_iter();
    let in_spec = || {
        let rule = naming.first()?;
        Some(format!("of rule {}: {}", rule.number, rule.text))
    };
    let first = known.map(|known| known.what.to_owned());
    let first = first.or_else(|| paragraphs.next()).or_else(in_spec);
    let first = first.unwrap_or_default();
    let mut entry = Entry::new(Kind::Defect, id, first);
    entry.what.extend(paragraphs);
    if id == "B4" {
        let why = "No fixture shows it: it takes two events of equal times in an order that Go draws at \
                   random. `sigprof parse --strict go1.19` refuses such a trace as Go does.";
        entry.what.push(why.to_owned());
    }
    entry.steps = steps;
    if let Some(known) = known {
        let laws = [&[known.law], known.also].concat();
        entry.why = laws.iter().map(|law| format!("breaks {law}")).collect();
        entry.why.push(format!(
            "revisions that have it: {}",
            known.revisions.join(", ")
        ));
        entry.see.extend(laws.iter().map(|law| law.code()));
    }
    let of_bug: Vec<_> = mutants
        .iter()
        .filter(|mutant| mutant.bug == Some(id))
        .collect();
    for mutant in &of_bug {
        if let Fate::Breaks { law, .. } = mutant.fate
            && known.is_none()
        {
            entry.why.push(format!("breaks {law}"));
            entry.see.push(law.code());
        }
        entry.see.push(mutant.name.to_owned());
        entry
            .see
            .extend(mutant.rules.iter().map(|&rule| rule.to_owned()));
    }
    let mut numbers: Vec<&str> = of_bug
        .iter()
        .flat_map(|mutant| mutant.rules)
        .copied()
        .collect();
    numbers.extend(cited(&section));
    numbers.extend(naming.iter().map(|rule| rule.number));
    if entry.why.is_empty() {
        let why = "it shipped; no model has it, but the rules that name it say what comes of it";
        entry.why.push(why.to_owned());
    }
    let naming = naming.iter().map(|rule| rule.number.to_owned());
    entry.see.extend(naming);
    entry.go = sources(numbers);
    entry.shown_by.extend(of_reader(id).map(str::to_owned));
    let case = kept.iter().find(|case| case.bug.as_deref() == Some(id));
    entry.shown_by.extend(case.map(Case::command));
    entry
        .shown_by
        .extend(of_bug.iter().filter_map(|mutant| command(mutant)));
    entry.see.sort();
    entry.see.dedup();
    entry
}

/// The command that shows a defect which is none of the model's.
fn of_reader(id: &str) -> Option<&'static str> {
    Some(match id {
        "B7" => {
            "sigprof check fixtures/valid/rings/overflow/trace \
             fixtures/valid/rings/overflow/profile.pb.gz"
        }
        // The stack's id comes last.
        "B24" => "sigprof dump fixtures/valid/basics/tiny/trace",
        _ => return None,
    })
}

/// The rules that a text cites.
fn cited(text: &str) -> impl Iterator<Item = &str> {
    words(text).filter(|word| spec::rule(word).is_some())
}

/// Words of a text that may be codes.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '_');
    words.map(|word| word.trim_end_matches('.'))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// The paragraphs of a section, a line each, and what it has as it stands.
fn parts(section: &str) -> (Vec<String>, Option<String>) {
    let mut paragraphs = Vec::new();
    let mut steps = String::new();
    for (i, part) in section.split("```").enumerate() {
        if i % 2 == 1 {
            let separator = if steps.is_empty() { "" } else { "\n" };
            steps += &format!("{separator}{}", part.trim_start_matches("text\n"));
            continue;
        }
        let found = part
            .split("\n\n")
            .map(|paragraph| paragraph.trim().replace('\n', " "));
        paragraphs.extend(found.filter(|paragraph| !paragraph.is_empty()));
    }
    (paragraphs, Some(steps).filter(|steps| !steps.is_empty()))
}

fn mutant(of: &Mutant) -> Entry {
    let what = match of.change {
        Change::Flaw(flaw) => flaw.about().to_owned(),
        Change::Weaker(site, ordering) => format!(
            "The {} is {} where {} is needed. {}",
            site.operation(),
            spelled(ordering),
            spelled(site.ordering()),
            site.about()
        ),
        Change::Switch(_, written) => format!("The switch is thrown the wrong way: `{written}`."),
    };
    let mut entry = Entry::new(Kind::Mutant, of.name, what);
    let base = of.base;
    entry.why = match of.fate {
        Fate::Breaks {
            law,
            scenario,
            shows,
        } => {
            entry.see.push(law.code());
            entry.see.push(scenario.to_owned());
            let needs = match shows {
                Shows::InOrder => "an order of operations shows it",
                Shows::WeakMemory => "weak memory, or a check for races, shows it",
            };
            let why = format!("made of {base}, it breaks {law} in scenario `{scenario}`: {needs}");
            vec![why]
        }
        Fate::Equivalent(why) => vec![format!("made of {base}, it breaks nothing: {why}")],
        Fate::OutOfReach(why) => vec![format!("made of {base}, nothing here shows it: {why}")],
    };
    entry.go = sources(of.rules.iter().copied());
    if let Change::Weaker(site, _) = of.change {
        entry.go.insert(0, site.operation().to_owned());
    }
    entry.shown_by.extend(command(of));
    if entry.shown_by.is_empty() {
        entry
            .shown_by
            .push(format!("sigprof mutants --filter {}", of.name));
    }
    entry
        .see
        .extend(of.rules.iter().map(|&rule| rule.to_owned()));
    entry.see.extend(of.bug.map(str::to_owned));
    entry
}

fn spelled(ordering: Ordering) -> String {
    format!("{ordering:?}")
}

fn scenario_of(of: &Scenario, mutants: &[Mutant]) -> Entry {
    let mut entry = Entry::new(Kind::Scenario, of.name, of.about);
    let known = known::ALL
        .iter()
        .filter(|known| known.scenarios.contains(&of.name));
    for known in known {
        entry.why.push(format!("it shows {}", breaks(known)));
        entry.see.push(known.id.to_owned());
        let revision = known.revisions.last().copied().unwrap_or("fixed");
        let name = of.name;
        let command =
            format!("sigprof explore --scenario {name} --revision {revision} --strategy dpor");
        if !entry.shown_by.contains(&command) {
            entry.shown_by.push(command);
        }
    }
    let is_here = |fate| matches!(fate, Fate::Breaks { scenario, .. } if scenario == of.name);
    let caught: Vec<_> = mutants
        .iter()
        .filter(|mutant| is_here(mutant.fate))
        .collect();
    for mutant in &caught {
        if let Fate::Breaks { law, .. } = mutant.fate {
            entry
                .why
                .push(format!("it catches the mutant `{}`: {law}", mutant.name));
        }
        entry.see.push(mutant.name.to_owned());
    }
    if entry.why.is_empty() {
        let why = "no defect and no mutant needs it: that nothing is broken in it is what it shows";
        entry.why.push(why.to_owned());
    }
    entry.go = sources(caught.iter().flat_map(|mutant| mutant.rules).copied());
    let first = caught.iter().find_map(|mutant| command(mutant));
    entry.shown_by.extend(first);
    let passes = format!("sigprof explore --scenario {} --strategy dpor", of.name);
    entry.shown_by.push(passes);
    entry
}

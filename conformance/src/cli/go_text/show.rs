//! The outcomes of `sigprof go-text`, as text and as JSON.

use serde_json::{Value, json};
use sigprof::again;
use sigprof::explore::target::Variant;
use sigprof::go_text::explore::Explored;
use sigprof::go_text::refine::{Compared, Difference};
use sigprof_sim::engine::explore::Kind;

use super::super::explained;
use super::Args;

/// The defect of Go's that explains it; empty if none is known.
fn known(explored: &Explored, under: &Variant) -> &'static str {
    let law = explored.found.as_ref().map(|(violation, _)| violation.law);
    let known = law.and_then(|law| under.known(explored.scenario, law));
    known.map_or("", |known| known.id)
}

/// The command that finds it again.
fn explores(args: &Args, explored: &Explored) -> String {
    let text = of_text(args);
    let Explored {
        scenario,
        strategy,
        runs,
        ..
    } = explored;
    again::command(&format!(
        "{text} --scenario {scenario} --explore {strategy} --runs {runs}"
    ))
}

pub(super) fn found_row(args: &Args, explored: &Explored, under: &Variant) -> String {
    let Explored { scenario, runs, .. } = explored;
    let Some((violation, steps)) = &explored.found else {
        let all = if explored.is_exhausted {
            ", all there are"
        } else {
            ""
        };
        return format!("{scenario:38} nothing in {runs} runs{all}\n");
    };
    let known = match known(explored, under) {
        "" => String::new(),
        known => format!(" ({known})"),
    };
    let steps: String = steps.iter().map(|step| format!("    {step}\n")).collect();
    let again = explores(args, explored);
    format!("{scenario:38} run {runs}: {violation}{known}\n\n{steps}\nagain: {again}\n\n")
}

pub(super) fn found_summary(all: &[Explored]) -> String {
    let found = all.iter().filter(|e| e.found.is_some()).count();
    let runs: u64 = all.iter().map(|explored| explored.runs).sum();
    let count = all.len();
    let laws = all.iter().filter_map(|e| e.found.as_ref());
    let laws = explained(laws.map(|(violation, _)| violation.law.code()));
    format!("\n{count} scenarios, {runs} runs: {found} break a law\n{laws}")
}

pub(super) fn found_entry(args: &Args, explored: &Explored, under: &Variant) -> Value {
    let found = explored.found.as_ref().map(|(violation, steps)| {
        json!({
            "law": violation.law.to_string(),
            "how": violation.to_string(),
            "defect": known(explored, under),
            "again": explores(args, explored),
            "steps": steps,
        })
    });
    json!({
        "scenario": explored.scenario,
        "runs": explored.runs,
        "requests": explored.asked,
        "is_exhausted": explored.is_exhausted,
        "found": found,
    })
}

/// The options that say whose text it is, and which model.
fn of_text(args: &Args) -> String {
    let mut words = format!("go-text --go {}", args.go);
    if let Some(source) = &args.source {
        words += &format!(" --source {}", again::path(source));
    }
    for patch in &args.patch {
        words += &format!(" --patch {}", again::path(patch));
    }
    if args.fixed {
        words += " --fixed";
    }
    if let Some(folder) = &args.oracles_dir.oracles_dir {
        words += &format!(" --oracles-dir {}", again::path(folder));
    }
    if let Some(model) = &args.model {
        words += &format!(" --model {model}");
    }
    words
}

/// The command that compares the run of a difference again.
fn repeats(args: &Args, compared: &Compared, difference: &Difference) -> String {
    let (kind, schedule) = &difference.schedule;
    let strategy = match kind {
        Kind::Dpor => String::new(),
        kind => format!(" --strategy {kind}"),
    };
    let (text, scenario) = (of_text(args), compared.scenario);
    again::command(&format!(
        "{text} --scenario {scenario}{strategy} --schedule '{schedule}'"
    ))
}

pub(super) fn row(args: &Args, compared: &Compared) -> String {
    let Compared {
        scenario,
        runs,
        operations,
        ..
    } = compared;
    match &compared.difference {
        None => {
            let all = match (&args.schedule, compared.is_exhausted) {
                (Some(_), _) => "the one that was asked for",
                (None, true) => "all of dpor",
                (None, false) => "some of dpor",
            };
            format!("{scenario:38} same  {runs:>6} runs ({all})  {operations:>8} operations\n")
        }
        Some(difference) => {
            let again = repeats(args, compared, difference);
            format!("{scenario:38} DIFFERS\n\n{difference}\nagain: {again}\n\n")
        }
    }
}

pub(super) fn summary(all: &[Compared], wanted: usize) -> String {
    let differ = all.iter().filter(|c| c.difference.is_some()).count();
    let runs: u64 = all.iter().map(|c| c.runs).sum();
    let left = match wanted - all.len() {
        0 => String::new(),
        left => format!(", {left} not run: interrupted"),
    };
    format!(
        "\n{} scenarios, {runs} runs: {} the same, {differ} different{left}\n",
        all.len(),
        all.len() - differ
    )
}

pub(super) fn entry(args: &Args, compared: &Compared) -> Value {
    let difference = compared.difference.as_ref().map(|difference| {
        let (kind, schedule) = &difference.schedule;
        json!({
            "run": difference.run,
            "strategy": kind.to_string(),
            "schedule": schedule.to_string(),
            "again": repeats(args, compared, difference),
            "what": difference.what,
            "rows": difference.rows,
        })
    });
    json!({
        "scenario": compared.scenario,
        "runs": compared.runs,
        "is_exhausted": compared.is_exhausted,
        "operations": compared.operations,
        "difference": difference,
    })
}

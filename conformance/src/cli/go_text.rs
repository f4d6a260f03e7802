use std::path::PathBuf;
use std::sync::atomic::Ordering::Relaxed;

use clap::builder::PossibleValuesParser;
use serde_json::json;
use sigprof::explore::target::Variant;
use sigprof::go_text::explore::{self, Explored};
use sigprof::go_text::refine::{self, Compared, Plan};
use sigprof::go_text::{Text, revision_of};
use sigprof::oracle::{Go, RELEASES};
use sigprof_model::scenario::Scenario;
use sigprof_sim::engine::explore::Kind;

use super::explore::scenarios;
use super::{Format, Stop, even_if_unread, interrupt, print, print_as};

/// Run Go's own text step by step, and compare it with the model.
///
/// Takes runtime/profbuf.go of an installed Go, or of a tree of yours, with Go's own parser,
/// makes each use of a shared word a point of the engine, and has it follow runs of the model
/// in every scenario: all that the exhaustive search keeps, and some at random, with signals.
/// Thread, operation, word and value are the same at every step, and so is the outcome, or the
/// first difference is shown with both sides. Nothing of Go's is kept.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    /// The release whose text it is, and whose model; scripts/oracles installs it
    #[arg(long, value_name = "VERSION", default_value = "1.27", value_parser = versions())]
    go: String,
    /// The text in this folder in place of the release's own: a copy of src/runtime, or a tree
    /// that has it; --go builds it
    #[arg(long, value_name = "FOLDER")]
    source: Option<PathBuf>,
    /// The protocol that it is compared with, or a mutant of it; the release's own if not given
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
    /// Only this scenario (`sigprof explore --list` shows them); more than one: all of them
    #[arg(long, value_name = "NAME", value_parser = scenarios(), hide_possible_values = true)]
    scenario: Vec<String>,
    /// Runs of the exhaustive search in each scenario, at the most
    #[arg(long, value_name = "N", default_value_t = 200)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    runs: u64,
    /// Runs at random in each scenario
    #[arg(long, value_name = "N", default_value_t = 50)]
    random: u64,
    /// Do not compare: look for interleavings of the text itself that break a law, by this
    /// strategy (`sigprof explore --help` names them), without weak memory, as Go has none;
    /// --runs is how many of each scenario
    #[arg(long, value_name = "S", conflicts_with = "random")]
    explore: Option<Kind>,
    /// Where real Go is installed, if not in the checkout's .oracles
    #[arg(long, value_name = "DIR")]
    oracles_dir: Option<PathBuf>,
    /// How to show the outcome; `json` is one object
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

const HELP: &str = "\
Examples:
  sigprof go-text                                   profbuf.go of Go 1.27
  sigprof go-text --go 1.22 --scenario overflow
  sigprof go-text --source ~/go/src/runtime         your change of it
  sigprof go-text --explore dpor --scenario record_then_close     B30, in Go's own text
  sigprof go-text --runs 1000000 --random 100000    all runs that the search keeps: hours

Exit codes: 0 the text does what the model does, or breaks no law; 1 it does something
else, or breaks one, which is shown; 2 usage; 3 Go is not installed, or its text cannot be taken (what is missing or
has changed its shape is named); 4 the scenario makes no sense there; 5 no difference,
but it was interrupted.";

fn versions() -> PossibleValuesParser {
    let versions = RELEASES.iter().map(|release| release.version);
    versions.collect::<Vec<_>>().into()
}

pub(super) fn run(args: &Args) -> Result<u8, Stop> {
    let failed = |why: String| Stop::Failed(why);
    let revision = revision_of(&args.go).unwrap_or("go1.26");
    let name = args.model.as_deref().unwrap_or(revision);
    let under = Variant::revision(name).or_else(|| Variant::mutant(name));
    let Some(under) = under else {
        let why = format!("no revision or mutant is named {name} (`sigprof mutants` shows them)");
        return Err(Stop::Usage(why));
    };
    let mut scenarios = refine::scenarios(&under.protocol());
    let is_meant = |name: &str| args.scenario.is_empty() || args.scenario.iter().any(|s| s == name);
    scenarios.retain(|(ours, _)| is_meant(ours.name));
    if scenarios.is_empty() {
        let names = args.scenario.join(", ");
        return Err(Stop::NothingSelected(format!(
            "{names} makes no sense for {under}"
        )));
    }
    let go = Go::find_in(args.oracles_dir.as_deref(), &args.go);
    let go = go.map_err(|error| failed(error.to_string()))?;
    let text = Text::build(&go, args.source.as_deref());
    let text = text.map_err(|error| failed(error.to_string()))?;
    let stop = interrupt::listen();
    let source = text.source().display().to_string();
    if args.format == Format::Text {
        even_if_unread(print(&format!(
            "{source} (Go {}) and the model of {under}\n\n",
            go.release()
        )))?;
    }
    if let Some(kind) = args.explore {
        return explore(args, kind, &text, &under, &scenarios);
    }
    let plan = Plan {
        reduced: args.runs,
        random: args.random,
    };
    let mut all = Vec::new();
    for pair in &scenarios {
        if stop.load(Relaxed) {
            break;
        }
        let compared =
            refine::scenario(&text, under.protocol(), pair, plan, stop).map_err(failed)?;
        if args.format == Format::Text {
            even_if_unread(print(&row(&compared)))?;
        }
        all.push(compared);
    }
    let is_whole = all.len() == scenarios.len() && !stop.load(Relaxed);
    let differs = all.iter().any(|compared| compared.difference.is_some());
    let text = match args.format {
        Format::Text => summary(&all, scenarios.len()),
        Format::Json => {
            let entries: Vec<_> = all.iter().map(entry).collect();
            let whole = json!({
                "schema_version": 1,
                "version": env!("CARGO_PKG_VERSION"),
                "source": source,
                "go": go.release(),
                "model": under.name(),
                "is_whole": is_whole,
                "scenarios": entries,
            });
            format!("{whole:#}\n")
        }
    };
    even_if_unread(print_as(args.format, &text))?;
    Ok(match (differs, is_whole) {
        (true, _) => 1,
        (false, true) => 0,
        (false, false) => interrupt::CODE,
    })
}

/// Explores the text, and says what was found.
fn explore(
    args: &Args,
    kind: Kind,
    text: &Text,
    under: &Variant,
    scenarios: &[(Scenario, Scenario)],
) -> Result<u8, Stop> {
    let stop = interrupt::listen();
    let mut all = Vec::new();
    for (_, theirs) in scenarios {
        if stop.load(Relaxed) {
            break;
        }
        let explored = explore::explore(text, under.protocol(), theirs, kind, args.runs, stop);
        let explored = explored.map_err(Stop::Failed)?;
        if args.format == Format::Text {
            even_if_unread(print(&found_row(&explored, under)))?;
        }
        all.push(explored);
    }
    let found = all
        .iter()
        .filter(|explored| explored.found.is_some())
        .count();
    let runs: u64 = all.iter().map(|explored| explored.runs).sum();
    let text = match args.format {
        Format::Text => format!(
            "\n{} scenarios, {runs} runs: {found} break a law\n",
            all.len()
        ),
        Format::Json => {
            let entries: Vec<_> = all.iter().map(|e| found_entry(e, under)).collect();
            let whole = json!({
                "schema_version": 1,
                "version": env!("CARGO_PKG_VERSION"),
                "source": text.source().display().to_string(),
                "model": under.name(),
                "strategy": kind.to_string(),
                "is_whole": all.len() == scenarios.len() && !stop.load(Relaxed),
                "scenarios": entries,
            });
            format!("{whole:#}\n")
        }
    };
    even_if_unread(print_as(args.format, &text))?;
    let is_whole = all.len() == scenarios.len() && !stop.load(Relaxed);
    Ok(match (found, is_whole) {
        (1.., _) => 1,
        (0, true) => 0,
        (0, false) => interrupt::CODE,
    })
}

/// The defect of Go's that explains it; empty if none is known.
fn known(explored: &Explored, under: &Variant) -> &'static str {
    let law = explored.found.as_ref().map(|(violation, _)| violation.law);
    let known = law.and_then(|law| under.known(explored.scenario, law));
    known.map_or("", |known| known.id)
}

fn found_row(explored: &Explored, under: &Variant) -> String {
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
    format!("{scenario:38} run {runs}: {violation}{known}\n\n{steps}\n")
}

fn found_entry(explored: &Explored, under: &Variant) -> serde_json::Value {
    let found = explored.found.as_ref().map(|(violation, steps)| {
        json!({
            "law": violation.law.to_string(),
            "how": violation.to_string(),
            "defect": known(explored, under),
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

fn row(compared: &Compared) -> String {
    let Compared {
        scenario,
        runs,
        operations,
        ..
    } = compared;
    match &compared.difference {
        None => {
            let all = if compared.is_exhausted { "all" } else { "some" };
            format!(
                "{scenario:38} same  {runs:>6} runs ({all} of dpor)  {operations:>8} operations\n"
            )
        }
        Some(difference) => format!("{scenario:38} DIFFERS\n\n{difference}\n"),
    }
}

fn summary(all: &[Compared], wanted: usize) -> String {
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

fn entry(compared: &Compared) -> serde_json::Value {
    let difference = compared.difference.as_ref().map(|difference| {
        json!({"run": difference.run, "what": difference.what, "rows": difference.rows})
    });
    json!({
        "scenario": compared.scenario,
        "runs": compared.runs,
        "is_exhausted": compared.is_exhausted,
        "operations": compared.operations,
        "difference": difference,
    })
}

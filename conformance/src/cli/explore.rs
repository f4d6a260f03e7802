use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use clap::builder::PossibleValuesParser;
use indicatif::HumanCount;
use serde_json::json;
use sigprof::explore::exploration::{Exploration, Progress};
use sigprof::explore::report::{self, Report};
use sigprof::explore::target::{self, Variant};
use sigprof_model::mutants::Mutant;
use sigprof_sim::engine::explore::Kind;
use sigprof_sim::machine::Revision;

use super::arguments::{Jobs, folder, seeds, time};
use super::go_text;
use super::progress::{LINES, Watch};
use super::release::Releases;
use super::{
    Format, Stop, even_if_unread, interrupt, output, print, print_as, print_json, unused, width,
};

/// Look for interleavings that break a law of the protocol.
///
/// Runs the model's code, as a release of Go has it, in small scenarios of a few threads,
/// with every operation, signal and old value of weak memory as the strategy has it. What is
/// found is made as small as it gets, shown as a table, and comes with the command that
/// replays it. The outcome does not depend on --jobs.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    /// Only this scenario (--list shows them); more than one: all of them
    #[arg(long, value_name = "NAME", value_parser = scenarios(), hide_possible_values = true)]
    #[arg(default_value = ALL)]
    scenario: Vec<String>,
    #[command(flatten)]
    under: VariantArgs,
    /// random, pct1 to pct9 (few switches, at random), bounded0 to bounded9 (all runs with so
    /// many switches, weak memory included), dpor (all runs, sequentially consistent),
    /// dpor-weak (all runs, weak memory), or round-robin
    #[arg(long, value_name = "STRATEGY", default_value = "pct3")]
    strategy: Kind,
    /// Seeds of each scenario, B not included (random and pct); 0..10000 if neither this nor
    /// --time is given
    #[arg(long, value_name = "A..B", value_parser = seeds, conflicts_with = "time")]
    seeds: Option<Range<u64>>,
    /// For so long: 500ms, 30s, 1h30m
    #[arg(long, value_name = "TIME", value_parser = time)]
    time: Option<Duration>,
    /// Runs of each scenario at the most (bounded and dpor alone); 2000000 if not given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    runs: Option<u64>,
    /// Run Go's own text in place of the model, of this installed release, as `sigprof go-text
    /// --explore` does; 1.27 if none is named
    #[arg(long, value_name = "VERSION", num_args = 0..=1, default_missing_value = "1.27")]
    #[arg(value_parser = go_text::versions())]
    #[arg(conflicts_with_all = ["revision", "mutant", "seeds", "time", "jobs", "output", "list"])]
    go_text: Option<String>,
    #[command(flatten)]
    jobs: Jobs,
    /// Write what is found into this folder, as cases for `sigprof replay`
    #[arg(short, long, alias = "keep", value_name = "DIR", value_parser = folder())]
    output: Option<PathBuf>,
    /// List the scenarios that make sense there and run none
    #[arg(long, conflicts_with_all = ["strategy", "seeds", "time", "runs", "jobs", "output"])]
    list: bool,
    /// How to show the outcome; `json` is one object (see SPEC.md, S16.7)
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// The protocol that scenarios are run on.
#[derive(Debug, clap::Args)]
pub(super) struct VariantArgs {
    /// The release whose protocol is run, such as 1.26 or go1.26.6 (one without changes of its own
    /// is run as the one before); `fixed` is the newest without its known defects
    #[arg(long, value_name = "REVISION", value_parser = revisions(), default_value = "fixed")]
    revision: String,
    /// A mutant in its place (`sigprof mutants` shows them)
    #[arg(long, value_name = "NAME", value_parser = mutants(), hide_possible_values = true)]
    #[arg(conflicts_with = "revision")]
    mutant: Option<String>,
}

const HELP: &str = "\
Examples:
  sigprof explore                                    the protocol without known defects
  sigprof explore --revision go1.26 --strategy dpor  what Go ships, every interleaving
  sigprof explore --scenario overflow --revision go1.26
  sigprof explore --strategy dpor-weak               all that weak memory has, too: under a second
  sigprof explore --time 10m --strategy random --format json
  sigprof explore --go-text 1.27 --scenario record_then_close --strategy dpor

Exit codes: 0 nothing found (for bounded, dpor and dpor-weak: and exhausted), 1 a law is
broken, 2 usage, 3 a file cannot be written, or sigprof itself failed, 4 the
scenario makes no sense there, 5 nothing found, but not all was run that was asked for: it was
interrupted, is not exhausted, or had no time for one run of each scenario.

Ctrl-C ends it with what was found; a second one at once.";

/// The name for all scenarios.
pub(super) const ALL: &str = "all";

/// A few seconds of all scenarios.
const SEEDS: Range<u64> = 0..10_000;

/// Runs of a scenario, at the most.
const RUNS: u64 = 2_000_000;

pub(super) fn scenarios() -> PossibleValuesParser {
    let mut names = target::scenario_names();
    names.push(ALL);
    names.into()
}

/// Releases, of which several may have the same protocol.
pub(super) fn revisions() -> Releases {
    Releases::among(Revision::names())
}

pub(super) fn mutants() -> PossibleValuesParser {
    let names = Mutant::all().into_iter().map(|mutant| mutant.name);
    names.collect::<Vec<_>>().into()
}

impl VariantArgs {
    pub(super) fn under(&self) -> Result<Variant, Stop> {
        let under = match &self.mutant {
            Some(name) => Variant::mutant(name),
            None => Variant::release(&self.revision),
        };
        under.ok_or_else(|| Stop::Usage("no such revision or mutant".into()))
    }
}

impl Args {
    pub(super) fn is_json(&self) -> bool {
        self.format == Format::Json
    }
}

pub(super) fn run(args: &Args) -> Result<u8, Stop> {
    if let Some(release) = &args.go_text {
        let named = args.scenario.iter().filter(|name| *name != ALL);
        let named = named.cloned().collect();
        let asked = go_text::Args::exploring(release, args.strategy, named, args.runs, args.format);
        return go_text::run(&asked);
    }
    let exploration = exploration(args)?;
    if args.list && args.format == Format::Json {
        let scenarios = exploration.scenarios.iter();
        let scenarios = scenarios.map(|s| json!({ "name": s.name, "about": s.about }));
        print_json(&json!({
            "schema_version": 1,
            "sigprof_version": sigprof::VERSION,
            "under": exploration.under.name(),
            "scenarios": scenarios.collect::<Vec<_>>(),
        }))?;
        return Ok(0);
    }
    if args.list {
        let rows = exploration.scenarios.iter().map(|s| (s.name, s.about));
        print(&width::list(rows))?;
        return Ok(0);
    }
    let stop = interrupt::listen();
    if args.format == Format::Text {
        even_if_unread(print(&(report::head(&exploration) + "\n")))?;
    }
    let mut watch = Watch::new("exploring", exploration.runs(), LINES);
    let ran = exploration.run(stop, |now| {
        watch.tell(now.runs, |seconds| words(now, seconds))
    });
    watch.end();
    let report = Report::new(&exploration, ran, stop.load(Relaxed));
    let text = match args.format {
        Format::Text => report.text(width::columns()),
        Format::Json => format!("{:#}\n", report.json()),
    };
    even_if_unread(print_as(args.format, &text))?;
    if let Some(folder) = &args.output {
        keep(folder, report.cases())?;
    }
    Ok(report.exit_code())
}

/// Writes files into a folder, which is made if need be.
pub(super) fn keep(
    folder: &Path,
    cases: impl IntoIterator<Item = (String, String)>,
) -> Result<(), Stop> {
    for (name, case) in cases {
        let path = folder.join(name);
        std::fs::create_dir_all(folder)
            .map_err(|error| Stop::Failed(format!("{}: {error}", path.display())))?;
        output::write_bytes(&path, case.as_bytes())?;
    }
    Ok(())
}

/// Refuses `--runs` of a strategy that has as many as it has seeds, or one.
pub(super) fn refuse_runs(strategy: Kind, runs: Option<u64>) -> Result<(), Stop> {
    if strategy.terms().is_some() {
        return Ok(());
    }
    let why = format!("is for bounded and dpor; {strategy} has a run for each seed");
    unused::refuse(&[("--runs", runs.is_some())], &why)
}

fn exploration(args: &Args) -> Result<Exploration, Stop> {
    let under = args.under.under()?;
    let mut scenarios = under.scenarios();
    let is_meant = |name: &str| args.scenario.iter().any(|s| s == ALL || s == name);
    scenarios.retain(|scenario| is_meant(scenario.name));
    if scenarios.is_empty() {
        let names = args.scenario.join(", ");
        let why = format!("{names} makes no sense for {under} (--list shows what does)");
        return Err(Stop::NothingSelected(why));
    }
    if args.seeds.is_some() && !args.strategy.is_seeded() {
        let why = format!("{} has no seeds: it goes through all runs", args.strategy);
        return Err(Stop::Usage(why));
    }
    refuse_runs(args.strategy, args.runs)?;
    Ok(Exploration {
        under,
        scenarios,
        kind: args.strategy,
        seeds: args.seeds.clone().unwrap_or(SEEDS),
        runs_max: args.runs.unwrap_or(RUNS),
        time: args.time,
        jobs: args.jobs.count(),
    })
}

/// How far it is, in words.
fn words(progress: &Progress, seconds: f64) -> String {
    format!(
        "{} runs, {:.0}/s; ~{} schedules; {} points, {} left, {} signalled; {} found",
        HumanCount(progress.runs),
        progress.runs as f64 / seconds,
        HumanCount(progress.schedules),
        progress.points,
        progress.left,
        progress.signalled,
        progress.found,
    )
}

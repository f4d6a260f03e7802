//! `sigprof campaign plan`.

use std::ops::Range;
use std::path::PathBuf;

use clap::ValueEnum;
use sigprof::campaign::plan::{Extent, Plan, Task};
use sigprof::explore::target::Variant;
use sigprof::go_text::refine;
use sigprof::shown::counted;
use sigprof_sim::engine::explore::Kind;
use sigprof_sim::machine::Revision;

use super::super::arguments::seeds;
use super::super::explore::{ALL, mutants, revisions, scenarios};
use super::super::{STDIN, Stop, go_text, output, print, progress, shown, unused};
use super::program;

/// Write a plan: what is to be run, cut into pieces.
///
/// A plan is for the program that makes it: the same runs on every machine come to the same.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct PlanArgs {
    /// The question: does a run of the model break a law, does Go's own text do what the model
    /// does, or does a simulated run keep the rules of the truth?
    #[arg(value_name = "WHAT", value_enum)]
    what: What,
    /// The release whose protocol is run, or that is simulated; more than one: each of them;
    /// `fixed` if not given
    #[arg(long, value_name = "REVISION", value_parser = revisions())]
    revision: Vec<String>,
    /// A mutant, of explore; more than one: each of them
    #[arg(long, value_name = "NAME", value_parser = mutants(), hide_possible_values = true)]
    mutant: Vec<String>,
    /// The release of Go: whose text is run (1.27 if not given), or that reads what sim writes
    #[arg(long, value_name = "RELEASE", value_parser = go_text::versions())]
    go: Vec<String>,
    /// Only this scenario (`sigprof explore --list` shows them); more than one: all of them
    #[arg(long, value_name = "NAME", value_parser = scenarios(), hide_possible_values = true)]
    scenario: Vec<String>,
    /// The strategy of explore, as `sigprof explore --help` has them; more than one: each of them;
    /// pct3 if not given
    #[arg(long, value_name = "STRATEGY")]
    strategy: Vec<Kind>,
    /// Seeds of each task that has a run for each, B not included; if not given, 0..1000000
    /// (explore), 0..100000 (go-text) or 0..10000 (sim)
    #[arg(long, value_name = "A..B", value_parser = seeds)]
    seeds: Option<Range<u64>>,
    /// Runs of each task that goes through all, at the most; 2000000 (explore) or 2000 (go-text) if
    /// not given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    runs: Option<u64>,
    /// Seeds of a piece, which is what is lost if a shard is killed; if not given, a 256th of a task
    /// (go-text: a 64th, sim: a 1,024th) or more
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    piece: Option<u64>,
    /// Where to write it (- for standard output)
    #[arg(short, long, value_name = "FILE", default_value = STDIN)]
    output: PathBuf,
}

const HELP: &str = "\
Examples:
  sigprof campaign plan explore --revision go1.26 --strategy random --strategy dpor -o plan.json
  sigprof campaign plan explore --scenario overflow --seeds 0..1000000000 -o plan.json
  sigprof campaign plan go-text --go 1.22 --go 1.27 -o plan.json
  sigprof campaign plan sim --revision go1.27 --seeds 0..1000000 --go 1.27 -o plan.json

Exit codes: 0 it is written, 2 usage, 3 it cannot be written, 4 there is nothing to run.";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum What {
    Explore,
    GoText,
    Sim,
}

impl What {
    /// Seeds of a task, the parts of it that are lost at the most, and seeds that are no work.
    const fn sizes(self) -> (u64, u64, u64) {
        match self {
            Self::Explore => (1_000_000, 256, 1_024),
            Self::GoText => (100_000, 64, 256),
            Self::Sim => (10_000, 1_024, 16),
        }
    }
}

/// Runs of a task that goes through all, at the most.
const EXPLORED: u64 = 2_000_000;
const COMPARED: u64 = 2_000;

pub(super) fn run(args: &PlanArgs) -> Result<u8, Stop> {
    let tasks = match args.what {
        What::Explore => explore(args)?,
        What::GoText => go_text(args)?,
        What::Sim => sim(args)?,
    };
    if tasks.is_empty() {
        let names = args.scenario.join(", ");
        return Err(Stop::NothingSelected(format!(
            "{names} makes no sense there"
        )));
    }
    let is_run = |name: &&String| tasks.iter().any(|task| task.scenario() == Some(name));
    let is_idle = |name: &&String| *name != ALL && !is_run(name);
    for name in args.scenario.iter().filter(is_idle) {
        progress::note(&format!("{name} makes no sense there, and is in no task"));
    }
    let plan = Plan::new(program()?, tasks);
    let plan = Plan::read(plan.text().as_bytes());
    let plan = plan.map_err(|error| Stop::Usage(error.to_string()))?;
    if args.output.as_os_str() == STDIN {
        print(&plan.text())?;
        return Ok(0);
    }
    output::write_bytes(&args.output, plan.text().as_bytes())?;
    print(&format!(
        "{}: {}, {} at the most, in {}\n",
        shown(&args.output),
        counted(plan.tasks.len() as u64, "task"),
        counted(plan.runs(), "run"),
        counted(plan.pieces(), "piece")
    ))?;
    Ok(0)
}

fn with_seeds(args: &PlanArgs) -> Extent {
    let (all, parts, least) = args.what.sizes();
    let seeds = args.seeds.clone().unwrap_or(0..all);
    let part = (seeds.end - seeds.start).div_ceil(parts);
    let part = part.checked_next_power_of_two().unwrap_or(part);
    Extent::seeds(seeds, args.piece.unwrap_or(part.max(least)))
}

fn explore(args: &PlanArgs) -> Result<Vec<Task>, Stop> {
    unused::refuse(&[("--go", !args.go.is_empty())], "is for go-text and sim")?;
    let mut all: Vec<Variant> = Vec::new();
    for name in &args.revision {
        all.extend(Variant::release(name));
    }
    all.extend(args.mutant.iter().filter_map(|name| Variant::mutant(name)));
    if all.is_empty() {
        all.extend(Variant::revision("fixed"));
    }
    let default = [Kind::Pct(3)];
    let kinds = if args.strategy.is_empty() {
        &default[..]
    } else {
        &args.strategy
    };
    let is_seeded = |kind: &Kind| kind.is_seeded();
    if !kinds.iter().any(is_seeded) {
        let given = [
            ("--seeds", args.seeds.is_some()),
            ("--piece", args.piece.is_some()),
        ];
        unused::refuse(&given, "is for random and pct")?;
    }
    if let Some(kind) = kinds
        .iter()
        .find(|kind| !is_seeded(kind) && kind.terms().is_none())
    {
        let why = format!("{kind} has one run, which is no campaign");
        return Err(Stop::Usage(why));
    }
    if kinds.iter().all(is_seeded) {
        unused::refuse(
            &[("--runs", args.runs.is_some())],
            "is for bounded and dpor",
        )?;
    }
    let mut tasks = Vec::new();
    for under in all {
        for kind in kinds {
            let extent = match kind.is_seeded() {
                true => with_seeds(args),
                false => Extent::Runs(args.runs.unwrap_or(EXPLORED)),
            };
            let mut scenarios = under.scenarios();
            scenarios.retain(|of| is_meant(args, of.name));
            tasks.extend(scenarios.iter().map(|scenario| Task::Explore {
                under: under.name().to_owned(),
                scenario: scenario.name.to_owned(),
                strategy: kind.to_string(),
                extent: extent.clone(),
            }));
        }
    }
    Ok(once(tasks))
}

fn go_text(args: &PlanArgs) -> Result<Vec<Task>, Stop> {
    let given = [
        ("--revision", !args.revision.is_empty()),
        ("--mutant", !args.mutant.is_empty()),
        ("--strategy", !args.strategy.is_empty()),
    ];
    unused::refuse(
        &given,
        "is not for go-text: --go names the release, and the text follows all \
        runs that the search keeps, and random ones",
    )?;
    let newest = ["1.27".to_owned()];
    let all = if args.go.is_empty() {
        &newest[..]
    } else {
        &args.go
    };
    let mut tasks = Vec::new();
    for go in all {
        let Some(under) = Variant::release(&format!("go{go}")) else {
            continue;
        };
        for (ours, _) in refine::scenarios(&under.protocol()) {
            if !is_meant(args, ours.name) {
                continue;
            }
            let runs = Extent::Runs(args.runs.unwrap_or(COMPARED));
            tasks.extend([runs, with_seeds(args)].map(|extent| Task::GoText {
                go: go.clone(),
                scenario: ours.name.to_owned(),
                extent,
            }));
        }
    }
    Ok(once(tasks))
}

fn sim(args: &PlanArgs) -> Result<Vec<Task>, Stop> {
    let given = [
        ("--mutant", !args.mutant.is_empty()),
        ("--scenario", !args.scenario.is_empty()),
        ("--strategy", !args.strategy.is_empty()),
        ("--runs", args.runs.is_some()),
    ];
    unused::refuse(&given, "is not for sim")?;
    let newest = ["fixed".to_owned()];
    let all = if args.revision.is_empty() {
        &newest[..]
    } else {
        &args.revision
    };
    let task = |name: &String| Task::Sim {
        revision: Revision::named(name)
            .map_or(name.as_str(), |revision| revision.name)
            .to_owned(),
        go: args.go.clone(),
        extent: with_seeds(args),
    };
    Ok(once(all.iter().map(task).collect()))
}

fn is_meant(args: &PlanArgs, name: &str) -> bool {
    let mut scenarios = args.scenario.iter();
    args.scenario.is_empty() || scenarios.any(|of| of == ALL || of == name)
}

/// Each task once: two releases may have one protocol.
fn once(tasks: Vec<Task>) -> Vec<Task> {
    let mut once = Vec::new();
    for task in tasks {
        if !once.contains(&task) {
            once.push(task);
        }
    }
    once
}

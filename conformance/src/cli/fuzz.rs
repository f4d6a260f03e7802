use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use sigprof::again;
use sigprof::explore::fuzz::Fuzz;
use sigprof::explore::replay::{self, Way};
use sigprof::explore::table;
use sigprof_model::law::Law;
use sigprof_model::scenario::plan::Plan;
use sigprof_sim::engine::Schedule;
use sigprof_sim::engine::explore::Kind;

use super::arguments::{Jobs, folder, seeds, time};
use super::explore::{VariantArgs, refuse_runs};
use super::progress::{LINES, Watch};
use super::{
    Format, STDIN, Stop, even_if_unread, explained, interrupt, output, print, print_as, read_input,
};

/// Draw programs over the protocol, and how they run, and look for one that breaks a law.
///
/// Each seed is a plan (what a few Ms do on a ring or a trace, with which sizes and signals) and
/// a schedule. For each law that is broken, the lowest seed is shown, shrunk to the smallest plan
/// and the fewest switches that still break it. All seeds are run, and the outcome does not depend
/// on --jobs.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    #[command(flatten)]
    under: VariantArgs,
    /// random or pct1 to pct9 (a run for each plan), dpor, dpor-weak or bounded0 to
    /// bounded9 (the first runs of each plan)
    #[arg(long, value_name = "STRATEGY", default_value = "pct3")]
    strategy: Kind,
    /// Seeds, B not included; 0..50000 if neither this nor --time is given
    #[arg(long, value_name = "A..B", value_parser = seeds, conflicts_with = "time")]
    seeds: Option<Range<u64>>,
    /// For so long: 500ms, 30s, 1h30m
    #[arg(long, value_name = "TIME", value_parser = time)]
    time: Option<Duration>,
    /// This plan (TOML) in place of drawn ones: seeds draw only how it runs
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// One run of the plan: these choices (`7:1 12:2`), counted as --strategy counts them
    #[arg(long, value_name = "CHOICES", requires = "plan")]
    #[arg(conflicts_with_all = ["seeds", "time", "runs", "jobs", "output"])]
    schedule: Option<Schedule>,
    /// Runs of a plan at the most (bounded and dpor alone); 2000 if not given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    runs: Option<u64>,
    #[command(flatten)]
    jobs: Jobs,
    /// Write the plans that are left into this folder
    #[arg(short, long, alias = "keep", value_name = "DIR", value_parser = folder())]
    output: Option<PathBuf>,
    /// How to show the outcome; `json` is one object (see SPEC.md, S16.10)
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

const HELP: &str = "\
Examples:
  sigprof fuzz                                  the protocol without known defects
  sigprof fuzz --revision go1.26                what Go ships
  sigprof fuzz --mutant drains_once -o found
  sigprof fuzz --revision go1.26 --plan found/plan.toml --strategy dpor
  sigprof fuzz --time 10m --strategy random

A plan:
  kind = \"ring\"                       # or \"trace\"
  words = 8
  tags = 2
  [[m]]
  does = [\"write 1\", \"close\"]       # ring: write N [tagged], close; or read, await
  [[m]]                               # trace: start, stop, advance, drain, sample
  does = [\"read\"]                     # and signal = [\"sample\"] where one may come

Exit codes: 0 nothing found, 1 a law is broken, 2 usage, 3 a file cannot be
read or written, or sigprof itself failed, 5 nothing found, but it was interrupted.

Ctrl-C ends it with what was found; a second one at once.";

/// A few seconds.
const SEEDS: Range<u64> = 0..50_000;

/// Runs of a plan, at the most.
const RUNS: u64 = 2_000;

impl Args {
    pub(super) fn is_json(&self) -> bool {
        self.format == Format::Json
    }
}

pub(super) fn run(args: &Args) -> Result<u8, Stop> {
    let fuzz = fuzz(args)?;
    if let (Some(plan), Some(schedule)) = (&fuzz.plan, &args.schedule) {
        return replay(&fuzz, plan, schedule);
    }
    if let (Some(folder), Some(plan)) = (&args.output, &args.plan) {
        for law in Law::ALL {
            output::is_no_input(&folder.join(fuzz.case_name(law)), plan)?;
        }
    }
    let stop = interrupt::listen();
    if args.format == Format::Text {
        even_if_unread(print(&fuzz.head()))?;
    }
    let seeds = fuzz.seeds.end - fuzz.seeds.start;
    let of = fuzz.time.is_none().then_some(seeds);
    let mut watch = Watch::new("fuzzing", of, LINES);
    let report = fuzz.run(stop, |plans| {
        if !stop.load(Relaxed) {
            watch.tell(plans, |seconds| {
                format!("{plans} plans, {:.0}/s", plans as f64 / seconds)
            });
        }
    });
    watch.end();
    let text = match args.format {
        Format::Text => fuzz.text(&report),
        Format::Json => format!("{:#}\n", fuzz.json(&report)),
    };
    even_if_unread(print_as(args.format, &text))?;
    if let Some(folder) = &args.output {
        super::explore::keep(folder, report.cases(&fuzz))?;
    }
    Ok(report.exit_code())
}

fn fuzz(args: &Args) -> Result<Fuzz, Stop> {
    let under = args.under.under()?;
    let plan = args.plan.as_ref().map(|path| {
        let bytes = read_input(path)?;
        let failed =
            |why: &dyn std::fmt::Display| Stop::Usage(format!("{}: {why}", path.display()));
        let text = String::from_utf8(bytes.to_vec()).map_err(|error| failed(&error))?;
        let plan = sigprof_sim::plan::parse(&text).map_err(|error| failed(&error))?;
        plan.check(&under.protocol())
            .map_err(|error| failed(&error))?;
        Ok::<Plan, Stop>(plan)
    });
    let plan = plan.transpose()?;
    if args.schedule.is_none() {
        refuse_runs(args.strategy, args.runs)?;
    } else if args.format == Format::Json {
        let why = "--schedule shows one run, as text: `sigprof replay` has runs as JSON";
        return Err(Stop::Usage(why.into()));
    }
    let is_one = plan.is_some() && !args.strategy.is_seeded();
    if is_one && (args.seeds.is_some() || args.time.is_some()) {
        let why = format!(
            "{} has no seeds: it goes through all runs of the plan",
            args.strategy
        );
        return Err(Stop::Usage(why));
    }
    let all = if is_one { 0..1 } else { SEEDS };
    Ok(Fuzz {
        under,
        kind: args.strategy,
        plan,
        plan_file: args
            .plan
            .as_deref()
            .map(|path| match path == Path::new(STDIN) {
                true => STDIN.to_owned(),
                false => again::path(path),
            }),
        seeds: args.seeds.clone().unwrap_or(all),
        time: args.time,
        runs_max: args.runs.unwrap_or(RUNS),
        jobs: args.jobs.count(),
    })
}

/// Shows one run of a plan.
fn replay(fuzz: &Fuzz, plan: &Plan, schedule: &Schedule) -> Result<u8, Stop> {
    let make = || sigprof_sim::plan::program(plan, fuzz.under.protocol());
    let run = replay::replay_program(&make, fuzz.kind, &Way::Schedule(schedule.clone()));
    let table = table::text_of(&run, usize::MAX);
    let law = run.violation().map(|violation| violation.law.code());
    let verdict = table::verdict(&run);
    even_if_unread(print(&format!("{table}\n{verdict}\n{}", explained(law))))?;
    Ok(match (run.violation(), run.misfits.is_empty()) {
        (Some(_), _) => 1,
        (None, true) => 0,
        (None, false) => 5,
    })
}

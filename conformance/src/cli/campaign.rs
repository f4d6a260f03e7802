//! `sigprof campaign`: more runs than one machine does in a night.

mod plan;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Subcommand;
use indicatif::HumanCount;
use sigprof::again;
use sigprof::campaign::journal::JournalError;
use sigprof::campaign::merge::{self, Merged};
use sigprof::campaign::plan::Plan;
use sigprof::campaign::report::Report;
use sigprof::campaign::shard::{self, Job, PLAN, ShardError};
use sigprof::campaign::work::Tools;
use sigprof::campaign::{self, share};
use sigprof::shown::counted;
use sigprof::suite::shard::Shard;

use super::arguments::{Jobs, folder};
use super::conformance::OraclesDir;
use super::progress::Watch;
use super::{
    Format, Stop, even_if_unread, explore, interrupt, output, print, print_as, progress,
    read_input, shown, unused, width,
};

/// More runs than one machine does in a night: plan them, run a shard of the plan on each machine, and
/// merge what came of them. No machine knows of another, and the report is the same for any number
/// of shards.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Plan(plan::PlanArgs),
    Run(RunArgs),
    Merge(MergeArgs),
}

/// Run a shard of a plan, on all cores.
///
/// What comes of each piece is appended to a journal, shard-I-of-N.ndjson in the folder. Whoever is
/// killed goes on where that ends, if started again: no more is lost than the pieces that were at
/// work. All runs are done, whatever they find: `sigprof campaign merge` says what that is. Without
/// --shard it is SIGPROF_SHARD (as in 2/8); or JOB_COMPLETION_INDEX of Kubernetes, with
/// SIGPROF_SHARDS for how many there are; or SLURM_ARRAY_TASK_ID of Slurm; or else all of it.
#[derive(Debug, clap::Args)]
#[command(after_help = RUN)]
struct RunArgs {
    /// A plan, as `sigprof campaign plan` wrote it (- for standard input)
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
    /// The Ith of N shards; if not given, what the environment says
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
    /// Where journals go; it may be shared by all
    #[arg(short, long, value_name = "DIR", value_parser = folder())]
    output: PathBuf,
    #[command(flatten)]
    jobs: Jobs,
    #[command(flatten)]
    oracles_dir: OraclesDir,
}

const RUN: &str = "\
Examples:
  sigprof campaign run plan.json -o results                 all of it, here
  sigprof campaign run plan.json --shard 2/8 -o results     a part, on one of eight machines
  sbatch --array=1-8 --wrap 'sigprof campaign run plan.json -o results'

Exit codes: 0 the shard is whole, 2 usage, or the environment makes no sense, 3 the plan is not for
this program, a file cannot be read or written, Go is not installed, or sigprof itself failed, 5 it
was interrupted, or another process is at work on it: run again, it goes on.

Ctrl-C ends it with the pieces that are done; a second one at once.";

/// Merge the journals of a campaign, and say what it came to.
///
/// Takes all files of the folder that end in .ndjson, and its plan.json. The campaign is complete, or
/// all that is missing is named: pieces that nobody did, and journals that end too early. Journals of
/// another plan, another program or another Go, pieces that stand in two of them, and a failure that
/// does not fail here are errors. Failures of the model are run again, shrunk, and shown once each.
#[derive(Debug, clap::Args)]
#[command(after_help = MERGE)]
struct MergeArgs {
    /// The folder of the journals
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// The plan, if it is not plan.json there
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// A line for each task, not for each question
    #[arg(long)]
    all: bool,
    /// Write what is found in the model into this folder, as cases for `sigprof replay`
    #[arg(short, long, value_name = "DIR", value_parser = folder())]
    output: Option<PathBuf>,
    /// How to show the outcome; `json` is one object (see SPEC.md, S77.8)
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

const MERGE: &str = "\
Examples:
  sigprof campaign merge results
  sigprof campaign merge results --all --format json

Exit codes: 0 complete, nothing found; 1 something was found; 2 usage; 3 the
journals do not go together, or a file cannot be read or written; 5 nothing found, but pieces are
missing (each shard that has to be run is named), or a search is not exhausted.";

impl Args {
    pub(super) fn is_json(&self) -> bool {
        matches!(&self.command, Command::Merge(args) if args.format == Format::Json)
    }
}

pub(super) fn run(args: &Args) -> Result<u8, Stop> {
    match &args.command {
        Command::Plan(args) => plan::run(args),
        Command::Run(args) => run_shard(args),
        Command::Merge(args) => merge(args),
    }
}

/// The digest of the program that runs.
fn program() -> Result<String, Stop> {
    let program = campaign::program();
    program.map_err(|error| Stop::Failed(format!("cannot read this program: {error}")))
}

/// The plan of a file, if it is for this program.
fn read_plan(path: &Path) -> Result<Plan, Stop> {
    let plan = Plan::read(&read_input(path)?);
    let plan = plan.map_err(|error| Stop::Failed(format!("{}: {error}", shown(path))))?;
    let program = program()?;
    if plan.program != program {
        return Err(Stop::Failed(format!(
            "{}: the plan is for another program: want {}, got {program} (sigprof {} made it, this is \
             {}); plan, run and merge must be one program",
            shown(path),
            plan.program,
            plan.sigprof_version,
            sigprof::VERSION,
        )));
    }
    Ok(plan)
}

fn run_shard(args: &RunArgs) -> Result<u8, Stop> {
    let plan = read_plan(&args.plan)?;
    let shard = match args.shard {
        Some(shard) => shard,
        None => {
            let get = |name: &str| Some(env::var_os(name)?.to_string_lossy().into_owned());
            let found = share::from_environment(get);
            let found = found.map_err(Stop::Usage)?;
            found
                .or(Shard::new(1, 1))
                .unwrap_or_else(|| unreachable!("1/1 is a shard"))
        }
    };
    put_plan(&plan, &args.output)?;
    let oracles = args.oracles_dir.oracles_dir.as_deref();
    if plan.go().is_empty() {
        let given = [("--oracles-dir", oracles.is_some())];
        unused::refuse(&given, "is for go-text, and for sim with --go")?;
    }
    let tools = Tools::find(&plan, oracles).map_err(Stop::Failed)?;
    let job = Job {
        plan: &plan,
        shard,
        tools: &tools,
        folder: &args.output,
        jobs: args.jobs.count(),
    };
    let stop = interrupt::listen();
    let mut watch = Watch::new("pieces", Some(job.pieces()), LINES);
    let ran = job.run(stop, |now| {
        watch.tell(now.pieces, |seconds| words(now, seconds))
    });
    watch.end();
    let ran = ran.map_err(|error| match error {
        ShardError::Journal(error @ JournalError::Locked { .. }) => {
            Stop::Interrupted(error.to_string())
        }
        ShardError::Journal(error) => Stop::Failed(error.to_string()),
        error => Stop::Failed(format!("{error}; what was done before is in the journal")),
    })?;
    if let Some(damage) = &ran.found.damage {
        progress::note(&format!(
            "{}: {damage}: what followed was done again",
            shown(&job.path())
        ));
    }
    let words = format!(
        "shard {shard}: {} of {} done, {} of them before; {} now, {} with failures\n",
        ran.progress.pieces,
        counted(job.pieces(), "piece"),
        ran.found.pieces,
        counted(ran.progress.runs, "run"),
        counted(ran.progress.failed, "piece"),
    );
    even_if_unread(print(&words))?;
    Ok(if ran.is_whole { 0 } else { interrupt::CODE })
}

/// Puts the plan where the journals are, for whoever merges them; all do, and write the same.
fn put_plan(plan: &Plan, folder: &Path) -> Result<(), Stop> {
    let failed = |path: &Path| {
        let path = shown(path);
        move |error| Stop::Failed(format!("{path}: {error}"))
    };
    fs::create_dir_all(folder).map_err(failed(folder))?;
    let path = folder.join(PLAN);
    let text = plan.text();
    match fs::read(&path) {
        Ok(found) if Plan::read(&found).as_ref() == Ok(plan) => return Ok(()),
        Ok(_) => {
            return Err(Stop::Failed(format!(
                "{}: the folder is that of another plan",
                shown(&path)
            )));
        }
        Err(_) => {}
    }
    output::write_bytes(&path, text.as_bytes())
}

fn merge(args: &MergeArgs) -> Result<u8, Stop> {
    let path = args.plan.clone().unwrap_or_else(|| args.dir.join(PLAN));
    let plan = read_plan(&path)?;
    let merged = merge::merge(&plan, &args.dir);
    let merged =
        merged.map_err(|(path, error)| Stop::Failed(format!("{}: {error}", shown(&path))))?;
    let Merged { open, .. } = &merged;
    let open = open.clone();
    let report = Report::new(&plan, merged);
    let text = match args.format {
        Format::Text => report.text(width::columns(), args.all),
        Format::Json => format!("{:#}\n", report.json()),
    };
    even_if_unread(print_as(args.format, &text))?;
    if args.format == Format::Text && !report.is_wrong() {
        let more = open.len().saturating_sub(AGAIN_MAX);
        for shard in open.into_iter().take(AGAIN_MAX) {
            let folder = again::path(&args.dir);
            let plan = again::path(&path);
            let again = format!("campaign run {plan} --shard {shard} -o {folder}");
            even_if_unread(print(&format!("  again: {}\n", again::command(&again))))?;
        }
        if more > 0 {
            even_if_unread(print(&format!("  and {more} shards more\n")))?;
        }
    }
    if let Some(folder) = &args.output {
        explore::keep(folder, report.cases())?;
    }
    Ok(report.exit_code())
}

/// Shards that are named with their command, at the most.
const AGAIN_MAX: usize = 20;

/// Between two lines: a log of a night should not be long.
const LINES: Duration = Duration::from_secs(60);

/// How far it is, in words.
fn words(now: &shard::Progress, seconds: f64) -> String {
    format!(
        "{} pieces; {} runs, {:.0}/s; {} pieces with failures",
        now.pieces,
        HumanCount(now.runs),
        now.runs as f64 / seconds,
        now.failed
    )
}

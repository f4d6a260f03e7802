use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering::Relaxed;
use std::thread;
use std::time::{Duration, Instant};

use clap::builder::PossibleValuesParser;
use indicatif::{HumanCount, ProgressBar, ProgressStyle};
use serde_json::json;
use sigprof::explore::campaign::{Campaign, Progress};
use sigprof::explore::report::{self, Report};
use sigprof::explore::target::{self, Variant};
use sigprof_model::mutants::Mutant;
use sigprof_sim::Seed;
use sigprof_sim::engine::explore::Kind;
use sigprof_sim::machine::Revision;

use super::release::Releases;
use super::{
    Format, Stop, even_if_unread, interrupt, output, print, print_as, print_json, progress,
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
    /// many switches, weak memory included), dpor (all runs, sequentially consistent), or
    /// round-robin
    #[arg(long, value_name = "S", default_value = "pct3")]
    strategy: Kind,
    /// Seeds of each scenario, B not included (random and pct); 0..10000 if neither this nor
    /// --time is given
    #[arg(long, value_name = "A..B", value_parser = seeds, conflicts_with = "time")]
    seeds: Option<Range<u64>>,
    /// For so long: 500ms, 30s, 10m, 2h
    #[arg(long, value_name = "T", value_parser = time)]
    time: Option<Duration>,
    /// Runs of each scenario at the most (bounded and dpor)
    #[arg(long, value_name = "N", default_value_t = 2_000_000)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    runs: u64,
    /// Threads; all cores if not given
    #[arg(long, value_name = "N", value_parser = jobs)]
    jobs: Option<usize>,
    /// Write what is found into this folder, as cases for `sigprof replay`
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
    /// List the scenarios that make sense there and run none
    #[arg(long)]
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
    #[arg(long, value_name = "R", value_parser = revisions(), default_value = "fixed")]
    revision: String,
    /// A mutant in its place (`sigprof mutants` shows them)
    #[arg(long, value_name = "M", value_parser = mutants(), hide_possible_values = true)]
    #[arg(conflicts_with = "revision")]
    mutant: Option<String>,
}

const HELP: &str = "\
Examples:
  sigprof explore                                    the protocol without known defects
  sigprof explore --revision go1.26 --strategy dpor  what Go ships, every interleaving
  sigprof explore --scenario overflow --revision go1.26
  sigprof explore --mutant generation_kept --strategy bounded3
  sigprof explore --time 10m --strategy random --format json

Exit codes: 0 nothing found (for bounded and dpor: and exhausted), 1 a law is
broken, 2 usage, 3 a file cannot be written, or sigprof itself failed, 4 the
scenario makes no sense there, 5 nothing found, but not all was run that was asked for: it was
interrupted, is not exhausted, or had no time for one run of each scenario.

Ctrl-C ends it with what was found; a second one at once.";

const ALL: &str = "all";

/// A few seconds of all scenarios.
const SEEDS: Range<u64> = 0..10_000;

pub(super) fn scenarios() -> PossibleValuesParser {
    let mut names = target::scenario_names();
    names.push(ALL);
    names.into()
}

/// Releases, of which several may have the same protocol.
fn revisions() -> Releases {
    Releases::among(Revision::names())
}

fn mutants() -> PossibleValuesParser {
    let names = Mutant::all().into_iter().map(|mutant| mutant.name);
    names.collect::<Vec<_>>().into()
}

pub(super) fn seeds(text: &str) -> Result<Range<u64>, String> {
    let (start, end) = text.split_once("..").ok_or("want A..B")?;
    let seed = |text: &str| text.parse::<Seed>().map(|seed| seed.0);
    let start = seed(start).map_err(|error| error.to_string())?;
    let end = seed(end).map_err(|error| error.to_string())?;
    if start >= end {
        return Err("want A..B with A below B".into());
    }
    Ok(start..end)
}

pub(super) fn time(text: &str) -> Result<Duration, String> {
    let want = "want a number with ms, s, m or h";
    let at = text.find(|c: char| !c.is_ascii_digit()).ok_or(want)?;
    let (number, unit) = text.split_at(at);
    let number: u64 = number.parse().map_err(|_| want)?;
    let millis = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err(want.into()),
    };
    // Beyond a century the clock itself may end.
    const CENTURY: u64 = 100 * 366 * 24 * 3_600_000;
    let millis = number
        .checked_mul(millis)
        .filter(|millis| (1..CENTURY).contains(millis));
    let millis = millis.ok_or("want more than nothing, and less than a century")?;
    Ok(Duration::from_millis(millis))
}

pub(super) fn jobs(text: &str) -> Result<usize, String> {
    let count = text
        .parse()
        .ok()
        .filter(|count| (1..=1_024).contains(count));
    count.ok_or_else(|| "want 1 to 1024".into())
}

/// As many as were asked for, or as there are cores.
pub(super) fn jobs_or_cores(jobs: Option<usize>) -> usize {
    let cores = || thread::available_parallelism().map_or(1, usize::from);
    jobs.unwrap_or_else(cores)
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
    let campaign = campaign(args)?;
    if args.list && args.format == Format::Json {
        let scenarios = campaign.scenarios.iter();
        let scenarios = scenarios.map(|s| json!({ "name": s.name, "about": s.about }));
        print_json(&json!({
            "schema_version": 1,
            "sigprof_version": sigprof::VERSION,
            "under": campaign.under.name(),
            "scenarios": scenarios.collect::<Vec<_>>(),
        }))?;
        return Ok(0);
    }
    if args.list {
        let lines = campaign
            .scenarios
            .iter()
            .map(|s| format!("{:38}{}\n", s.name, s.about));
        print(&lines.collect::<String>())?;
        return Ok(0);
    }
    let stop = interrupt::listen();
    if args.format == Format::Text {
        even_if_unread(print(&(report::head(&campaign) + "\n")))?;
    }
    let mut watch = Watch::new(&campaign);
    let ran = campaign.run(stop, |progress| watch.tell(progress));
    watch.end();
    let report = Report::new(&campaign, ran, stop.load(Relaxed));
    let text = match args.format {
        Format::Text => report.text(),
        Format::Json => format!("{:#}\n", report.json()),
    };
    even_if_unread(print_as(args.format, &text))?;
    if let Some(folder) = &args.keep {
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

fn campaign(args: &Args) -> Result<Campaign, Stop> {
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
    Ok(Campaign {
        under,
        scenarios,
        kind: args.strategy,
        seeds: args.seeds.clone().unwrap_or(SEEDS),
        runs_max: args.runs,
        time: args.time,
        jobs: jobs_or_cores(args.jobs),
    })
}

/// How far it is: a bar where somebody watches, a line now and then elsewhere.
struct Watch {
    bar: Option<ProgressBar>,
    start: Instant,
    last: Instant,
}

/// Between two lines.
const LINES: Duration = Duration::from_secs(10);

impl Watch {
    fn new(campaign: &Campaign) -> Self {
        let start = Instant::now();
        let bar = progress::is_watched().then(|| {
            let bar = match campaign.runs() {
                Some(runs) => ProgressBar::new(runs),
                None => ProgressBar::new_spinner(),
            };
            let template = match campaign.runs() {
                Some(_) => "{wide_bar} {percent}%\n{msg}",
                None => "{spinner} {elapsed}\n{msg}",
            };
            let style = ProgressStyle::with_template(template);
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        Self {
            bar,
            start,
            last: start,
        }
    }

    fn tell(&mut self, progress: &Progress) {
        let seconds = self.start.elapsed().as_secs_f64();
        let rate = progress.runs as f64 / seconds.max(0.001);
        let words = format!(
            "{} runs, {:.0}/s; ~{} schedules; {} points, {} left, {} signalled; {} found",
            HumanCount(progress.runs),
            rate,
            HumanCount(progress.schedules),
            progress.points,
            progress.left,
            progress.signalled,
            progress.found,
        );
        match &self.bar {
            Some(bar) => {
                bar.set_position(progress.runs);
                bar.set_message(words);
            }
            None if self.last.elapsed() >= LINES => {
                self.last = Instant::now();
                progress::note(&format!("{seconds:.0} s: {words}"));
            }
            None => {}
        }
    }

    fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

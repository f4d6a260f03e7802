use std::path::PathBuf;
use std::time::{Duration, Instant};

use indicatif::ProgressBar;
use serde_json::json;
use sigprof::fixtures::Files;
use sigprof::oracle::{MODE_VARIABLE, Mode};
use sigprof::shown::Shown;
use sigprof::suite::outcome::{CaseOutcome, Status};
use sigprof::suite::report::Format;
use sigprof::suite::shard::Shard;
use sigprof::suite::{Case, CaseList, NothingSelected, Options};
use sigprof_sim::Seed;

use super::arguments::{Jobs, seed};
use super::{
    Kind, Stop, even_if_unread, interrupt, others, print, print_as, print_json, progress, unused,
};

/// The option of commands that ask real Go.
#[derive(Debug, clap::Args)]
pub(super) struct OraclesDir {
    /// Where real Go is: the folder of go1.19 to go1.27; else SIGPROF_ORACLES_DIR, else .oracles of
    /// the checkout in whose `target` this program lies, or in which cargo runs it
    #[arg(long, value_name = "DIR")]
    pub(super) oracles_dir: Option<PathBuf>,
}

/// Run the conformance suite.
///
/// Readers, dump and checks on the fixtures that are part of this program, against what is
/// expected of each; bad input against the errors it must lead to; the model's scenarios in
/// every interleaving, on every release; drawn programs, kept runs and mutants; simulated runs
/// against the truth; and, where Go toolchains are installed (scripts/oracles), the readers
/// against those of Go.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    /// Only cases whose `area name` contains this, or the one whose whole name it is; more than
    /// one: any of them
    #[arg(long, value_name = "TEXT")]
    filter: Vec<String>,
    /// List the cases and run none
    #[arg(long, conflicts_with_all = ["jobs", "seed", "full", "oracles_dir"])]
    list: bool,
    /// Only the Ith of N parts; together they have every case once
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
    #[command(flatten)]
    jobs: Jobs,
    /// The first seed of all that is drawn from seeds
    #[arg(long, value_name = "SEED", default_value = "0", value_parser = seed)]
    seed: Seed,
    /// Go much further: minutes in place of seconds
    #[arg(long)]
    full: bool,
    /// Whether real Go is asked: `auto` skips where it is absent
    #[arg(long, value_enum, env = MODE_VARIABLE, default_value_t = Mode::Auto)]
    #[arg(hide_env_values = true)]
    oracles: Mode,
    #[command(flatten)]
    oracles_dir: OraclesDir,
    /// How to show the outcome; `json` is one object (see SPEC.md, S16.6)
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

const HELP: &str = "\
Examples:
  sigprof conformance                             all of it, in seconds
  sigprof conformance --filter model              an area (--list shows them)
  sigprof conformance --full --seed 42            further, and from other seeds
  sigprof conformance --shard 1/4 --format junit  a quarter, for a CI system

Exit codes: 0 all that was tried passed, 1 something failed, 2 usage,
4 nothing was selected or all of it was skipped, 5 it was interrupted.

Ctrl-C ends it with what was found; a second one at once.";

impl Args {
    pub(super) fn is_json(&self) -> bool {
        self.format == Format::Json
    }
}

/// Nothing is selected; of a filter that fits nothing, what is like it, and the areas.
fn none(files: &Files, options: &Options, nothing: &NothingSelected) -> Stop {
    let of_filter = |filter: &String| {
        let options = Options {
            filters: Vec::new(),
            shard: None,
            ..options.clone()
        };
        let list = CaseList::new(files, &options).ok()?;
        let titles: Vec<_> = list.cases().iter().map(Case::title).collect();
        let area = |title: &String| title.split(' ').next().unwrap_or_default().to_owned();
        Some(others(&titles, "areas", area, filter))
    };
    let more = match nothing {
        NothingSelected::Filter(filter) => of_filter(filter).unwrap_or_default(),
        NothingSelected::Shard(..) => String::new(),
    };
    Stop::NothingSelected(format!("{nothing}{more}"))
}

pub(super) fn run(args: &Args) -> Result<u8, Stop> {
    let dir = &args.oracles_dir.oracles_dir;
    if args.oracles == Mode::Off {
        let why = "is not with --oracles off: nobody is asked";
        unused::refuse(&[("--oracles-dir", dir.is_some())], why)?;
    }
    let options = Options {
        filters: args.filter.clone(),
        shard: args.shard,
        oracles: args.oracles,
        oracles_dir: args.oracles_dir.oracles_dir.clone(),
        seed: args.seed,
        is_full: args.full,
        jobs: args.jobs.count(),
    };
    let files = Files::embedded();
    let list = CaseList::new(&files, &options);
    let list = list.map_err(|nothing| none(&files, &options, &nothing))?;
    if args.list {
        match args.format {
            Format::Text => {}
            Format::Json => {
                print_json(&listed(&list))?;
                return Ok(0);
            }
            Format::Junit | Format::Github => {
                let why = "--list is text or json: nothing was run that the others could show";
                return Err(Stop::Usage(why.into()));
            }
        }
        let lines = list.cases().iter().map(|case| case.title() + "\n");
        print(&lines.collect::<String>())?;
        return Ok(0);
    }
    let stop = interrupt::listen();
    let is_text = matches!(args.format, Format::Text | Format::Github);
    if is_text {
        even_if_unread(print(&format!("{}\n", list.head())))?;
    }
    let mut watch = Watch::new(list.cases().len());
    let outcome = list.run(stop, |case| watch.tell(case));
    watch.bar.finish_and_clear();
    even_if_unread(print_as(args.format, &outcome.show(args.format)?))?;
    Ok(outcome.exit_code())
}

/// The cases as JSON (S16.22).
fn listed(list: &CaseList) -> serde_json::Value {
    let cases = list.cases().iter();
    let cases = cases.map(|case| json!({ "area": case.area.name(), "name": case.name }));
    json!({
        "schema_version": 1,
        "sigprof_version": sigprof::VERSION,
        "cases": cases.collect::<Vec<_>>(),
    })
}

impl From<Format> for Kind {
    fn from(format: Format) -> Self {
        match format {
            Format::Text | Format::Github => Self::Text,
            Format::Json => Self::Json,
            // Its texts have nothing hidden by now.
            Format::Junit => Self::Bytes,
        }
    }
}

/// How far it is, and what failed so far: a bar where somebody watches, a line now and then
/// elsewhere.
struct Watch {
    bar: ProgressBar,
    start: Instant,
    last: Instant,
    done: usize,
    of: usize,
}

/// Between two lines.
const LINES: Duration = Duration::from_secs(10);

impl Watch {
    fn new(of: usize) -> Self {
        let bar = progress::bar("cases", Some(of as u64));
        let now = Instant::now();
        Self {
            bar,
            start: now,
            last: now,
            done: 0,
            of,
        }
    }

    fn tell(&mut self, case: &CaseOutcome) {
        self.done += 1;
        if self.bar.is_hidden() {
            if self.last.elapsed() >= LINES {
                self.last = Instant::now();
                let seconds = self.start.elapsed().as_secs();
                progress::note(&format!("{seconds} s: {} of {} cases", self.done, self.of));
            }
            return;
        }
        if let Status::Failed(_) = case.status {
            self.bar
                .println(format!("failed: {}", Shown(&case.title())));
        }
        self.bar.set_message(Shown(&case.title()).to_string());
        self.bar.inc(1);
    }
}

mod show;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use serde_json::{Value, json};
use sigprof::explain;
use sigprof::explore::target::Variant;
use sigprof::go_text::explore;
use sigprof::go_text::refine::{self, Plan};
use sigprof::go_text::{Patch, Text};
use sigprof::oracle::{Go, RELEASES};
use sigprof_model::mutants::Mutant;
use sigprof_model::scenario::Scenario;
use sigprof_sim::engine::Schedule;
use sigprof_sim::engine::explore::Kind;
use sigprof_sim::machine::Revision;

use super::conformance::OraclesDir;
use super::explore::scenarios;
use super::progress::{self, LINES, Watch};
use super::release::Releases;
use super::{Format, Stop, even_if_unread, interrupt, print, print_as};
use show::{entry, found_entry, found_row, found_summary, row, summary};

/// Run Go's own text step by step, and compare it with the model.
///
/// Takes the runtime's files of an installed Go, or of a tree of yours, with Go's own parser: all
/// of profbuf.go and of what adds samples in cpuprof.go, proc.go and tracecpu.go (1.22:
/// trace2cpu.go; before: trace.go), and of StartTrace, StopTrace and traceAdvance what is about
/// samples. Makes each use of a shared word a point of the engine, and has it follow runs of the
/// model in every scenario: all that the exhaustive search keeps, and some at random, with signals.
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
    #[arg(long, value_name = "DIR")]
    source: Option<PathBuf>,
    /// Changes of a copy of the text, in TOML: tables `patch` with defect, file, function, place
    /// and with; more than one file: one after the other
    #[arg(long, value_name = "FILE")]
    patch: Vec<PathBuf>,
    /// The fixes of all known defects put into a copy of the text of Go 1.26 or 1.27, which is
    /// compared with the model `fixed`
    #[arg(long)]
    fixed: bool,
    /// The protocol that it is compared with, or a mutant of it; the release's own if not given
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
    /// Only this scenario (`sigprof explore --list` shows them); more than one: all of them
    #[arg(long, value_name = "NAME", value_parser = scenarios(), hide_possible_values = true)]
    scenario: Vec<String>,
    /// Runs of the exhaustive search in each scenario, at the most
    #[arg(long, value_name = "N", default_value_t = RUNS)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    runs: u64,
    /// Runs at random in each scenario
    #[arg(long, value_name = "N", default_value_t = 50)]
    random: u64,
    /// Nothing but this run of one scenario, as a difference names it
    #[arg(long, value_name = "CHOICES", conflicts_with_all = ["runs", "random", "explore"])]
    #[arg(requires = "scenario")]
    schedule: Option<Schedule>,
    /// The strategy as whose the choices of --schedule are counted
    #[arg(
        long,
        value_name = "STRATEGY",
        default_value = "dpor",
        requires = "schedule"
    )]
    strategy: Kind,
    /// Do not compare: look for interleavings of the text itself that break a law, by this
    /// strategy (`sigprof explore --help` names them), without weak memory, as Go has none;
    /// --runs is how many of each scenario
    #[arg(long, value_name = "STRATEGY", conflicts_with = "random")]
    explore: Option<Kind>,
    #[command(flatten)]
    oracles_dir: OraclesDir,
    /// How to show the outcome; `json` is one object
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

const HELP: &str = "\
Examples:
  sigprof go-text                                   the text of Go 1.27
  sigprof go-text --go 1.22 --scenario overflow
  sigprof go-text --source ~/go/src/runtime         your change of it
  sigprof go-text --explore dpor --scenario record_then_close     B30, in Go's own text
  sigprof go-text --fixed --explore dpor            and none, with the fixes
  sigprof go-text --runs 1000000 --random 100000    all runs that the search keeps: hours

Exit codes: 0 the text does what the model does, or breaks no law; 1 it does something
else, or breaks one, which is shown; 2 usage; 3 Go is not installed, or its text cannot be
taken (what is missing or has changed its shape is named); 4 the scenario makes no sense
there; 5 no difference, but it was interrupted.";

/// Runs of the search in each scenario, at the most, if no number is given.
const RUNS: u64 = 200;

/// Releases for whose text the fixes are.
const FIXED: [&str; 2] = ["1.26", "1.27"];

pub(super) fn versions() -> Releases {
    Releases::among(RELEASES.iter().map(|release| release.version))
}

impl Args {
    /// Exploring the text of a release by this strategy, in all scenarios if none is named.
    pub(super) fn exploring(
        release: &str,
        strategy: Kind,
        scenario: Vec<String>,
        runs: Option<u64>,
        format: Format,
    ) -> Self {
        Self {
            go: release.to_owned(),
            source: None,
            patch: Vec::new(),
            fixed: false,
            model: None,
            scenario,
            runs: runs.unwrap_or(RUNS),
            random: 0,
            schedule: None,
            strategy: Kind::Dpor,
            explore: Some(strategy),
            oracles_dir: OraclesDir { oracles_dir: None },
            format,
        }
    }

    pub(super) fn is_json(&self) -> bool {
        self.format == Format::Json
    }
}

pub(super) fn run(args: &Args) -> Result<u8, Stop> {
    let under = under(args)?;
    let mut scenarios = refine::scenarios(&under.protocol());
    let is_meant = |name: &str| args.scenario.is_empty() || args.scenario.iter().any(|s| s == name);
    scenarios.retain(|(ours, _)| is_meant(ours.name));
    if scenarios.is_empty() {
        let names = args.scenario.join(", ");
        let why = format!("{names} makes no sense for {under}");
        return Err(Stop::NothingSelected(why));
    }
    if args.schedule.is_some() && scenarios.len() > 1 {
        return Err(Stop::Usage("a schedule is of one --scenario".to_owned()));
    }
    if args.fixed && !FIXED.contains(&args.go.as_str()) {
        let why = format!(
            "the fixes are for the text of Go 1.26 and 1.27, and not of {}",
            args.go
        );
        return Err(Stop::Usage(why));
    }
    let go = Go::find_in(args.oracles_dir.oracles_dir.as_deref(), &args.go);
    let go = go.map_err(|error| Stop::Failed(error.to_string()))?;
    let patches = patches(args)?;
    let text = progress::during("making a program of Go's text, which takes seconds", || {
        Text::build(&go, args.source.as_deref(), &patches)
    });
    let text = text.map_err(|error| Stop::Failed(error.to_string()))?;
    let source = text.source().display().to_string();
    if args.format == Format::Text {
        let release = go.release();
        let head = format!("{source} (Go {release}) and the model of {under}\n\n");
        even_if_unread(print(&head))?;
    }
    let head = json!({
        "schema_version": 1,
        "sigprof_version": sigprof::VERSION,
        "source": source,
        "go": go.release(),
        "model": under.name(),
        "strategy": args.explore.map(|kind| kind.to_string()),
    });
    let job = Job {
        args,
        head,
        scenarios: &scenarios,
        stop: interrupt::listen(),
    };
    let protocol = under.protocol();
    match args.explore {
        Some(kind) => job.run(
            |(_, theirs), goes_on| {
                explore::explore(&text, protocol, theirs, kind, args.runs, goes_on)
            },
            |explored| found_row(args, explored, &under),
            |explored| found_entry(args, explored, &under),
            found_summary,
            |explored| explored.found.is_some(),
        ),
        None => {
            let schedule = args.schedule.clone();
            let plan = Plan {
                reduced: args.runs,
                random: 0..args.random,
                schedule: schedule.map(|schedule| (args.strategy, schedule)),
            };
            job.run(
                |pair, goes_on| refine::scenario(&text, protocol, pair, &plan, goes_on),
                |compared| row(args, compared),
                |compared| entry(args, compared),
                |all| summary(all, scenarios.len()),
                |compared| compared.difference.is_some(),
            )
        }
    }
}

/// All changes of the text.
fn patches(args: &Args) -> Result<Vec<Patch>, Stop> {
    let mut patches = if args.fixed {
        Patch::fixes()
    } else {
        Vec::new()
    };
    for path in &args.patch {
        let cannot = |why: String| Stop::Failed(format!("{}: {why}", path.display()));
        let toml = std::fs::read_to_string(path).map_err(|error| cannot(error.to_string()))?;
        patches.extend(Patch::parse_all(&toml).map_err(cannot)?);
    }
    Ok(patches)
}

/// The model that the text is compared with.
fn under(args: &Args) -> Result<Variant, Stop> {
    let usage = |why: String| Stop::Usage(why);
    let release = if args.fixed {
        "fixed".to_owned()
    } else {
        format!("go{}", args.go)
    };
    let name = args.model.as_deref().unwrap_or(&release);
    let minor = super::release::minor(name);
    let of_release = Variant::release(minor.as_deref().unwrap_or(name));
    let under = of_release.or_else(|| Variant::mutant(name));
    under.ok_or_else(|| {
        let revisions = Revision::names().join(", ");
        let mutants = Mutant::all().into_iter().map(|mutant| mutant.name.to_owned());
        let like = explain::like(mutants, name);
        usage(format!(
            "no revision or mutant is named {name}{like}; revisions are {revisions}; `sigprof mutants` \
             shows all mutants"
        ))
    })
}

/// A question to each scenario in turn.
struct Job<'a> {
    args: &'a Args,
    /// The fields that every JSON begins with.
    head: Value,
    scenarios: &'a [(Scenario, Scenario)],
    stop: &'static AtomicBool,
}

impl Job<'_> {
    /// Asks it, and says what came of each, and of all.
    fn run<T>(
        mut self,
        ask: impl Fn(&(Scenario, Scenario), &mut dyn FnMut(u64) -> bool) -> Result<T, String>,
        row: impl Fn(&T) -> String,
        entry: impl Fn(&T) -> Value,
        summary: impl Fn(&[T]) -> String,
        is_bad: impl Fn(&T) -> bool,
    ) -> Result<u8, Stop> {
        let format = self.args.format;
        let (mut all, mut runs) = (Vec::new(), 0);
        let mut watch = Watch::new("scenarios", Some(self.scenarios.len() as u64), LINES);
        for pair in self.scenarios {
            let (done, before, name) = (all.len() as u64, runs, pair.0.name);
            let mut goes_on = |here| {
                runs = before + here;
                watch.tell(done, |seconds| {
                    format!("{name}, {runs} runs, {:.0}/s", runs as f64 / seconds)
                });
                !self.stop.load(Relaxed)
            };
            if !goes_on(0) {
                break;
            }
            let came = ask(pair, &mut goes_on).map_err(Stop::Failed)?;
            if format == Format::Text {
                watch.aside(|| even_if_unread(print(&row(&came))))?;
            }
            all.push(came);
        }
        watch.end();
        let is_whole = all.len() == self.scenarios.len() && !self.stop.load(Relaxed);
        let text = match format {
            Format::Text => summary(&all),
            Format::Json => {
                self.head["is_whole"] = is_whole.into();
                self.head["scenarios"] = all.iter().map(entry).collect();
                format!("{:#}\n", self.head)
            }
        };
        even_if_unread(print_as(format, &text))?;
        Ok(match (all.iter().any(is_bad), is_whole) {
            (true, _) => 1,
            (false, true) => 0,
            (false, false) => interrupt::CODE,
        })
    }
}

pub(super) mod json;
mod many;
mod pairing;
mod recorder;

use std::io::Write;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};

use serde::Serialize;
use sigprof::check::words::{self, Layout};
use sigprof::check::{Alone, Narrow, NothingSelected, Report, TraceSide, Verdict};
use sigprof::export::pprof::write_diff;
use sigprof::page::check::Outcome;
use sigprof::pprof;
use sigprof::trace::{GoId, Options, Release};

use super::page::Asked;
use pairing::places;

use super::{
    Format, Kind, ONE_OUTPUT, STDIN, Stop, bad_input, complain, even_if_unread, explained,
    open_profile, open_reader, output, print, print_json, progress, shown, stdout, unused, width,
};

/// Compare a trace with the CPU profile of the same run, stack by stack.
///
/// Says which side has more samples, by how much, why, and what to do. Without a profile: whether
/// as many samples came as there was time for. A trace that is cut or damaged is compared as far as
/// it can be read. Of a folder, or of more files than two, each pair is checked, and the exit code is
/// the worst. `--label` narrows the profile, `--goroutine` and `--region` narrow the trace; a narrowed
/// pair is judged one way only, because neither side knows the other's names: with a label, the trace
/// must have at least what the profile has.
#[derive(Debug, clap::Args)]
#[command(after_help = help())]
pub(super) struct Args {
    /// A trace of Go 1.5 or later, as runtime/trace writes it; `-` for standard input
    trace: PathBuf,
    /// A CPU profile, as runtime/pprof writes it, gzipped or not; `-` for standard input. Without
    /// one, samples are compared with the time that goroutines ran
    profile: Option<PathBuf>,
    /// More of both. In place of a trace may stand a folder as well: traces and profiles are put
    /// together by their names, or, where these do not say, in the order in which they are given; a
    /// table says the outcome of each pair
    more: Vec<PathBuf>,
    /// Only the profile's samples with this label; more than one: with all of them
    #[arg(long, value_name = "KEY=VALUE", value_parser = label, requires = "profile")]
    label: Vec<(String, String)>,
    /// Only the trace's samples of this goroutine
    #[arg(long, value_name = "N", requires = "profile")]
    goroutine: Option<NonZeroU64>,
    /// Only the trace's samples of goroutines while they are in this region
    #[arg(long, value_name = "NAME", requires = "profile")]
    region: Option<String>,
    /// Without a profile: samples a second of CPU time that were asked for, if not 100
    #[arg(long, value_name = "HZ", conflicts_with = "profile", value_parser = clap::value_parser!(i64).range(1..=1_000_000))]
    rate: Option<i64>,
    /// The trace is a flight recorder's snapshot whose MinAge was this (10s if it was not set): says
    /// whether the window goes back as far, and if not, why
    #[arg(long, value_name = "TIME", value_parser = recorder::duration)]
    min_age: Option<u64>,
    /// The same of the recorder's MaxBytes (10MiB if it was not set)
    #[arg(long, value_name = "SIZE", value_parser = recorder::size)]
    max_bytes: Option<u64>,
    /// Show every stack, with every frame
    #[arg(long, requires = "profile")]
    all: bool,
    /// Write the difference as a profile: what the trace has more of each stack than the profile,
    /// which is below 0 where it misses samples; try `go tool pprof -top FILE`. `-` is standard
    /// output, and the outcome goes to standard error
    #[arg(long, value_name = "FILE", requires = "profile")]
    diff: Option<PathBuf>,
    /// Write it as a page, too, with pictures: one file that needs nothing else; `-` as above. The
    /// trace must be a file, since it is read twice
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// How to show the outcome; `json` has all stacks (see SPEC.md for its schema)
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

const EXAMPLES: &str = "\
Examples:
  sigprof check trace profile.pb.gz
  sigprof check trace profile.pb.gz --label worker=1 --region hot
  sigprof check trace profile.pb.gz --html report.html --diff diff.pb.gz
  curl -s localhost:6060/debug/pprof/trace?seconds=5 | sigprof check - profile.pb.gz
  sigprof check runs/                             each pair of a folder";

/// The end of the help: examples, and verdicts with their exit codes.
fn help() -> String {
    let verdicts = Verdict::ALL.map(|verdict| {
        let code = verdict.exit_code();
        // What follows a colon is said by `sigprof explain`.
        let meaning = verdict
            .meaning()
            .split([':', '.'])
            .next()
            .unwrap_or_default();
        format!("  {:11}  {code}  {meaning}\n", verdict.to_string())
    });
    format!(
        "{EXAMPLES}\n\nVerdicts, with their exit codes (sigprof explain lost):\n{}\n\
         Exit codes: 2 usage, 3 an input cannot be read or a file not be written, 4 neither side has a\n\
         sample, 5 also: it was interrupted.",
        verdicts.concat()
    )
}

fn label(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("want key=value")?;
    Ok((key.to_owned(), value.to_owned()))
}

pub(super) fn run(args: &Args) -> Result<u8, Stop> {
    if args.format == Format::Json {
        unused::refuse(&[("--all", args.all)], "is for text; JSON has all stacks")?;
    }
    if many::is_asked(args) {
        return many::run(args).inspect_err(|stop| tell(args, stop));
    }
    let stdin = Path::new(STDIN);
    if args.trace == stdin && args.profile.as_deref() == Some(stdin) {
        let why = "trace and profile cannot both come from standard input; name a file for one";
        return Err(Stop::Usage(why.into()));
    }
    if let Some(diff) = &args.diff {
        output::is_no_input(diff, &args.trace)?;
        if let Some(profile) = &args.profile {
            output::is_no_input(diff, profile)?;
        }
    }
    let is_stdout = |path: &Option<PathBuf>| path.as_deref() == Some(stdin);
    let is_output_taken = is_stdout(&args.diff) || is_stdout(&args.html);
    if is_output_taken && args.format == Format::Json {
        return Err(Stop::Usage(ONE_OUTPUT.into()));
    }
    if args.diff.is_some() && args.diff == args.html {
        let why = "--diff and --html want a file each";
        return Err(Stop::Usage(why.into()));
    }
    let html = args.html.as_ref();
    let html = html.map(|page| Asked::new(page, &args.trace, args.profile.as_ref()));
    let html = html.transpose()?;
    let what = progress::reading(&args.trace, progress::Speed::Compares);
    let checked = progress::during(&what, || {
        one(&args.trace, args.profile.as_deref(), args, true)
    });
    let checked = checked.inspect_err(|stop| tell(args, stop))?;
    // That a file cannot be written hides no outcome.
    let diff = match (&args.diff, &checked) {
        (Some(diff), Checked::Pair(report)) => {
            let written = match is_stdout(&args.diff) {
                true => {
                    let mut out = stdout(Kind::Bytes);
                    let written = write_diff(report, &mut out).and_then(|()| out.flush());
                    even_if_unread(written.map_err(Stop::Output))
                }
                false => output::write(diff, |out| Ok(write_diff(report, out)?)),
            };
            written.map_err(not_written)
        }
        _ => Ok(()),
    };
    let html = html.map_or(Ok(()), |html| {
        let outcome = match &checked {
            Checked::Pair(report) => Outcome::Pair(report),
            Checked::Alone(alone) => Outcome::Alone(alone),
        };
        html.write(outcome, OPTIONS).map_err(not_written)
    });
    let layout = Layout {
        all: args.all,
        width: width::columns(),
    };
    even_if_unread(match (args.format, &checked) {
        (Format::Json, checked) => print_json(&json::outcome(args, checked)),
        (Format::Text, checked) => {
            let text = match checked {
                Checked::Pair(report) => words::text(report, layout),
                Checked::Alone(alone) => alone.text(layout.text_width()),
            };
            let text = text + &explained(checked.codes());
            match is_output_taken {
                true => {
                    super::tell(&text);
                    Ok(())
                }
                false => print(&text),
            }
        }
    })?;
    diff.and(html)?;
    Ok(checked.exit_code())
}

/// Prints an error as JSON, if that is the format.
fn tell(args: &Args, stop: &Stop) {
    if args.format == Format::Json {
        json::print_error(args, stop);
    }
}

/// A file that was asked for is not there, whoever does not read it: no success.
fn not_written(stop: Stop) -> Stop {
    match stop {
        Stop::Output(error) => Stop::Failed(format!("cannot write: {error}")),
        other => other,
    }
}

/// Damaged traces are compared as far as they go.
const OPTIONS: Options = Options {
    strict: None,
    keep_going: true,
    release: Release::Go1_27,
};

/// The outcome of a check.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Checked {
    Pair(Box<Report>),
    Alone(Box<Alone>),
}

impl Checked {
    fn exit_code(&self) -> u8 {
        match self {
            Self::Pair(report) => report.verdict.exit_code(),
            Self::Alone(alone) => alone.verdict.exit_code(),
        }
    }

    /// The verdict and its reason.
    fn codes(&self) -> impl Iterator<Item = String> + use<> {
        let (verdict, reason) = match self {
            Self::Pair(report) => (report.verdict, report.reason),
            Self::Alone(alone) => (alone.verdict, alone.reason),
        };
        let reason = reason.map(|reason| reason.to_string());
        [verdict.to_string()].into_iter().chain(reason)
    }

    fn summary(&self) -> &str {
        match self {
            Self::Pair(report) => &report.summary,
            Self::Alone(alone) => &alone.summary,
        }
    }
}

/// Checks one trace, with its profile or alone. Of several, a warning without its file would say
/// nothing.
fn one(trace: &Path, profile: Option<&Path>, args: &Args, warns: bool) -> Result<Checked, Stop> {
    let narrow = Narrow {
        labels: args.label.clone(),
        goroutine: args.goroutine.map(|g| GoId(g.get())),
        region: args.region.clone(),
    };
    let side = {
        let mut reader = open_reader(trace, OPTIONS).map_err(|e| places(e, trace, profile))?;
        let settings = recorder::settings(args, trace, reader.version())?;
        let side = TraceSide::read(&mut reader, &narrow);
        let side = side.map_err(|e| bad_input(trace, e))?;
        let side = side.recorded_with(settings);
        if warns {
            super::trace::warn_of(&reader);
        }
        side
    };
    let damage = side.damage().to_vec();
    let nothing = |why: NothingSelected| {
        // There is no outcome that says so.
        for damage in &damage {
            complain(&format!("warning: {}: {damage}", shown(trace)));
        }
        Stop::NothingSelected(why.to_string())
    };
    let Some(path) = profile else {
        let alone = side.alone(args.rate.map(|hz| 1_000_000_000 / hz));
        return Ok(Checked::Alone(Box::new(alone.map_err(nothing)?)));
    };
    let read = || pprof::read(&open_profile(path)?).map_err(|e| bad_input(path, e));
    let profile = read().map_err(|e| places(e, trace, profile))?;
    let report = side.check(profile).map_err(nothing)?;
    Ok(Checked::Pair(Box::new(report)))
}

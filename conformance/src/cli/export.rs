use std::io::Write;
use std::num::NonZeroU64;
use std::path::PathBuf;

use clap::ValueEnum;
use sigprof::error::WriteError;
use sigprof::export::pprof::Label;
use sigprof::export::samples::{ExportError, Select, Task};
use sigprof::export::{self, chrome, firefox, folded, pprof, speedscope};
use sigprof::shown::counted;
use sigprof::trace::{GoId, Nanos, Reader, TaskId};

use super::arguments::nanos;
use super::trace::Reading;
use super::{Kind, STDIN, Stop, bad_input, open_reader, output, progress, stdout, unused};

/// Write a trace in the format of another tool.
///
/// `chrome` is the JSON that `go tool trace` shows (of Go 1.26; for traces of Go 1.5 to 1.21, of
/// Go 1.19), for Perfetto (ui.perfetto.dev) or chrome://tracing. The other formats show the
/// trace's CPU samples: `pprof` is a profile for `go tool pprof`, with labels (try -tags,
/// -tagfocus=task=NAME, -tagroot=goroutine_function); `speedscope` and `firefox` (for
/// profiler.firefox.com) have a timeline for each thread, or for each P where the trace names no
/// thread; `folded` has a line for each stack, for flamegraph.pl, inferno and the like.
///
/// A sample weighs what lies between two at --rate in `pprof` and `speedscope`, and 1 in the others. When a profile
/// began is known of traces of Go 1.25 and later; where the program lay in memory and its name,
/// of none. Nor do traces say at which line a function begins, without which `go build -pgo`
/// takes no profile.
///
/// Of a trace that is refused there is no FILE, and JSON or a profile on standard output is not
/// closed; with --keep-going both are whole as far as the trace could be read, and the exit code
/// is 3. If a choice leaves no sample it is 4, and there is no FILE.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    /// A trace of Go 1.5 or later, gzipped or not; `-` for standard input
    trace: PathBuf,
    /// The format of the output
    #[arg(long, value_enum)]
    format: Format,
    /// Where to; standard output if this is absent or `-`
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Show samples without a P, too, on a row of their own (chrome only)
    #[arg(long, alias = "all")]
    without_p: bool,
    /// Samples a second of CPU time that were asked for, which a trace does not say (not for chrome,
    /// folded); 100 if not given
    #[arg(long, value_name = "HZ", value_parser = clap::value_parser!(i64).range(1..=1_000_000))]
    rate: Option<i64>,
    /// The same as nanoseconds between two samples, as the option was once called
    #[arg(long, value_name = "NS", hide = true, conflicts_with = "rate")]
    #[arg(value_parser = clap::value_parser!(i64).range(1..))]
    period: Option<i64>,
    /// The labels of samples, with commas between them (pprof only); all of them if this is absent
    #[arg(long, value_enum, value_delimiter = ',', conflicts_with = "no_labels")]
    labels: Option<Vec<LabelArg>>,
    /// No labels, so that the profile is smaller (pprof only)
    #[arg(long)]
    no_labels: bool,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    select: Selection,
}

const HELP: &str = "\
Examples:
  sigprof export --format chrome -o t.json trace              for ui.perfetto.dev
  sigprof export --format pprof -o t.pb.gz trace              for go tool pprof -tags
  sigprof export --format folded --region work trace | flamegraph.pl > t.svg

Exit codes: 0 it was written, 2 usage, 3 the trace cannot be read, or not whole, 4 no
sample was chosen, 5 it was interrupted.";

/// The samples that are wanted.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Only some samples (not for chrome)")]
struct Selection {
    /// From this time of the trace on, such as 1.5s or 300ms after its first event
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<Nanos>,
    /// Before this time of the trace
    #[arg(long, value_name = "TIME", value_parser = time)]
    to: Option<Nanos>,
    /// Of this goroutine
    #[arg(long, value_name = "N")]
    goroutine: Option<NonZeroU64>,
    /// Of goroutines while they are in this region
    #[arg(long, value_name = "NAME")]
    region: Option<String>,
    /// Of goroutines while they are in a region of this task, by its number or name
    #[arg(long, value_name = "N|NAME", value_parser = task)]
    task: Option<Task>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Chrome,
    Pprof,
    Speedscope,
    Firefox,
    Folded,
}

/// A label by its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct LabelArg(Label);

impl ValueEnum for LabelArg {
    fn value_variants<'a>() -> &'a [Self] {
        static ALL: [LabelArg; 7] = [
            LabelArg(Label::ALL[0]),
            LabelArg(Label::ALL[1]),
            LabelArg(Label::ALL[2]),
            LabelArg(Label::ALL[3]),
            LabelArg(Label::ALL[4]),
            LabelArg(Label::ALL[5]),
            LabelArg(Label::ALL[6]),
        ];
        &ALL
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(clap::builder::PossibleValue::new(self.0.key()))
    }
}

/// A time of the trace.
fn time(text: &str) -> Result<Nanos, String> {
    let ns = nanos(text)?;
    i64::try_from(ns)
        .map(Nanos)
        .map_err(|error| error.to_string())
}

fn task(text: &str) -> Result<Task, String> {
    Ok(match text.parse() {
        Ok(id) => Task::Id(TaskId(id)),
        Err(_) => Task::Name(text.to_owned()),
    })
}

impl Args {
    fn period_ns(&self) -> i64 {
        let of_rate = self.rate.map(|hz| 1_000_000_000 / hz);
        self.period.or(of_rate).unwrap_or(pprof::DEFAULT_PERIOD_NS)
    }

    fn select(&self) -> Select {
        let Selection { from, to, .. } = self.select;
        Select {
            from,
            to,
            goroutine: self.select.goroutine.map(|g| GoId(g.get())),
            region: self.select.region.clone(),
            task: self.select.task.clone(),
        }
    }

    /// Refuses what the format has no use for, and would leave out without a word.
    fn check(&self) -> Result<(), Stop> {
        let select = self.select();
        if self.format == Format::Chrome && select != Select::default() {
            let why = "--from, --to, --goroutine, --region and --task choose samples; --format chrome shows all events";
            return Err(Stop::Usage(why.into()));
        }
        let without_p = ("--without-p", self.without_p);
        let rate = [
            ("--rate", self.rate.is_some()),
            ("--period", self.period.is_some()),
        ];
        let labels = [
            ("--labels", self.labels.is_some()),
            ("--no-labels", self.no_labels),
        ];
        if self.format != Format::Chrome {
            unused::refuse(&[without_p], "is for --format chrome alone")?;
        }
        if matches!(self.format, Format::Chrome | Format::Folded) {
            unused::refuse(&rate, "is not for --format chrome and folded")?;
        }
        if self.format != Format::Pprof {
            unused::refuse(&labels, "is for --format pprof alone")?;
        }
        if let (Some(from), Some(to)) = (select.from, select.to)
            && from >= to
        {
            return Err(Stop::Usage("--from must be before --to".into()));
        }
        Ok(())
    }
}

pub(super) fn run(args: &Args) -> Result<u8, Stop> {
    args.check()?;
    // What cannot be opened is refused before an output is begun.
    let mut from = open_reader(&args.trace, args.reading.options())?;
    args.reading.judges(&args.trace, from.version())?;
    let what = progress::reading(&args.trace, progress::Speed::Compares);
    match args.output.as_deref() {
        Some(path) if path.as_os_str() != STDIN => {
            output::is_no_input(path, &args.trace)?;
            // With --keep-going what could be read is an output, and then comes the error.
            let mut write =
                |out: &mut dyn Write| progress::during(&what, || write(args, &mut from, out));
            let damage = output::write(path, |out| match write(out) {
                Err(Stop::Input { path, error }) if args.reading.is_kept_going() => {
                    Ok(Some(Stop::Input { path, error }))
                }
                written => written.map(|()| None),
            })?;
            damage.map_or(Ok(0), Err)
        }
        _ => {
            let kind = match args.format {
                Format::Chrome | Format::Speedscope | Format::Firefox => Kind::Json,
                Format::Pprof => Kind::Bytes,
                Format::Folded => Kind::Text,
            };
            progress::beside_output(&what, || write(args, &mut from, &mut stdout(kind)))?;
            Ok(0)
        }
    }
}

fn write(args: &Args, from: &mut Reader, out: &mut dyn Write) -> Result<(), Stop> {
    let timeline = || export::Options {
        period_ns: args.period_ns(),
        select: args.select(),
    };
    let written = match args.format {
        Format::Chrome => {
            let written = chrome::write(
                from,
                chrome::Options {
                    all: args.without_p,
                },
                out,
            );
            let written = written.map_err(|error| match error {
                WriteError::Input(error) => ExportError::Input(error),
                WriteError::Output(error) => ExportError::Output(error),
            });
            written.map(note_left_out)
        }
        Format::Pprof => pprof::write(from, &profile(args), out),
        Format::Speedscope => speedscope::write(from, &timeline(), out),
        Format::Firefox => firefox::write(from, &timeline(), out),
        Format::Folded => folded::write(from, &args.select(), out),
    };
    written.map_err(|error| match error {
        ExportError::Input(error) => bad_input(&args.trace, error),
        ExportError::Output(error) => Stop::Output(error),
        nothing => Stop::NothingSelected(nothing.to_string()),
    })?;
    super::trace::warn_of(from);
    Ok(out.flush()?)
}

/// Says that there are samples which Chrome's format does not show.
fn note_left_out(samples: u64) {
    if samples > 0 {
        let samples = counted(samples, "sample");
        progress::note(&format!(
            "warning: left out, as Go's viewer does: {samples} without a P; --without-p shows them"
        ));
    }
}

fn profile(args: &Args) -> pprof::Options {
    let labels = match &args.labels {
        _ if args.no_labels => Vec::new(),
        Some(labels) => labels.iter().map(|label| label.0).collect(),
        None => Label::ALL.to_vec(),
    };
    pprof::Options {
        period_ns: args.period_ns(),
        labels,
        select: args.select(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_a_number_or_a_name() {
        assert_eq!(task("7"), Ok(Task::Id(TaskId(7))));
        assert_eq!(task("7a"), Ok(Task::Name("7a".into())));
    }
}

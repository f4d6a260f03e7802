use std::io::Write;
use std::path::PathBuf;

use clap::ValueEnum;
use sigprof::error::WriteError;
use sigprof::export::{chrome, pprof};
use sigprof::trace::Reader;

use super::trace::Reading;
use super::{Kind, STDIN, Stop, cannot_write, open_reader, output, stdout, unused};

/// Write a trace in the format of another tool.
///
/// `chrome` is the JSON that `go tool trace` shows (of Go 1.26; for traces of Go 1.5 to 1.21, of
/// Go 1.19), for Perfetto (ui.perfetto.dev) or chrome://tracing. `pprof` is a CPU profile of the
/// trace's samples, for `go tool pprof`.
///
/// Of a trace that is refused there is no FILE, and JSON on standard output is not closed; with
/// --keep-going both are whole as far as the trace could be read, and the exit code is 3.
#[derive(Debug, clap::Args)]
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
    #[arg(long)]
    all: bool,
    /// Nanoseconds between two samples, which a trace does not say (pprof only); 10000000 if
    /// this is absent
    #[arg(long, value_name = "NS", value_parser = clap::value_parser!(i64).range(1..))]
    period: Option<i64>,
    #[command(flatten)]
    reading: Reading,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Chrome,
    Pprof,
}

pub(super) fn run(args: &Args) -> Result<u8, Stop> {
    let (all, period) = (("--all", args.all), ("--period", args.period.is_some()));
    match args.format {
        Format::Chrome => unused::refuse(&[period], "is for --format pprof alone")?,
        Format::Pprof => unused::refuse(&[all], "is for --format chrome alone")?,
    }
    // What cannot be opened is refused before an output is begun.
    let mut from = open_reader(&args.trace, args.reading.options())?;
    args.reading.judges(&args.trace, from.version())?;
    match args.output.as_deref() {
        Some(path) if path.as_os_str() != STDIN => {
            output::is_no_input(path, &args.trace)?;
            // With --keep-going what could be read is an output, and then comes the error.
            let damage = output::write(path, |out| {
                match write(args, &mut from, out).map_err(cannot_write(&args.trace)) {
                    Err(Stop::Input { path, error }) if args.reading.is_kept_going() => {
                        Ok(Some(Stop::Input { path, error }))
                    }
                    written => written.map(|()| None),
                }
            })?;
            damage.map_or(Ok(0), Err)
        }
        _ => {
            let kind = match args.format {
                Format::Chrome => Kind::Json,
                Format::Pprof => Kind::Bytes,
            };
            write(args, &mut from, &mut stdout(kind)).map_err(cannot_write(&args.trace))?;
            Ok(0)
        }
    }
}

fn write(args: &Args, from: &mut Reader, out: &mut impl Write) -> Result<(), WriteError> {
    match args.format {
        Format::Chrome => chrome::write(from, chrome::Options { all: args.all }, out)?,
        Format::Pprof => {
            let period = args.period.unwrap_or(pprof::DEFAULT_PERIOD_NS);
            pprof::write(from, period, out)?;
        }
    }
    super::trace::warn_of(from);
    Ok(out.flush()?)
}

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use clap::ValueEnum;
use sigprof::error::WriteError;
use sigprof::export::{chrome, pprof};
use sigprof::trace::Reader;

use super::trace::Reading;
use super::{Kind, STDIN, Stop, bad_input, cannot_write, open_trace, stdout};

/// Write a trace in the format of another tool.
///
/// `chrome` is the JSON that `go tool trace` of Go 1.19 shows, for Perfetto
/// (ui.perfetto.dev) or chrome://tracing. `pprof` is a CPU profile of the trace's
/// samples, for `go tool pprof`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A trace of Go 1.5 to 1.21; `-` for standard input
    trace: PathBuf,
    /// The format
    #[arg(long, value_enum)]
    format: Format,
    /// Where to; standard output if this is absent or `-`
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Show samples without a P, too, on a row of their own (chrome only)
    #[arg(long)]
    all: bool,
    /// Nanoseconds between two samples, which a trace does not say (pprof only)
    #[arg(long, value_name = "NS", default_value_t = pprof::DEFAULT_PERIOD_NS)]
    period: i64,
    #[command(flatten)]
    reading: Reading,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Chrome,
    Pprof,
}

pub(super) fn run(args: &Args) -> Result<u8, Stop> {
    let bytes = open_trace(&args.trace)?;
    let reader = Reader::open(&bytes, args.reading.options());
    let reader = reader.map_err(|e| bad_input(&args.trace, e))?;
    match args.output.as_deref() {
        Some(path) if path.as_os_str() != STDIN => {
            let file = File::create(path).map_err(|e| {
                let why = format!("{}: {e}", path.display());
                Stop::Output(std::io::Error::new(e.kind(), why))
            })?;
            write(args, &reader, &mut BufWriter::with_capacity(1 << 16, file))
        }
        _ => {
            let kind = match args.format {
                Format::Chrome => Kind::Json,
                Format::Pprof => Kind::Bytes,
            };
            write(args, &reader, &mut stdout(kind))
        }
    }
    .map_err(cannot_write(&args.trace))?;
    Ok(0)
}

fn write(args: &Args, reader: &Reader, out: &mut impl Write) -> Result<(), WriteError> {
    match args.format {
        Format::Chrome => chrome::write(reader, chrome::Options { all: args.all }, out)?,
        Format::Pprof => pprof::write(reader, args.period, out)?,
    }
    Ok(out.flush()?)
}

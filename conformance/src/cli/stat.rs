use std::path::PathBuf;

use serde::Serialize;
use sigprof::trace::stat::Stat;

use super::progress::Speed;
use super::trace::Reading;
use super::{Format, Stop, bad_input, complain, open_reader, print, print_json, progress, shown};

/// Read, order and validate a whole trace, and say in numbers what is in it.
///
/// Events go by one at a time: memory follows the goroutines that live, not the events.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    /// A trace of Go 1.5 or later, gzipped or not; `-` for standard input
    trace: PathBuf,
    /// How to show the numbers; see SPEC.md for the schema of `json`
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    reading: Reading,
}

const HELP: &str = "\
Examples:
  sigprof stat trace
  sigprof stat --format json trace | jq .samples.total

Exit codes: 0 it was read to its end, 2 usage, 3 it cannot be read, or not whole (with
--keep-going the numbers of what was read come first), 5 it was interrupted.";

/// The numbers, and what counted them.
#[derive(Serialize)]
struct Numbers<'a> {
    #[serde(flatten)]
    stat: &'a Stat,
    sigprof_version: &'static str,
}

impl Args {
    pub(super) fn is_json(&self) -> bool {
        self.format == Format::Json
    }
}

pub(super) fn run(args: &Args) -> Result<u8, Stop> {
    let mut reader = open_reader(&args.trace, args.reading.options())?;
    args.reading.judges(&args.trace, reader.version())?;
    let what = progress::reading(&args.trace, Speed::Counts);
    let stat = progress::during(&what, || Stat::of(&mut reader));
    let mut stat = stat.map_err(|e| bad_input(&args.trace, e))?;
    // As JSON they are numbers like others.
    if progress::is_quiet() && args.format == Format::Text {
        stat.warnings.clear();
        stat.warnings_count = 0;
    }
    match args.format {
        Format::Text => print(&stat.to_string())?,
        Format::Json => print_json(&Numbers {
            sigprof_version: sigprof::VERSION,
            stat: &stat,
        })?,
    }
    // As with `parse`, what could be read does not make a broken trace a good one.
    if let Some(error) = &stat.error {
        complain(&format!("error: {}: {error}", shown(&args.trace)));
        return Ok(3);
    }
    Ok(0)
}

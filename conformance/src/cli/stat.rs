use std::io::Write;
use std::path::PathBuf;

use sigprof::trace::v1::Reader;
use sigprof::trace::v1::stat::Stat;

use super::trace::Reading;
use super::v2;
use super::{
    Format, Kind, Opened, Stop, bad_input, complain, open_trace_once, print, shown, stdout,
};

/// Read, order and validate a whole trace, and say in numbers what is in it.
///
/// Events go by one at a time: memory follows the goroutines that live, not the events.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A trace of Go 1.5 or later, gzipped or not; `-` for standard input
    trace: PathBuf,
    /// How to show the numbers; see SPEC.md for the schema of `json`
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    reading: Reading,
}

pub(super) fn run(args: &Args) -> Result<u8, Stop> {
    let bytes = match open_trace_once(&args.trace)? {
        Opened::Whole(bytes) => bytes,
        Opened::Stream(from) => {
            let stat = v2::stat_of_stream(&args.trace, from, args.reading.options())?;
            return show(args, &stat, stat.error.as_deref());
        }
    };
    if v2::is_v2(&bytes) {
        let options = args.reading.options();
        let stat = v2::stat(&args.trace, &bytes, options)?;
        return show(args, &stat, stat.error.as_deref());
    }
    let reader = Reader::open(&bytes, args.reading.options());
    let stat = reader.and_then(|reader| Stat::of(&reader));
    let stat = stat.map_err(|e| bad_input(&args.trace, e))?;
    show(args, &stat, stat.error.as_deref())
}

fn show(
    args: &Args,
    stat: &(impl serde::Serialize + std::fmt::Display),
    error: Option<&str>,
) -> Result<u8, Stop> {
    match args.format {
        Format::Text => print(&stat.to_string())?,
        Format::Json => {
            let mut out = stdout(Kind::Json);
            serde_json::to_writer_pretty(&mut out, stat).map_err(std::io::Error::from)?;
            writeln!(out)?;
            out.flush()?;
        }
    }
    // As with `parse`, what could be read does not make a broken trace a good one.
    if let Some(error) = error {
        complain(&format!("error: {}: {error}", shown(&args.trace)));
        return Ok(3);
    }
    Ok(0)
}

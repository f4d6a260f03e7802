use std::io::Write;
use std::path::PathBuf;

use clap::ValueEnum;
use sigprof::trace::{self, render, v1::dump};
use sigprof_model::events::FormatVersion;

use super::{Stop, bad_input, cannot_write, read_input, stdout};

/// Print a trace's events in order, one a line.
#[derive(Debug, clap::Args)]
pub(super) struct ParseArgs {
    /// A trace of Go 1.7 to 1.21; `-` for standard input
    trace: PathBuf,
    /// How to print them
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Only events of this type, as the list names them; more than one: of any of them
    #[arg(long, value_name = "TYPE")]
    event: Vec<String>,
    /// Print whole stacks, not only the leaf (text only)
    #[arg(long)]
    stacks: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// Byte for byte as `go tool trace -d` of Go 1.19, or of 1.21 for a trace of 1.21
    Go,
    /// The same with the names of Go 1.21 and 1.22 (STWStart for GCSTWStart)
    #[value(name = "go1.21")]
    Go121,
    /// One JSON object a line
    Json,
}

/// Explain every byte of a trace: `offset | bytes | meaning`.
///
/// Goes on to the first byte that cannot be read, so that a broken trace can be
/// looked at.
#[derive(Debug, clap::Args)]
pub(super) struct DumpArgs {
    /// A trace of Go 1.7 to 1.21; `-` for standard input
    trace: PathBuf,
}

pub(super) fn parse(args: &ParseArgs) -> Result<u8, Stop> {
    let bytes = read_input(&args.trace)?;
    let trace = trace::read(&bytes).map_err(|e| bad_input(&args.trace, e))?;
    let go_version = match args.format {
        Format::Go121 => FormatVersion::GO_1_21,
        _ => trace.version.max(FormatVersion::GO_1_19),
    };
    let mut out = stdout();
    let mut found = args.event.is_empty();
    for event in &trace.events {
        let names = [
            event.event_type.name(),
            render::go_name(event.event_type, go_version),
        ];
        if !args.event.is_empty() && !args.event.iter().any(|e| names.contains(&e.as_str())) {
            continue;
        }
        found = true;
        match args.format {
            Format::Text => render::text(&trace, event, args.stacks, &mut out)?,
            Format::Go | Format::Go121 => render::go(&trace, event, go_version, &mut out)?,
            Format::Json => render::json(&trace, event, &mut out)?,
        }
    }
    out.flush()?;
    if !found {
        let wanted = args.event.join(" or ");
        return Err(Stop::NothingSelected(format!(
            "the trace has no event {wanted}"
        )));
    }
    Ok(0)
}

pub(super) fn dump(args: &DumpArgs) -> Result<u8, Stop> {
    let bytes = read_input(&args.trace)?;
    let mut out = stdout();
    let result = dump::dump(&bytes, &mut out);
    // What could be explained is shown in any case, and before the error.
    out.flush()?;
    result.map_err(cannot_write(&args.trace))?;
    Ok(0)
}

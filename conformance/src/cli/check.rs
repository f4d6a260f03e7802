use std::io::Write;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};

use sigprof::check::words::{self, Layout};
use sigprof::check::{Narrow, Report, TraceSide};
use sigprof::export::pprof::write_diff;
use sigprof::pprof;
use sigprof::trace::{GoId, Options};

use super::{
    Format, Kind, STDIN, Stop, bad_input, even_if_unread, open_profile, open_reader, output, print,
    stdout,
};

/// Compare a trace with the CPU profile of the same run, stack by stack.
///
/// Says which side has more samples, by how much, why, and what to do. `--label`
/// narrows the profile, `--goroutine` and `--region` narrow the trace; a narrowed
/// pair is judged one way only, because neither side knows the other's names: with
/// a label, the trace must have at least what the profile has.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A trace of Go 1.5 or later, as runtime/trace writes it; `-` for standard input
    trace: PathBuf,
    /// A CPU profile, as runtime/pprof writes it, gzipped or not; `-` for standard input
    profile: PathBuf,
    /// Only the profile's samples with this label; more than one: with all of them
    #[arg(long, value_name = "KEY=VALUE", value_parser = label)]
    label: Vec<(String, String)>,
    /// Only the trace's samples of this goroutine
    #[arg(long, value_name = "N")]
    goroutine: Option<NonZeroU64>,
    /// Only the trace's samples of goroutines while they are in this region
    #[arg(long, value_name = "NAME")]
    region: Option<String>,
    /// Show every stack, with every frame
    #[arg(long)]
    all: bool,
    /// Write the difference as a profile: what the trace has more of each stack than the profile,
    /// which is below 0 where it misses samples; try `go tool pprof -top FILE`
    #[arg(long, value_name = "FILE")]
    diff: Option<PathBuf>,
    /// How to show the outcome; `json` has all stacks (see SPEC.md for its schema)
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

fn label(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("want key=value")?;
    Ok((key.to_owned(), value.to_owned()))
}

pub(super) fn run(args: &Args) -> Result<u8, Stop> {
    if [&args.trace, &args.profile].map(|p| p.as_path()) == [Path::new(STDIN); 2] {
        let why = "trace and profile cannot both come from standard input; name a file for one";
        return Err(Stop::Usage(why.into()));
    }
    if let Some(diff) = &args.diff {
        if diff == Path::new(STDIN) {
            let why = "--diff wants a file: standard output has the outcome";
            return Err(Stop::Usage(why.into()));
        }
        output::is_no_input(diff, &args.trace)?;
        output::is_no_input(diff, &args.profile)?;
    }
    let narrow = Narrow {
        labels: args.label.clone(),
        goroutine: args.goroutine.map(|g| GoId(g.get())),
        region: args.region.clone(),
    };
    let side = {
        let mut reader = open_reader(&args.trace, Options::default())?;
        let side = TraceSide::read(&mut reader, &narrow);
        let side = side.map_err(|e| bad_input(&args.trace, e))?;
        super::trace::warn_of(&reader);
        side
    };
    let profile = pprof::read(&open_profile(&args.profile)?);
    let profile = profile.map_err(|e| bad_input(&args.profile, e))?;
    let report = side.check(profile);
    let report = report.map_err(|e| Stop::NothingSelected(e.to_string()))?;
    if let Some(diff) = &args.diff {
        output::write(diff, |out| Ok(write_diff(&report, out)?))?;
    }
    even_if_unread(show(&report, args))?;
    Ok(report.verdict.exit_code())
}

fn show(report: &Report, args: &Args) -> Result<(), Stop> {
    match args.format {
        Format::Text => {
            let layout = Layout {
                all: args.all,
                width: terminal_size::terminal_size().map(|(width, _)| width.0),
            };
            print(&words::text(report, layout))
        }
        Format::Json => {
            let mut out = stdout(Kind::Json);
            serde_json::to_writer_pretty(&mut out, report).map_err(std::io::Error::from)?;
            writeln!(out)?;
            Ok(out.flush()?)
        }
    }
}

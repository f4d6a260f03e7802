use std::io::Write;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};

use serde::Serialize;
use sigprof::check::words::{self, Layout};
use sigprof::check::{Narrow, NothingSelected, TraceSide};
use sigprof::export::pprof::write_diff;
use sigprof::page::check::Outcome;
use sigprof::pprof;
use sigprof::trace::{GoId, Options};

use super::page::Asked;
use super::{
    Format, Kind, STDIN, Stop, bad_input, complain, even_if_unread, open_profile, open_reader,
    output, print, shown, stdout,
};

/// Compare a trace with the CPU profile of the same run, stack by stack.
///
/// Says which side has more samples, by how much, why, and what to do. Without a profile: whether
/// as many samples came as there was time for. A trace that is cut or damaged is compared as far as
/// it can be read. `--label`
/// narrows the profile, `--goroutine` and `--region` narrow the trace; a narrowed
/// pair is judged one way only, because neither side knows the other's names: with
/// a label, the trace must have at least what the profile has.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A trace of Go 1.5 or later, as runtime/trace writes it; `-` for standard input
    trace: PathBuf,
    /// A CPU profile, as runtime/pprof writes it, gzipped or not; `-` for standard input. Without
    /// one, samples are compared with the time that goroutines ran
    profile: Option<PathBuf>,
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
    /// Show every stack, with every frame
    #[arg(long, requires = "profile")]
    all: bool,
    /// Write the difference as a profile: what the trace has more of each stack than the profile,
    /// which is below 0 where it misses samples; try `go tool pprof -top FILE`
    #[arg(long, value_name = "FILE", requires = "profile")]
    diff: Option<PathBuf>,
    /// Write it as a page, too, with pictures: one file that needs nothing else. The trace must be a
    /// file, since it is read twice
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// How to show the outcome; `json` has all stacks (see SPEC.md for its schema)
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

fn label(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("want key=value")?;
    Ok((key.to_owned(), value.to_owned()))
}

pub(super) fn run(args: &Args) -> Result<u8, Stop> {
    let stdin = Path::new(STDIN);
    if args.trace == stdin && args.profile.as_deref() == Some(stdin) {
        let why = "trace and profile cannot both come from standard input; name a file for one";
        return Err(Stop::Usage(why.into()));
    }
    if let Some(diff) = &args.diff {
        if diff == Path::new(STDIN) {
            let why = "--diff wants a file: standard output has the outcome";
            return Err(Stop::Usage(why.into()));
        }
        output::is_no_input(diff, &args.trace)?;
        if let Some(profile) = &args.profile {
            output::is_no_input(diff, profile)?;
        }
    }
    let html = args.html.as_ref();
    let html = html.map(|page| Asked::new(page, &args.trace, args.profile.as_ref()));
    let html = html.transpose()?;
    let options = Options {
        keep_going: true,
        ..Options::default()
    };
    let narrow = Narrow {
        labels: args.label.clone(),
        goroutine: args.goroutine.map(|g| GoId(g.get())),
        region: args.region.clone(),
    };
    let side = {
        let mut reader = open_reader(&args.trace, options)?;
        let side = TraceSide::read(&mut reader, &narrow);
        let side = side.map_err(|e| bad_input(&args.trace, e))?;
        super::trace::warn_of(&reader);
        side
    };
    let damage = side.damage().to_vec();
    let nothing = |why: NothingSelected| {
        // There is no outcome that says so.
        for damage in &damage {
            complain(&format!("warning: {}: {damage}", shown(&args.trace)));
        }
        Stop::NothingSelected(why.to_string())
    };
    let layout = Layout {
        all: args.all,
        width: terminal_size::terminal_size().map(|(width, _)| width.0),
    };
    let Some(path) = &args.profile else {
        let alone = side
            .alone(args.rate.map(|hz| 1_000_000_000 / hz))
            .map_err(nothing)?;
        if let Some(html) = html {
            html.write(Outcome::Alone(&alone), options)?;
        }
        even_if_unread(show(&alone, args.format, |alone| {
            alone.text(layout.text_width())
        }))?;
        return Ok(alone.verdict.exit_code());
    };
    let profile = pprof::read(&open_profile(path)?);
    let profile = profile.map_err(|e| bad_input(path, e))?;
    let report = side.check(profile).map_err(nothing)?;
    if let Some(diff) = &args.diff {
        output::write(diff, |out| Ok(write_diff(&report, out)?))?;
    }
    if let Some(html) = html {
        html.write(Outcome::Pair(&report), options)?;
    }
    even_if_unread(show(&report, args.format, |report| {
        words::text(report, layout)
    }))?;
    Ok(report.verdict.exit_code())
}

fn show<T: Serialize>(
    outcome: &T,
    format: Format,
    text: impl Fn(&T) -> String,
) -> Result<(), Stop> {
    match format {
        Format::Text => print(&text(outcome)),
        Format::Json => {
            let mut out = stdout(Kind::Json);
            serde_json::to_writer_pretty(&mut out, outcome).map_err(std::io::Error::from)?;
            writeln!(out)?;
            Ok(out.flush()?)
        }
    }
}

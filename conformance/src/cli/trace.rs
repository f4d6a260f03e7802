use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering::Relaxed;

use clap::ValueEnum;
use sigprof::corpus::expected::Input as Kind;
use sigprof::corpus::{events, printed};
use sigprof::pprof;
use sigprof::shown::{are, counted};
use sigprof::trace::v1::{self, render};
use sigprof::trace::{Input, Options, Reader, Release, Strict, Warning, Warnings, header};
use sigprof_wire::FormatVersion;

use super::events::no_event;
use super::progress::note;
use super::{
    Kind as Out, Opened, Stop, bad_input, cannot_write, interrupt, open_pieces, open_profile,
    open_reader, open_trace_once, stdout,
};
use super::{progress, unused, v2};

/// Print a trace's events in order, one a line.
#[derive(Debug, clap::Args)]
#[command(after_help = PARSE)]
pub(super) struct ParseArgs {
    /// A trace of Go 1.5 or later, gzipped or not; `-` for standard input
    trace: PathBuf,
    /// How to print them
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Only events of this type, as the list names them; more than one: of any of them (not with
    /// wire, samples and events)
    #[arg(long, value_name = "TYPE")]
    event: Vec<String>,
    /// Print whole stacks, not only the leaf (text only)
    #[arg(long)]
    stacks: bool,
    /// Kind of file; a profile has samples only (--format samples)
    #[arg(long, value_enum, value_name = "KIND", default_value_t = Kind::Trace)]
    input: Kind,
    /// Of a v2 trace alone: in the order and form of this release of Go; 1.27 if this is absent
    #[arg(long, value_parser = v2::releases(), value_name = "RELEASE")]
    go: Option<Release>,
    #[command(flatten)]
    reading: Reading,
}

const PARSE: &str = "\
Examples:
  sigprof parse trace
  sigprof parse --event CPUSample --stacks trace
  sigprof parse --format go --go 1.27 trace        what `go tool trace -d=parsed` prints
  sigprof parse --format samples --input profile profile.pb.gz

Exit codes: 0 it was printed, 2 usage, 3 it cannot be read, or not whole, 4 nothing is of
the types that were asked for, 5 it was interrupted.";

/// How a trace is read.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct Reading {
    /// Where Go's reader is known to err, err as this release does; one that does not judge
    /// traces of this format is refused
    #[arg(long, value_enum, value_name = "RELEASE")]
    strict: Option<StrictAs>,
    /// Read a damaged trace as far as it goes: what can be read comes first, then the error
    #[arg(long)]
    keep_going: bool,
}

/// The releases that `--strict` takes.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum StrictAs {
    /// Of traces of Go 1.5 to 1.21 (v1), as Go 1.19 to 1.22 read them: a CPU sample that comes
    /// before the creation of its goroutine makes the whole trace wrong (S3)
    #[value(name = "go1.19")]
    Go1_19,
    /// Of traces of Go 1.22 to 1.27 (v2), as these releases read them: regions that are nested
    /// wrongly make the trace wrong (S41)
    #[value(name = "go1.27")]
    Go1_27,
}

impl Reading {
    pub(super) fn is_kept_going(self) -> bool {
        self.keep_going
    }

    /// Refuses what would change nothing for a trace of this version.
    pub(super) fn judges(self, path: &Path, version: FormatVersion) -> Result<(), Stop> {
        unused::refuse_strict(path, version, self.options().strict)
    }

    fn given(self) -> [(&'static str, bool); 2] {
        [
            ("--strict", self.strict.is_some()),
            ("--keep-going", self.keep_going),
        ]
    }

    pub(super) fn options(self) -> Options {
        let strict = match self.strict {
            None => None,
            Some(StrictAs::Go1_19) => Some(Strict::Go1_19),
            Some(StrictAs::Go1_27) => Some(Strict::Go1_27),
        };
        Options {
            strict,
            keep_going: self.keep_going,
            ..Options::default()
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Lines for people to read
    Text,
    /// Byte for byte as `go tool trace -d` of Go 1.19, or of 1.21 for a trace of 1.21; of a v2
    /// trace as `-d=parsed` of the release that --go names
    Go,
    /// Of a v1 trace: the same with the names of Go 1.21 and 1.22 (STWStart for GCSTWStart)
    #[value(name = "go1.21")]
    Go121,
    /// Of a v2 trace: its events as they stand in the file, as `go tool trace -d=wire` does
    Wire,
    /// One JSON object a line
    Json,
    /// The CPU samples with their stacks, as fixtures/README.md has them: one JSON object
    Samples,
    /// Every event with time, kind, P, goroutine, thread and generation, as fixtures/README.md has
    /// them: one JSON object a line
    Events,
}

/// How the events of a v2 trace are printed, if one after the other is.
fn v2_form(args: &ParseArgs) -> Option<v2::Form> {
    match args.format {
        Format::Wire | Format::Samples | Format::Events => None,
        Format::Go | Format::Go121 => Some(v2::Form::Go),
        Format::Json => Some(v2::Form::Json),
        Format::Text => Some(v2::Form::Text {
            stacks: args.stacks,
        }),
    }
}

/// Refuses options that the form, or the kind of file, has no use for.
fn refuse_unused(args: &ParseArgs) -> Result<(), Stop> {
    let types = ("--event", !args.event.is_empty());
    let stacks = ("--stacks", args.stacks);
    let [strict, keep_going] = args.reading.given();
    if let Kind::Profile = args.input {
        if !matches!(args.format, Format::Samples) {
            let why = "of a profile only --format samples is printed";
            return Err(Stop::Usage(why.into()));
        }
        let given = [
            types,
            stacks,
            ("--go", args.go.is_some()),
            strict,
            keep_going,
        ];
        return unused::refuse(&given, "is for traces, not with --input profile");
    }
    if !matches!(args.format, Format::Text) {
        unused::refuse(&[stacks], "is for --format text alone")?;
    }
    match args.format {
        Format::Samples => unused::refuse(
            &[types],
            "is not with --format samples, which has CPU samples alone",
        ),
        Format::Events => unused::refuse(&[types], "is not with --format events, which has all"),
        Format::Wire => {
            let why = "is not with --format wire, which prints what stands there and reads nothing into it";
            unused::refuse(&[types, strict, keep_going], why)
        }
        Format::Text | Format::Go | Format::Go121 | Format::Json => Ok(()),
    }
}

/// Refuses options that are for the other format than the trace has.
fn refuse_other(args: &ParseArgs, version: FormatVersion) -> Result<(), Stop> {
    args.reading.judges(&args.trace, version)?;
    let is_v2 = version >= FormatVersion::GO_1_22;
    let of_v2 = "is for traces of Go 1.22 to 1.27 (v2)";
    let (option, why) = match args.format {
        Format::Go121 if is_v2 => (
            "--format go1.21",
            "is for traces of Go 1.5 to 1.21 (v1), and --format go for all",
        ),
        Format::Wire if !is_v2 => ("--format wire", of_v2),
        _ if !is_v2 && args.go.is_some() => ("--go", of_v2),
        _ => return Ok(()),
    };
    Err(unused::of_other_format(&args.trace, version, option, why))
}

pub(super) fn parse(args: &ParseArgs) -> Result<u8, Stop> {
    refuse_unused(args)?;
    let what = progress::reading(&args.trace, progress::Speed::Lines);
    progress::beside_output(&what, || print(args))
}

fn print(args: &ParseArgs) -> Result<u8, Stop> {
    let release = args.go.unwrap_or_default();
    let options = Options {
        release,
        ..args.reading.options()
    };
    if let Kind::Profile = args.input {
        let profile = pprof::read(&open_profile(&args.trace)?);
        let profile = profile.map_err(|e| bad_input(&args.trace, e))?;
        let mut out = stdout(Out::Json);
        printed::profile(&profile, &mut out)?;
        out.flush()?;
        return Ok(0);
    }
    let Some(form) = v2_form(args) else {
        return parse_otherwise(args, options);
    };
    let bytes = match open_trace_once(&args.trace)? {
        Opened::Whole(bytes) => bytes,
        Opened::Stream(from, version) => {
            refuse_other(args, version)?;
            return v2::parse_stream(&args.trace, from, options, form, &args.event);
        }
    };
    refuse_other(args, version(&args.trace, &bytes)?)?;
    if v2::is_v2(&bytes) {
        return v2::parse(&args.trace, &bytes, options, form, &args.event);
    }
    parse_v1(args, &bytes, options)
}

fn version(path: &Path, bytes: &[u8]) -> Result<FormatVersion, Stop> {
    header::version(bytes).map_err(|e| bad_input(path, e))
}

/// Prints something else than one event after the other.
fn parse_otherwise(args: &ParseArgs, options: Options) -> Result<u8, Stop> {
    if let Format::Wire = args.format {
        let opened = open_pieces(&args.trace)?;
        let version = match &opened {
            Opened::Whole(bytes) => version(&args.trace, bytes)?,
            Opened::Stream(_, version) => *version,
        };
        refuse_other(args, version)?;
        return v2::parse_as_wire(&args.trace, opened, options.release);
    }
    let mut reader = open_reader(&args.trace, options)?;
    refuse_other(args, reader.version())?;
    let mut out = stdout(Out::Json);
    let result = match args.format {
        Format::Events => events::print(&mut reader, &mut out),
        _ => printed::trace(&mut reader, &mut out),
    };
    out.flush()?;
    warn_of(&reader);
    result.map_err(cannot_write(&args.trace))?;
    Ok(0)
}

fn parse_v1(args: &ParseArgs, bytes: &Input, options: Options) -> Result<u8, Stop> {
    let bad = |e| bad_input(&args.trace, e);
    let trace = v1::Reader::open(bytes, options).map_err(bad)?;
    if !args.reading.keep_going {
        // Nothing is printed of a trace that is refused.
        trace.verify().map_err(bad)?;
    }
    let go_version = match args.format {
        Format::Go121 => FormatVersion::GO_1_21,
        _ => trace.version().max(FormatVersion::GO_1_19),
    };
    let asked = interrupt::listen();
    let mut out = stdout(match args.format {
        Format::Text => Out::Text,
        Format::Json | Format::Samples | Format::Events => Out::Json,
        Format::Go | Format::Go121 | Format::Wire => Out::Bytes,
    });
    if let Format::Json = args.format {
        writeln!(out, "{}", head())?;
    }
    let mut found = args.event.is_empty();
    let (mut shown, mut at) = (0, 0);
    let mut events = trace.events();
    let mut damage = None;
    for event in events.by_ref() {
        if asked.load(Relaxed) {
            out.flush()?;
            return Err(came_to(shown, at));
        }
        let event = match event {
            Ok(event) => event,
            Err(error) => {
                damage = Some(error);
                break;
            }
        };
        let names = [
            event.event_type.name(),
            render::go_name(event.event_type, go_version),
        ];
        if !args.event.is_empty() && !args.event.iter().any(|e| names.contains(&e.as_str())) {
            continue;
        }
        found = true;
        (shown, at) = (shown + 1, event.offset);
        match args.format {
            Format::Text => render::text(&trace, &event, args.stacks, &mut out)?,
            Format::Go | Format::Go121 => render::go(&trace, &event, go_version, &mut out)?,
            Format::Json => render::json(&trace, &event, &mut out)?,
            // They are printed as a whole, above.
            Format::Samples | Format::Events | Format::Wire => {}
        }
    }
    // What could be read is shown in any case, and before the error.
    out.flush()?;
    warn(&trace.warnings(), events.warnings());
    if let Some(error) = damage {
        return Err(bad(error));
    }
    if !found {
        return Err(no_event(&args.event));
    }
    Ok(0)
}

/// The first line of events as JSON (S16.5).
pub(super) fn head() -> String {
    let version = sigprof::VERSION;
    format!(r#"{{"schema_version":{SCHEMA_VERSION},"sigprof_version":"{version}"}}"#)
}

/// The version of those lines.
const SCHEMA_VERSION: u32 = 2;

impl ParseArgs {
    pub(super) fn is_json(&self) -> bool {
        matches!(self.format, Format::Json)
    }
}

/// An interrupt, after so many events of which the last stands at this offset.
pub(super) fn came_to(shown: u64, at: u64) -> Stop {
    let last = match shown {
        0 => String::new(),
        1 => format!(", from {at:#x}"),
        _ => format!(", the last of them from {at:#x}"),
    };
    Stop::Interrupted(format!(
        "{} {} shown{last}",
        counted(shown, "event"),
        are(shown)
    ))
}

/// Says on standard error what is odd.
pub(super) fn warn(of_file: &[Warning], of_events: &Warnings) {
    let more = of_events.count() - of_events.first().len() as u64;
    say(of_file.iter().chain(of_events.first()), more);
}

/// The same of a trace that was read to its end.
pub(super) fn warn_of(reader: &Reader) {
    let (first, count) = reader.warnings();
    say(&first, count - first.len() as u64);
}

/// Says these warnings, and how many more there were. That a file is damaged comes as its error.
fn say<'w>(warnings: impl IntoIterator<Item = &'w Warning>, more: u64) {
    let is_said = |w: &&Warning| !matches!(w, Warning::Damaged(_));
    for warning in warnings.into_iter().filter(is_said) {
        note(&format!("warning: {warning}"));
    }
    if more > 0 {
        note(&format!("warning: {more} more of this kind"));
    }
}

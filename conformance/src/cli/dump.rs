use std::io::Write;
use std::path::PathBuf;

use sigprof::trace::v1::dump;
use sigprof::trace::v2::dump as v2_dump;
use sigprof_wire::FormatVersion;

use super::{Kind, Opened, Stop, cannot_write, interrupt, open_pieces, progress, stdout, v2};

/// Explain every byte of a trace: `offset | bytes | meaning`.
///
/// Goes on to the first byte that cannot be read, so that a broken trace can be
/// looked at.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    /// A trace of Go 1.5 or later, gzipped or not; `-` for standard input
    trace: PathBuf,
}

const HELP: &str = "\
Examples:
  sigprof dump trace | less
  sigprof dump fixtures/invalid/wire/too-few-arguments/trace

Exit codes: 0 it was explained to its end, 2 usage, 3 it cannot be read from some byte on,
5 it was interrupted.";

pub(super) fn run(args: &Args) -> Result<u8, Stop> {
    let what = progress::reading(&args.trace, progress::Speed::Lines);
    progress::beside_output(&what, || dump_all(args))
}

fn dump_all(args: &Args) -> Result<u8, Stop> {
    let opened = open_pieces(&args.trace)?;
    let is_stream = matches!(opened, Opened::Stream(..));
    let mut out = interrupt::Lines::new(stdout(Kind::Text), is_stream);
    let is_v2 = |version| version >= FormatVersion::GO_1_22;
    let result = match opened {
        Opened::Whole(bytes) if v2::is_v2(&bytes) => v2_dump::dump(&bytes, &mut out),
        Opened::Whole(bytes) => dump::dump(&bytes, &mut out),
        Opened::Stream(from, version) if is_v2(version) => v2_dump::dump_stream(from, &mut out),
        Opened::Stream(from, _) => dump::dump_stream(from, &mut out),
    };
    // What could be explained is shown in any case, and before the error.
    out.flush()?;
    out.is_complete()?;
    result.map_err(cannot_write(&args.trace))?;
    Ok(0)
}

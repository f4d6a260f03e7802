//! What the commands do with a v2 trace.

use std::path::Path;

use clap::ValueEnum;
use sigprof::trace::Input;
use sigprof::trace::v2::{Options, Reader, Release, Warnings, print, wire};

use super::{Stop, bad_input, cannot_write, complain, stdout};

/// A release of Go, as its number.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Go {
    /// Go 1.22
    #[value(name = "1.22")]
    Go1_22,
    /// Go 1.23
    #[value(name = "1.23")]
    Go1_23,
    /// Go 1.24
    #[value(name = "1.24")]
    Go1_24,
    /// Go 1.25
    #[value(name = "1.25")]
    Go1_25,
    /// Go 1.26
    #[value(name = "1.26")]
    Go1_26,
    /// Go 1.27
    #[value(name = "1.27")]
    Go1_27,
}

impl Go {
    pub(super) fn release(self) -> Release {
        Release::ALL[self as usize]
    }
}

/// Whether an input is a v2 trace, as far as its header says.
pub(super) fn is_v2(bytes: &[u8]) -> bool {
    sigprof::trace::v2::is_v2(bytes)
}

/// Seconds to add to UTC in the local zone at a second.
fn local_offset(seconds: i64) -> i32 {
    use jiff::{Timestamp, tz::TimeZone};
    let at = Timestamp::from_second(seconds).unwrap_or_default();
    TimeZone::system().to_offset(at).seconds()
}

/// Says on standard error what was odd.
pub(super) fn warn(warnings: &Warnings) {
    for warning in warnings.first() {
        complain(&format!("warning: {warning}"));
    }
    let more = warnings.count() - warnings.first().len() as u64;
    if more > 0 {
        complain(&format!("warning: {more} more of this kind"));
    }
}

/// Prints events as `go tool trace -d=parsed` does.
pub(super) fn parse_as_go(path: &Path, input: &Input, options: Options) -> Result<u8, Stop> {
    let mut reader = Reader::open(input, options).map_err(|e| bad_input(path, e))?;
    let mut printer = print::Printer::new(stdout(), local_offset);
    let result = loop {
        match reader.advance() {
            Ok(true) => printer.print(&reader)?,
            Ok(false) => break Ok(0),
            Err(error) => break Err(bad_input(path, error)),
        }
    };
    printer.flush()?;
    warn(reader.warnings());
    result
}

/// Prints events as `go tool trace -d=wire` does.
pub(super) fn parse_as_wire(path: &Path, input: &Input, release: Release) -> Result<u8, Stop> {
    let mut out = stdout();
    let result = wire::write(input, release, &mut out);
    std::io::Write::flush(&mut out)?;
    result.map_err(cannot_write(path))?;
    Ok(0)
}

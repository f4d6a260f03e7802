//! Do a trace and a profile of the same run agree? `cargo run --example check -- TRACE PROFILE`.

use sigprof_trace::check::{Narrow, check};
use sigprof_trace::{pprof, trace::Reader};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut paths = std::env::args_os().skip(1);
    let mut trace = Reader::from_path(paths.next().ok_or("which trace?")?)?;
    let profile = pprof::read(&std::fs::read(paths.next().ok_or("which profile?")?)?)?;
    let report = check(&mut trace, &profile, &Narrow::default())?;
    println!("{}", report.summary);
    std::process::exit(report.verdict.exit_code().into())
}

//! Programs for those who work on sigprof, and for nobody else: `cargo xtask NAME`.
//!
//! | child | what |
//! |---|---|
//! | `adapters` | runs Go's own parsers on the corpus |
//! | `fixtures` | writes the fixtures that the simulator makes |
//! | `expected` | writes what is generated of the corpus |
//! | `fuzz_release` | runs the fuzz targets in a plain program |
//! | `seeds` | runs the simulator on many seeds, and prints digests |

mod adapters;
mod blocks;
mod expected;
mod fixtures;
mod fuzz_release;
#[path = "../../conformance/tests/judged/corpus/go.rs"]
#[expect(dead_code, reason = "some of it is for tests")]
mod go;
mod seeds;

use std::process::ExitCode;

use clap::Parser;

/// Programs for those who work on sigprof.
#[derive(Parser)]
#[command(name = "cargo xtask")]
enum Task {
    /// Build programs with the parsers of real Go in them, and run them on the corpus.
    Adapters,
    /// Write the fixtures that the simulator makes, but for what is expected of them.
    Fixtures,
    /// Write what is generated of the corpus: samples, what real Go does, and the manifests.
    Expected,
    /// Run the fuzz targets on inputs that are drawn from a seed; best with --release.
    FuzzRelease(fuzz_release::Arguments),
    /// Print digests of what the simulator makes of many seeds; best with --release.
    Seeds(seeds::Arguments),
}

fn main() -> ExitCode {
    let result = match Task::parse() {
        Task::Adapters => adapters::run(),
        Task::Fixtures => fixtures::write().map_err(Into::into),
        Task::Expected => expected::write(),
        Task::FuzzRelease(arguments) => return fuzz_release::main(&arguments),
        Task::Seeds(arguments) => return seeds::main(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cargo xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

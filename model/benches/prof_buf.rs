//! profBuf, one thread: write a record, read it, copy it out.
//!
//! | contestant | what |
//! |---|---|
//! | Go 1.19, and the newest that is installed | `runtime/profbuf.go`, compiled from the toolchain |
//! | sigprof, as go1.19 | the promise is about this one, against Go 1.19 |
//! | sigprof, fixed | the newest revision |
//! | the same, safe code only | what the unsafe code of `sigprof-words` is worth |
//! | rtrb, by slices | a ring of words: no records, overflow, tags or sleep |
//! | copy, in and out | the words alone, through a ring's memory: a bound |
//!
//! What is promised stands in [`CASES`]. `just bench` prints what came out: a broken
//! promise is no failure, and no test looks at the time, as machines are noisy.
//!
//! Each record has a header of two words, as in Go 1.19, no tag, and a stack whose length
//! the compiler does not know. All rings have Go's size, so that all go through as much
//! memory.

#[path = "prof_buf/contestants.rs"]
mod contestants;
mod harness;
#[path = "prof_buf/one_by_one.rs"]
mod one_by_one;

use std::path::Path;

use contestants::{copy, go, ours, rtrb};
use harness::Measured;
use harness::go::Go;
use one_by_one::OneByOne;
use sigprof_model::backend::Std;
use sigprof_model::protocol::{Fixed, Go1_19};

/// Words of the header.
const HEADER: usize = 2;

/// Records in a turn: a millisecond or three, which is often undisturbed.
const RECORDS: u32 = 50_000;

/// Frames of the stack; how many times as fast as Go 1.19 ours is promised to be, and what
/// it would be nice to be.
const CASES: [(usize, f64, f64); 2] = [(8, 1.3, 3.0), (64, 1.5, 3.0)];

fn main() {
    // `cargo test --benches` starts it, too, and times nothing.
    if !std::env::args().any(|arg| arg == "--bench") {
        println!("prof_buf: skipped: not under `cargo bench`");
        return;
    }
    harness::stay_on_one_cpu();
    let mut toolchains = Vec::new();
    match Go::find("1.19") {
        Ok(go) => toolchains.push(go),
        Err(why) => {
            println!("prof_buf: skipped: {why}");
            return;
        }
    }
    toolchains.extend(Go::newest().filter(|go| go.version() != "1.19"));
    if let Err(why) = run(&toolchains) {
        println!("prof_buf: {why}");
        std::process::exit(1);
    }
}

fn run(toolchains: &[Go]) -> Result<(), String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/go/prof_buf");
    let start = |go: &Go| {
        go.start(
            &folder.join("main.go"),
            "runtime",
            &folder.join("runtime.go"),
        )
    };
    let mut processes: Vec<_> = toolchains.iter().map(start).collect::<Result<_, _>>()?;

    println!("profBuf: a record written, read and copied out, in ns of CPU time;");
    println!(
        "the shortest of {} turns of {RECORDS} records, taken in rotation on one CPU\n",
        harness::ROUNDS
    );
    for (frames, promised, moonshot) in CASES {
        let mut contestants = Vec::new();
        for (toolchain, process) in toolchains.iter().zip(&mut processes) {
            contestants.push(go(format!("Go {}", toolchain.version()), process, frames));
        }
        contestants.push(ours::<Std, _>("sigprof, as go1.19", Go1_19, frames));
        contestants.push(ours::<Std, _>("sigprof, fixed", Fixed, frames));
        contestants.push(ours::<OneByOne, _>("same, safe code only", Go1_19, frames));
        contestants.push(rtrb(frames));
        contestants.push(copy(frames));
        let measured = harness::compare(&mut contestants, RECORDS);
        print(frames, &measured);
        let ratio = measured[0].min / measured[toolchains.len()].min;
        let verdict = if ratio >= promised { "met" } else { "NOT MET" };
        let to_go = if ratio >= moonshot { "met" } else { "not met" };
        println!(
            "promise: {promised:.1} times as fast as Go 1.19: {ratio:.2}, {verdict} (moonshot {moonshot:.1}: {to_go})\n"
        );
    }
    Ok(())
}

/// A row for each, with its speed in times that of the first.
fn print(frames: usize, measured: &[Measured]) {
    println!(
        "{:<22} {:>8} {:>8} {:>12}",
        format!("{frames} frames"),
        "min",
        "median",
        "times Go's"
    );
    for Measured { name, min, median } in measured {
        let ratio = measured[0].min / min;
        println!("{name:<22} {min:>8.1} {median:>8.1} {ratio:>12.2}");
    }
}

//! The fuzz targets in a plain program, on any toolchain: inputs are mutated from the corpus and
//! the fixtures, or made of random choices, from a seed. Nothing is learnt on the way, so the same
//! seed does the same on any number of threads, and only that many inputs as are asked for.
//!
//! `just fuzz-release 1000000` runs every target; `just fuzz-release 1000 --target order` one.
//! A failure names its seed and its file; `-- --replay FILE --target order` runs it again.

#[path = "../../fuzz/targets.rs"]
#[allow(dead_code, reason = "libFuzzer's targets use more of it")]
pub(crate) mod targets;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::blocks::Blocks;
use clap::Args;
use sigprof_sim::Seed;
use targets::{ALL, Input, MAX_LEN, Target, mutate};

/// Runs the fuzz targets on inputs that are drawn from a seed.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Inputs, over all targets by their shares.
    #[arg(default_value_t = 1_000_000)]
    inputs: u64,
    /// Only this target, which then gets all of them; may be given again.
    #[arg(long)]
    target: Vec<String>,
    /// Where all inputs come from.
    #[arg(long, default_value = "0x0000000000000001")]
    seed: Seed,
    /// Number of threads.
    #[arg(long, default_value_t = 1)]
    jobs: usize,
    /// Begin nothing after so many seconds, which targets get by their shares.
    #[arg(long)]
    seconds: Option<u64>,
    /// Run these files instead.
    #[arg(long)]
    replay: Vec<PathBuf>,
}

/// Inputs that have a seed in common.
const BLOCK: u64 = 1 << 12;

/// An input that takes longer is told of; that much a busy machine may take by itself.
const SLOW: Duration = Duration::from_secs(10);

/// Runs what the arguments ask for.
pub(crate) fn main(arguments: &Arguments) -> ExitCode {
    let chosen: Vec<_> = ALL
        .iter()
        .filter(|t| arguments.target.is_empty() || arguments.target.iter().any(|n| n == t.name))
        .collect();
    if chosen.len() < arguments.target.len() {
        let names: Vec<_> = ALL.iter().map(|t| t.name).collect();
        eprintln!("no such target; there are: {}", names.join(", "));
        return ExitCode::from(2);
    }
    if !arguments.replay.is_empty() {
        for (target, file) in chosen
            .iter()
            .flat_map(|t| arguments.replay.iter().map(move |f| (t, f)))
        {
            println!("{}: {}", target.name, file.display());
            (target.run)(&std::fs::read(file).expect("a file"));
        }
        return ExitCode::SUCCESS;
    }
    println!("seed {}", arguments.seed);
    println!(
        "{:<18} {:>12} {:>9} {:>11} {:>9}",
        "target", "inputs", "seconds", "inputs/s", "failures"
    );
    let shares: u32 = chosen.iter().map(|t| t.share).sum();
    let (mut inputs, mut failures, start) = (0, 0, Instant::now());
    for target in chosen {
        let count = arguments.inputs * u64::from(target.share) / u64::from(shares);
        let begun = Instant::now();
        let time = arguments.seconds.map(Duration::from_secs);
        let until = time.map(|time| begun + time * target.share / shares);
        let (done, found) = run(target, count, arguments.seed, arguments.jobs, until);
        row(target.name, done, begun.elapsed(), found);
        inputs += done;
        failures += found;
    }
    row("all", inputs, start.elapsed(), failures);
    ExitCode::from(u8::from(failures > 0))
}

fn row(name: &str, inputs: u64, took: Duration, failures: u64) {
    let seconds = took.as_secs_f64();
    let rate = inputs as f64 / seconds.max(1e-9);
    println!("{name:<18} {inputs:>12} {seconds:>9.1} {rate:>11.0} {failures:>9}");
}

/// Runs a target, until a time if there is one: how many inputs there were, and how many of their
/// blocks failed.
fn run(target: &Target, count: u64, seed: Seed, jobs: usize, until: Option<Instant>) -> (u64, u64) {
    let seeds = inputs(target);
    let (failures, inputs) = (AtomicU64::new(0), AtomicU64::new(0));
    let blocks = Blocks {
        count,
        size: BLOCK,
        until,
    };
    blocks.each(jobs, |block| {
        let number = block.start / BLOCK;
        let seed = seed.split(target.name).split(&number.to_string());
        let size = block.end - block.start;
        inputs.fetch_add(size, Ordering::Relaxed);
        if !run_block(target, seed, size, &seeds) {
            failures.fetch_add(1, Ordering::Relaxed);
        }
    });
    (inputs.into_inner(), failures.into_inner())
}

/// Runs the inputs of a block up to the first that fails; whether none did.
fn run_block(target: &Target, seed: Seed, count: u64, seeds: &[Vec<u8>]) -> bool {
    let mut draws = seed.draws();
    let mut bytes = Vec::with_capacity(2 * MAX_LEN);
    for nth in 0..count {
        bytes.clear();
        let is_drawn = target.input == Input::Steps && draws.below(4) > 0 || seeds.is_empty();
        if is_drawn {
            let words = 1 + draws.below(MAX_LEN / 8 / 4);
            bytes.extend((0..words).flat_map(|_| draws.bits().to_le_bytes()));
        } else {
            bytes.extend_from_slice(&seeds[draws.below(seeds.len())]);
            let other = &seeds[draws.below(seeds.len())];
            mutate::mutate_often(target.input, &mut bytes, other, MAX_LEN, &mut draws);
        }
        let begun = Instant::now();
        let result = catch_unwind(AssertUnwindSafe(|| (target.run)(&bytes)));
        let is_slow = begun.elapsed() > SLOW;
        if is_slow || result.is_err() {
            let file = keep(target, &bytes);
            let what = if is_slow { "slow" } else { "failed" };
            println!(
                "{} {what}: input {nth} of block seed {seed}: {}",
                target.name,
                file.display()
            );
        }
        if result.is_err() {
            return false;
        }
    }
    true
}

fn root() -> PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Writes an input that fails, to be run again.
fn keep(target: &Target, bytes: &[u8]) -> PathBuf {
    let folder = root().join("fuzz/artifacts").join(target.name);
    std::fs::create_dir_all(&folder).expect("a folder");
    let hash = sigprof::fixtures::sha256(bytes);
    let file = folder.join(format!("release-{}", &hash[..16]));
    std::fs::write(&file, bytes).expect("a file");
    file
}

/// The inputs that a target begins with: its corpus and its seeds, as far as they are small.
fn inputs(target: &Target) -> Vec<Vec<u8>> {
    let inputs = targets::files(&root(), target).into_iter();
    let inputs = inputs.map(|file| std::fs::read(file).expect("a file"));
    inputs.filter(|bytes| bytes.len() <= MAX_LEN).collect()
}

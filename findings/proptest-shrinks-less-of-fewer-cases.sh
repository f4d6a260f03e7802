#!/usr/bin/env bash
# Version    proptest 1.12.0 (crate).
# Guess      PROPTEST_CASES says how many inputs are tried. What fails is then shrunk to the end, however many they were.
# Behaviour  Where nothing else is set, shrinking ends after four times as many steps as there are cases: a few cases for a quick run,
#            as with_cases has them too, leave a failure that is hardly smaller than what was drawn. A note about it goes to stderr;
#            PROPTEST_MAX_SHRINK_ITERS sets another number. with_cases in the code beats PROPTEST_CASES, and is the number then.
# Seen       of 100 seeds, numbers that fail from -1000 down and end there: with 256 cases all, with 5 none; with 5 and
#            PROPTEST_MAX_SHRINK_ITERS=1024 all; with_cases(5) none, whatever PROPTEST_CASES is
set -euo pipefail
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
expect() { # expect WHAT WANT GOT
    printf '%s: %s\n' "$1" "$3"
    [ "$3" = "$2" ] || { printf 'changed: %s: wanted %s\n' "$1" "$2" >&2; exit 1; }
}
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"

[dependencies]
proptest = { version = "=1.12.0", default-features = false, features = ["std"] }

[profile.dev]
debug = 0

[workspace]
TOML
cat >src/main.rs <<'RUST'
use proptest::prelude::any;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

/// Counts the seeds for which a property that fails from -1000 down ends there. Its argument is for `with_cases`, 0 for the default.
fn main() {
    let cases: u32 = std::env::args().nth(1).expect("a number").parse().expect("a number");
    let (mut failed, mut ended) = (0, 0);
    for seed in 0..100 {
        let config = if cases == 0 { Config::default() } else { Config::with_cases(cases) };
        let config = Config { failure_persistence: None, ..config };
        let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]));
        let run = runner.run(&any::<i64>(), |number| {
            if number > -1000 { Ok(()) } else { Err(TestCaseError::fail("low")) }
        });
        if let Err(TestError::Fail(_, number)) = run {
            failed += 1;
            ended += u32::from(number == -1000);
        }
    }
    println!("{}", if ended == 0 { "none" } else if ended == failed && failed > 50 { "all" } else { "some" });
}
RUST
cargo build --quiet 2>/dev/null
run() { # run CASES SETTINGS...: with nothing else of proptest's in the environment
    cases=$1
    shift
    env -i PATH="$PATH" "$@" target/debug/finding "$cases" 2>/dev/null
}
expect 'default' all "$(run 0)"
expect 'PROPTEST_CASES=5' none "$(run 0 PROPTEST_CASES=5)"
expect 'and with its own number of steps' all "$(run 0 PROPTEST_CASES=5 PROPTEST_MAX_SHRINK_ITERS=1024)"
expect 'with_cases(5)' none "$(run 5)"
expect 'with_cases(5) and PROPTEST_CASES=256' none "$(run 5 PROPTEST_CASES=256)"
expect 'with_cases(256) and PROPTEST_CASES=5' all "$(run 256 PROPTEST_CASES=5)"

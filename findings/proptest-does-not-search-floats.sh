#!/usr/bin/env bash
# Version    proptest 1.12.0 (crate).
# Guess      A failing float is shrunk as an integer is, by binary search towards 0, as its documentation says: of 0.0..1000.0 what
#            fails at 0.3 and more ends close to 0.3.
# Behaviour  Only one other value is tried, 0 or the end of the range that is next to it. If that passes, the float stays what was
#            drawn. An integer of a range that ends below 0 does get searched, but stops one short: -12 where -11 fails as well.
# Seen       of 100 seeds: floats that ended as drawn 100, of integers that fail above 300 those that ended at 301 100; of
#            -100..-10, where all fail, -12 in 99, and -10.0 in all for floats
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
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use std::cell::Cell;
use std::fmt::Debug;

/// Counts the seeds for which a property that fails for those values ends as expected of the value that failed first.
fn count<S: Strategy>(strategy: S, fails: fn(&S::Value) -> bool, expected: fn(&S::Value, &S::Value) -> bool) -> usize
where
    S::Value: Debug + Clone,
{
    let ends = |seed: &u8| {
        let config = Config { failure_persistence: None, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[*seed; 32]));
        let drawn = Cell::new(None);
        let run = runner.run(&strategy, |value| {
            if !fails(&value) {
                return Ok(());
            }
            let first = drawn.take().unwrap_or(value);
            drawn.set(Some(first));
            Err(TestCaseError::fail("too much"))
        });
        match run {
            Err(TestError::Fail(_, last)) => expected(&drawn.take().expect("a failure"), &last),
            other => panic!("{other:?}"),
        }
    };
    (0..100).filter(ends).count()
}

fn main() {
    println!("float {}", count(0.0..1000.0_f64, |&x| x >= 0.3, |first, last| first == last));
    println!("integer {}", count(0..1000_i32, |&x| x > 300, |_, last| *last == 301));
    println!("short {}", count(-100..-10_i32, |_| true, |_, last| *last == -12));
    println!("end {}", count(-100.0..-10.0_f64, |_| true, |_, last| *last == -10.0));
}
RUST
env -i PATH="$PATH" HOME="$HOME" cargo run --quiet >seen.txt 2>/dev/null
seen() { sed -n "s/^$1 //p" seen.txt; }
expect 'floats that end as they were drawn' 100 "$(seen float)"
expect 'integers that end at the first that fails' 100 "$(seen integer)"
expect 'integers below 0 that end one short, nine in ten' yes "$([ "$(seen short)" -gt 90 ] && echo yes)"
expect 'floats below 0 that end at the end of the range' 100 "$(seen end)"

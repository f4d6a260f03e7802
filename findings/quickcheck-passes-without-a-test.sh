#!/usr/bin/env bash
# Version    quickcheck 1.1.0 (crate).
# Guess      A property that discards whatever it is given fails, as it "gave up" in Haskell.
# Behaviour  It passes, and says nothing. After 10,000 inputs the run is over, with as many tests as came about, and none is enough,
#            unless the program or QUICKCHECK_MIN_TESTS_PASSED asks for more.
# Seen       all discarded: quicktest gives Ok(0), and quickcheck() returns; with min_tests_passed(1) it panics
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
quickcheck = { version = "=1.1.0", default-features = false }

[profile.dev]
debug = 0

[workspace]
TOML
cat >src/main.rs <<'RUST'
use quickcheck::{quickcheck, QuickCheck, TestResult};

fn discarded(_: u64) -> TestResult {
    TestResult::discard()
}

fn main() {
    let property = discarded as fn(u64) -> TestResult;
    println!("quicktest {:?}", QuickCheck::new().quicktest(property).map_err(|_| ()));
    let returns = |run: fn()| std::panic::catch_unwind(run).is_ok();
    println!("quickcheck {}", returns(|| quickcheck(discarded as fn(u64) -> TestResult)));
    println!("least {}", returns(|| QuickCheck::new().min_tests_passed(1).quickcheck(discarded as fn(u64) -> TestResult)));
}
RUST
env -u QUICKCHECK_MIN_TESTS_PASSED cargo run --quiet >seen.txt 2>/dev/null
seen() { sed -n "s/^$1 //p" seen.txt; }
expect 'quicktest' 'Ok(0)' "$(seen quicktest)"
expect 'quickcheck() returns' true "$(seen quickcheck)"
expect 'with min_tests_passed(1) it does' false "$(seen least)"

#!/usr/bin/env bash
# Version    pprof 0.15.0 (crate), linux/amd64.
# Guess      The leaf of a stack is the function that was interrupted: the frames of the signal handler are taken off.
# Behaviour  The handler is taken off by its name, with the frame that returns from the signal; what it calls to take the stack stays.
#            Only where the crate is optimised is all of that inlined into the handler. In a dev build each sample's leaf is the
#            profiler's own function: it has 100% of the time of its own, the program none. `opt-level` for pprof alone helps.
# Seen       dev: of 145 samples all have `work` in the stack, none as the leaf, and all a leaf of the crate backtrace;
#            pprof optimised: of 138 the leaf is `work` in all
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
pprof = { version = "=0.15.0", default-features = false }

[profile.dev]
debug = 0

[workspace]
TOML
cat >src/main.rs <<'RUST'
use std::time::{Duration, Instant};

// It calls nothing, so that what is interrupted here is `work` with any optimisation; the clock is looked at by the caller.
#[inline(never)]
fn work(mut x: u64) -> u64 {
    let mut i = 0_u64;
    while i < 10_000_000 {
        x = ((x ^ i) << 1) | (x >> 63);
        i = i.wrapping_add(1);
    }
    x
}

fn main() {
    let guard = pprof::ProfilerGuardBuilder::default().frequency(100).build().expect("a profiler");
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(2) {
        std::hint::black_box(work(1));
    }
    let report = guard.report().build().expect("a report");
    let (mut all, mut leaf, mut anywhere, mut own) = (0, 0, 0, 0);
    for (stack, &count) in &report.data {
        let names: Vec<String> = stack.frames.iter().flatten().map(|symbol| symbol.name()).collect();
        all += count;
        leaf += if names[0].ends_with("work") { count } else { 0 };
        own += if names[0].contains("backtrace") { count } else { 0 };
        anywhere += if names.iter().any(|name| name.ends_with("work")) { count } else { 0 };
    }
    println!("all {all}\nleaf {leaf}\nanywhere {anywhere}\nown {own}");
}
RUST
run() { # run OPTIONS: builds with them, runs, and shows what was counted
    cargo run --quiet "$@" >seen.txt 2>/dev/null
    tr '\n' ' ' <seen.txt
    echo
}
share() { # share WHAT: in which part of all samples it is, close to all, to none or between
    awk -v what="$1" '{ n[$1] = $2 } END { s = n[what] / n["all"]; print (n["all"] < 20 ? "too few" : s > 0.9 ? "all" : s < 0.1 ? "none" : s) }' seen.txt
}
run
expect 'dev: the leaf is work' none "$(share leaf)"
expect 'dev: work is in the stack' all "$(share anywhere)"
expect 'dev: the leaf is the profiler' all "$(share own)"
run --config 'profile.dev.package.pprof.opt-level=3'
expect 'pprof optimised: the leaf is work' all "$(share leaf)"
expect 'pprof optimised: the leaf is the profiler' none "$(share own)"

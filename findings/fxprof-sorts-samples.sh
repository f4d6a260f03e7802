#!/usr/bin/env bash
# Version    fxprof-processed-profile 0.8.1 (crate).
# Guess      add_sample wants samples in the order of their times: out of order, the profile has a negative
#            time delta, or add_sample panics.
# Behaviour  They are sorted when the profile is written: of 20, 10, 10 ms the deltas are 10, 0, 10. What the
#            caller knew of their order is gone.
# Seen       [10.0,0.0,10.0]
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
fxprof-processed-profile = "=0.8.1"
serde_json = "=1.0.154"

[workspace]
TOML
cat >src/main.rs <<'RUST'
use fxprof_processed_profile::{CpuDelta, Profile, ReferenceTimestamp, SamplingInterval, Timestamp};

fn main() {
    let at = Timestamp::from_millis_since_reference;
    let start = ReferenceTimestamp::from_millis_since_unix_epoch(0.0);
    let mut profile = Profile::new("p", start.into(), SamplingInterval::from_millis(10));
    let process = profile.add_process("p", 1, at(0.0));
    let thread = profile.add_thread(process, 1, at(0.0), true);
    for time in [20.0, 10.0, 10.0] {
        profile.add_sample(thread, at(time), None, CpuDelta::ZERO, 1);
    }
    let json = serde_json::to_value(&profile).expect("JSON");
    println!("{}", json["threads"][0]["samples"]["timeDeltas"]);
}
RUST
expect 'time deltas' '[10.0,0.0,10.0]' "$(cargo run --quiet 2>/dev/null)"

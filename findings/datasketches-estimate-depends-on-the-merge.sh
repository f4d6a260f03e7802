#!/usr/bin/env bash
# Version    datasketches 0.6.0 (Apache DataSketches in Rust; HLL of 2^12 registers), built by cargo 1.95.0, linux/amd64.
# Guess      The estimate of a HyperLogLog union, and the bytes of a small one, are functions of the set: of 0 to 99,999 in one
#            sketch, or in two that are merged.
# Behaviour  `estimate()` follows the order in which things came, which a union of one sketch keeps and a union of two loses: two
#            numbers for one set. `composite_estimate()` reads the registers alone and is the same. Below some hundred things
#            the bytes hold them in the order in which they came.
# Seen       estimate of one sketch, and of a union of it: 101148 101148
#            backwards: 101926
#            of a union of two halves: 102878
#            composite_estimate, of each of these: 102878 102878 102878 102878
#            bytes of 0 to 99, forwards and backwards: differ
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export CARGO_TERM_COLOR=never RUSTUP_TOOLCHAIN=${RUSTUP_TOOLCHAIN:-1.95.0}
mkdir src
cat >Cargo.toml <<'EOF'
[package]
name = "finding"
version = "0.1.0"
edition = "2024"
[dependencies]
datasketches = { version = "=0.6.0", features = ["hll"] }
EOF
cat >src/main.rs <<'EOF'
use datasketches::hll::{HllSketch, HllType, HllUnion};

fn sketch(things: impl Iterator<Item = u64>) -> HllSketch {
    let mut sketch = HllSketch::new(12, HllType::Hll8).unwrap();
    things.for_each(|thing| sketch.update(thing));
    sketch
}

fn union(sketches: &[HllSketch]) -> HllUnion {
    let mut union = HllUnion::new(12).unwrap();
    sketches.iter().for_each(|sketch| union.update(sketch));
    union
}

fn main() {
    let all = 0..100_000;
    let (one, backwards) = (sketch(all.clone()), sketch(all.clone().rev()));
    let of_one = union(&[one.clone()]);
    let of_two = union(&[sketch(all.start..50_000), sketch(50_000..all.end)]);
    println!("{:.0} {:.0}", one.estimate(), of_one.estimate());
    println!("{:.0}", backwards.estimate());
    println!("{:.0}", of_two.estimate());
    let composite = [one.composite_estimate(), of_one.composite_estimate()];
    let others = [backwards.composite_estimate(), of_two.composite_estimate()];
    println!("{:.0} {:.0} {:.0} {:.0}", composite[0], composite[1], others[0], others[1]);
    let is_same = sketch(0..100).serialize() == sketch((0..100).rev()).serialize();
    println!("{}", if is_same { "same" } else { "differ" });
}
EOF
cargo run --quiet >seen
expect() { # expect LINE WHAT WANT
    local got
    got=$(sed -n "$1p" seen)
    printf '%s: %s\n' "$2" "$got"
    [ "$got" = "$3" ] || { printf 'changed: %s: wanted %s\n' "$2" "$3" >&2; exit 1; }
}
expect 1 'estimate of one sketch, and of a union of it' '101148 101148'
expect 2 backwards 101926
expect 3 'of a union of two halves' 102878
expect 4 'composite_estimate, of each of these' '102878 102878 102878 102878'
expect 5 'bytes of 0 to 99, forwards and backwards' differ

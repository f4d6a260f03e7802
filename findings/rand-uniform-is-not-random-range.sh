#!/usr/bin/env bash
# Version    rand 0.10.4 and rand_chacha 0.10.0 (crates).
# Guess      `Uniform::new(0, n)` is what `random_range(0..n)` is made of, as the documentation says, prepared once: from the same
#            seed both draw the same numbers.
# Behaviour  For integers they are two algorithms: random_range reads more bits where one word does not decide, Uniform throws the
#            word away. The numbers are the same until the first such word, and shifted from there. With a small n that
#            comes once in some hundred million draws: a test that pins a seed does not show it. With a large n it is at once.
# Seen       u32 from 0, 1,000 draws from each of 100 seeds: below 10 and below 2^31 all are the same, below 1,500,000,000 those of no seed
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
rand = { version = "=0.10.4", default-features = false }
rand_chacha = { version = "=0.10.0", default-features = false }

[profile.dev]
debug = 0

[workspace]
TOML
cat >src/main.rs <<'RUST'
use rand::distr::{Distribution, Uniform};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

fn main() {
    for end in [10, 1 << 31, 1_500_000_000] {
        let uniform = Uniform::new(0_u32, end).unwrap();
        // Of a hundred seeds: those whose first thousand draws are the same both ways.
        let same = (0..100).filter(|&seed| {
            let [mut one, mut other] = [ChaCha8Rng::seed_from_u64(seed), ChaCha8Rng::seed_from_u64(seed)];
            (0..1000).all(|_| one.random_range(0..end) == uniform.sample(&mut other))
        });
        println!("{end} {}", same.count());
    }
}
RUST
cargo run --quiet >seen.txt 2>/dev/null
seen() { sed -n "s/^$1 //p" seen.txt; }
expect 'below 10: seeds with the same draws, of 100' 100 "$(seen 10)"
expect 'below 2^31' 100 "$(seen 2147483648)"
expect 'below 1,500,000,000' 0 "$(seen 1500000000)"

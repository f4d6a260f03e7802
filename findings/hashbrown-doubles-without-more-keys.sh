#!/usr/bin/env bash
# Version    hashbrown 0.17.2 (crate), and HashMap of the standard library, from Rust 1.89 on.
# Guess      A map that was made with room for 28 and never has more than 28 keys never reallocates: with_capacity promises it.
# Behaviour  Most keys that are removed leave a mark, so that searches go on, and a mark takes room. When none is left, the marks are
#            cleaned up in place if the map is at most half full; else it doubles. It does that once: what is half full cleans up.
# Seen       28 keys, the oldest out, a new one in, 100,000 times: capacity 28 becomes 56; with 14 keys it stays 28; a map that
#            was made for 1,000 keys, and never has more, goes from 1792 to 3584
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
hashbrown = { version = "=0.17.2", default-features = false }

[profile.dev]
debug = 0

[workspace]
TOML
cat >src/main.rs <<'RUST'
use std::hash::{BuildHasherDefault, DefaultHasher};

type Same = BuildHasherDefault<DefaultHasher>;

macro_rules! capacity {
    ($map:ty, $room:expr, $keys:expr) => {{
        let mut map = <$map>::with_capacity_and_hasher($room, Same::default());
        let before = map.capacity();
        for key in 0..100_000_u64 {
            if key >= $keys {
                map.remove(&(key - $keys));
            }
            map.insert(key, ());
            assert!(map.len() <= $keys);
        }
        format!("{before} {}", map.capacity())
    }};
}

fn main() {
    type Hashbrown = hashbrown::HashMap<u64, (), Same>;
    type Standard = std::collections::HashMap<u64, (), Same>;
    println!("hashbrown28 {}", capacity!(Hashbrown, 28, 28));
    println!("standard28 {}", capacity!(Standard, 28, 28));
    println!("hashbrown14 {}", capacity!(Hashbrown, 28, 14));
    println!("standard14 {}", capacity!(Standard, 28, 14));
    println!("hashbrown1000 {}", capacity!(Hashbrown, 1000, 1000));
}
RUST
cargo run --quiet >seen.txt 2>/dev/null
seen() { sed -n "s/^$1 //p" seen.txt; }
expect 'capacity of hashbrown with 28 keys, before and after' '28 56' "$(seen hashbrown28)"
expect 'and of the standard library' '28 56' "$(seen standard28)"
expect 'with 14 keys' '28 28' "$(seen hashbrown14)"
expect 'and of the standard library' '28 28' "$(seen standard14)"
expect 'made for 1000 keys, with 1000' '1792 3584' "$(seen hashbrown1000)"

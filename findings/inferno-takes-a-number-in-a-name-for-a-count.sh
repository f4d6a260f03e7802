#!/usr/bin/env bash
# Version    inferno 0.12.8 (crate).
# Guess      Of a folded line the last number is the count, and what is before it are frames, which may contain blanks and numbers.
# Behaviour  If the innermost frame ends in a blank and a number, the line is one of a differential graph, whatever the others are: the
#            number is taken off the name, and for the count of the time before. Frames that differ in it are one, coloured by
#            the difference to the first number. In a frame further out, or after another character, it stays.
# Seen       "main;worker 7 3" and "main;worker 8 2" are one frame: worker (5 samples, 100.00%; -80.00%); "main;worker-7 3" and
#            "worker 7;main 3" are as they are
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
inferno = { version = "=0.12.8", default-features = false }

[profile.dev]
debug = 0

[workspace]
TOML
cat >src/main.rs <<'RUST'
use inferno::flamegraph::{from_lines, Options};

fn main() {
    let folded = std::env::args().nth(1).expect("folded lines");
    let mut page = Vec::new();
    from_lines(&mut Options::default(), folded.lines(), &mut page).expect("a graph");
    let page = String::from_utf8(page).expect("UTF-8");
    let mut titles: Vec<&str> = page.split("<title>").skip(1).filter_map(|rest| rest.split("</title>").next()).collect();
    titles.retain(|title| title.starts_with("worker"));
    titles.sort_unstable();
    println!("{}", titles.join(", "));
}
RUST
cargo build --quiet 2>/dev/null
frames() { target/debug/finding "$1" 2>/dev/null; }
expect 'worker 7 and worker 8 as innermost frames' 'worker (5 samples, 100.00%; -80.00%)' "$(frames $'main;worker 7 3\nmain;worker 8 2')"
expect 'worker-7 and worker-8' 'worker-7 (3 samples, 60.00%), worker-8 (2 samples, 40.00%)' "$(frames $'main;worker-7 3\nmain;worker-8 2')"
expect 'both as outermost frames' 'worker 7 (3 samples, 60.00%), worker 8 (2 samples, 40.00%)' "$(frames $'worker 7;main 3\nworker 8;main 2')"
expect 'beside a line that has none' 'worker (3 samples, 75.00%; -100.00%)' "$(frames $'main;other 1\nmain;worker 7 3')"

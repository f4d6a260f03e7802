#!/usr/bin/env bash
# Version    signal-hook 0.4.6 (crate), Linux.
# Guess      A signal that is ignored when the program starts, as HUP is under nohup, stays ignored: a handler is
#            installed only where the default action was.
# Behaviour  The handler takes its place. A program that ends at HUP then ends at logout although nohup started
#            it; who wants the usual manners must look at SigIgn in /proc/self/status first.
# Seen       HUP ignored at the start, then sent: the handler hears it
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
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
signal-hook = "=0.4.6"

[workspace]
TOML
cat >src/main.rs <<'RUST'
use signal_hook::consts::SIGHUP;
use signal_hook::iterator::Signals;

fn main() {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = u64::from_str_radix(ignored.expect("a line").trim(), 16).expect("a number");
    let was_ignored = ignored >> (SIGHUP - 1) & 1 == 1;
    let mut signals = Signals::new([SIGHUP]).expect("a handler");
    signal_hook::low_level::raise(SIGHUP).expect("a signal");
    let heard = signals.pending().any(|signal| signal == SIGHUP);
    println!("ignored {was_ignored}, heard {heard}");
}
RUST
cargo build --quiet 2>/dev/null
expect 'HUP at the start, and after it was sent' 'ignored true, heard true' "$(trap '' HUP; ./target/debug/finding)"

#!/usr/bin/env bash
# Version    corosensei 0.3.4 (crate).
# Guess      To drop a coroutine that is suspended is to forget the rest of its code: destructors run, and nothing after the
#            `suspend` it waits in.
# Behaviour  The `suspend` panics, without the message of a panic, and whatever catches panics catches this one, too: after a
#            catch_unwind the code goes on, within `drop`, and what it returns is lost. It has been told that a task of its own
#            failed, by a panic whose payload is neither &str nor String.
# Seen       resumed once and dropped: "caught", then "goes on, not panicking", then "dropped"; nothing on stderr
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
corosensei = "=0.3.4"

[profile.dev]
debug = 0

[workspace]
TOML
cat >src/main.rs <<'RUST'
use corosensei::{Coroutine, Yielder};
use std::panic::{catch_unwind, AssertUnwindSafe};

fn main() {
    let mut coroutine = Coroutine::new(|yielder: &Yielder<(), ()>, ()| {
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| yielder.suspend(()))) {
            let text = payload.is::<&str>() || payload.is::<String>();
            println!("caught, text: {text}");
        }
        println!("goes on, panicking: {}", std::thread::panicking());
    });
    coroutine.resume(());
    drop(coroutine);
    println!("dropped");
}
RUST
cargo build --quiet 2>build.txt
"$work"/target/debug/finding >seen.txt 2>said.txt
expect 'what it prints' 'caught, text: false; goes on, panicking: false; dropped; ' "$(sed 's/$/; /' seen.txt | tr -d '\n')"
expect 'bytes on stderr' 0 "$(wc -c <said.txt)"

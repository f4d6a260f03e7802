#!/usr/bin/env bash
# Version    loom 0.7.3 (crate).
# Guess      loom explores both answers of a `try_lock` while another thread locks, and both of a `try_recv` while another sends.
# Behaviour  `try_lock`, `try_read` and `try_write` wait, as `lock` does, for whoever has the lock, and never fail; `try_recv` never
#            gets what is sent. The arm for "taken" is dead in the model, whatever is in it, and the model passes.
# Seen       the lock is free before (0) or after (1) the other thread had it, and never taken; try_recv: nothing
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
loom = "=0.7.3"

[profile.dev]
debug = 0

[workspace]
TOML
cat >src/main.rs <<'RUST'
use loom::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use loom::sync::{mpsc, Arc, Mutex, RwLock};
use loom::thread::spawn;
use std::collections::BTreeSet;

/// What `body` gives in all executions.
fn all(name: &str, body: fn() -> String) {
    let seen = std::sync::Arc::new(std::sync::Mutex::new(BTreeSet::new()));
    let also = seen.clone();
    loom::model(move || {
        let got = body();
        also.lock().unwrap().insert(got);
    });
    let seen: Vec<String> = seen.lock().unwrap().iter().cloned().collect();
    println!("{name} {}", seen.join(" "));
}

fn told<T: std::fmt::Debug, E>(got: Result<T, E>) -> String {
    got.map_or("taken".into(), |value| format!("{value:?}"))
}

fn main() {
    all("try_lock", || {
        let ours = Arc::new((Mutex::new(0), AtomicUsize::new(0)));
        let its = ours.clone();
        let thread = spawn(move || {
            let mut guard = its.0.lock().unwrap();
            *guard = 1;
            its.1.store(1, SeqCst);
        });
        let got = told(ours.0.try_lock().map(|guard| *guard));
        thread.join().unwrap();
        got
    });
    all("try_write", || {
        let ours = Arc::new(RwLock::new(0));
        let its = ours.clone();
        let thread = spawn(move || *its.write().unwrap() = 1);
        let got = told(ours.try_write().map(|guard| *guard));
        thread.join().unwrap();
        got
    });
    all("try_read", || {
        let ours = Arc::new(RwLock::new(0));
        let its = ours.clone();
        let thread = spawn(move || *its.write().unwrap() = 1);
        let got = told(ours.try_read().map(|guard| *guard));
        thread.join().unwrap();
        got
    });
    all("try_recv", || {
        let (sender, receiver) = mpsc::channel();
        let thread = spawn(move || sender.send(1).unwrap());
        let got = receiver.try_recv().map_or("nothing".into(), |value: i32| value.to_string());
        thread.join().unwrap();
        got
    });
}
RUST
cargo run --quiet >seen.txt 2>/dev/null
seen() { sed -n "s/^$1 //p" seen.txt; }
expect 'try_lock, an atomic under the lock' '0 1' "$(seen try_lock)"
expect 'try_write' '0 1' "$(seen try_write)"
expect 'try_read' '0 1' "$(seen try_read)"
expect 'try_recv' 'nothing' "$(seen try_recv)"

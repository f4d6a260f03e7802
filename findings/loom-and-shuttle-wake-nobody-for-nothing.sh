#!/usr/bin/env bash
# Version    loom 0.7.3 and shuttle 0.9.10 (crates).
# Guess      What std allows to happen for no reason, a checker makes happen: compare_exchange_weak fails though the value is
#            the expected one, Condvar::wait and thread::park come back though nobody called.
# Behaviour  compare_exchange_weak and Condvar::wait never do, in either; park does in shuttle, and not in loom. A weak exchange
#            that is not in a loop, and a wait under an `if`, pass in both.
# Seen       loom: weak Ok, wait notified, park unparked; shuttle, depth first: weak Ok, wait notified, park unparked woken
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
shuttle = "=0.9.10"

[profile.dev]
debug = 0

[workspace]
TOML
cat >src/main.rs <<'RUST'
use std::collections::BTreeSet;

/// What `body` gives in all executions that `search` has.
fn all(name: &str, search: fn(Box<dyn Fn() + Send + Sync>), body: fn() -> &'static str) {
    let seen = std::sync::Arc::new(std::sync::Mutex::new(BTreeSet::new()));
    let also = seen.clone();
    search(Box::new(move || {
        also.lock().unwrap().insert(body());
    }));
    let seen: Vec<&str> = seen.lock().unwrap().iter().copied().collect();
    println!("{name} {}", seen.join(" "));
}

macro_rules! questions {
    ($name:literal, $tool:ident, $search:expr) => {{
        use $tool::sync::atomic::{AtomicBool, Ordering::SeqCst};
        use $tool::sync::{Arc, Condvar, Mutex};
        use $tool::thread;
        all(concat!($name, " weak"), $search, || {
            let ours = Arc::new(AtomicBool::new(false));
            let its = ours.clone();
            let thread = thread::spawn(move || its.load(SeqCst));
            let exchanged = ours.compare_exchange_weak(false, true, SeqCst, SeqCst);
            thread.join().unwrap();
            exchanged.map_or("Err", |_| "Ok")
        });
        all(concat!($name, " wait"), $search, || {
            let ours = Arc::new((Mutex::new(false), Condvar::new()));
            let its = ours.clone();
            let thread = thread::spawn(move || {
                *its.0.lock().unwrap() = true;
                its.1.notify_one();
            });
            let mut said = ours.0.lock().unwrap();
            if !*said {
                said = ours.1.wait(said).unwrap();
            }
            let answer = if *said { "notified" } else { "woken" };
            drop(said);
            thread.join().unwrap();
            answer
        });
        all(concat!($name, " park"), $search, || {
            let ours = Arc::new(AtomicBool::new(false));
            let its = ours.clone();
            let parked = thread::current();
            let thread = thread::spawn(move || {
                its.store(true, SeqCst);
                parked.unpark();
            });
            thread::park();
            let answer = if ours.load(SeqCst) { "unparked" } else { "woken" };
            thread.join().unwrap();
            answer
        });
    }};
}

fn main() {
    questions!("loom", loom, |body| loom::model(body));
    questions!("shuttle", shuttle, |body| shuttle::check_dfs(body, None));
}
RUST
SHUTTLE_SILENCE_WARNINGS=1 cargo run --quiet >seen.txt
seen() { sed -n "s/^$1 //p" seen.txt; }
expect 'loom, compare_exchange_weak' Ok "$(seen 'loom weak')"
expect 'loom, Condvar::wait' notified "$(seen 'loom wait')"
expect 'loom, park' unparked "$(seen 'loom park')"
expect 'shuttle, compare_exchange_weak' Ok "$(seen 'shuttle weak')"
expect 'shuttle, Condvar::wait' notified "$(seen 'shuttle wait')"
expect 'shuttle, park' 'unparked woken' "$(seen 'shuttle park')"

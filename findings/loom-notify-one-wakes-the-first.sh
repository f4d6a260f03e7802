#!/usr/bin/env bash
# Version    loom 0.7.3 and shuttle 0.9.10 (crates).
# Guess      notify_one may wake any of those who wait, as std says, and both checkers try each.
# Behaviour  loom wakes the one that has waited longest, and no other. What goes wrong only if another one is woken, as where two
#            kinds of threads wait for different things at one Condvar, needs them to come in the right order as well; where the
#            program fixes the order, it passes. shuttle tries each.
# Seen       of two that wait, in a fixed order, notify_one wakes: loom: the first; shuttle, depth first: the first, the second
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

macro_rules! question {
    ($name:literal, $tool:ident, $search:expr) => {
        all($name, $search, || {
            use $tool::sync::{Arc, Condvar, Mutex};
            #[derive(Default)]
            struct State {
                waiting: u8,
                woken: u8,
                late: bool,
            }
            let ours = Arc::new((Mutex::new(State::default()), Condvar::new()));
            let threads = [ours.clone(), ours.clone()].map(|its| {
                $tool::thread::spawn(move || {
                    let mut state = its.0.lock().unwrap();
                    if state.late {
                        return;
                    }
                    state.waiting += 1;
                    let number = state.waiting;
                    state = its.1.wait(state).unwrap();
                    if state.woken == 0 {
                        state.woken = number;
                        its.1.notify_one();
                    }
                })
            });
            // Asks only where both wait; else nobody does any more.
            let mut state = ours.0.lock().unwrap();
            let both = state.waiting == 2;
            if both {
                ours.1.notify_one();
            } else {
                state.late = true;
                ours.1.notify_all();
            }
            drop(state);
            for thread in threads {
                thread.join().unwrap();
            }
            let woken = ours.0.lock().unwrap().woken;
            if !both {
                ""
            } else if woken == 1 {
                "first"
            } else {
                "second"
            }
        });
    };
}

fn main() {
    question!("loom", loom, |body| loom::model(body));
    question!("shuttle", shuttle, |body| shuttle::check_dfs(body, None));
}
RUST
SHUTTLE_SILENCE_WARNINGS=1 cargo run --quiet >seen.txt
seen() { sed -n "s/^$1 *//p" seen.txt; }
expect 'loom' 'first' "$(seen loom)"
expect 'shuttle' 'first second' "$(seen shuttle)"

#!/usr/bin/env bash
# Version    shuttle 0.9.10 (crate).
# Guess      A timeout is a choice like another: the depth-first search runs through a `wait_timeout` and a `recv_timeout` that
#            time out, and through those that do not.
# Behaviour  None ever does. The arm for the timeout is dead in each test and no schedule is missing from the search; a wait that only
#            its timeout would end is reported as a deadlock, though the program has none.
# Seen       check_dfs: wait_timeout timed out: false; recv_timeout: Ok; alone: "deadlock!"
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
shuttle = "=0.9.10"

[profile.dev]
debug = 0

[workspace]
TOML
cat >src/main.rs <<'RUST'
use shuttle::sync::{mpsc, Arc, Condvar, Mutex};
use shuttle::thread;
use std::collections::BTreeSet;
use std::time::Duration;

/// What `body` gives in all executions.
fn all(name: &str, body: fn() -> String) {
    let seen = std::sync::Arc::new(std::sync::Mutex::new(BTreeSet::new()));
    let also = seen.clone();
    let search = move || shuttle::check_dfs(move || drop(also.lock().unwrap().insert(body())), None);
    if let Err(payload) = std::panic::catch_unwind(search) {
        let text = payload.downcast_ref::<String>().map_or("?", |text| text);
        println!("{name} {}", text.split(' ').next().unwrap());
        return;
    }
    let seen: Vec<String> = seen.lock().unwrap().iter().cloned().collect();
    println!("{name} {}", seen.join(" "));
}

fn main() {
    all("wait_timeout", || {
        let ours = Arc::new((Mutex::new(false), Condvar::new()));
        let its = ours.clone();
        let thread = thread::spawn(move || {
            *its.0.lock().unwrap() = true;
            its.1.notify_one();
        });
        let guard = ours.0.lock().unwrap();
        let got = if *guard {
            drop(guard);
            "early".to_string()
        } else {
            ours.1.wait_timeout(guard, Duration::from_millis(1)).unwrap().1.timed_out().to_string()
        };
        thread.join().unwrap();
        got
    });
    all("recv_timeout", || {
        let (sender, receiver) = mpsc::channel();
        let thread = thread::spawn(move || sender.send(1).unwrap());
        let got = receiver.recv_timeout(Duration::from_millis(1)).map_or("late".into(), |value: i32| value.to_string());
        thread.join().unwrap();
        got
    });
    all("alone", || {
        let (mutex, condvar) = (Mutex::new(()), Condvar::new());
        let guard = mutex.lock().unwrap();
        let (_guard, answer) = condvar.wait_timeout(guard, Duration::from_millis(1)).unwrap();
        answer.timed_out().to_string()
    });
}
RUST
SHUTTLE_SILENCE_WARNINGS=1 cargo run --quiet >seen.txt 2>/dev/null
seen() { sed -n "s/^$1 //p" seen.txt; }
expect 'wait_timeout timed out' 'early false' "$(seen wait_timeout)"
expect 'recv_timeout' 1 "$(seen recv_timeout)"
expect 'wait_timeout, with nobody to wake it' 'deadlock!' "$(seen alone)"

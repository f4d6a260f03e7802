#!/usr/bin/env bash
# Version    shuttle 0.9.10 and loom 0.7.3 (crates).
# Guess      The count of an Arc is an atomic like another: both find that the last but one owner may be gone, or not, when the
#            other calls try_unwrap, get_mut or strong_count.
# Behaviour  shuttle's Arc is std's, whose count no schedule comes between: right after the other thread was made the answer is
#            always that it has its part, in a full search too, and the branch for "I am the last" is never run. loom has both
#            answers of try_unwrap and get_mut, and of strong_count one.
# Seen       shuttle, depth first, all schedules: try_unwrap Err, get_mut None, strong_count 2; loom: Err Ok, None Some, 2
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
use std::sync::{Arc, Mutex};

/// What `body` gives in all executions that `search` has.
fn all(name: &str, search: fn(Box<dyn Fn() + Send + Sync>), body: fn() -> String) {
    let seen = Arc::new(Mutex::new(BTreeSet::new()));
    let also = seen.clone();
    search(Box::new(move || {
        also.lock().unwrap().insert(body());
    }));
    let seen: Vec<String> = seen.lock().unwrap().iter().cloned().collect();
    println!("{name} {}", seen.join(" "));
}

macro_rules! questions {
    ($name:literal, $tool:ident, $search:expr) => {{
        use $tool::sync::Arc;
        /// An Arc, whose other owner is a thread that drops it.
        fn shared<T: 'static>(answer: impl FnOnce(Arc<u8>) -> T) -> T {
            let ours = Arc::new(0);
            let its = ours.clone();
            let thread = $tool::thread::spawn(move || drop(its));
            let answer = answer(ours);
            thread.join().unwrap();
            answer
        }
        all(concat!($name, " try_unwrap"), $search, || {
            shared(|ours| Arc::try_unwrap(ours).map_or("Err", |_| "Ok").into())
        });
        all(concat!($name, " get_mut"), $search, || {
            shared(|mut ours| Arc::get_mut(&mut ours).map_or("None", |_| "Some").into())
        });
        all(concat!($name, " strong_count"), $search, || {
            shared(|ours| Arc::strong_count(&ours).to_string())
        });
    }};
}

fn main() {
    questions!("shuttle", shuttle, |body| shuttle::check_dfs(body, None));
    questions!("loom", loom, |body| loom::model(body));
}
RUST
SHUTTLE_SILENCE_WARNINGS=1 cargo run --quiet >seen.txt
seen() { sed -n "s/^$1 //p" seen.txt; }
expect 'shuttle, try_unwrap' Err "$(seen 'shuttle try_unwrap')"
expect 'shuttle, get_mut' None "$(seen 'shuttle get_mut')"
expect 'shuttle, strong_count' 2 "$(seen 'shuttle strong_count')"
expect 'loom, try_unwrap' 'Err Ok' "$(seen 'loom try_unwrap')"
expect 'loom, get_mut' 'None Some' "$(seen 'loom get_mut')"
expect 'loom, strong_count' 2 "$(seen 'loom strong_count')"

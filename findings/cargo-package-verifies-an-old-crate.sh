#!/usr/bin/env bash
# Version    cargo 1.95.0 (the pinned toolchain, from rustup), linux/amd64.
# Guess      `cargo package -p one -p two`, where two needs one, builds two against the package of one that it has just made.
# Behaviour  The packages go into a registry of its own below target/package, whose crates cargo unpacks into CARGO_HOME once,
#            by the registry's folder, name and version. A second run in the same folder builds two against what one was
#            in the first run, and fails if it needs what is new there. Another target folder helps.
# Seen       first: ok
#            second, with a new function: error[E0425]: cannot find function `new` in crate `one`
#            in another target folder: ok
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export CARGO_HOME=$work/home CARGO_NET_OFFLINE=true CARGO_TERM_COLOR=never RUSTUP_TOOLCHAIN=${RUSTUP_TOOLCHAIN:-1.95.0}
expect() { # expect WHAT WANT GOT
    printf '%s: %s\n' "$1" "$3"
    [ "$3" = "$2" ] || { printf 'changed: %s: wanted %s\n' "$1" "$2" >&2; exit 1; }
}
mkdir -p one/src two/src
printf '[workspace]\nresolver = "3"\nmembers = ["one", "two"]\n' >Cargo.toml
manifest() { # manifest NAME
    printf '[package]\nname = "%s"\nversion = "0.1.0"\nedition = "2024"\n' "$1"
    printf 'description = "a crate"\nlicense = "MIT"\nrepository = "https://example.com"\n'
}
manifest one >one/Cargo.toml
{
    manifest two
    printf '[dependencies]\none = { path = "../one", version = "0.1.0" }\n'
} >two/Cargo.toml
printf 'pub fn old() {}\n' >one/src/lib.rs
printf 'pub fn f() { one::old() }\n' >two/src/lib.rs
package() { # package OPTIONS: the first error, or ok
    local out
    if out=$(cargo package --quiet --allow-dirty -p one -p two "$@" 2>&1); then
        echo ok
    else
        grep -m 1 '^error' <<<"$out"
    fi
}
expect first ok "$(package)"
printf 'pub fn old() {}\npub fn new() {}\n' >one/src/lib.rs
printf 'pub fn f() { one::new() }\n' >two/src/lib.rs
# shellcheck disable=SC2016 # no command is meant
expect 'second, with a new function' 'error[E0425]: cannot find function `new` in crate `one`' "$(package)"
expect 'in another target folder' ok "$(package --target-dir "$work/other")"

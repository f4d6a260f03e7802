#!/usr/bin/env bash
# Version    trycmd 1.2.1 and snapbox 1.2.2 (crates).
# Guess      What a program prints is compared with what a .trycmd file has, as it stands; on Windows alone `\` is taken for `/`.
# Behaviour  On all systems each `\` of the output becomes `/`, and those of the file stay: a program that prints `a\b` passes with
#            `a/b`, and fails with `a\b`, the very text that it printed. Escapes in quoted texts are changed as well: "/n".
# Seen       of a program that prints a\b: "a/b" passes, "a\b" fails; snapbox::assert_data_eq does the same
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
snapbox = "=1.2.2"
trycmd = "=1.2.1"

[profile.dev]
debug = 0

[workspace]
TOML
cat >src/main.rs <<'RUST'
fn equal(got: &'static str, want: &'static str) -> bool {
    std::panic::catch_unwind(|| snapbox::assert_data_eq!(got, snapbox::Data::text(want))).is_ok()
}

fn passes(file: &'static str) -> bool {
    std::panic::catch_unwind(|| trycmd::TestCases::new().register_bin("printf", std::path::Path::new("/usr/bin/printf")).case(file).run()).is_ok()
}

fn main() {
    println!("snapbox {} {}", equal(r"a\b", r"a/b"), equal(r"a\b", r"a\b"));
    println!("trycmd {} {}", passes("slash.trycmd"), passes("backslash.trycmd"));
}
RUST
printf '```\n$ printf "a\\\\\\\\b"\na/b\n```\n' >slash.trycmd
printf '```\n$ printf "a\\\\\\\\b"\na\\b\n```\n' >backslash.trycmd
cargo run --quiet >seen.txt 2>/dev/null
expect 'assert_data_eq: a/b, a\b' 'true false' "$(sed -n 's/^snapbox //p' seen.txt)"
expect 'trycmd: a/b, a\b' 'true false' "$(sed -n 's/^trycmd //p' seen.txt)"

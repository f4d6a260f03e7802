#!/usr/bin/env bash
# Version    insta 1.49.0 (crate).
# Guess      A snapshot fails if the text has other blanks at the beginning of a line: an inline one is the same as one in a file.
# Behaviour  Of an inline snapshot of several lines the indentation that all lines share is taken off, of the text as of the literal,
#            also of a raw literal at the margin and of one with \n in it: a program that indents its output, or stops to, passes.
#            In a file it fails, as does a text of one line. Newlines before the text, and blanks after it, count in neither.
# Seen       "  a\n  b" against "a\nb": inline passes, in a file fails; "  a" against "a": fails;
#            "\n\na\nb  " against "a\nb": passes in both
set -euo pipefail
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
expect() { # expect WHAT WANT GOT
    printf '%s: %s\n' "$1" "$3"
    [ "$3" = "$2" ] || { printf 'changed: %s: wanted %s\n' "$1" "$2" >&2; exit 1; }
}
mkdir -p src snapshots
cat >Cargo.toml <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"

[dependencies]
insta = { version = "=1.49.0", default-features = false }

[profile.dev]
debug = 0

[workspace]
TOML
printf -- '---\nsource: src/main.rs\nexpression: text\n---\na\nb\n' >snapshots/finding__stored.snap
cat >src/main.rs <<'RUST'
use insta::{assert_snapshot, with_settings};
use std::panic::{catch_unwind, UnwindSafe};

fn say(name: &str, asserts: impl Fn() + UnwindSafe) {
    println!("{name} {}", if catch_unwind(asserts).is_ok() { "passes" } else { "fails" });
}

fn in_file(text: &str) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots");
    with_settings!({snapshot_path => folder}, { assert_snapshot!("stored", text) });
}

fn main() {
    say("block", || {
        assert_snapshot!("  a\n  b", @"
        a
        b
        ")
    });
    say("raw", || {
        assert_snapshot!("  a\n  b", @r#"
a
b
"#)
    });
    say("literal", || assert_snapshot!("  a\n  b", @"a\nb"));
    say("single", || assert_snapshot!("  a", @"a"));
    say("relative", || assert_snapshot!("  a\nb", @"a\nb"));
    say("around", || assert_snapshot!("\n\na\nb  ", @"a\nb"));
    say("file", || in_file("  a\n  b"));
    say("file-around", || in_file("\n\na\nb  "));
    say("file-same", || in_file("a\nb"));
}
RUST
INSTA_UPDATE=no INSTA_FORCE_PASS=0 INSTA_WORKSPACE_ROOT=$work cargo run --quiet >seen.txt 2>/dev/null
seen() { grep -aoE "^$1 (passes|fails)$" seen.txt | sed 's/.* //'; }
expect 'two lines, both indented, against a block at another indentation' passes "$(seen block)"
expect 'against a raw literal at the margin' passes "$(seen raw)"
expect 'against "a\nb"' passes "$(seen literal)"
expect 'one line, indented, against one that is not' fails "$(seen single)"
expect 'two lines, one indented' fails "$(seen relative)"
expect 'two lines, both indented, against a file' fails "$(seen file)"
expect 'newlines before and blanks after, inline' passes "$(seen around)"
expect 'and against a file' passes "$(seen file-around)"
expect 'the same against the file' passes "$(seen file-same)"

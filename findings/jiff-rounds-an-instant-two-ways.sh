#!/usr/bin/env bash
# Version    jiff 1.0.2 (crate).
# Guess      The same instant rounded to seconds is the same instant, as a Timestamp and as a ZonedDateTime in UTC; and half a
#            second goes up, before 1970 as after it, as in Temporal, which jiff follows.
# Behaviour  A Timestamp rounds the number of seconds since 1970: away from 0 is earlier before that year, and Trunc is later. A
#            ZonedDateTime rounds the time of the day, which is never negative. Before 1970 the two are a second apart for each half
#            second, and for any fraction with Trunc or Expand; Floor, Ceil and those of their kind agree.
# Seen       1.5 s before 1970: Timestamp -2, zoned -1; Trunc: -1 and -2; Floor: -2 and -2
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
jiff = { version = "=1.0.2", default-features = false, features = ["std"] }

[profile.dev]
debug = 0

[workspace]
TOML
cat >src/main.rs <<'RUST'
use jiff::{tz::TimeZone, RoundMode, Timestamp, TimestampRound, Unit, ZonedDateTimeRound};

fn main() {
    for ms in [1500, -1500] {
        let timestamp = Timestamp::from_millisecond(ms).expect("in range");
        let zoned = timestamp.to_zoned_datetime(TimeZone::UTC);
        assert_eq!(zoned.timestamp(), timestamp);
        for mode in [RoundMode::HalfExpand, RoundMode::Trunc, RoundMode::Floor] {
            let one = timestamp.round(TimestampRound::new().smallest(Unit::Second).mode(mode)).expect("rounds");
            let other = zoned.round(ZonedDateTimeRound::new().smallest(Unit::Second).mode(mode)).expect("rounds");
            println!("{ms} {mode:?} {} {}", one.as_second(), other.timestamp().as_second());
        }
        let default = timestamp.round(Unit::Second).expect("rounds");
        println!("{ms} default {} {}", default.as_second(), zoned.round(Unit::Second).expect("rounds").timestamp().as_second());
    }
}
RUST
cargo run --quiet >seen.txt 2>/dev/null
seen() { sed -n "s/^$1 //p" seen.txt; }
expect '1.5 s after the start of 1970' '2 2' "$(seen '1500 default')"
expect '1.5 s before it, timestamp and zoned' '-2 -1' "$(seen '-1500 default')"
expect 'which is HalfExpand' '-2 -1' "$(seen '-1500 HalfExpand')"
expect 'Trunc' '-1 -2' "$(seen '-1500 Trunc')"
expect 'Floor' '-2 -2' "$(seen '-1500 Floor')"

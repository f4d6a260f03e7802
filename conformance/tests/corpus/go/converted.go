// Reads traces with internal/trace of Go 1.27, which converts v1 traces to v2, and prints of
// each file a line of JSON: what the reader did, and the object `trace` of expected.json
// (fixtures/README.md), but for its events, of which the conversion makes others.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"internal/trace"
	"io"
	"os"
)

type frame struct {
	Function string `json:"function"`
	File     string `json:"file"`
	Line     uint64 `json:"line"`
}

type sample struct {
	Time  int64  `json:"time_ns"`
	P     *int64 `json:"p"`
	G     *int64 `json:"g"`
	Stack int    `json:"stack"`
}

type side struct {
	Stacks  [][]frame `json:"stacks"`
	Samples []sample  `json:"samples"`
}

type answer struct {
	Does  string `json:"does"`
	Said  string `json:"said"`
	Trace *side  `json:"trace"`
}

func main() {
	out := json.NewEncoder(os.Stdout)
	for _, file := range os.Args[1:] {
		if err := out.Encode(read(file)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func read(file string) (result answer) {
	defer func() {
		if what := recover(); what != nil {
			result = answer{Does: "panics", Said: fmt.Sprint(what)}
		}
	}()
	content, err := os.ReadFile(file)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	reader, err := trace.NewReader(bytes.NewReader(content))
	if err != nil {
		return answer{Does: "refuses", Said: err.Error()}
	}
	found := &side{Stacks: [][]frame{}, Samples: []sample{}}
	places := map[trace.Stack]int{}
	for {
		event, err := reader.ReadEvent()
		if err == io.EOF {
			return answer{Does: "accepts", Trace: found}
		}
		if err != nil {
			return answer{Does: "refuses", Said: err.Error()}
		}
		if event.Kind() == trace.EventStackSample {
			found.add(event, places)
		}
	}
}

func (s *side) add(event trace.Event, places map[trace.Stack]int) {
	place, known := places[event.Stack()]
	if !known {
		place = len(s.Stacks)
		places[event.Stack()] = place
		stack := []frame{}
		for f := range event.Stack().Frames() {
			stack = append(stack, frame{f.Func, f.File, f.Line})
		}
		s.Stacks = append(s.Stacks, stack)
	}
	taken := sample{Time: int64(event.Time()), Stack: place}
	if p := int64(event.Proc()); event.Proc() != trace.NoProc {
		taken.P = &p
	}
	if g := int64(event.Goroutine()); event.Goroutine() != trace.NoGoroutine {
		taken.G = &g
	}
	s.Samples = append(s.Samples, taken)
}

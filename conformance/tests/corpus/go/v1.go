// Reads traces with internal/trace of Go 1.19 and 1.21, and prints of each file a line of JSON:
// what the parser did, and the object `trace` of expected.json (fixtures/README.md).
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"internal/trace"
	"os"
)

type frame struct {
	Function string `json:"function"`
	File     string `json:"file"`
	Line     int    `json:"line"`
}

type sample struct {
	Time  int64   `json:"time_ns"`
	P     *int    `json:"p"`
	G     *uint64 `json:"g"`
	Stack int     `json:"stack"`
}

type side struct {
	Events  int       `json:"events"`
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
	// Traces of Go 1.5 need a program to name their frames by; any will do.
	parsed, err := trace.Parse(bytes.NewReader(content), os.Args[0])
	if err != nil {
		return answer{Does: "refuses", Said: err.Error()}
	}
	return answer{Does: "accepts", Trace: samples(parsed.Events)}
}

func samples(events []*trace.Event) *side {
	result := &side{Events: len(events), Stacks: [][]frame{}, Samples: []sample{}}
	places := map[uint64]int{}
	for _, event := range events {
		if event.Type != trace.EvCPUSample {
			continue
		}
		place, known := places[event.StkID]
		if !known {
			place = len(result.Stacks)
			places[event.StkID] = place
			stack := []frame{}
			for _, f := range event.Stk {
				stack = append(stack, frame{f.Fn, f.File, f.Line})
			}
			result.Stacks = append(result.Stacks, stack)
		}
		taken := sample{Time: event.Ts, Stack: place}
		if p := event.P; p != -1 {
			taken.P = &p
		}
		if g := event.G; g != 0 {
			taken.G = &g
		}
		result.Samples = append(result.Samples, taken)
	}
	return result
}

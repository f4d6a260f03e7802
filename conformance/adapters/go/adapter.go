// What the programs beside this one share; each has a function parse, which asks the parser of its Go.
//
//	adapter samples FILE    one trace, as `sigprof corpus run` asks: the samples, exit code 3 for a refusal
//	adapter events FILE     the same at its level `events`
//	adapter answers FILE... a line for each file: what the parser does, and the samples
//
// In the first two a panic of the parser is one.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

type frame struct {
	Function string `json:"function"`
	File     string `json:"file"`
	Line     uint64 `json:"line"`
}

type sample struct {
	Time  int64   `json:"time_ns"`
	P     *int64  `json:"p"`
	G     *uint64 `json:"g"`
	M     *int64  `json:"m"`
	Stack int     `json:"stack"`
}

type side struct {
	Events int `json:"events"`
	// By kind; of v2 traces alone.
	Kinds   map[string]int `json:"kinds"`
	Stacks  [][]frame      `json:"stacks"`
	Samples []sample       `json:"samples"`
}

// A line of the level `events`.
type line struct {
	Time int64   `json:"time_ns"`
	Kind string  `json:"kind"`
	P    *int64  `json:"p"`
	G    *uint64 `json:"g"`
	M    *int64  `json:"m"`
}

type answer struct {
	Does  string `json:"does"`
	Said  string `json:"said"`
	Trace *side  `json:"trace"`
	// The level `events`, if it is asked for, by the mode or with SIGPROF_EVENTS=1.
	Events []line `json:"events"`
	// Every event in a line, if the environment says SIGPROF_PRINT=1.
	Printed string `json:"printed"`
}

var isPrinting = os.Getenv("SIGPROF_PRINT") == "1"
var isListing = os.Getenv("SIGPROF_EVENTS") == "1"

// What `sigprof corpus run` takes for a refusal.
const refusal = 3

func main() {
	if len(os.Args) < 3 {
		fail("want samples, events or answers, and a file")
	}
	mode, files := os.Args[1], os.Args[2:]
	buffered := bufio.NewWriter(os.Stdout)
	defer buffered.Flush()
	out := json.NewEncoder(buffered)
	switch mode {
	case "samples":
		// Its counts are not those of the file where it converts the trace.
		found := accepted(files).Trace
		encode(out, map[string]any{"stacks": found.Stacks, "samples": found.Samples})
	case "events":
		isListing = true
		for _, event := range accepted(files).Events {
			encode(out, event)
		}
	case "answers":
		for _, file := range files {
			encode(out, judged(file))
		}
	default:
		fail("unknown mode " + mode)
	}
}

// The answer to the one file, if the parser accepts it.
func accepted(files []string) answer {
	if len(files) != 1 {
		fail("want one file")
	}
	result := parse(content(files[0]))
	if result.Does != "accepts" {
		fmt.Fprintln(os.Stderr, result.Said)
		os.Exit(refusal)
	}
	return result
}

// The answer to a file, where a panic is one, too.
func judged(file string) (result answer) {
	bytes := content(file)
	defer func() {
		if what := recover(); what != nil {
			result = answer{Does: "panics", Said: fmt.Sprint(what)}
		}
	}()
	return parse(bytes)
}

func content(file string) []byte {
	bytes, err := os.ReadFile(file)
	if err != nil {
		fail(err.Error())
	}
	return bytes
}

func encode(out *json.Encoder, value any) {
	if err := out.Encode(value); err != nil {
		fail(err.Error())
	}
}

func fail(why string) {
	fmt.Fprintln(os.Stderr, why)
	os.Exit(1)
}

func newSide() *side {
	return &side{Kinds: map[string]int{}, Stacks: [][]frame{}, Samples: []sample{}}
}

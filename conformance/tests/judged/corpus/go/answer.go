// What the programs beside this one share: their answers, and how files are read. Each has a function
// parse, which asks the parser of its Go.
package main

import (
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
	// The level `events`, if the environment says SIGPROF_EVENTS=1.
	Events []line `json:"events"`
	// Every event in a line, if the environment says SIGPROF_PRINT=1.
	Printed string `json:"printed"`
}

var isPrinting = os.Getenv("SIGPROF_PRINT") == "1"
var isListing = os.Getenv("SIGPROF_EVENTS") == "1"

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
	return parse(content)
}

func newSide() *side {
	return &side{Kinds: map[string]int{}, Stacks: [][]frame{}, Samples: []sample{}}
}

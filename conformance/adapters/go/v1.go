// The parser of Go 1.19 and 1.21, internal/trace: what it makes of a trace, as the object `trace` of
// expected.json has it (fixtures/README.md).
package main

import (
	"bytes"
	"internal/trace"
	"os"
	"strings"
)

func parse(content []byte) answer {
	// Traces of Go 1.5 need a program to name their frames by; any will do.
	parsed, err := trace.Parse(bytes.NewReader(content), os.Args[0])
	if err != nil {
		return answer{Does: "refuses", Said: err.Error()}
	}
	return answer{Does: "accepts", Trace: samples(parsed.Events), Events: listed(parsed.Events), Printed: printed(parsed.Events)}
}

// As the level `events` has them.
func listed(events []*trace.Event) []line {
	lines := []line{}
	for _, event := range events {
		if !isListing {
			break
		}
		one := line{Time: event.Ts, Kind: trace.EventDescriptions[event.Type].Name}
		if p := int64(event.P); p != -1 && p < trace.FakeP {
			one.P = &p
		}
		if g := event.G; g != 0 {
			one.G = &g
		}
		lines = append(lines, one)
	}
	return lines
}

// As `go tool trace -d` has them, a character for each byte.
func printed(events []*trace.Event) string {
	text := new(strings.Builder)
	if isPrinting {
		for _, event := range events {
			for _, b := range []byte(event.String() + "\n") {
				text.WriteRune(rune(b))
			}
		}
	}
	return text.String()
}

func samples(events []*trace.Event) *side {
	result := newSide()
	result.Events = len(events)
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
				stack = append(stack, frame{f.Fn, f.File, uint64(f.Line)})
			}
			result.Stacks = append(result.Stacks, stack)
		}
		taken := sample{Time: event.Ts, Stack: place}
		if p := int64(event.P); p != -1 {
			taken.P = &p
		}
		if g := event.G; g != 0 {
			taken.G = &g
		}
		result.Samples = append(result.Samples, taken)
	}
	return result
}

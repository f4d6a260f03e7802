// Reads traces with internal/trace of Go 1.27, which converts v1 traces to v2, and prints of
// each file a line of JSON: what the reader did, and the object `trace` of expected.json
// (fixtures/README.md), but for its events, of which the conversion makes others.
package main

import (
	"bytes"
	"internal/trace"
	"io"
)

func parse(content []byte) answer {
	reader, err := trace.NewReader(bytes.NewReader(content))
	if err != nil {
		return answer{Does: "refuses", Said: err.Error()}
	}
	found := newSide()
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
	if g := uint64(event.Goroutine()); event.Goroutine() != trace.NoGoroutine {
		taken.G = &g
	}
	s.Samples = append(s.Samples, taken)
}

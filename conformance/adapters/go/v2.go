// The parser of Go 1.22 and later, internal/trace: what it makes of a trace, as the object `trace` of
// expected.json has it (fixtures/README.md), but for generations, which it does not tell. From 1.23 on v1 traces
// are converted to v2, and have other events then.
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
	lines := []line{}
	for {
		event, err := reader.ReadEvent()
		if err == io.EOF {
			return answer{Does: "accepts", Trace: found, Events: lines}
		}
		if err != nil {
			return answer{Does: "refuses", Said: err.Error()}
		}
		found.Events++
		found.Kinds[event.Kind().String()]++
		if isListing && event.Kind() != trace.EventSync {
			lines = append(lines, listed(event))
		}
		if event.Kind() == trace.EventStackSample {
			found.add(event, places)
		}
	}
}

// As the level `events` has it.
func listed(event trace.Event) line {
	one := line{Time: int64(event.Time()), Kind: event.Kind().String()}
	one.P, one.G, one.M = ids(event)
	return one
}

// P, goroutine and thread of an event, as far as it has them.
func ids(event trace.Event) (p *int64, g *uint64, m *int64) {
	if id := int64(event.Proc()); event.Proc() != trace.NoProc {
		p = &id
	}
	if id := uint64(event.Goroutine()); event.Goroutine() != trace.NoGoroutine {
		g = &id
	}
	if id := int64(event.Thread()); event.Thread() != trace.NoThread {
		m = &id
	}
	return p, g, m
}

func (s *side) add(event trace.Event, places map[trace.Stack]int) {
	place, known := places[event.Stack()]
	if !known {
		place = len(s.Stacks)
		places[event.Stack()] = place
		stack := []frame{}
		event.Stack().Frames()(func(f trace.StackFrame) bool {
			stack = append(stack, frame{f.Func, f.File, f.Line})
			return true
		})
		s.Stacks = append(s.Stacks, stack)
	}
	taken := sample{Time: int64(event.Time()), Stack: place}
	taken.P, taken.G, taken.M = ids(event)
	s.Samples = append(s.Samples, taken)
}

package main

import (
	"unsafe"

	"gotext/engine"
)

// newTrace makes the tracer: its words enabled, gen, signalLock, both of cpuLogWrite, cpuLogRead,
// and of each log the ring and the word that says it is made.
func newTrace(args []uint64) []uint64 {
	zero(&trace)
	var rings []uint64
	for i := 6; i < len(args); i += 2 {
		rings = append(rings, args[i])
	}
	traces = newPool(rings)
	for i, e := range traces.entries {
		engine.Span(unsafe.Pointer(&e.isMade), 8, 1, int(args[7+2*i]))
	}
	register8(unsafe.Pointer(&trace.enabled), args[0])
	register32(unsafe.Pointer(&trace.signalLock), args[2])
	genWord = int(args[1])
	registerLogs(args)
	return nil
}

func register8(p unsafe.Pointer, number uint64) {
	engine.Word(p, int(number), func() uint64 { return uint64(*(*uint8)(p)) })
}

// Kinds of what is drained.
const (
	drainedSample = iota
	drainedOverflow
)

// overflowed notes a record that a drain passes over.
func overflowed(time uint64, stk []uint64) {
	c := here()
	c.drained = append(c.drained, drainedOverflow, c.gen, time, engine.R(&stk[0]))
}

// drain makes a drain of that generation, and returns what comes of it: kind and generation of each record, of a
// sample time, P from 1 on or 0, goroutine, thread, length of the stack and the stack, of an
// overflow time and count.
func drain(gen uint64, act func()) []uint64 {
	c := &context{gen: gen}
	with(c, act)
	return c.drained
}

const logicalStackSentinel = ^uintptr(0)

// put keeps the stack of the event that is drained: without the first PC, if that stands for none.
func put(pcs []uintptr) {
	if len(pcs) > 0 && pcs[0] == logicalStackSentinel {
		pcs = pcs[1:]
	}
	here().put = append([]uintptr{}, pcs...)
}

func drainedEvent(time, p, goid, procid uint64) {
	c := here()
	stk := c.put
	if p++; p > 1<<32 {
		p = 0
	}
	c.drained = append(c.drained, drainedSample, c.gen, time, p, goid, procid, uint64(len(stk)))
	for _, pc := range stk {
		c.drained = append(c.drained, uint64(pc))
	}
}

//go:build v2

package main

import (
	"unsafe"

	"gotext/engine"
)

// The tracer from Go 1.22 on.

const (
	traceStackSize      = 128
	traceBytesPerNumber = 10
	traceEvCPUSamples   = 1
	traceEvCPUSample    = 2
)

type traceStackTable struct{}

func (*traceStackTable) put(pcs []uintptr) uint64 {
	put(pcs)
	return 1
}

type traceBuf struct{}

// traceWriter takes the five numbers of a sample.
type traceWriter struct {
	*traceBuf
	numbers *[]uint64
}

func unsafeTraceWriter(uintptr, *traceBuf) traceWriter {
	return traceWriter{nil, new([]uint64)}
}

func (w traceWriter) ensure(int) (traceWriter, bool) { return w, false }
func (w traceWriter) byte(byte)                      {}

func (w traceWriter) varint(number uint64) {
	if *w.numbers = append(*w.numbers, number); len(*w.numbers) == 5 {
		n := *w.numbers
		drainedEvent(n[0], n[2], n[3], n[1])
	}
}

var firstGen uintptr

func newWakeableSleep() *wakeableSleep { return new(wakeableSleep) }

func registerLogs(args []uint64) {
	for i := range trace.cpuLogWrite {
		p := unsafe.Pointer(&trace.cpuLogWrite[i])
		engine.Word(p, int(args[3+i]), func() uint64 { return engine.HandleOf(*(*unsafe.Pointer)(p)) })
	}
	engine.Span(unsafe.Pointer(&trace.cpuLogRead[0]), 8, 2, int(args[5]))
	register(unsafe.Pointer(&trace.gen), args[1])
}

// registerGuard gives the guard its number: the first word of what the tracer keeps of an M.
func registerGuard(mp *m, number uint64) { register32(unsafe.Pointer(&mp.trace), number) }

func sampleTrace(i *interrupted) {
	mp := i.mp
	if i.gp == nil {
		mp = nil
	}
	traceCPUSample(i.gp, mp, i.pp, i.c.stack)
}

func startTrace(args []uint64) []uint64 {
	firstGen = uintptr(args[0])
	StartTrace()
	return nil
}

func advance(isStop bool, gen uint64) []uint64 {
	// The goroutine that drains is the scenario's.
	done := make(chan struct{})
	close(done)
	trace.cpuLogDone, trace.cpuSleep = done, newWakeableSleep()
	return drain(gen, func() { traceAdvance(isStop) })
}

func advanceTrace(args []uint64) []uint64 { return advance(false, args[0]) }
func stopTrace(args []uint64) []uint64    { return advance(true, args[0]) }

// drainTrace drains as the goroutine does: M. It holds the guard as traceAcquire of Go 1.25 does.
func drainTrace(args []uint64) []uint64 {
	mp := mOf(args[0])
	return drain(0, func() {
		if !traceEnabled() {
			return
		}
		isHeld := raise(mp)
		if gen := trace.gen.Load(); gen != 0 {
			here().gen = uint64(gen)
			traceReadCPU(gen)
		}
		if !isHeld {
			lower(mp)
		}
	})
}

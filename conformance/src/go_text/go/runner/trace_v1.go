//go:build !v2

package main

import (
	"unsafe"

	"gotext/engine"
)

// The tracer until Go 1.21.

type (
	traceBufPtr uintptr
	mTraceState struct{}
)

type traceBuf struct{ stk [128]uintptr }

var theBuf traceBuf

func (traceBufPtr) ptr() *traceBuf { return &theBuf }

func traceFlush(buf traceBufPtr, _ int32) traceBufPtr { return buf }

type traceStackTable struct{}

func (*traceStackTable) put(pcs []uintptr) uint32 {
	put(pcs)
	return 1
}

const (
	traceEvCPUSample = 49
	traceTickDiv     = 1
)

func traceEventLocked(_ int, _ *m, _ int32, _ *traceBufPtr, _ byte, _ uint32, _ int, args ...uint64) {
	drainedEvent(args[0], args[1], args[2], 0)
}

func cputicks() int64 { return int64(ticks()) }

func registerLogs(args []uint64) {
	p := unsafe.Pointer(&trace.cpuLogWrite)
	engine.Word(p, int(args[3]), func() uint64 { return engine.HandleOf(*(*unsafe.Pointer)(p)) })
	engine.Span(unsafe.Pointer(&trace.cpuLogRead), 8, 1, int(args[5]))
}

func registerGuard(*m, uint64) {}

func sampleTrace(i *interrupted) {
	gp := i.gp
	traceCPUSample(gp, i.pp, i.c.stack)
}

func startTrace([]uint64) []uint64 {
	StartTrace()
	return nil
}

func advanceTrace([]uint64) []uint64 {
	throw("no generations before Go 1.22")
	return nil
}

func stopTrace(args []uint64) []uint64 { return drain(args[0], func() { StopTrace() }) }

func drainTrace([]uint64) []uint64 { return drain(0, func() { traceReadCPU() }) }

package main

import (
	"unsafe"

	"gotext/abi"
	"gotext/atomic"
	"gotext/engine"
)

// What stands in for the rest of the runtime, and why:
//
//	lock, unlock, systemstack                    nobody waits for these here: who sets a rate or
//	                  starts a trace is one at a time, and a scenario says who
//	setThreadCPUProfiler, setProcessCPUProfiler  no timers: a schedule says when a signal comes
//	nanotime, cputicks, traceClockNow            the scenario's clock
//	unwinder, gentraceback                       the scenario's stack
//	findfunc, funcname                           whether the scenario has it in an atomic
//	traceBuf, traceWriter, traceStackTable       what is drained goes to the scenario
//	print                                        whether a rate was refused, and no more
//	validSIGPROF, inVDSOPage, usesLibcall        true, false, false
//	traceEnabled                                 a load of trace.enabled, which 1.22 has not: see
//	                  hasEnabled of the rewriter

type (
	mutex         struct{ isHeld bool }
	cgoCallers    [32]uintptr
	puintptr      uintptr
	guintptr      uintptr
	siginfo       struct{}
	wakeableSleep struct{}
)

type mWinLibcall struct {
	libcallpc, libcallsp uintptr
	libcallg             guintptr
}

type sigctxt struct {
	info *siginfo
	ctxt unsafe.Pointer
}

func (p puintptr) ptr() *p { return ps[p] }
func (g guintptr) ptr() *g { return nil }

// ps are Ps by their addresses.
var ps = map[puintptr]*p{}

func lock(l *mutex) {
	if l.isHeld {
		throw("lock: held by another, which the scenario should have waited for")
	}
	l.isHeld = true
}

func unlock(l *mutex)      { l.isHeld = false }
func systemstack(f func()) { f() }
func getg() *g             { return here().getg }

// print takes the one message that says something: that a rate was refused.
func print(words ...any) {
	for _, word := range words {
		if text, ok := word.(string); ok && hasPrefix(text, "runtime: cannot set cpu profile rate") {
			here().isRefused = true
		}
	}
}

func hasPrefix(s, prefix string) bool {
	return len(s) >= len(prefix) && s[:len(prefix)] == prefix
}

var sched struct {
	lock      mutex
	profilehz int32
	freem     *m
}

var allm *m

// The machine on which atomic operations on 64 bits are emulated.
const (
	GOARCH = "arm"
	GOOS   = "linux"
	goarm  = 7
)

type _func struct{ isAtomic bool }

func (f _func) valid() bool { return true }

func findfunc(uintptr) _func { return _func{here().inAtomic} }

func funcname(f _func) string {
	if f.isAtomic {
		return atomicPackage + ".Xadd64"
	}
	return "main.main"
}

const (
	_System = abi.Func(iota)
	_ExternalCode
	_LostExternalCode
	_GC
	_LostSIGPROFDuringAtomic64
	_VDSO
)

var firstmoduledata = struct{ etext uintptr }{^uintptr(0)}

func inVDSOPage(uintptr) bool { return false }
func usesLibcall() bool       { return false }

type unwinder struct{}

const (
	unwindSilentErrors = 0
	unwindTrap         = 0
	unwindJumpStack    = 0
	_TraceTrap         = 0
	_TraceJumpStack    = 0
)

func (*unwinder) initAt(pc, sp, lr uintptr, gp *g, flags int) {}

func tracebackPCs(_ *unwinder, _ int, to []uintptr) int { return copy(to, here().stack) }

func gentraceback(pc, sp, lr uintptr, gp *g, skip int, to *uintptr, max int, _, _ any, _ int) int {
	return copy(unsafe.Slice(to, max), here().stack)
}

func setThreadCPUProfiler(hz int32) {
	mp := getg().m
	engine.S(&mp.profilehz, hz)
}

func setProcessCPUProfiler(int32) {}

func validSIGPROF(*m, *sigctxt) bool { return true }

var sigprofCallers []uintptr

func (*wakeableSleep) wake()  {}
func (*wakeableSleep) close() {}

func traceEnabled() bool { return engine.R(&trace.enabled) }

func atomicstorep(p, v unsafe.Pointer) { atomic.Storep(p, v) }

// What happens in a call, beside the functions that the rewriter has numbered.
const (
	nanotimed = 16 + iota
	ticked
)

func nanotime() int64 {
	now := here().clock.now(0)
	engine.Happened(nanotimed, now, 0)
	return int64(now)
}

func ticks() uint64 {
	// The text has looked at the generation just now, if there is one.
	word, gen := engine.Looked()
	if word != here().genWord {
		gen = 0
	}
	now := here().clock.now(1)
	engine.Happened(ticked, now, gen)
	return now
}

func traceClockNow() uint64 { return ticks() }

// clock says how a program's clock goes: see Clock in the model's text.rs.
type clock struct {
	kind, word uint64
	values     [2]uint64
}

const (
	still = iota
	counting
	locked
)

func (c clock) now(which int) uint64 {
	switch c.kind {
	case counting:
		return count(c.word)
	case locked:
		if which == 0 {
			emulated(c.word)
		}
	}
	return c.values[which]
}

// counters are words that the program itself has: clocks, and locks of emulated atomics.
var counters = map[uint64]*uint64{}

func counter(number uint64) *uint64 {
	word := counters[number]
	if word == nil {
		throw("no such counter")
	}
	return word
}

func newCounter(args []uint64) []uint64 {
	word := new(uint64)
	*word = args[1]
	counters[args[0]] = word
	register(unsafe.Pointer(word), args[0])
	return nil
}

func count(number uint64) uint64 {
	word := counter(number)
	engine.DoAdd(int(number), 1, func() uint64 { *word++; return *word })
	return *word - 1
}

func now(args []uint64) []uint64 { return []uint64{count(args[0])} }

func operate(args []uint64) []uint64 {
	emulated(args[0])
	return nil
}

// emulated is an atomic operation that is a lock and more.
func emulated(number uint64) {
	word := counter(number)
	take := func() (uint64, bool) {
		was := *word
		if was == 0 {
			*word = 1
		}
		return was, was == 0
	}
	for !engine.DoSwap(int(number), 0, 1, take) {
		osyield()
	}
	engine.DoStore(int(number), 0, func() { *word = 0 })
}

// context is what a call is made with, and what comes of it.
type context struct {
	getg      *g
	clock     clock
	stack     []uintptr
	inAtomic  bool
	isRefused bool
	genWord   int
	drained   []uint64
	gen       uint64
	put       []uintptr
}

var nowhere context

func here() *context {
	if c, ok := (*engine.Local()).(*context); ok {
		return c
	}
	return &nowhere
}

// with makes a call in a context of its own.
func with(c *context, act func()) []engine.Event {
	local := engine.Local()
	saved := *local
	*local = c
	events := engine.During(act)
	*engine.Local() = saved
	return events
}

package main

import (
	"unsafe"

	"gotext/abi"
	"gotext/engine"
)

// entry is a ring that was made beforehand, where Go makes one when a trace or a profile starts.
type entry struct {
	ring   *profBuf
	isMade uint64
}

// pool are rings of the profiler or of the tracer, which are taken in their order.
type pool struct {
	entries []*entry
	used    int
}

var profiles, traces pool

// newPool finds rings by the numbers of their words w, and numbers them from 1 on.
func newPool(numbers []uint64) pool {
	var p pool
	for i, number := range numbers {
		e := &entry{ring: ringOf(number)}
		engine.Handle(unsafe.Pointer(e.ring), uint64(i+1))
		p.entries = append(p.entries, e)
	}
	return p
}

// newProfBuf is the next of these rings: that of the tracer has more than one word of header.
func newProfBuf(hdrsize, words, tags int) *profBuf {
	p := &traces
	if hdrsize == 1 {
		p = &profiles
	}
	if p.used == len(p.entries) {
		throw("no log is left for another trace or profile")
	}
	e := p.entries[p.used]
	p.used++
	if int(e.ring.hdrsize) != hdrsize {
		throw("newProfBuf: another header than the model's")
	}
	engine.S(&e.isMade, 1)
	return e.ring
}

// genWord is the number of the generation's word.
var genWord int

// newProfile makes the profiler: its words hz, signalLock, log, extra, numExtra, lostExtra and
// lostAtomic, the length of extra, four PCs, and rings.
func newProfile(args []uint64) []uint64 {
	zero(&prof)
	cpuprof = cpuProfile{extra: make([]uintptr, args[7])}
	profiles = newPool(args[12:])
	register32(unsafe.Pointer(&prof.hz), args[0])
	register32(unsafe.Pointer(&prof.signalLock), args[1])
	engine.Span(unsafe.Pointer(&cpuprof.log), 8, 1, int(args[2]))
	if args[7] > 0 {
		engine.Span(unsafe.Pointer(&cpuprof.extra[0]), 8, uintptr(args[7]), int(args[3]))
	}
	register(unsafe.Pointer(&cpuprof.numExtra), args[4])
	register(unsafe.Pointer(&cpuprof.lostExtra), args[5])
	register(unsafe.Pointer(&cpuprof.lostAtomic), args[6])
	lost := []abi.Func{_LostExternalCode, _ExternalCode, _LostSIGPROFDuringAtomic64, _System}
	for i, f := range lost {
		abi.PCs[f] = uintptr(args[8+i]) - 1
	}
	return nil
}

// ms are all that were made, by the number of profilehz.
var ms = map[uint64]*m{}

// newM makes an M: numbers of profilehz and of the guard, its id.
func newM(args []uint64) []uint64 {
	mp := new(m)
	mp.procid = args[2]
	mp.curg = &g{m: mp}
	register32(unsafe.Pointer(&mp.profilehz), args[0])
	registerGuard(mp, args[1])
	ms[args[0]] = mp
	// In the order of the scenario, where Go has the newest first.
	last := &allm
	for *last != nil {
		last = &(*last).alllink
	}
	*last = mp
	return nil
}

func mOf(number uint64) *m {
	mp := ms[number]
	if mp == nil {
		throw("no such M")
	}
	return mp
}

// armM sets the rate of an M: M, rate.
func armM(args []uint64) []uint64 {
	with(&context{getg: mOf(args[0]).curg}, func() { setThreadCPUProfiler(int32(args[1])) })
	return nil
}

// setRate sets the rate: M, rate, time; whether it was refused.
func setRate(args []uint64) []uint64 {
	c := &context{getg: mOf(args[0]).curg, clock: clock{values: [2]uint64{args[2], 0}}}
	with(c, func() { SetCPUProfileRate(int(int64(args[1]))) })
	return []uint64{word(c.isRefused)}
}

// finishProfile forgets the log of a profile that was read to its end, as the read does in Go.
func finishProfile([]uint64) []uint64 {
	engine.S(&cpuprof.log, nil)
	return nil
}

// zero makes something what it is at first.
func zero[T any](p *T) {
	var none T
	*p = none
}

func word(is bool) uint64 {
	if is {
		return 1
	}
	return 0
}

// What comes of the stack of a thread that is not Go's.
const (
	extraOff = iota
	extraKept
	extraLost
)

// addNonGo takes the stack of a thread that is not Go's.
func addNonGo(args []uint64) []uint64 {
	numExtra := engine.Number(unsafe.Pointer(&cpuprof.numExtra))
	lostExtra := engine.Number(unsafe.Pointer(&cpuprof.lostExtra))
	became := uint64(extraOff)
	sigprofCallers = stack(args)
	for _, event := range with(&context{}, func() { sigprofNonGo(0, nil, nil) }) {
		if event.What == engine.Stored && event.A == uint64(numExtra) {
			became = extraKept
		}
		if event.What == engine.Stored && event.A == uint64(lostExtra) {
			became = extraLost
		}
	}
	return []uint64{became}
}

// interrupted is what a signal has interrupted: M and whether there is one; the goroutine that
// runs; the current one, whether there is one, and its labels; P from 1 on, 0 for none; whether it
// is in an atomic; a clock in four words; the stack.
type interrupted struct {
	mp *m
	gp *g
	pp *p
	c  context
}

const interruptedWords = 12

func interruptedOf(args []uint64) *interrupted {
	i := new(interrupted)
	i.c = context{
		clock:    clock{args[8], args[9], [2]uint64{args[10], args[11]}},
		stack:    stack(args[interruptedWords:]),
		inAtomic: args[7] != 0,
		genWord:  genWord,
	}
	if args[0] == 0 {
		// Nothing is known of the goroutine, and so of its thread; that which takes the sample is
		// armed.
		i.mp = &m{profilehz: 1}
		i.c.getg = &g{m: i.mp}
		return i
	}
	i.mp = mOf(args[1])
	i.c.getg = &g{m: i.mp}
	i.mp.curg, i.mp.p = nil, 0
	if args[3] != 0 {
		i.mp.curg = goroutine(i.mp, args[4])
		if args[5] != 0 {
			i.mp.curg.labels = engine.Tag(args[5])
		}
	}
	i.gp = i.mp.curg
	if args[3] == 0 || args[2] != args[4] {
		i.gp = goroutine(i.mp, args[2])
	}
	if args[6] != 0 {
		i.pp = &p{id: int32(args[6] - 1)}
		i.mp.p = puintptr(unsafe.Pointer(i.pp))
		ps[i.mp.p] = i.pp
	}
	return i
}

func goroutine(mp *m, id uint64) *g {
	gp := &g{m: mp}
	// Its type is another in Go 1.19.
	*(*uint64)(unsafe.Pointer(&gp.goid)) = id
	return gp
}

// What comes of a signal. Why nothing does is not told.
const (
	isOff = iota
	isInAtomic
	isSampled
)

// Numbers that the rewriter gives functions.
const (
	incrementOverflow = 1 + iota
	writeEntered
	addEntered
	traceEntered
)

// signal takes a signal on a thread of Go's: what became of it, and of either sample.
func signal(args []uint64) []uint64 {
	i := interruptedOf(args)
	events := with(&i.c, func() { sigprof(0, 0, 0, i.gp, i.mp) })
	for at, event := range events {
		if event.What == addEntered {
			profiled := sampled(events[at:], nanotimed)
			return append(append([]uint64{isSampled}, profiled...), sampled(events[at:], ticked)...)
		}
		if event.What == engine.Stored && event.A == uint64(engine.Number(unsafe.Pointer(&cpuprof.lostAtomic))) {
			return []uint64{isInAtomic}
		}
	}
	return []uint64{isOff}
}

// sampled is what came of a sample, the profiler's or the tracer's, by whose clock it has: whether
// it was written, time, generation, whether it was dropped. What was written before the clock was
// looked at is another's, and what comes after the tracer is called is the tracer's.
func sampled(events []engine.Event, clock uint) []uint64 {
	var came [4]uint64
	for at, event := range events {
		if event.What == clock {
			came[1], came[2] = event.A, event.B
			came[0], came[3] = written(events[at:])
			break
		}
	}
	return came[:]
}

func written(events []engine.Event) (isWritten, isDropped uint64) {
	for _, event := range events {
		switch event.What {
		case traceEntered:
			return
		case writeEntered:
			isWritten = 1
		case incrementOverflow:
			isDropped = 1
		}
	}
	return
}

// sample takes a sample for the trace alone.
func sample(args []uint64) []uint64 {
	i := interruptedOf(args)
	return sampled(with(&i.c, func() { sampleTrace(i) }), ticked)
}

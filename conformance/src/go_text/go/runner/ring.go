package main

import (
	"unsafe"

	"gotext/engine"
)

// What stands in for the rest of the runtime, and why:
//
//	note        sleeping and waking are points
//	throw       ends the run
//	osyield     waits until what was seen last has changed
//	labelSync   of the race detector, which is off
type note struct {
	key    uint64
	number int
}

func notewakeup(n *note) {
	if !engine.WakeUp(&n.key, n.number) {
		throw("notewakeup - double wakeup")
	}
}

func notetsleepg(n *note, ns int64) bool {
	engine.SleepOn(n.number)
	return true
}

func noteclear(n *note) { engine.Forget(&n.key, n.number) }
func throw(what string) { engine.Throw(what) }
func osyield()          { engine.Yield() }

const raceenabled = false

var labelSync uintptr

func raceacquire(unsafe.Pointer) {}

// rings are all that were made, by the number of their word w.
var rings = map[uint64]*profBuf{}

func ringOf(number uint64) *profBuf {
	ring := rings[number]
	if ring == nil {
		throw("no such ring")
	}
	return ring
}

// newRing makes a ring whose words have these numbers.
func newRing(args []uint64) []uint64 {
	b := newProfBufText(int(args[8]), int(args[9]), int(args[10]))
	register(unsafe.Pointer(&b.r), args[0])
	register(unsafe.Pointer(&b.w), args[1])
	register(unsafe.Pointer(&b.overflow), args[2])
	register(unsafe.Pointer(&b.overflowTime), args[3])
	register32(unsafe.Pointer(&b.eof), args[4])
	b.wait.number = int(args[5])
	engine.Note(&b.wait.key, b.wait.number)
	engine.Span(unsafe.Pointer(&b.data[0]), 8, uintptr(len(b.data)), int(args[6]))
	engine.Span(unsafe.Pointer(&b.tags[0]), 8, uintptr(len(b.tags)), int(args[7]))
	history := args[11]
	*(*uint64)(unsafe.Pointer(&b.r)) = history
	*(*uint64)(unsafe.Pointer(&b.w)) = history
	b.rNext = profIndex(history)
	rings[args[1]] = b
	return nil
}

func register(p unsafe.Pointer, number uint64) {
	engine.Word(p, int(number), func() uint64 { return *(*uint64)(p) })
}

func register32(p unsafe.Pointer, number uint64) {
	engine.Word(p, int(number), func() uint64 { return uint64(*(*uint32)(p)) })
}

// stack is a stack in Go's type.
func stack(words []uint64) []uintptr {
	stk := make([]uintptr, len(words))
	for i, word := range words {
		stk[i] = uintptr(word)
	}
	return stk
}

// write writes a record: ring, tag, time, words of the header, header, stack.
func write(args []uint64) []uint64 {
	b, hdr := ringOf(args[0]), args[4:4+args[3]]
	stk := stack(args[4+args[3]:])
	var tag *unsafe.Pointer
	if args[1] != 0 {
		p := engine.Tag(args[1])
		tag = &p
	}
	for _, event := range engine.During(func() { b.write(tag, int64(args[2]), hdr, stk) }) {
		if event.What == incrementOverflow {
			return []uint64{1}
		}
	}
	return []uint64{0}
}

// What a read returns.
const (
	nothing = iota
	fromRing
	overflow
	end
)

// read reads: ring, whether it may sleep.
func read(args []uint64) []uint64 {
	b := ringOf(args[0])
	mode := profBufNonBlocking
	if args[1] != 0 {
		mode = profBufBlocking
	}
	data, tags, eof := b.read(mode)
	next := uint64(b.rNext)
	switch {
	case eof:
		return []uint64{next, end}
	case len(data) == 0:
		return []uint64{next, nothing}
	case &data[0] == &b.overflowBuf[0]:
		return []uint64{next, overflow, data[2+b.hdrsize], data[1]}
	}
	at := (uintptr(unsafe.Pointer(&data[0])) - uintptr(unsafe.Pointer(&b.data[0]))) / 8
	tag := (uintptr(unsafe.Pointer(&tags[0])) - uintptr(unsafe.Pointer(&b.tags[0]))) / 8
	return []uint64{next, fromRing, uint64(at), uint64(len(data)), uint64(tag), uint64(len(tags))}
}

func closeRing(args []uint64) []uint64 {
	ringOf(args[0]).close()
	return nil
}

package engine

import "runtime"

func who() byte {
	if cur == nil {
		return Outside
	}
	return cur.who
}

func put64(x uint64) {
	log = append(log, byte(x), byte(x>>8), byte(x>>16), byte(x>>24), byte(x>>32), byte(x>>40), byte(x>>48), byte(x>>56))
}

func put32(x uint32) {
	log = append(log, byte(x), byte(x>>8), byte(x>>16), byte(x>>24))
}

func write(kind, who byte, o *op) {
	log = append(log, kind, who, byte(o.word), byte(o.word>>8))
	put32(uint32(o.at))
	put64(o.a)
	put64(o.b)
	if req.ShowsLines {
		put64(line())
	}
}

func result(kind byte, words []uint64) {
	log = append(log, kind, who(), byte(len(words)), byte(len(words)>>8))
	for _, word := range words {
		put64(word)
	}
}

type thrown string

// Throw ends the run, as throw ends a process.
func Throw(what string) { panic(thrown(what)) }

func threw(p any) {
	text := ""
	switch p := p.(type) {
	case thrown:
		text = string(p)
	case error:
		text = p.Error()
	case string:
		text = p
	}
	words := make([]uint64, len(text))
	for i := range words {
		words[i] = uint64(text[i])
	}
	result(Threw, words)
}

// do comes to a point and does the operation in its turn.
func do(o *op, act func(*op)) {
	if cur != nil {
		arrive(o)
	} else if outsideSteps++; outsideSteps > stepsMax {
		Throw("goes on for ever, outside of all Ms")
	}
	act(o)
	write(o.kind|finer(), who(), o)
	follow(o)
}

// seen is what the M saw last of an atomic word, which it may wait to change.
func seen(word int, value uint64) {
	me := me()
	me.lastWord, me.lastSeen = word, value
}

// DoLoad loads the atomic word with this number.
func DoLoad(word int, load func() uint64) uint64 { return doLoad(word, 0, load) }

// DoStore stores in it.
func DoStore(word int, value uint64, store func()) { doStore(word, 0, value, store) }

// plain is where an operation is none on an atomic word of Go's, though it is one of the model's:
// it orders nothing.
const plain = 1

func doLoad(word, at int, load func() uint64) uint64 {
	o := op{kind: Load, word: word, at: at}
	do(&o, func(o *op) { o.a = load() })
	seen(word, o.a)
	return o.a
}

func doStore(word, at int, value uint64, store func()) {
	o := op{kind: Store, word: word, at: at, a: value}
	do(&o, func(*op) { store() })
	seen(word, value)
	Happened(Stored, uint64(word), value)
}

// DoSwap gives it the value new if it has the value old, and says whether it did.
func DoSwap(word int, old, new uint64, swap func() (uint64, bool)) bool {
	o := op{kind: Swap, word: word, a: old, b: new}
	var was uint64
	do(&o, func(o *op) {
		was, o.done = swap()
		if o.done {
			o.at = 1
		}
	})
	seen(word, was)
	return o.done
}

// DoAdd adds to it.
func DoAdd(word int, delta uint64, add func() uint64) {
	o := op{kind: Add, word: word, a: delta}
	do(&o, func(o *op) { o.b = add() })
	seen(word, o.b)
}

// line is the place in Go's text that is at its operation.
func line() uint64 {
	var pcs [24]uintptr
	n := runtime.Callers(3, pcs[:])
	frames := runtime.CallersFrames(pcs[:n])
	for {
		frame, more := frames.Next()
		if file := fileOf(frame.File); file != 0 {
			return file<<32 | uint64(frame.Line)
		}
		if !more {
			return 0
		}
	}
}

// Files of Go's text, by number from 1 on.
var Files []string

func fileOf(path string) uint64 {
	for i, file := range Files {
		if len(path) >= len(file) && path[len(path)-len(file):] == file {
			return uint64(i + 1)
		}
	}
	return 0
}

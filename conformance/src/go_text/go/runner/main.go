// Command text runs Go's text as it is told: a request on the standard input, its log on the
// standard output, and the next.
package main

import (
	"bufio"
	"encoding/binary"
	"io"
	"os"
	"runtime"
	"runtime/debug"

	"gotext/engine"
)

// functions by number, as the model's back-end calls them.
var functions = []func([]uint64) []uint64{
	newRing, write, read, closeRing,
	newCounter, now, operate,
	newProfile, newM, armM, setRate, finishProfile, signal, addNonGo,
	newTrace, startTrace, advanceTrace, stopTrace, drainTrace, sample,
}

func run(call engine.Call) []uint64 {
	if call.Function >= uint64(len(functions)) {
		throw("no such function")
	}
	return functions[call.Function](call.Args)
}

func main() {
	runtime.GOMAXPROCS(1)
	engine.Run = run
	engine.Files = files
	// Runs leave little behind, and many are no reason to look for it.
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(128 << 20)
	in, out := bufio.NewReaderSize(os.Stdin, 1<<16), bufio.NewWriterSize(os.Stdout, 1<<16)
	var frame, log []byte
	var request engine.Request
	for {
		var size [4]byte
		if _, err := io.ReadFull(in, size[:]); err != nil {
			if err == io.EOF {
				return
			}
			panic(err)
		}
		frame = grow(frame, int(binary.LittleEndian.Uint32(size[:])))
		if _, err := io.ReadFull(in, frame); err != nil {
			panic(err)
		}
		decode(frame, &request)
		reset()
		log = engine.Execute(&request, append(log[:0], 0, 0, 0, 0))
		binary.LittleEndian.PutUint32(log, uint32(len(log)-4))
		if _, err := out.Write(log); err != nil {
			return
		}
		// Who asks for more at once is answered at once.
		if in.Buffered() == 0 && out.Flush() != nil {
			return
		}
	}
}

func reset() {
	rings, ms, ps = map[uint64]*profBuf{}, map[uint64]*m{}, map[puintptr]*p{}
	counters, allm = map[uint64]*uint64{}, nil
	profiles, traces = pool{}, pool{}
	sched.lock, nowhere, sigprofCallers = mutex{}, context{}, nil
}

func grow(b []byte, n int) []byte {
	if cap(b) < n {
		return make([]byte, n)
	}
	return b[:n]
}

// decode reads a request: words of 64 bits, in the order of the fields.
func decode(b []byte, r *engine.Request) {
	next := func() uint64 {
		word := binary.LittleEndian.Uint64(b)
		b = b[8:]
		return word
	}
	script := func() []engine.Call {
		calls := make([]engine.Call, next())
		for i := range calls {
			calls[i].Function = next()
			args := make([]uint64, next())
			for j := range args {
				args[j] = next()
			}
			calls[i].Args = args
		}
		return calls
	}
	r.ShowsLines, r.Tail = next() != 0, next()
	r.Setup, r.Judge = script(), script()
	ms := next()
	r.Bodies, r.Handlers = make([][]engine.Call, ms), make([][]engine.Call, ms)
	r.IsArmed, r.SignalAt = make([]bool, ms), make([]uint64, ms)
	for m := range r.Bodies {
		r.Bodies[m] = script()
		r.IsArmed[m] = next() != 0
		r.Handlers[m] = script()
	}
	for m := range r.SignalAt {
		r.SignalAt[m] = next()
	}
	r.Draws = r.Draws[:0]
	for n := next(); n > 0; n-- {
		r.Draws = append(r.Draws, next())
	}
	r.Targets = r.Targets[:0]
	for n := next(); n > 0; n-- {
		packed := next()
		target := engine.Target{M: int(packed & 0xff), Class: int(packed >> 8 & 0xff), Word: int(packed >> 16)}
		r.Targets = append(r.Targets, target)
	}
	r.Order = b
}

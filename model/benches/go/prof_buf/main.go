// Rounds on demand. Reads `WORDS TAGS HEADER FRAMES RECORDS` lines from its standard
// input, and answers each with the CPU time that its thread took for that many records,
// in nanoseconds. Ends with its input.
//
// It imports little, as all of it is compiled anew with package runtime.
package main

import (
	"runtime"
	"syscall"
	"unsafe"
)

func main() {
	runtime.LockOSThread()
	var buf any
	var of [3]int
	for {
		var line [5]int
		if !readLine(line[:]) {
			return
		}
		words, tags, header, frames, records := line[0], line[1], line[2], line[3], line[4]
		if shape := [3]int{words, tags, header}; buf == nil || shape != of {
			buf, of = runtime.SigprofBufNew(header, words, tags), shape
		}
		hdr, stack := make([]uint64, header), make([]uintptr, frames)
		for i := range hdr {
			hdr[i] = uint64(i) + 1
		}
		for i := range stack {
			stack[i] = 0x400000 + uintptr(i)
		}
		out := make([]uint64, 2+header+frames)
		before := cpuTime()
		copied := runtime.SigprofBufRound(buf, records, hdr, stack, out)
		took := cpuTime() - before
		if copied != records*len(out) || out[0] != uint64(len(out)) || out[len(out)-1] != uint64(stack[frames-1]) {
			panic("the records are not what was written")
		}
		writeLine(took)
	}
}

// cpuTime is the time that this thread was on a CPU.
func cpuTime() int64 {
	const threadCPUTime = 3
	var ts syscall.Timespec
	_, _, errno := syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, threadCPUTime, uintptr(unsafe.Pointer(&ts)), 0)
	if errno != 0 {
		panic(errno)
	}
	return ts.Nano()
}

// readLine reads one line of numbers; false at the end of the input.
func readLine(into []int) bool {
	var b [1]byte
	at := 0
	for {
		n, err := syscall.Read(0, b[:])
		if err == syscall.EINTR {
			continue
		}
		if n <= 0 {
			return false
		}
		switch {
		case b[0] == '\n':
			return true
		case b[0] == ' ':
			at++
		default:
			into[at] = into[at]*10 + int(b[0]-'0')
		}
	}
}

func writeLine(n int64) {
	var digits [24]byte
	at := len(digits) - 1
	digits[at] = '\n'
	for {
		at--
		digits[at] = byte('0' + n%10)
		if n /= 10; n == 0 {
			break
		}
	}
	if _, err := syscall.Write(1, digits[at:]); err != nil {
		panic(err)
	}
}

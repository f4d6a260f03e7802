// Traces as many events as its argument says, to nowhere, and prints the nanoseconds of CPU time
// that this took the process, collections left out.
package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/trace"
	"strconv"
	"syscall"
)

func cpuTime() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}

func main() {
	events, err := strconv.Atoi(os.Args[1])
	if err != nil {
		panic(err)
	}
	before := cpuTime()
	if err := trace.Start(io.Discard); err != nil {
		panic(err)
	}
	// Each is two events: GoSched and GoStart.
	for i := 0; i < events/2; i++ {
		runtime.Gosched()
	}
	trace.Stop()
	fmt.Println(cpuTime() - before)
}

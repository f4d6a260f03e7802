// Command generate traces itself until the trace has so many megabytes: channels, mutexes,
// system calls, loopback TCP, garbage, tasks with regions and logs, goroutines that come and
// go beside 2,000 that wait, and the CPU profiler on. A third argument is GOMAXPROCS, 8 if there
// is none; with "short" behind it threads give way to each other all the time, so that few events
// of one thread stand together.
package main

import (
	"context"
	"io"
	"net"
	"os"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	atomic.AddInt64(&c.n, int64(n))
	return n, err
}

var (
	done  int32
	short bool
)

// running says whether to go on; it gives way to another thread if runs are to be short, in a
// system call that the tracer does not see.
func running() bool {
	if short {
		syscall.RawSyscall(syscall.SYS_SCHED_YIELD, 0, 0, 0)
	}
	return atomic.LoadInt32(&done) == 0
}

func main() {
	megabytes, err := strconv.Atoi(os.Args[2])
	check(err)
	procs := 8
	if len(os.Args) > 3 {
		procs, err = strconv.Atoi(os.Args[3])
		check(err)
	}
	short = len(os.Args) > 4 && os.Args[4] == "short"
	runtime.GOMAXPROCS(procs)
	file, err := os.Create(os.Args[1])
	check(err)
	out := &counter{w: file}

	waiting := make(chan struct{})
	for i := 0; i < 2000; i++ {
		go func() { <-waiting }()
	}
	check(pprof.StartCPUProfile(io.Discard))
	check(trace.Start(out))

	var wg sync.WaitGroup
	for i := 0; i < 4; i++ {
		for _, actor := range []func(){pingPong, mutexes, syscalls, tcp, shortLives, tasks, sleeps} {
			wg.Add(1)
			go func(actor func()) {
				defer wg.Done()
				actor()
			}(actor)
		}
	}
	for atomic.LoadInt64(&out.n) < int64(megabytes)<<20 {
		time.Sleep(time.Millisecond)
	}
	atomic.StoreInt32(&done, 1)
	wg.Wait()
	trace.Stop()
	pprof.StopCPUProfile()
	check(file.Close())
}

func pingPong() {
	ping, pong := make(chan int), make(chan int)
	go func() {
		for i := range ping {
			pong <- i
		}
		close(pong)
	}()
	for running() {
		ping <- 1
		<-pong
	}
	close(ping)
}

func mutexes() {
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := 0; i < 4; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for running() {
				mu.Lock()
				runtime.Gosched()
				mu.Unlock()
			}
		}()
	}
	wg.Wait()
}

func syscalls() {
	r, w, err := os.Pipe()
	check(err)
	buf := make([]byte, 1)
	for running() {
		w.Write(buf)
		r.Read(buf)
		os.Getppid()
	}
	w.Close()
	r.Close()
}

func tcp() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	go func() {
		c, err := l.Accept()
		check(err)
		io.Copy(c, c)
	}()
	c, err := net.Dial("tcp", l.Addr().String())
	check(err)
	buf := make([]byte, 64)
	for running() {
		c.Write(buf)
		io.ReadFull(c, buf)
	}
	c.Close()
	l.Close()
}

var sink []byte

func shortLives() {
	for running() {
		var wg sync.WaitGroup
		for i := 0; i < 16; i++ {
			wg.Add(1)
			go func() {
				defer wg.Done()
				sink = make([]byte, 4096)
			}()
		}
		wg.Wait()
	}
}

func tasks() {
	for running() {
		ctx, task := trace.NewTask(context.Background(), "task")
		trace.WithRegion(ctx, "region", func() { trace.Log(ctx, "key", "value") })
		task.End()
	}
}

func sleeps() {
	for running() {
		time.Sleep(50 * time.Microsecond)
	}
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

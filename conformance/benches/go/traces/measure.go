// Command measure runs a command, and prints its CPU time in ns and its peak RSS in KiB. With
// -private before the command it looks every half a millisecond how much memory is the process's
// own (RssAnon, without pages of files), and prints the most that it saw in KiB.
package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

func main() {
	words := os.Args[1:]
	private := words[0] == "-private"
	if private {
		words = words[1:]
	}
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Stderr = os.Stderr
	err := cmd.Start()
	var most int64
	if err == nil {
		done := make(chan error)
		go func() { done <- cmd.Wait() }()
		if private {
			most, err = watch(cmd.Process.Pid, done)
		} else {
			err = <-done
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, words, err)
		os.Exit(1)
	}
	if private {
		fmt.Println(most)
		return
	}
	cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	fmt.Println(cpu.Nanoseconds(), cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss)
}

func watch(pid int, done chan error) (int64, error) {
	path := fmt.Sprintf("/proc/%d/status", pid)
	var most int64
	for {
		select {
		case err := <-done:
			return most, err
		case <-time.After(500 * time.Microsecond):
		}
		status, _ := os.ReadFile(path)
		_, rest, found := bytes.Cut(status, []byte("RssAnon:"))
		var now int64
		if found {
			fmt.Sscan(string(rest), &now)
		}
		if now > most {
			most = now
		}
	}
}

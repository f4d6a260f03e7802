// Reads traces with internal/trace of Go 1.22 and later, as cmd/trace does: every event in
// order, and of each what it is.
package main

import (
	"fmt"
	"internal/trace"
	"io"
	"os"
)

func main() {
	file, err := os.Open(os.Args[1])
	count := 0
	if err == nil {
		count, err = read(file)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(count)
}

func read(file io.Reader) (int, error) {
	reader, err := trace.NewReader(file)
	if err != nil {
		return 0, err
	}
	count := 0
	for {
		_, err := reader.ReadEvent()
		if err == io.EOF {
			return count, nil
		}
		if err != nil {
			return count, err
		}
		count++
	}
}

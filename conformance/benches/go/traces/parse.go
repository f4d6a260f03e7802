// Parses a trace with internal/trace of Go 1.19 to 1.22, as cmd/trace does.
package main

import (
	"bufio"
	"fmt"
	"internal/trace"
	"os"
)

func main() {
	file, err := os.Open(os.Args[1])
	if err == nil {
		var res trace.ParseResult
		res, err = trace.Parse(bufio.NewReader(file), "")
		fmt.Println(len(res.Events))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

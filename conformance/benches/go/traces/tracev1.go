// Parses a v1 trace with internal/trace/internal/tracev1 of Go 1.25 and later.
package main

import (
	"fmt"
	"internal/trace/internal/tracev1"
	"internal/trace/version"
	"os"
)

func main() {
	file, err := os.Open(os.Args[1])
	if err == nil {
		var v version.Version
		v, err = version.ReadHeader(file)
		if err == nil {
			var res tracev1.Trace
			res, err = tracev1.Parse(file, v)
			fmt.Println(res.Events.Len())
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

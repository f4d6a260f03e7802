// Prints of each file what go tool trace -d=parsed or -d=wire prints of it, many files in one
// process: for each a line with the SHA-256 of the text and the error, or with -whole the text.
package main

import (
	"crypto/sha256"
	"fmt"
	"internal/trace"
	"internal/trace/raw"
	"io"
	"os"
)

func main() {
	mode, whole := os.Args[1], os.Args[2] == "whole"
	for _, file := range os.Args[3:] {
		hash := sha256.New()
		var out io.Writer = hash
		if whole {
			out = os.Stdout
		}
		err := printAll(mode, file, out)
		if whole {
			continue
		}
		said := "ok"
		if err != nil {
			said = fmt.Sprintf("%.60q", err.Error())
		}
		fmt.Printf("%x %s\n", hash.Sum(nil), said)
	}
}

func printAll(mode, file string, out io.Writer) (err error) {
	defer func() {
		if what := recover(); what != nil {
			err = fmt.Errorf("panics: %v", what)
		}
	}()
	in, err := os.Open(file)
	if err != nil {
		return err
	}
	defer in.Close()
	if mode == "wire" {
		return wire(in, out)
	}
	reader, err := trace.NewReader(in)
	if err != nil {
		return err
	}
	for {
		event, err := reader.ReadEvent()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		fmt.Fprintln(out, event.String())
	}
}

func wire(in io.Reader, out io.Writer) error {
	reader, err := raw.NewReader(in)
	if err != nil {
		return err
	}
	for {
		event, err := reader.ReadEvent()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		fmt.Fprintln(out, event.String())
	}
}

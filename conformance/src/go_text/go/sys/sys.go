// Package sys stands for Go's internal/runtime/sys.
package sys

// PCQuantum is the least distance of two instructions.
const PCQuantum = 1

// Package abi stands for Go's internal/abi: PCs of the functions that stand for what has no stack
// of Go's.
package abi

// Func is such a function, by its number.
type Func int

// PCs are the PCs that a program has for them, less one as a return address has it.
var PCs [8]uintptr

// FuncPCABIInternal is the PC at which a function begins.
func FuncPCABIInternal(f Func) uintptr { return PCs[f] }

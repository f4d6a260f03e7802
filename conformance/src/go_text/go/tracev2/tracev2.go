// Package tracev2 stands for Go's internal/trace/tracev2: what the drain of samples uses of it.
package tracev2

// EventType is a type of events.
type EventType uint8

// The two types that a drain writes. Nobody reads them here.
const (
	EvCPUSamples EventType = iota + 1
	EvCPUSample
)

// MaxFramesPerStack is the largest stack of an event.
const MaxFramesPerStack = 128

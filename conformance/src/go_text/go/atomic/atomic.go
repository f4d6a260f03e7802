// Package atomic stands for Go's internal/runtime/atomic: each operation is a point.
package atomic

import (
	"unsafe"

	"gotext/engine"
)

type number interface {
	~uint32 | ~uint64 | ~int32 | ~int64 | ~uintptr
}

// No other M runs meanwhile, so that plain operations do.

func load[T number](p *T) T {
	return T(engine.DoLoad(engine.Number(unsafe.Pointer(p)), func() uint64 { return uint64(*p) }))
}

func store[T number](p *T, v T) {
	engine.DoStore(engine.Number(unsafe.Pointer(p)), uint64(v), func() { *p = v })
}

func cas[T number](p *T, old, new T) bool {
	return engine.DoSwap(engine.Number(unsafe.Pointer(p)), uint64(old), uint64(new), func() (uint64, bool) {
		was := *p
		if was == old {
			*p = new
		}
		return uint64(was), was == old
	})
}

func add[T number](p *T, d T) T {
	engine.DoAdd(engine.Number(unsafe.Pointer(p)), uint64(d), func() uint64 {
		*p += d
		return uint64(*p)
	})
	return *p
}

func Load(p *uint32) uint32                 { return load(p) }
func Load64(p *uint64) uint64               { return load(p) }
func Store(p *uint32, v uint32)             { store(p, v) }
func Store64(p *uint64, v uint64)           { store(p, v) }
func Cas(p *uint32, old, new uint32) bool   { return cas(p, old, new) }
func Cas64(p *uint64, old, new uint64) bool { return cas(p, old, new) }
func Xadd(p *uint32, d int32) uint32        { return add(p, uint32(d)) }
func Xadd64(p *uint64, d int64) uint64      { return add(p, uint64(d)) }

// Uint32 is a word of 32 bits.
type Uint32 struct{ v uint32 }

func (x *Uint32) Load() uint32                        { return load(&x.v) }
func (x *Uint32) Store(v uint32)                      { store(&x.v, v) }
func (x *Uint32) CompareAndSwap(old, new uint32) bool { return cas(&x.v, old, new) }
func (x *Uint32) Add(d int32) uint32                  { return add(&x.v, uint32(d)) }

// Uint64 is a word of 64 bits.
type Uint64 struct{ v uint64 }

func (x *Uint64) Load() uint64                        { return load(&x.v) }
func (x *Uint64) Store(v uint64)                      { store(&x.v, v) }
func (x *Uint64) CompareAndSwap(old, new uint64) bool { return cas(&x.v, old, new) }
func (x *Uint64) Add(d int64) uint64                  { return add(&x.v, uint64(d)) }

// Int32 is a word of 32 bits, with a sign.
type Int32 struct{ v int32 }

func (x *Int32) Load() int32   { return load(&x.v) }
func (x *Int32) Store(v int32) { store(&x.v, v) }

// Uintptr is a word of the size of an address.
type Uintptr struct{ v uintptr }

func (x *Uintptr) Load() uintptr         { return load(&x.v) }
func (x *Uintptr) Store(v uintptr)       { store(&x.v, v) }
func (x *Uintptr) Add(d uintptr) uintptr { return add(&x.v, d) }

// Bool is a word that is 0 or 1.
type Bool struct{ v uint32 }

func (x *Bool) Load() bool { return load(&x.v) != 0 }

func (x *Bool) Store(v bool) {
	word := uint32(0)
	if v {
		word = 1
	}
	store(&x.v, word)
}

// Pointer is a word with an address, which is the number of what it points to for whoever asks.
type Pointer[T any] struct{ v *T }

func (x *Pointer[T]) Load() *T {
	return (*T)(Loadp(unsafe.Pointer(&x.v)))
}

func (x *Pointer[T]) Store(v *T) { Storep(unsafe.Pointer(&x.v), unsafe.Pointer(v)) }

// Loadp loads an address.
func Loadp(p unsafe.Pointer) unsafe.Pointer {
	word := (*unsafe.Pointer)(p)
	engine.DoLoad(engine.Number(p), func() uint64 { return engine.HandleOf(*word) })
	return *word
}

// Storep stores one.
func Storep(p, v unsafe.Pointer) {
	word := (*unsafe.Pointer)(p)
	engine.DoStore(engine.Number(p), engine.HandleOf(v), func() { *word = v })
}

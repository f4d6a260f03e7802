// Package atomic stands for Go's runtime/internal/atomic: each operation is a point.
package atomic

import (
	"unsafe"

	"gotext/engine"
)

type number interface {
	~uint32 | ~uint64 | ~int32 | ~int64 | ~uintptr
}

// No other M runs, so that a plain word does.
func load[T number](p *T) T {
	n := engine.Number(unsafe.Pointer(p))
	if n < 0 {
		return *p
	}
	return T(engine.DoLoad(n, func() uint64 { return uint64(*p) }))
}

func store[T number](p *T, v T) {
	n := engine.Number(unsafe.Pointer(p))
	if n < 0 {
		*p = v
		return
	}
	engine.DoStore(n, uint64(v), func() { *p = v })
}

func cas[T number](p *T, old, new T) bool {
	n := engine.Number(unsafe.Pointer(p))
	if n < 0 {
		if *p != old {
			return false
		}
		*p = new
		return true
	}
	return engine.DoSwap(n, uint64(old), uint64(new), func() (uint64, bool) {
		was := *p
		if was == old {
			*p = new
		}
		return uint64(was), was == old
	})
}

func add[T number](p *T, d T) T {
	n := engine.Number(unsafe.Pointer(p))
	if n < 0 {
		*p += d
		return *p
	}
	engine.DoAdd(n, uint64(d), func() uint64 { *p += d; return uint64(*p) })
	return *p
}

func Load(p *uint32) uint32                 { return load(p) }
func Load64(p *uint64) uint64               { return load(p) }
func Loadint32(p *int32) int32              { return load(p) }
func Store(p *uint32, v uint32)             { store(p, v) }
func Store64(p *uint64, v uint64)           { store(p, v) }
func Storeint32(p *int32, v int32)          { store(p, v) }
func Cas(p *uint32, old, new uint32) bool   { return cas(p, old, new) }
func Cas64(p *uint64, old, new uint64) bool { return cas(p, old, new) }
func Xadd64(p *uint64, d int64) uint64      { return add(p, uint64(d)) }

// Uint32 is a word of 32 bits.
type Uint32 struct{ V uint32 }

func (x *Uint32) Load() uint32                        { return load(&x.V) }
func (x *Uint32) Store(v uint32)                      { store(&x.V, v) }
func (x *Uint32) CompareAndSwap(old, new uint32) bool { return cas(&x.V, old, new) }
func (x *Uint32) Add(d int32) uint32                  { return add(&x.V, uint32(d)) }

// Int32 is one with a sign.
type Int32 struct{ V int32 }

func (x *Int32) Load() int32                        { return load(&x.V) }
func (x *Int32) Store(v int32)                      { store(&x.V, v) }
func (x *Int32) CompareAndSwap(old, new int32) bool { return cas(&x.V, old, new) }

// Uint64 is a word of 64 bits.
type Uint64 struct{ V uint64 }

func (x *Uint64) Load() uint64                        { return load(&x.V) }
func (x *Uint64) Store(v uint64)                      { store(&x.V, v) }
func (x *Uint64) CompareAndSwap(old, new uint64) bool { return cas(&x.V, old, new) }
func (x *Uint64) Add(d int64) uint64                  { return add(&x.V, uint64(d)) }

// Uintptr is a word as long as an address.
type Uintptr struct{ V uintptr }

func (x *Uintptr) Load() uintptr                        { return load(&x.V) }
func (x *Uintptr) Store(v uintptr)                      { store(&x.V, v) }
func (x *Uintptr) CompareAndSwap(old, new uintptr) bool { return cas(&x.V, old, new) }
func (x *Uintptr) Add(d uintptr) uintptr                { return add(&x.V, d) }

// Bool is a flag.
type Bool struct{ V uint32 }

func (x *Bool) Load() bool { return load(&x.V) != 0 }
func (x *Bool) Store(v bool) {
	if v {
		store(&x.V, 1)
	} else {
		store(&x.V, 0)
	}
}

// Pointer is an address. What is written down of it is the number of what it points to.
type Pointer[T any] struct{ P *T }

func (x *Pointer[T]) Load() *T {
	n := engine.Number(unsafe.Pointer(x))
	if n < 0 {
		return x.P
	}
	engine.DoLoad(n, func() uint64 { return engine.Handle(unsafe.Pointer(x.P)) })
	return x.P
}

func (x *Pointer[T]) Store(v *T) {
	n := engine.Number(unsafe.Pointer(x))
	if n < 0 {
		x.P = v
		return
	}
	engine.DoStore(n, engine.Handle(unsafe.Pointer(v)), func() { x.P = v })
}

// Loadp loads an address.
func Loadp(p unsafe.Pointer) unsafe.Pointer { return *LoadedPointer(p) }

// LoadedPointer is a point at which an address is loaded.
func LoadedPointer(p unsafe.Pointer) *unsafe.Pointer {
	at := (*unsafe.Pointer)(p)
	if n := engine.Number(p); n >= 0 {
		engine.DoLoad(n, func() uint64 { return engine.Handle(*at) })
	}
	return at
}

// StorePointer stores one.
func StorePointer(p, v unsafe.Pointer) {
	at := (*unsafe.Pointer)(p)
	if n := engine.Number(p); n >= 0 {
		engine.DoStore(n, engine.Handle(v), func() { *at = v })
	} else {
		*at = v
	}
}

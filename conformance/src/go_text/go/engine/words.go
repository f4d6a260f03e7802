package engine

import "unsafe"

// A word that has a number, by its address.
type word struct {
	at     uintptr
	number int
	read   func() uint64
}

// Plain words that have one, by the addresses between which they are.
type wordSpan struct {
	from, to, size uintptr
	number         int
}

var (
	words   []word
	spans   []wordSpan
	handles []handle
	notes   = map[int]*uint64{}
)

// A handle is the number of what an address points to.
type handle struct{ at, number uint64 }

func forget() {
	words, spans, handles = words[:0], spans[:0], handles[:0]
	for number := range notes {
		delete(notes, number)
	}
}

// Word gives an atomic word the number that the schedule knows it by.
func Word(p unsafe.Pointer, number int, read func() uint64) {
	words = append(words, word{uintptr(p), number, read})
}

// Span gives plain words their number.
func Span(p unsafe.Pointer, size, count uintptr, number int) {
	spans = append(spans, wordSpan{uintptr(p), uintptr(p) + size*count, size, number})
}

// Number is the number of an atomic word. One that has none is none of the model's: a text with
// more words than that cannot be held against it.
func Number(p unsafe.Pointer) int {
	number := numberOf(p)
	if number < 0 {
		Throw("an atomic word that the model does not have")
	}
	return number
}

func numberOf(p unsafe.Pointer) int {
	for i := range words {
		if words[i].at == uintptr(p) {
			return words[i].number
		}
	}
	return -1
}

// Handle gives what is there a number, which an address of it has for whoever asks.
func Handle(p unsafe.Pointer, number uint64) {
	handles = append(handles, handle{uint64(uintptr(p)), number})
}

// HandleOf is the number of what is there; 0 for nil.
func HandleOf(p unsafe.Pointer) uint64 {
	if p == nil {
		return 0
	}
	number := handleOf(uint64(uintptr(p)))
	if number == 0 {
		Throw("an address that the model does not have")
	}
	return number
}

func handleOf(word uint64) uint64 {
	for i := range handles {
		if handles[i].at == word {
			return handles[i].number
		}
	}
	return 0
}

func value(number int) uint64 {
	if note, ok := notes[number]; ok {
		return *note
	}
	for i := range words {
		if words[i].number == number {
			return words[i].read()
		}
	}
	return 0
}

func span(p unsafe.Pointer) (number, at int) {
	for i := range spans {
		if s := &spans[i]; uintptr(p) >= s.from && uintptr(p) < s.to {
			return s.number, int((uintptr(p) - s.from) / s.size)
		}
	}
	return -1, 0
}

func bits[T any](v *T) uint64 {
	switch unsafe.Sizeof(*v) {
	case 1:
		return uint64(*(*uint8)(unsafe.Pointer(v)))
	case 4:
		return uint64(*(*uint32)(unsafe.Pointer(v)))
	case 8:
		word := *(*uint64)(unsafe.Pointer(v))
		if base := uint64(uintptr(unsafe.Pointer(&labels))); word >= base && word < base+uint64(len(labels)) {
			return word - base
		}
		if number := handleOf(word); number != 0 {
			return number
		}
		return word
	}
	return 0
}

// labels are addresses for tags, which are numbers for whoever asks.
var labels [1 << 12]byte

// Tag is the address with this number.
func Tag(number uint64) unsafe.Pointer {
	if number >= uint64(len(labels)) {
		Throw("want a tag below 4096")
	}
	return unsafe.Pointer(&labels[number])
}

// R reads a plain word: a point, if it has a number. One that is an atomic word of the model's is
// loaded.
func R[T any](p *T) T {
	number, at := span(unsafe.Pointer(p))
	if number < 0 {
		if number = numberOf(unsafe.Pointer(p)); number >= 0 {
			doLoad(number, plain, func() uint64 { return bits(p) })
		}
		return *p
	}
	var v T
	do(&op{kind: Get, word: number, at: at}, func(o *op) {
		v = *p
		o.a = bits(&v)
	})
	return v
}

// S sets a plain word, likewise.
func S[T any](p *T, v T) {
	number, at := span(unsafe.Pointer(p))
	if number < 0 {
		if number = numberOf(unsafe.Pointer(p)); number >= 0 {
			doStore(number, plain, bits(&v), func() { *p = v })
			return
		}
		*p = v
		return
	}
	do(&op{kind: Set, word: number, at: at, a: bits(&v)}, func(*op) { *p = v })
}

// Copy is copy, word by word.
func Copy[T any](to, from []T) int {
	n := len(to)
	if len(from) < n {
		n = len(from)
	}
	for i := 0; i < n; i++ {
		S(&to[i], R(&from[i]))
	}
	return n
}

// ClearAll is clear, word by word.
func ClearAll[T any](s []T) {
	var zero T
	for i := range s {
		S(&s[i], zero)
	}
}

// Note gives a note its number.
func Note(word *uint64, number int) { notes[number] = word }

// SleepOn returns once the note has been woken.
func SleepOn(number int) {
	do(&op{kind: Sleep, word: number}, func(*op) {})
}

// WakeUp wakes the note; false if it has been woken before.
func WakeUp(word *uint64, number int) bool {
	o := op{kind: Wake, word: number}
	do(&o, func(o *op) {
		o.a = *word
		*word = 1
	})
	return o.a == 0
}

// Forget makes the note ready for another sleep.
func Forget(word *uint64, number int) {
	do(&op{kind: Clear, word: number}, func(*op) { *word = 0 })
}

// Yield waits until the word that the M looked at last is another than it was.
func Yield() {
	if cur == nil {
		Throw("the judge waits for ever")
	}
	if cur.lastWord >= 0 {
		do(&op{kind: Spin, word: cur.lastWord, a: cur.lastSeen}, func(o *op) { o.b = value(o.word) })
	}
}

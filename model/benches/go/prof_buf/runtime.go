// The round on Go's own profBuf. `go build -overlay` lets this file stand in Go's
// package runtime, as it is the only one that can name profBuf; nothing of Go is copied.
// The calls are direct ones, as those of the handlers are.

package runtime

// SigprofBufRound writes a record and reads it back, rounds times, on the thread that
// runs it. It returns how many words were copied out.
func SigprofBufRound(buf any, rounds int, header []uint64, stack []uintptr, out []uint64) int {
	b := buf.(*profBuf)
	words := 0
	for i := 0; i < rounds; i++ {
		b.write(nil, int64(i), header, stack)
		data, _, _ := b.read(profBufNonBlocking)
		words += copy(out, data)
	}
	return words
}

// SigprofBufNew makes a ring.
func SigprofBufNew(headerWords, words, tags int) any {
	return newProfBuf(headerWords, words, tags)
}

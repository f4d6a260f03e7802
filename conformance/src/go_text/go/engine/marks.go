package engine

var outsideEntered uint64

// Enter says that a function begins.
func Enter(function uint) { *entries() |= 1 << function }

func entries() *uint64 {
	if cur == nil {
		return &outsideEntered
	}
	return &cur.entered
}

// Ran runs act, and says whether that function was entered in it.
func Ran(function uint, act func()) bool {
	before := *entries()
	*entries() &^= 1 << function
	act()
	ran := *entries()>>function&1 != 0
	*entries() |= before
	return ran
}

// finerMark marks an operation that the model does not do: see FINER in go_text.rs.
const finerMark = 0x20

func finer() byte {
	if cur != nil && cur.isFiner {
		return finerMark
	}
	return 0
}

// Finer says whether the operations from here on are the text's alone.
func Finer(is bool) {
	if cur != nil {
		cur.isFiner = is
	}
}

// Descend begins a call that may be one within itself, as a write of an overflow is: what it
// looks at before it writes is the text's alone. The result ends it.
func Descend() func() {
	me := cur
	if me == nil {
		return func() {}
	}
	me.depth++
	if me.depth > 1 {
		me.isFiner = true
	}
	return func() { me.depth-- }
}

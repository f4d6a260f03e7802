package engine

// Event is something that the text did, for whoever asks what a call came to.
type Event struct {
	What uint
	A, B uint64
}

// Stored is what happens when an atomic word is stored: its number, and the value.
const Stored = 0

// Enter says that a function begins.
func Enter(function uint) { Happened(function, 0, 0) }

// Happened notes something that the text does.
func Happened(what uint, a, b uint64) {
	me := me()
	me.journal = append(me.journal, Event{what, a, b})
}

// During runs act, and returns what happened in it.
func During(act func()) []Event {
	me := me()
	before := len(me.journal)
	act()
	events := me.journal[before:]
	me.journal = me.journal[:before]
	return events
}

// Looked is the atomic word at which whoever runs looked last, and what it saw.
func Looked() (word int, value uint64) {
	me := me()
	return me.lastWord, me.lastSeen
}

// Local is what belongs to the call that runs.
func Local() *any { return &me().local }

// outside is who runs while no M does.
var outsideM = &m{who: Outside, lastWord: -1}

func me() *m {
	if cur == nil {
		return outsideM
	}
	return cur
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

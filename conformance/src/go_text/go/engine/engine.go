// Package engine runs Go's text step by step: every operation on a word is a point, at which a
// schedule says whose turn it is.
//
// An M is a goroutine, and one of them runs at a time. It stops before each operation; whoever
// runs decides who goes on, and hands over. A signal is a call on the goroutine that it
// interrupts, as a handler is on the thread. The words themselves are Go's: this package only
// says when, and writes down what.
package engine

import (
	"runtime"
	"sync"
)

// Kinds of entries of a log.
const (
	Load = 1 + iota
	Store
	Swap
	Add
	Spin
	Sleep
	Wake
	Clear
	Get
	Set
	Signal
	Returned
	Result
	Threw
)

// Pending marks an operation that an M stands before when the run ends.
const Pending = 0x80

// Outside is who acts when no M does: a program is made, or judged.
const Outside = 0xff

// InHandler marks what a handler does.
const InHandler = 0x40

// stepsMax is when a run ends for this side. The other has its verdict long before, which counts
// operations on shared words only.
const stepsMax = 60_000

// Call is a call of the text.
type Call struct {
	Function uint64
	Args     []uint64
}

// Target is an operation that a schedule waits for: M, class and word.
type Target struct{ M, Class, Word int }

// Classes of operations.
const (
	Reads = iota
	Changes
	Awaits
)

// Policies for what a schedule leaves open.
const (
	Dull = iota
	Tape
	Follow
)

// Request is a program and its schedule.
type Request struct {
	ShowsLines bool
	Tail       uint64
	Draws      []uint64
	SignalAt   []uint64
	Targets    []Target
	Setup      []Call
	Bodies     [][]Call
	Handlers   [][]Call
	IsArmed    []bool
	Judge      []Call
	// Order is whose operation comes when; with InHandler set it is that M's signal.
	Order []byte
}

type op struct {
	kind byte
	word int
	at   int
	a, b uint64
	// Whether a swap happened.
	done bool
}

type m struct {
	id       int
	who      byte
	wake     chan struct{}
	pend     op
	isFresh  bool
	isOver   bool
	isArmed  bool
	arrivals uint64
	lastWord int
	lastSeen uint64
	journal  []Event
	local    any
	depth    int
	isFiner  bool
	body     []Call
	handler  []Call
}

var (
	req    *Request
	ms     []*m
	cur    *m
	last   int
	log    []byte
	steps  int
	at     int
	target int
	// Operations while no M runs.
	outsideSteps int
	isDying      bool
	over         = make(chan struct{})
	alive        sync.WaitGroup
	drawn        int
	// Run does a call; what a text is made of sets it.
	Run func(Call) []uint64
)

func class(kind byte) int {
	switch kind {
	case Load:
		return Reads
	case Spin, Sleep:
		return Awaits
	}
	return Changes
}

func follow(o *op) {
	if cur == nil || cur.isFiner || req.Tail != Follow || target == len(req.Targets) || o.kind >= Get {
		return
	}
	c := class(o.kind)
	if o.kind == Swap && !o.done {
		c = Reads
	}
	t := &req.Targets[target]
	if t.M == cur.id && t.Class == c && t.Word == o.word {
		target++
	}
}

// arrive brings the M that runs to a point, and returns when it is its turn.
func arrive(o *op) {
	me := cur
	me.pend = *o
	signals(me)
	if me.isFresh {
		// It was chosen a moment ago, and has done nothing since.
		me.isFresh = false
		if isReady(me) && (at >= len(req.Order) || req.Order[at] == byte(me.id)) {
			step()
			return
		}
	}
	switch next := decide(o.kind < Get); next {
	case me:
	case nil:
		finish()
		park(me)
	default:
		handOver(me, next)
	}
	step()
}

func step() {
	steps++
	at++
	if steps > stepsMax {
		me := cur
		finish()
		park(me)
	}
}

// signals lets the signal of an M come as it arrives, if it is to.
func signals(me *m) {
	if !me.isArmed || me.who&InHandler != 0 {
		return
	}
	me.arrivals++
	if at < len(req.Order) {
		if req.Order[at] != byte(me.id)|InHandler {
			return
		}
		at++
	} else if req.Tail == Dull || me.arrivals != req.SignalAt[me.id] {
		return
	}
	interrupt(me)
}

// interrupt calls the handler of the M that runs.
func interrupt(me *m) {
	pend, who, depth, isFiner := me.pend, me.who, me.depth, me.isFiner
	journal, local, lastWord, lastSeen := me.journal, me.local, me.lastWord, me.lastSeen
	me.depth, me.isFiner, me.journal = 0, false, nil
	me.isArmed = false
	me.who |= InHandler
	write(Signal, me.who, &op{})
	calls(me.handler)
	write(Returned, me.who, &op{})
	me.pend, me.who, me.depth, me.isFiner = pend, who, depth, isFiner
	me.journal, me.local, me.lastWord, me.lastSeen = journal, local, lastWord, lastSeen
}

func calls(script []Call) {
	for _, call := range script {
		result(Result, Run(call))
	}
}

func isReady(m *m) bool {
	if m.isOver {
		return false
	}
	if m.isFresh {
		return true
	}
	o := &m.pend
	if o.kind == Spin || o.kind == Sleep {
		return value(o.word) != o.a
	}
	return true
}

// decide says who goes on; nil if nobody can.
func decide(isOpen bool) *m {
	if at < len(req.Order) {
		return ms[req.Order[at]&^InHandler]
	}
	if !isOpen && isReady(ms[last]) {
		return ms[last]
	}
	var ready [16]*m
	n := 0
	for _, m := range ms {
		if isReady(m) {
			ready[n] = m
			n++
		}
	}
	if n == 0 {
		return nil
	}
	if req.Tail == Follow && target < len(req.Targets) {
		if next := ms[req.Targets[target].M]; isReady(next) {
			return next
		}
	}
	if n > 1 && req.Tail == Tape && drawn < len(req.Draws) {
		drawn++
		return ready[req.Draws[drawn-1]*uint64(n)>>32]
	}
	if last >= 0 && isReady(ms[last]) {
		return ms[last]
	}
	return ready[0]
}

// handOver lets another go on, and returns when it is this one's turn again.
func handOver(me, next *m) {
	cur, last = next, next.id
	next.wake <- struct{}{}
	park(me)
}

func park(me *m) {
	<-me.wake
	if isDying {
		runtime.Goexit()
	}
}

func finish() {
	cur = nil
	over <- struct{}{}
}

// run is an M from its beginning to its end.
func (me *m) run() {
	defer alive.Done()
	defer func() {
		if p := recover(); p != nil {
			threw(p)
			finish()
		}
	}()
	park(me)
	calls(me.body)
	me.isFresh = false
	me.pend = op{}
	signals(me)
	me.isOver = true
	if next := decide(true); next == nil {
		finish()
	} else {
		cur, last = next, next.id
		next.wake <- struct{}{}
	}
}

// Execute runs a program, and returns its log.
func Execute(r *Request, out []byte) []byte {
	req, log = r, out
	steps, at, target, drawn = 0, 0, 0, 0
	outsideSteps = 0
	cur, isDying = nil, false
	*outsideM = m{who: Outside, lastWord: -1, journal: outsideM.journal[:0]}
	forget()
	if outside(r.Setup) {
		runMs(r)
	}
	return log
}

func outside(script []Call) (isFine bool) {
	defer func() {
		if p := recover(); p != nil {
			threw(p)
			isFine = false
		}
	}()
	calls(script)
	return true
}

func runMs(r *Request) {
	ms = ms[:0]
	for i, script := range r.Bodies {
		me := &m{id: i, who: byte(i), wake: make(chan struct{}, 1), isFresh: true, body: script, lastWord: -1}
		me.isArmed, me.handler = r.IsArmed[i], r.Handlers[i]
		ms = append(ms, me)
	}
	if len(ms) > 0 && !run() {
		return
	}
	outside(r.Judge)
}

// run lets Ms go on until the run is over; whether all have ended.
func run() bool {
	alive.Add(len(ms))
	for _, me := range ms {
		go me.run()
	}
	// Nobody ran before, so that there is no one to go on.
	last = -1
	cur = decide(true)
	last = cur.id
	cur.wake <- struct{}{}
	<-over
	isDone := true
	for _, me := range ms {
		if !me.isOver {
			isDone = false
			if !me.isFresh {
				write(me.pend.kind|Pending, me.who, &me.pend)
			}
		}
	}
	isDying = true
	for _, me := range ms {
		kill(me)
	}
	alive.Wait()
	return isDone
}

// kill ends the goroutine of an M, which waits or has ended.
func kill(me *m) {
	select {
	case me.wake <- struct{}{}:
	default:
	}
}

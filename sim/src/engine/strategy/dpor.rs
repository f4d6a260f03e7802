//! Every run there is, each kind of run once or a few times: dynamic partial-order reduction
//! with source sets and sleep sets (Abdulla, Aronis, Jonsson and Sagonas, "Source sets: a
//! foundation for optimal dynamic partial order reduction", JACM 2017).
//!
//! Two runs are of one kind if they differ only in the order of steps that do not touch the
//! same word, or only look at it. After each run, every two steps of different Ms that touch
//! one word, one of them changing it, with nothing between that orders them, are a *race to
//! reverse*: some run must have them the other way round, and the place before the first is
//! told so. A *sleep set* holds the Ms whose next step was tried at a place before, as long as
//! nothing comes that touches its word.
//!
//! # What is special here
//!
//! - A *wait* is a step that looks at a word, and is possible only while the word is another
//!   than it was. So it cannot be moved before the step that made it possible; the step to
//!   reverse is then the last one at which it was possible and ceased to be. Waits that
//!   are not over when nobody can go on are looked at as if they came then.
//! - A *signal* is asked for when its M arrives at a point (law E3 of
//!   [`engine`](crate::engine)). That is a choice of the M, seen by nobody else: both answers
//!   are always tried, and the steps of the handler are the M's.
//! - Plain words are no steps: with nothing that orders two uses, the run is a race, in
//!   whatever order they come.
//!
//! Memory is sequentially consistent here, with the check for races. Under these terms, a
//! search that comes to its end has seen every outcome; a test compares it with a plain full
//! search on thousands of random programs.

use super::{Access, Ended, Event, MS_MAX, Ms, Strategy, Turn, Use};

/// For each M, how many of its steps happened before; counted from 1.
type Clock = [u32; MS_MAX];

/// A place at which somebody had to be chosen, and the step that was made there.
#[derive(Clone, Debug)]
struct Place {
    ready: Ms,
    /// To be tried, and tried.
    wanted: Ms,
    done: Ms,
    asleep: Ms,
    /// The next access of each M.
    pending: [Access; MS_MAX],
    chosen: usize,
    /// The step: on which word, and how. None if it was on none.
    event: Option<Event>,
    clock: Clock,
    /// The number of the step among those of its M.
    number: u32,
}

/// A node of the search.
#[derive(Clone, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "most are places, and boxes would be made anew"
)]
enum Node {
    Place(Place),
    /// Whether a signal comes: both are tried.
    Signal(bool),
}

/// Everything that has been done to a word, in a run.
#[derive(Clone, Debug, Default)]
struct Word {
    /// Depths of the steps that changed it.
    writes: Vec<usize>,
    /// The steps that looked at it since.
    reads: Vec<usize>,
}

/// The search itself.
#[derive(Debug, Default)]
pub struct Dpor {
    nodes: Vec<Node>,
    depth: usize,
    /// Nodes from here on are new in this run.
    new_from: usize,
    /// Ms asleep at the next place.
    asleep: Ms,
    clocks: [Clock; MS_MAX],
    words: Vec<Word>,
    /// The place whose step has not been told yet.
    open: Option<usize>,
    has_run: bool,
}

impl Dpor {
    /// A search of everything.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn place(&self, depth: usize) -> Option<&Place> {
        match self.nodes.get(depth) {
            Some(Node::Place(place)) => Some(place),
            _ => None,
        }
    }

    fn place_mut(&mut self, depth: usize) -> Option<&mut Place> {
        match self.nodes.get_mut(depth) {
            Some(Node::Place(place)) => Some(place),
            _ => None,
        }
    }

    /// The step of the last place was on no word: the M began, or ended.
    fn close(&mut self) {
        if let Some(depth) = self.open.take() {
            self.step(depth, None);
        }
    }

    /// A step was made at a place.
    fn step(&mut self, depth: usize, event: Option<Event>) {
        let Some(Node::Place(place)) = self.nodes.get(depth) else {
            return;
        };
        let m = place.chosen;
        let (asleep, done, pending) = (place.asleep, place.done, place.pending);
        let before = self.clocks[m];
        let mut clock = before;
        clock[m] += 1;
        let number = clock[m];
        if let Some(event) = event {
            self.join_rivals(&event, &mut clock);
            if depth >= self.new_from {
                self.reverse_races(depth, &event, &before, &clock);
            }
        }
        self.clocks[m] = clock;
        if let Some(place) = self.place_mut(depth) {
            (place.event, place.clock, place.number) = (event, clock, number);
        }
        // Asleep from here on: whose step was tried at this place, or was asleep there, and
        // does not mind what was done.
        let access = event.map_or(Access::NONE, |event| event.access);
        let tried = Ms(asleep.0 | done.without(m).0);
        let stays = |q: &usize| *q != m && pending[*q].is_independent_of(access);
        self.asleep = tried.iter().filter(stays).fold(Ms::default(), Ms::with);
        if let Some(event) = event {
            self.record(depth, &event);
        }
    }

    fn word(&mut self, word: usize) -> &mut Word {
        if word >= self.words.len() {
            self.words.resize_with(word + 1, Word::default);
        }
        &mut self.words[word]
    }

    fn record(&mut self, depth: usize, event: &Event) {
        let word = self.word(event.access.word);
        if event.access.used == Use::Write {
            word.writes.push(depth);
            word.reads.clear();
        } else {
            word.reads.push(depth);
        }
    }

    /// Depths of the steps that this one comes behind: the last change of its word, and if it
    /// is a change itself, the looks since.
    fn rivals(&self, event: &Event) -> impl Iterator<Item = usize> {
        let word = self.words.get(event.access.word);
        let is_write = event.access.used == Use::Write;
        let last = word.and_then(|word| word.writes.last().copied());
        let reads = word.filter(|_| is_write).map(|word| word.reads.clone());
        last.into_iter().chain(reads.into_iter().flatten())
    }

    fn join_rivals(&self, event: &Event, clock: &mut Clock) {
        for rival in self.rivals(event) {
            if let Some(place) = self.place(rival) {
                for (mine, theirs) in clock.iter_mut().zip(place.clock) {
                    *mine = (*mine).max(theirs);
                }
            }
        }
    }

    /// Tells the places of this step's rivals that it might have come first.
    fn reverse_races(&mut self, depth: usize, event: &Event, before: &Clock, clock: &Clock) {
        let rivals: Vec<_> = match event.access.used {
            Use::Await(seen) => self.last_chance(event, seen).into_iter().collect(),
            _ => self.rivals(event).collect(),
        };
        for rival in rivals {
            let Some(place) = self.place(rival) else {
                continue;
            };
            let (q, number) = (place.chosen, place.number);
            if q != event.m && before[q] < number {
                self.want_reversed(rival, depth, event.m, clock);
            }
        }
    }

    /// The last change of its word before which a wait was possible.
    fn last_chance(&self, event: &Event, seen: u64) -> Option<usize> {
        let word = self.words.get(event.access.word)?;
        let was = |depth: usize| Some(self.place(depth)?.event?.was);
        let mut rivals = word.writes.iter().rev().copied();
        rivals.find(|&depth| was(depth).is_some_and(|was| was != seen))
    }

    /// Wants a run in which the step of `m` at `depth` comes before the one at `rival`: at that
    /// place one of those must be tried that can begin such a run.
    fn want_reversed(&mut self, rival: usize, depth: usize, m: usize, clock: &Clock) {
        let Some(place) = self.place(rival) else {
            return;
        };
        let (q, number) = (place.chosen, place.number);
        let wanted = place.wanted;
        // The first step of each M among those between that do not come behind the rival.
        let mut first: [u32; MS_MAX] = [0; MS_MAX];
        let mut initials = Ms::default();
        let has_no_predecessor = |m: usize, clock: &Clock, first: &Clock| {
            (0..MS_MAX).all(|of| of == m || first[of] == 0 || clock[of] < first[of])
        };
        for node in &self.nodes[rival + 1..depth.min(self.nodes.len())] {
            let Node::Place(between) = node else {
                continue;
            };
            let of = between.chosen;
            if between.clock[q] >= number || first[of] != 0 {
                continue;
            }
            if has_no_predecessor(of, &between.clock, &first) {
                initials = initials.with(of);
            }
            first[of] = between.number;
        }
        if first[m] == 0 && has_no_predecessor(m, clock, &first) {
            initials = initials.with(m);
        }
        if initials.0 & wanted.0 != 0 {
            return;
        }
        let choice = if initials.has(m) { m } else { initials.first() };
        if let Some(place) = self.place_mut(rival)
            && !initials.is_empty()
        {
            place.wanted = place.wanted.with(choice);
        }
    }

    /// The next one to try at a place; none if all was tried.
    fn next_at(place: &Place) -> Option<usize> {
        let open = place.wanted.0 & !place.done.0 & !place.asleep.0;
        let open = Ms(open & place.ready.0);
        (!open.is_empty()).then(|| open.first())
    }
}

impl Strategy for Dpor {
    fn begin(&mut self) -> bool {
        self.depth = 0;
        self.asleep = Ms::default();
        self.clocks = [[0; MS_MAX]; MS_MAX];
        self.open = None;
        for word in &mut self.words {
            word.writes.clear();
            word.reads.clear();
        }
        if !std::mem::replace(&mut self.has_run, true) {
            return true;
        }
        while let Some(node) = self.nodes.last_mut() {
            match node {
                Node::Signal(comes) if !*comes => {
                    *comes = true;
                    self.new_from = self.nodes.len();
                    return true;
                }
                Node::Signal(_) => {}
                Node::Place(place) => {
                    if let Some(m) = Self::next_at(place) {
                        place.chosen = m;
                        place.done = place.done.with(m);
                        self.new_from = self.nodes.len() - 1;
                        return true;
                    }
                }
            }
            self.nodes.pop();
        }
        false
    }

    fn choose(&mut self, turn: &Turn<'_>) -> Option<usize> {
        self.close();
        let depth = self.depth;
        if depth == self.nodes.len() {
            let awake = Ms(turn.ready.0 & !self.asleep.0);
            if awake.is_empty() {
                return None;
            }
            let dull = turn.dull();
            let chosen = if awake.has(dull) { dull } else { awake.first() };
            self.nodes.push(Node::Place(Place {
                ready: turn.ready,
                wanted: Ms::default().with(chosen),
                done: Ms::default().with(chosen),
                asleep: self.asleep,
                pending: *turn.pending,
                chosen,
                event: None,
                clock: [0; MS_MAX],
                number: 0,
            }));
        }
        self.depth += 1;
        self.open = Some(depth);
        self.place(depth).map(|place| place.chosen)
    }

    fn signal(&mut self, _m: usize) -> bool {
        self.close();
        if self.depth == self.nodes.len() {
            self.nodes.push(Node::Signal(false));
        }
        let comes = matches!(self.nodes[self.depth], Node::Signal(true));
        self.depth += 1;
        comes
    }

    fn age(&mut self, _stores: usize) -> usize {
        0
    }

    fn sees_all(&self) -> bool {
        true
    }

    fn has_weak_memory(&self) -> bool {
        false
    }

    fn switches_at_plain_words(&self) -> bool {
        false
    }

    fn did(&mut self, event: &Event) {
        if let Some(depth) = self.open.take() {
            self.step(depth, Some(*event));
        }
    }

    fn end(&mut self, ended: Ended, pending: &[Access; MS_MAX]) {
        self.close();
        let Ended::Broken(waiting) = ended else {
            return;
        };
        // Waits that are not over: they might have been possible before.
        for m in waiting.iter() {
            let access = pending[m];
            if let Use::Await(seen) = access.used {
                let event = Event {
                    m,
                    is_handler: false,
                    access,
                    was: seen,
                    is: seen,
                };
                let before = self.clocks[m];
                let mut clock = before;
                clock[m] += 1;
                self.reverse_races(self.nodes.len(), &event, &before, &clock);
            }
        }
    }
}

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
//! - A *weak swap* stands in a loop that has changed nothing since it looked, and looks again if the
//!   swap fails. So a run in which it fails tells nobody more than the run in which its M came to the loop
//!   later: whose swap has failed does not go on, as long as others can. Without weak memory a look with
//!   its swap right behind is one step (`swaps`).
//! - *Weak memory* is a choice of a load, which store it takes (`ages`), if that is asked for
//!   ([`Dpor::weak`]); else memory is sequentially consistent.
//!
//! In either case, with the check for races, a search that comes to its end has seen every outcome; a
//! test compares it with a plain full search on thousands of random programs.

mod again;
mod ages;
mod races;
mod swaps;
mod words;

use words::Word;

use super::{Access, Ended, Event, MS_MAX, Ms, Strategy, Turn, Use};

/// For each M, how many of its steps happened before; counted from 1. A run has fewer than fit.
type Clock = [u16; MS_MAX];

/// A place at which somebody had to be chosen, and the step that was made there.
#[derive(Clone, Debug)]
struct Place {
    ready: Ms,
    /// To be tried, and tried.
    wanted: Ms,
    done: Ms,
    asleep: Ms,
    chosen: usize,
    /// The step: on which word, and how. None if it was on none.
    event: Option<Event>,
    clock: Clock,
    /// The number of the step among those of its M.
    number: u16,
    /// Ms that are asleep behind the step.
    left_asleep: Ms,
    /// Ms among those tried and asleep whose step is a look with a swap right behind.
    swapping: Ms,
    /// The same step with the swap right behind, where it was made: the knowledge, and who is asleep.
    swapped: Option<(Clock, Ms)>,
    /// Ms whose swap had failed before.
    failed: Ms,
    /// Answers that were given before.
    answers: usize,
}

/// A node of the search.
#[derive(Clone, Debug)]
enum Node {
    Place(Place),
    /// Whether a signal comes: both are tried.
    Signal(bool),
    /// The store that a load takes, of so many: each is tried.
    Age {
        taken: usize,
        stores: usize,
    },
}

/// The search itself.
#[derive(Debug, Default)]
pub struct Dpor {
    /// Whether loads take older stores, too.
    is_weak: bool,
    nodes: Vec<Node>,
    depth: usize,
    /// Nodes from here on are new in this run.
    new_from: usize,
    /// So many nodes are those of the last run, and all that was done to words up to there still stands.
    kept: usize,
    /// All answers of this run, and of the last one.
    answers: Vec<u8>,
    last_answers: Vec<u8>,
    /// Ms asleep at the next place.
    asleep: Ms,
    /// The next access of each M that might be asleep, at the last place.
    pending: [Access; MS_MAX],
    clocks: [Clock; MS_MAX],
    words: Vec<Word>,
    /// The place whose step has not been told yet.
    open: Option<usize>,
    /// Of the Ms asleep at the next place, those whose step is a look with a swap right behind.
    swapping: Ms,
    swaps: swaps::Swaps,
    /// Rivals of a step: kept for their memory.
    rivals: Vec<usize>,
    /// The word of the step that is made.
    word: usize,
    has_run: bool,
    /// Whether this run shows nothing more, and only goes on to its end.
    is_finishing: bool,
}

impl Place {
    /// The knowledge of its M behind the step.
    fn clock_with_swap(&self) -> &Clock {
        self.swapped
            .as_ref()
            .map_or(&self.clock, |(clock, _)| clock)
    }
}

impl Dpor {
    /// A search of everything, sequentially consistent.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A search of everything that weak memory has.
    #[must_use]
    pub fn weak() -> Self {
        Self {
            is_weak: true,
            ..Self::default()
        }
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
    #[inline]
    fn close(&mut self) {
        if let Some(depth) = self.open.take() {
            self.step(depth, None);
        }
    }

    /// A step was made at a place.
    fn step(&mut self, depth: usize, event: Option<Event>) {
        if depth < self.new_from {
            return self.step_again(depth);
        }
        let Some(Node::Place(place)) = self.nodes.get(depth) else {
            return;
        };
        let before = self.clocks[place.chosen];
        let (clock, asleep) = self.first_step(depth, event, before);
        if let Some(place) = self.place_mut(depth) {
            (place.event, place.number) = (event, clock[place.chosen]);
            (place.clock, place.left_asleep, place.swapped) = (clock, asleep, None);
            self.swapping = place.swapping;
        }
        if let Some(event) = event {
            self.record(depth, &event);
        }
    }

    /// A step that no run before had here, of an M that knew of so much: what it knows now, and
    /// who is asleep.
    fn first_step(&mut self, depth: usize, event: Option<Event>, before: Clock) -> (Clock, Ms) {
        let Some(Node::Place(place)) = self.nodes.get(depth) else {
            return (before, Ms::NONE);
        };
        let m = place.chosen;
        let (tried, swapping) = (Ms(place.asleep.0 | place.done.0).without(m), place.swapping);
        let mut clock = before;
        clock[m] += 1;
        if let Some(event) = event {
            self.join_rivals(depth, &event, &mut clock);
            self.reverse_races(depth, &event, &before, &clock);
        }
        self.clocks[m] = clock;
        // Asleep from here on: whose step was tried at this place, or was asleep there, and
        // does not mind what was done.
        let access = event.map_or(Access::NONE, |event| event.access);
        let stays = |&q: &usize| {
            let Access { word, used } = self.pending[q];
            let used = if swapping.has(q) { Use::Write } else { used };
            Access { word, used }.is_independent_of(access)
        };
        self.asleep = tried.iter().filter(stays).fold(Ms::default(), Ms::with);
        (clock, self.asleep)
    }

    /// The next one to try at a place; none if all was tried.
    fn next_at(place: &Place) -> Option<usize> {
        let open = place.wanted.0 & !place.done.0 & !place.asleep.0;
        let open = Ms(open & place.ready.0);
        (!open.is_empty()).then(|| open.first())
    }

    fn chosen(&mut self, turn: &Turn<'_>) -> Option<usize> {
        if self.is_finishing {
            return Some(turn.dull());
        }
        self.close();
        if let Some(m) = self.swaps_at_once(turn) {
            return Some(m);
        }
        let depth = self.depth;
        if depth == self.nodes.len() {
            let ready = Ms(turn.ready.0 & !self.swaps.failed.0);
            let awake = Ms(ready.0 & !self.asleep.0);
            let dull = turn.dull();
            if awake.is_empty() {
                self.finish(turn);
                return Some(dull);
            }
            let chosen = if awake.has(dull) { dull } else { awake.first() };
            self.nodes.push(Node::Place(Place {
                ready,
                wanted: Ms::default().with(chosen),
                done: Ms::default().with(chosen),
                asleep: self.asleep,
                chosen,
                event: None,
                clock: [0; MS_MAX],
                number: 0,
                left_asleep: Ms::NONE,
                swapping: Ms(self.swapping.0 & self.asleep.0),
                swapped: None,
                failed: self.swaps.failed,
                answers: self.answers.len(),
            }));
        }
        if depth >= self.new_from
            && let Some(place) = self.place(depth)
        {
            for m in Ms(place.asleep.0 | place.done.0).iter() {
                self.pending[m] = turn.pending[m];
            }
        }
        self.depth += 1;
        self.open = Some(depth);
        let chosen = self.place(depth).map(|place| place.chosen)?;
        self.word = turn.pending[chosen].word;
        self.swaps.is_swap = turn.pending[chosen].used == Use::WeakSwap;
        Some(chosen)
    }
}

impl Strategy for Dpor {
    fn begin(&mut self) -> bool {
        self.depth = 0;
        self.asleep = Ms::default();
        self.clocks = [[0; MS_MAX]; MS_MAX];
        self.open = None;
        self.is_finishing = false;
        self.swaps = swaps::Swaps::default();
        std::mem::swap(&mut self.answers, &mut self.last_answers);
        self.answers.clear();
        let goes_on = !std::mem::replace(&mut self.has_run, true) || self.next_run();
        for word in &mut self.words {
            word.cut(self.kept);
        }
        goes_on
    }

    fn ahead(&mut self, answers: &mut Vec<u8>) {
        self.go_ahead();
        answers.extend(&self.answers);
    }

    fn choose(&mut self, turn: &Turn<'_>) -> Option<usize> {
        let chosen = self.chosen(turn)?;
        #[expect(clippy::cast_possible_truncation, reason = "there are at most 16 Ms")]
        self.answers.push(chosen as u8);
        Some(chosen)
    }

    fn signal(&mut self, _m: usize) -> bool {
        if self.is_finishing {
            return false;
        }
        self.close();
        if self.depth == self.nodes.len() {
            self.nodes.push(Node::Signal(false));
        }
        let comes = matches!(self.nodes[self.depth], Node::Signal(true));
        self.answers.push(comes.into());
        if comes {
            self.signal_came();
        }
        self.depth += 1;
        comes
    }

    fn age(&mut self, stores: usize) -> usize {
        self.store_to_take(stores)
    }

    fn sees_all(&self) -> bool {
        true
    }

    fn has_weak_memory(&self) -> bool {
        self.is_weak
    }

    fn switches_at_plain_words(&self) -> bool {
        false
    }

    fn did(&mut self, event: &Event) {
        if self.is_finishing {
            return;
        }
        match self.open.take() {
            Some(depth) => {
                let before = self.clocks[event.m];
                self.step(depth, Some(*event));
                self.swaps.stepped(depth, event, before);
            }
            None => self.swap_at_once(event),
        }
        self.swaps.did(event);
    }

    fn end(&mut self, ended: Ended, pending: &[Access; MS_MAX]) {
        self.close();
        if let Ended::Broken(waiting) = ended
            && !self.is_finishing
        {
            self.waits_are_over(waiting, pending);
        }
    }
}

//! The world of the search: the values of words and notes, and the threads that wait.

use std::cell::RefCell;
use std::rc::Rc;

use sigprof_model::law::{Law, Violation};

use super::table::{Interleaving, Step};

/// The next step of the search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// Lets this thread go on.
    GoOn(usize),
    /// Delivers this thread's signal.
    Signal(usize),
}

impl Choice {
    pub(super) fn thread(self) -> usize {
        match self {
            Self::GoOn(thread) | Self::Signal(thread) => thread,
        }
    }
}

/// The change for which a thread waits.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wait {
    /// The thread waits for nothing.
    No,
    /// That this location holds something else.
    Change { location: usize, seen: u64 },
    /// That this location holds something but zero.
    Wake { location: usize },
}

struct Task {
    name: &'static str,
    handler: Option<Rc<dyn Fn()>>,
    is_handler: bool,
    is_signalled: bool,
    wait: Wait,
    has_ended: bool,
    /// All that it has read.
    digest: u128,
}

struct Location {
    name: String,
    value: u64,
}

/// All of it.
#[derive(Default)]
pub(super) struct World {
    locations: Vec<Location>,
    words: Vec<u64>,
    tasks: Vec<Task>,
    /// The thread that runs, while one does.
    current: Option<usize>,
    last: usize,
    /// A digest of the values of locations and words.
    digest: u128,
    violation: Option<Violation>,
    /// Whether the run is over, and operations have no effect.
    is_over: bool,
    steps: Option<Vec<Step>>,
}

thread_local! {
    static WORLD: RefCell<World> = RefCell::default();
}

/// Mixes a value into a digest (the finaliser of splitmix64, twice).
pub(super) fn mix(digest: u128, value: u64) -> u128 {
    let half = |digest: u64, salt: u64| {
        let mut x = (digest ^ value).wrapping_add(salt);
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    };
    #[expect(clippy::cast_possible_truncation, reason = "the low half is meant")]
    let (high, low) = ((digest >> 64) as u64, digest as u64);
    let high = half(high, 0x9e37_79b9_7f4a_7c15);
    let low = half(low.rotate_left(17), 0xd1b5_4a32_d192_ed03);
    u128::from(high) << 64 | u128::from(low)
}

impl World {
    pub(super) fn with<T>(act: impl FnOnce(&mut Self) -> T) -> T {
        WORLD.with_borrow_mut(act)
    }

    /// A new world; with steps if they are to be shown.
    pub(super) fn begin(has_steps: bool) {
        let steps = has_steps.then(Vec::new);
        // What the old one holds may look at the world as it goes.
        let _old = WORLD.replace(Self {
            steps,
            ..Self::default()
        });
    }

    pub(super) fn threads_are(&mut self, names: Vec<&'static str>) {
        let task = |name| Task {
            name,
            handler: None,
            is_handler: false,
            is_signalled: false,
            wait: Wait::No,
            has_ended: false,
            digest: 0,
        };
        self.tasks = names.into_iter().map(task).collect();
    }

    pub(super) fn has_handler(&mut self, thread: usize, handler: Option<Rc<dyn Fn()>>) {
        self.tasks[thread].handler = handler;
    }

    pub(super) fn location(&mut self, name: &str, value: u64) -> usize {
        let same = |location: &&Location| {
            let base = location.name.trim_end_matches(|c: char| c.is_ascii_digit());
            base == name
        };
        let earlier = self.locations.iter().filter(same).count();
        let name = match earlier {
            0 => name.to_owned(),
            n => format!("{name}{}", n + 1),
        };
        let id = self.locations.len();
        self.locations.push(Location { name, value: 0 });
        self.set(id, value);
        id
    }

    pub(super) fn new_words(&mut self, len: usize) -> usize {
        let base = self.words.len();
        self.words.resize(base + len, 0);
        base
    }

    pub(super) fn get(&self, location: usize) -> u64 {
        self.locations[location].value
    }

    pub(super) fn set(&mut self, location: usize, value: u64) {
        let at = 2 * location as u64;
        self.digest ^= mix(mix(0, at), self.locations[location].value);
        self.digest ^= mix(mix(0, at), value);
        self.locations[location].value = value;
    }

    pub(super) fn word(&mut self, at: usize) -> u64 {
        let value = self.words[at];
        self.has_read(value);
        value
    }

    pub(super) fn set_word(&mut self, at: usize, value: u64) {
        let key = 2 * at as u64 + 1;
        self.digest ^= mix(mix(0, key), self.words[at]);
        self.digest ^= mix(mix(0, key), value);
        self.words[at] = value;
    }

    /// The thread that runs, if one does.
    pub(super) fn current(&self) -> Option<usize> {
        self.current.filter(|_| !self.is_over)
    }

    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    /// Notes that the running thread has read `value`, on which all that it does next may depend.
    pub(super) fn has_read(&mut self, value: u64) {
        if let Some(current) = self.current() {
            let task = &mut self.tasks[current];
            task.digest = mix(task.digest, value);
        }
    }

    /// The thread that runs stops here.
    pub(super) fn waits(&mut self, wait: Wait) {
        if let Some(current) = self.current {
            let task = &mut self.tasks[current];
            task.wait = wait;
            // To have come so far is a state of its own.
            task.digest = mix(task.digest, 0);
        }
    }

    /// Its handler, if its signal has come.
    pub(super) fn handler_to_run(&mut self) -> Option<Rc<dyn Fn()>> {
        let task = &mut self.tasks[self.current?];
        let is_signalled = std::mem::take(&mut task.is_signalled);
        let handler = task.handler.take_if(|_| is_signalled)?;
        task.is_handler = true;
        // Where it came.
        task.digest = mix(task.digest, u64::MAX);
        Some(handler)
    }

    pub(super) fn handler_ends(&mut self) {
        if let Some(current) = self.current() {
            self.tasks[current].is_handler = false;
        }
    }

    pub(super) fn thread_ends(&mut self, thread: usize) {
        self.tasks[thread].has_ended = true;
    }

    pub(super) fn did(&mut self, location: usize, what: impl FnOnce() -> String) {
        if let (Some(steps), Some(thread)) = (&mut self.steps, self.current) {
            steps.push(Step {
                thread,
                is_handler: self.tasks[thread].is_handler,
                location: self.locations[location].name.clone(),
                what: what(),
            });
        }
    }

    fn can_go_on(&self, task: &Task) -> bool {
        self.has_come(task.wait)
    }

    pub(super) fn has_come(&self, wait: Wait) -> bool {
        match wait {
            Wait::No => true,
            Wait::Change { location, seen } => self.get(location) != seen,
            Wait::Wake { location } => self.get(location) != 0,
        }
    }

    /// All that can happen next, the thread that ran last first.
    pub(super) fn choices(&self) -> Vec<Choice> {
        let mut choices = Vec::new();
        let count = self.tasks.len();
        for thread in (0..count).map(|i| (i + self.last) % count) {
            let task = &self.tasks[thread];
            if !task.has_ended {
                let goes_on = self.can_go_on(task).then_some(Choice::GoOn(thread));
                choices.extend(goes_on);
                let may_come = task.handler.is_some() && !task.is_handler;
                choices.extend(may_come.then_some(Choice::Signal(thread)));
            }
        }
        choices
    }

    /// Whether that takes the turn from a thread that could have gone on.
    pub(super) fn is_switch(&self, choice: Choice) -> bool {
        let last = &self.tasks[self.last];
        match choice {
            Choice::Signal(_) => true,
            Choice::GoOn(thread) => thread != self.last && !last.has_ended && self.can_go_on(last),
        }
    }

    pub(super) fn choose(&mut self, choice: Choice) {
        let thread = choice.thread();
        self.current = Some(thread);
        self.last = thread;
        self.tasks[thread].is_signalled = matches!(choice, Choice::Signal(_));
    }

    pub(super) fn last(&self) -> usize {
        self.last
    }

    pub(super) fn digest(&self) -> u128 {
        let mut digest = self.digest;
        for task in &self.tasks {
            let ended = u64::from(task.has_ended);
            #[expect(clippy::cast_possible_truncation, reason = "both halves are mixed in")]
            let (high, low) = ((task.digest >> 64) as u64, task.digest as u64);
            digest = mix(mix(mix(digest, high), low), ended);
        }
        digest
    }

    /// Whether everybody has ended, now that nobody can go on.
    pub(super) fn ended(&self) -> Result<(), Violation> {
        let mut waiting = self.tasks.iter().filter(|task| !task.has_ended).peekable();
        if waiting.peek().is_none() {
            return Ok(());
        }
        let mut law = Law::Woken;
        let mut how = Vec::new();
        for task in waiting {
            let (location, why) = match task.wait {
                Wait::Change { location, seen } => (location, format!("to change from {seen}")),
                Wait::Wake { location } => (location, "to be woken".into()),
                Wait::No => continue,
            };
            if task.is_handler {
                law = Law::HandlerGoesOn;
            }
            let name = &self.locations[location].name;
            how.push(format!("{} waits for {name} {why}", task.name));
        }
        Err(Violation::new(law, how.join(", ")))
    }

    pub(super) fn end(&mut self) {
        (self.is_over, self.current) = (true, None);
    }

    /// Makes operations take effect again, for the judge.
    pub(super) fn judge(&mut self) {
        self.is_over = false;
    }

    pub(super) fn broken(&mut self, violation: Violation) {
        self.violation.get_or_insert(violation);
    }

    pub(super) fn take_violation(&mut self) -> Option<Violation> {
        self.violation.take()
    }

    pub(super) fn interleaving(&mut self, violation: Violation) -> Interleaving {
        let threads = self.tasks.iter().map(|task| task.name).collect();
        let steps = self.steps.take().unwrap_or_default();
        Interleaving {
            threads,
            steps,
            violation,
        }
    }
}

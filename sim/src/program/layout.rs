//! A program drawn from a seed: workers with the stacks that they are seen with.

use rand::RngExt;
use sigprof_wire::limits::MAX_CPU_PROF_STACK;

use super::{FunctionId, Program, Synthetic};
use crate::seed::Seed;

/// Frames of a stack, at the most (R24).
#[expect(clippy::cast_possible_truncation, reason = "64 fits")]
const STACK_MAX: usize = MAX_CPU_PROF_STACK as usize;

/// A stack by its number in [`Layout::stacks`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StackRef(pub u32);

/// The work of goroutines of one kind, as their stacks show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worker {
    /// The function that a goroutine starts with, alone.
    pub start: StackRef,
    /// Stacks of a sample, with the root `runtime.goexit` unless they were cut off.
    pub samples: Vec<StackRef>,
    /// The same as the tracer takes them in an event: without the root (R42).
    pub events: Vec<StackRef>,
    /// In a system call.
    pub in_syscall: StackRef,
}

/// Stacks of the runtime itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Runtime {
    /// A thread's scheduler looks for work.
    pub schedule: StackRef,
    /// A thread that has just begun: one frame.
    pub mstart: StackRef,
    /// The collector's goroutine marks.
    pub gc_mark: StackRef,
    /// The collector's goroutine waits.
    pub gc_wait: StackRef,
    /// Where it begins.
    pub gc_start: StackRef,
    /// The traceback failed in the collector: `runtime._GC` is the root.
    pub lost_in_gc: StackRef,
    /// The traceback failed elsewhere: `runtime._System` is the root.
    pub lost_in_system: StackRef,
    /// A thread that is not Go's, in code that has no symbols.
    pub foreign: StackRef,
}

/// A program, its stacks, and who is seen with which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Names and places.
    pub program: Program,
    /// Stand-ins of the runtime.
    pub synthetic: Synthetic,
    /// All stacks, innermost word first.
    pub stacks: Vec<Vec<u64>>,
    /// The main goroutine's.
    pub main: Worker,
    /// Stacks of the workers.
    pub workers: Vec<Worker>,
    /// Stacks of the runtime.
    pub runtime: Runtime,
}

/// A stack with its number in [`Layout::stacks`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stack<'a> {
    pub(crate) number: usize,
    /// Innermost word first.
    pub(crate) words: &'a [u64],
}

impl Layout {
    /// The stack of a number.
    pub(crate) fn stack(&self, stack: StackRef) -> Stack<'_> {
        let number = stack.0 as usize;
        Stack {
            number,
            words: &self.stacks[number],
        }
    }
}

/// The shape of a program to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Kinds of goroutines.
    pub workers: usize,
    /// Whether some recurse beyond what a sample can hold.
    pub deep: bool,
    /// Whether some are seen with one frame.
    pub one_frame: bool,
}

/// Draws a program.
#[must_use]
pub fn layout(seed: Seed, shape: Shape) -> Layout {
    let mut program = Program::new();
    let synthetic = Synthetic::add_to(&mut program);
    let mut maker = Maker {
        rng: seed.rng(),
        program,
        stacks: Vec::new(),
        root: Vec::new(),
    };
    let goexit = maker.runtime_place("runtime.goexit", "asm_amd64.s", 1594);
    let runtime_main = maker.runtime_place("runtime.main", "proc.go", 250);
    let runtime = maker.runtime(&synthetic, goexit);
    let main_main = maker.program.function("main.main", "/src/app/main.go");
    maker.root = vec![runtime_main, goexit];
    let main = maker.worker(
        main_main,
        "main",
        Shape {
            deep: false,
            one_frame: false,
            ..shape
        },
    );
    maker.root = vec![goexit];
    let workers = (0..shape.workers)
        .map(|number| {
            let file = format!("/src/app/worker{number}.go");
            let start = maker
                .program
                .function(&format!("main.worker{number}"), &file);
            let shape = Shape {
                deep: shape.deep && number % 2 == 0,
                one_frame: shape.one_frame && number % 2 == 1,
                ..shape
            };
            maker.worker(start, &format!("worker{number}"), shape)
        })
        .collect();
    Layout {
        program: maker.program,
        synthetic,
        stacks: maker.stacks,
        main,
        workers,
        runtime,
    }
}

struct Maker {
    rng: rand_chacha::ChaCha8Rng,
    program: Program,
    stacks: Vec<Vec<u64>>,
    /// The outermost words, innermost first.
    root: Vec<u64>,
}

impl Maker {
    fn stack(&mut self, words: Vec<u64>) -> StackRef {
        let number = u32::try_from(self.stacks.len()).unwrap_or(u32::MAX);
        self.stacks.push(words);
        StackRef(number)
    }

    fn runtime_place(&mut self, name: &str, file: &str, line: u64) -> u64 {
        let file = format!("/usr/local/go/src/runtime/{file}");
        let function = self.program.function(name, &file);
        self.program.place(function, line)
    }

    fn runtime(&mut self, synthetic: &Synthetic, goexit: u64) -> Runtime {
        let find = self.runtime_place("runtime.findRunnable", "proc.go", 2700);
        let schedule = self.runtime_place("runtime.schedule", "proc.go", 3187);
        let park = self.runtime_place("runtime.park_m", "proc.go", 3336);
        let mcall = self.runtime_place("runtime.mcall", "asm_amd64.s", 425);
        let mstart = self.runtime_place("runtime.mstart", "asm_amd64.s", 390);
        let scan = self.runtime_place("runtime.scanobject", "mgcmark.go", 1281);
        let drain = self.runtime_place("runtime.gcDrain", "mgcmark.go", 1080);
        let systemstack = self.runtime_place("runtime.systemstack", "asm_amd64.s", 492);
        let worker = self.runtime_place("runtime.gcBgMarkWorker", "mgc.go", 1213);
        let start = self.runtime_place("runtime.gcStart", "mgc.go", 605);
        let malloc = self.runtime_place("runtime.mallocgc", "malloc.go", 1174);
        let (gc, pcs) = (synthetic.gc, synthetic.pcs);
        Runtime {
            schedule: self.stack(vec![find, schedule, park, mcall]),
            mstart: self.stack(vec![mstart]),
            gc_mark: self.stack(vec![scan, drain, systemstack, worker, goexit]),
            gc_wait: self.stack(vec![worker]),
            gc_start: self.stack(vec![start, malloc]),
            lost_in_gc: self.stack(vec![scan, gc]),
            lost_in_system: self.stack(vec![mcall, pcs.system]),
            foreign: self.stack(vec![0x7f00_dead_0001, 0x7f00_dead_0101, pcs.external]),
        }
    }

    /// Functions that call each other, some of them inlined, and stacks of every depth.
    fn worker(&mut self, start: FunctionId, name: &str, shape: Shape) -> Worker {
        let file = format!("/src/app/{name}.go");
        let start_word = self.program.place(start, 11);
        let mut samples = Vec::new();
        let mut events = Vec::new();
        if shape.one_frame {
            let word = self.program.place(start, 12);
            samples.push(self.stack(vec![word]));
            events.push(self.stack(vec![word]));
        }
        let variants = self.rng.random_range(2..5);
        for variant in 0..variants {
            let is_deep = shape.deep && variant == 0;
            let mut words = self.calls(&format!("main.{name}"), &file, variant, is_deep);
            words.push(start_word);
            events.push(self.stack(words[..words.len().min(STACK_MAX)].to_vec()));
            words.extend(&self.root);
            words.truncate(STACK_MAX);
            samples.push(self.stack(words));
        }
        let syscall = self.program.function(
            &format!("syscall.Syscall{}", self.stacks.len() % 7),
            "/usr/local/go/src/syscall/asm_linux_amd64.s",
        );
        let mut words = vec![self.program.place(syscall, 18), start_word];
        words.extend(&self.root);
        Worker {
            start: self.stack(vec![start_word]),
            samples,
            events,
            in_syscall: self.stack(words),
        }
    }

    /// Words of calls, innermost first, the outermost of them called by the start function.
    fn calls(&mut self, name: &str, file: &str, variant: u32, is_deep: bool) -> Vec<u64> {
        let outer = self
            .program
            .function(&format!("{name}.step{variant}"), file);
        let mut line = 20 + 100 * u64::from(variant);
        let mut words = if self.rng.random_bool(0.5) {
            // Two functions that are inlined, one in the other, in `outer`.
            let leaf = self
                .program
                .function(&format!("{name}.leaf{variant}"), file);
            let middle = self
                .program
                .function(&format!("{name}.middle{variant}"), file);
            self.program
                .inlined(&[(leaf, line + 2), (middle, line + 5)], outer, line + 9)
        } else {
            vec![self.program.place(outer, line)]
        };
        let depth = if is_deep {
            STACK_MAX + 6
        } else {
            self.rng.random_range(0..6)
        };
        let recursive = self
            .program
            .function(&format!("{name}.(*Tree[...]).walk{variant}"), file);
        line += 40;
        let word = self.program.place(recursive, line);
        words.extend(std::iter::repeat_n(word, depth));
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: Shape = Shape {
        workers: 4,
        deep: true,
        one_frame: true,
    };

    /// Guards R24.1.
    #[test]
    fn every_word_of_a_go_stack_has_a_name() {
        let layout = layout(Seed(1), SHAPE);
        let foreign = layout.runtime.foreign;
        for (number, stack) in (0..).zip(&layout.stacks) {
            assert!((1..=64).contains(&stack.len()));
            if StackRef(number) != foreign {
                assert!(
                    stack
                        .iter()
                        .all(|&word| layout.program.info(word).is_some())
                );
            }
        }
    }

    /// Guards R24.1.
    #[test]
    fn there_are_stacks_of_one_frame_and_of_64() {
        let layout = layout(Seed(2), SHAPE);
        let samples = layout.workers.iter().flat_map(|w| &w.samples);
        let lengths: Vec<_> = samples.map(|s| layout.stacks[s.0 as usize].len()).collect();
        assert!(lengths.contains(&1) && lengths.contains(&64), "{lengths:?}");
    }

    #[test]
    fn the_same_seed_gives_the_same_program() {
        assert_eq!(layout(Seed(3), SHAPE), layout(Seed(3), SHAPE));
        assert_ne!(layout(Seed(3), SHAPE), layout(Seed(4), SHAPE));
    }

    fn names(layout: &Layout, stack: StackRef) -> Vec<&str> {
        let words = layout.stacks[stack.0 as usize].iter();
        let info = words.map(|&word| layout.program.info(word).map_or("", |info| info.function));
        info.collect()
    }

    /// Guards R24.2, R24.3, R27.2.
    #[test]
    fn stand_ins_have_gos_roots() {
        let layout = layout(Seed(1), SHAPE);
        let runtime = &layout.runtime;
        let in_gc = names(&layout, runtime.lost_in_gc);
        let in_system = names(&layout, runtime.lost_in_system);
        assert_eq!((in_gc.len(), in_gc[1]), (2, "runtime._GC"));
        assert_eq!((in_system.len(), in_system[1]), (2, "runtime._System"));
        let foreign = names(&layout, runtime.foreign);
        assert_eq!(foreign.last(), Some(&"runtime._ExternalCode"));
    }

    /// Samples keep their roots, where they are not cut off.
    ///
    /// Guards R42.10.
    #[test]
    fn events_lose_their_outermost_frames() {
        let layout = layout(Seed(5), SHAPE);
        for worker in &layout.workers {
            for (&sample, &event) in worker.samples.iter().zip(&worker.events) {
                let (sample, event) = (names(&layout, sample), names(&layout, event));
                assert!(!event.contains(&"runtime.goexit"));
                if sample.len() > 1 && sample.len() < STACK_MAX {
                    assert_eq!(sample.split_last(), Some((&"runtime.goexit", &event[..])));
                }
            }
        }
        for (&sample, &event) in layout.main.samples.iter().zip(&layout.main.events) {
            let (sample, event) = (names(&layout, sample), names(&layout, event));
            let (root, rest) = sample.split_at(sample.len() - 2);
            assert_eq!(
                (rest, root),
                (&["runtime.main", "runtime.goexit"][..], &event[..])
            );
        }
    }
}

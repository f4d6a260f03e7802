//! A synthetic program: the functions, files, lines and inlining that the stacks of a run
//! are made of, so that they symbolise.
//!
//! A stack is a list of *words*, innermost first, as Go's traceback makes them: each is the
//! PC of a call (or of the interrupted instruction) plus one, so that one can be subtracted
//! from all of them (R42; Go: `runtime/traceback.go`, `gentraceback`, `tracepc`). Calls that
//! were inlined have words of their own, the PCs of instructions that stand for them in the
//! function which they were inlined into.
//!
//! ```text
//!  entry of main.handle
//!  |
//!  v   +0 main.handle   +1 main.parse, inlined in it   +2 main.digit, inlined in main.parse
//!  |---|---------------------|-----------------------------|------------------------------> PCs
//!
//!  a stack with its leaf in main.digit:   [+2 + 1, +1 + 1, +0 + 1, a word of main.handle's caller, ..]
//! ```

mod layout;

pub(crate) use layout::Stack;
pub use layout::{Layout, Runtime, Shape, StackRef, Worker, layout};

use std::collections::BTreeMap;

use sigprof_model::cpu_profile::SyntheticPcs;

/// Where the text of the program begins.
pub const TEXT_START: u64 = 0x40_0000;

/// Bytes of text that each function takes.
const FUNCTION_BYTES: u64 = 0x400;

/// Bytes between two places in a function.
const PLACE_BYTES: u64 = 4;

/// A function that has an entry, or one that is inlined wherever it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FunctionId(usize);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Function {
    name: String,
    file: String,
    entry: u64,
    /// Places that it has so far.
    places: u64,
}

/// Everything that is known of a PC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PcInfo<'a> {
    /// The function's name.
    pub function: &'a str,
    /// The file's name.
    pub file: &'a str,
    /// The line in it.
    pub line: u64,
    /// The entry of the function that has the PC, into which others may be inlined.
    pub entry: u64,
    /// The word of the caller, if this is an inlined call.
    pub inlined_in: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct PcEntry {
    function: FunctionId,
    line: u64,
    entry: u64,
    inlined_in: Option<u64>,
}

/// Functions and places.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Program {
    functions: Vec<Function>,
    /// Places by their word.
    words: BTreeMap<u64, PcEntry>,
}

impl Program {
    /// A program without functions.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a function.
    pub fn function(&mut self, name: &str, file: &str) -> FunctionId {
        let entry = TEXT_START + self.functions.len() as u64 * FUNCTION_BYTES;
        self.functions.push(Function {
            name: name.to_owned(),
            file: file.to_owned(),
            entry,
            places: 0,
        });
        FunctionId(self.functions.len() - 1)
    }

    /// A place in a function: a call, or an instruction. The same line gives another place.
    pub fn place(&mut self, function: FunctionId, line: u64) -> u64 {
        self.word(function, function, line, None)
    }

    /// A place in calls that were inlined into `outer`: innermost first, each with its line,
    /// and at last `outer` with its own. Returns a word for each of them.
    pub fn inlined(
        &mut self,
        calls: &[(FunctionId, u64)],
        outer: FunctionId,
        line: u64,
    ) -> Vec<u64> {
        let mut words = vec![self.place(outer, line)];
        for &(function, line) in calls.iter().rev() {
            let caller = words.last().copied();
            words.push(self.word(outer, function, line, caller));
        }
        words.reverse();
        words
    }

    fn word(
        &mut self,
        has: FunctionId,
        function: FunctionId,
        line: u64,
        inlined_in: Option<u64>,
    ) -> u64 {
        let text = &mut self.functions[has.0];
        text.places += 1;
        let entry = text.entry;
        let word = entry + text.places * PLACE_BYTES + 1;
        assert!(
            word < entry + FUNCTION_BYTES,
            "too many places in {}",
            text.name
        );
        let pc = PcEntry {
            function,
            line,
            entry,
            inlined_in,
        };
        self.words.insert(word, pc);
        word
    }

    /// Looks a word up; nothing where no function of this program is.
    #[must_use]
    pub fn info(&self, word: u64) -> Option<PcInfo<'_>> {
        let pc = self.words.get(&word)?;
        let function = &self.functions[pc.function.0];
        Some(PcInfo {
            function: &function.name,
            file: &function.file,
            line: pc.line,
            entry: pc.entry,
            inlined_in: pc.inlined_in,
        })
    }

    /// Where the text ends.
    #[must_use]
    pub fn text_end(&self) -> u64 {
        TEXT_START + self.functions.len() as u64 * FUNCTION_BYTES
    }
}

/// The functions of the runtime that stand for what is no stack (R24, R27, R51).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Synthetic {
    /// For the model's profiler.
    pub pcs: SyntheticPcs,
    /// The word of `runtime._GC`.
    pub gc: u64,
    /// The word of `runtime._VDSO`.
    pub vdso: u64,
    /// The word of `runtime/pprof.lostProfileEvent`.
    pub lost_profile_event: u64,
}

impl Synthetic {
    /// Adds the stand-ins to a program.
    pub fn add_to(program: &mut Program) -> Self {
        let mut in_proc = |name: &str| {
            let function = program.function(name, "/usr/local/go/src/runtime/proc.go");
            program.place(function, 4700)
        };
        let pcs = SyntheticPcs {
            lost_external: in_proc("runtime._LostExternalCode"),
            external: in_proc("runtime._ExternalCode"),
            lost_atomic: in_proc("runtime._LostSIGPROFDuringAtomic64"),
            system: in_proc("runtime._System"),
        };
        let (gc, vdso) = (in_proc("runtime._GC"), in_proc("runtime._VDSO"));
        let file = "/usr/local/go/src/runtime/pprof/proto.go";
        let lost = program.function("runtime/pprof.lostProfileEvent", file);
        Self {
            pcs,
            gc,
            vdso,
            lost_profile_event: program.place(lost, 29),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inlined_calls_lie_in_the_function_that_has_them() {
        let mut program = Program::new();
        let outer = program.function("main.handle", "main.go");
        let parse = program.function("main.parse", "parse.go");
        let digit = program.function("main.digit", "parse.go");
        let words = program.inlined(&[(digit, 9), (parse, 5)], outer, 30);
        let infos: Vec<_> = words.iter().map(|&w| program.info(w).unwrap()).collect();
        let names: Vec<_> = infos.iter().map(|i| (i.function, i.line)).collect();
        assert_eq!(
            names,
            [("main.digit", 9), ("main.parse", 5), ("main.handle", 30)]
        );
        assert!(infos.iter().all(|i| i.entry == infos[2].entry));
        let callers: Vec<_> = infos.iter().map(|i| i.inlined_in).collect();
        assert_eq!(callers, [Some(words[1]), Some(words[2]), None]);
    }

    #[test]
    fn nothing_is_known_of_foreign_words() {
        let mut program = Program::new();
        let function = program.function("main.main", "main.go");
        let word = program.place(function, 3);
        assert!(program.info(word + 1).is_none());
        assert!(program.info(0x7fff_0000_0000).is_none());
    }
}

//! The back-end `Std`, but with a ring's words moved one by one: what safe code can do,
//! and so what the unsafe code of `sigprof-words` is worth.

use std::ops::Range;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use sigprof_model::backend::{Backend, Std, Throw, Words};

pub(crate) struct OneByOne;

impl Backend for OneByOne {
    type U32 = AtomicU32;
    type U64 = AtomicU64;
    type Words = WordsOneByOne;
    type Note = <Std as Backend>::Note;

    fn throw(what: Throw) -> ! {
        Std::throw(what)
    }
}

pub(crate) struct WordsOneByOne(Box<[AtomicU64]>);

impl Words for WordsOneByOne {
    fn new(name: &'static str, len: usize) -> Self {
        Self(Words::new(name, len))
    }

    #[inline]
    fn len(&self) -> usize {
        self.0.len()
    }

    #[inline]
    fn get(&self, at: usize) -> u64 {
        self.0.get(at)
    }

    #[inline]
    fn set(&self, at: usize, value: u64) {
        self.0.set(at, value);
    }

    #[inline]
    fn set_all(&self, at: usize, values: &[u64]) {
        let words = &self.0[at..at + values.len()];
        for (word, &value) in words.iter().zip(values) {
            word.store(value, Ordering::Relaxed);
        }
    }

    #[inline]
    fn append_to(&self, out: &mut Vec<u64>, places: Range<usize>) {
        let words = self.0[places].iter();
        out.extend(words.map(|word| word.load(Ordering::Relaxed)));
    }
}

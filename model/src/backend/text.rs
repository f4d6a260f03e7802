//! Calls of another text than the model's: Go's own files, which a back-end may run in place of
//! what is written here, on the same words.
//!
//! A call is a function and words: numbers of rings and of shared words, lengths, values. So is
//! what it returns. The words themselves stay the model's: each operation of the other text is
//! done on them, so that scenarios, their judges and whoever looks at a run notice no
//! difference.
//!
//! Go: the functions of `runtime/profbuf.go` that the table names.

/// A function of the other text, by its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u64)]
pub enum Function {
    /// `newProfBuf`: numbers of `r`, `w`, `overflow`, `overflowTime`, `eof`, `wait`, `data` and
    /// `tags`, then words of a header, words, tags, and the index that it begins with.
    NewProfBuf = 0,
    /// `profBuf.write`: the ring's `w`, tag (0 for none), time, words of the header, the header,
    /// the stack; whether it was dropped.
    Write = 1,
    /// `profBuf.read`: the ring's `w`, whether it may sleep; see [`Returned`]. The text keeps
    /// `rNext` itself.
    Read = 2,
    /// `profBuf.close`: the ring's `w`.
    Close = 3,
}

/// The return of a read, the second word of its result; `rNext` is the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returned {
    /// Nothing for now.
    Nothing,
    /// A run: place of the first word, words, place of the first tag, records.
    Run([usize; 4]),
    /// An overflow: count and time.
    Overflow(u32, u64),
    /// The end of all.
    End,
}

impl Returned {
    /// Takes the result of a read apart: `rNext`, and what it returned. `None` if it is none.
    #[must_use]
    pub fn parse(words: &[u64]) -> Option<(u64, Self)> {
        let place = |&word: &u64| usize::try_from(word).ok();
        let returned = match words {
            [_, 0] => Self::Nothing,
            [_, 1, at, words, tag, records] => {
                Self::Run([place(at)?, place(words)?, place(tag)?, place(records)?])
            }
            [_, 2, count, time] => Self::Overflow(u32::try_from(*count).ok()?, *time),
            [_, 3] => Self::End,
            _ => return None,
        };
        Some((words[0], returned))
    }
}

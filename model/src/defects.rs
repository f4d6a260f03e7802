//! Go's own defects in this protocol, each with the shortest way to it.
//!
//! The revisions are faithful, so each of these is found in those that ship it and in no
//! other; `fixed` has none of them ([`Protocol`]). B1 was reported and mended, B6 and B31
//! went when Go was changed for other reasons, and the rest is in Go as it ships. B2 was
//! measured with real Go, and B33, which was found here like B32, was seen there once it was
//! known. B30 and B32 take a debugger that holds the reader (docs/upstream/ in the repository).
//!
//! | | what | law | releases | switch |
//! |---|---|---|---|---|
//! | [B1](#b1) | a record is looked at after it is gone | [L15](Law::NoThrow) | before 1.19 was out | [`overflow_test`](Protocol::overflow_test) |
//! | [B2](#b2) | one read does not drain a ring that has wrapped | [L11](Law::Drained) | 1.22 to 1.27 | [`drain`](Protocol::drain) |
//! | [B6](#b6) | a handler writes after the last drain | [L12](Law::NoneRetired) | 1.19 to 1.21 | [`guard`](Protocol::guard) |
//! | [B30](#b30) | the end is reported with something unread | [L8](Law::EofLast) | 1.19 to 1.27 | [`looks_again_at_eof`](Protocol::looks_again_at_eof) |
//! | [B31](#b31) | a reader is woken twice | [L10](Law::WokenOnce) | 1.19 to 1.25 | [`extra_clears_sleeping`](Protocol::extra_clears_sleeping) |
//! | [B32](#b32) | an overflow is reported before older records | [L3](Law::InOrder) | 1.19 to 1.27 | [`looks_again_at_overflow`](Protocol::looks_again_at_overflow) |
//! | [B33](#b33) | a foreign stack comes after the stop | [L4](Law::Conserved) | 1.19 to 1.27 | [`non_go_checks_rate`](Protocol::non_go_checks_rate) |
//!
//! Others that shipped are mutants of a release that no longer has them, and have no
//! interleaving here: see [below](#others).
//!
//! # How to read an interleaving
//!
//! A column a thread, a line a step, from above to below. `load w -> 1/4` reads `w` and
//! finds that one record and four words were ever written; `store`, `swap` and `add` show
//! what is there afterwards. Of several words with one name the later ones have a number
//! (`w2` is that of the second ring). Steps that a thread repeats are one line. The notes
//! are ours, `<==` where it goes wrong; everything else, the law at the end too, is what
//! the search of this crate's tests printed: the way with the fewest switches between
//! threads, and of these one with the fewest steps. A test compares the files with it.
//!
//! # B1
//!
//! *Before Go 1.19 was out (golang/go#52704). Breaks [L15](Law::NoThrow), and
//! [L4](Law::Conserved).* The drain of a trace goes on to the next record first, and then looks
//! whether the record that it has left is an overflow; it looks at what comes after it. If nothing
//! does, the program panics. If something does, a sample with one PC is dropped because an overflow
//! follows it, or an overflow becomes a sample of no P with the count as its PC.
//!
//! Go 1.19 and later, and so `fixed`, look first ([`OverflowTest::BeforeAdvance`]).
//!
//! ```text
#![doc = include_str!("interleavings/b1.txt")]
//! ```
//!
//! # B2
//!
//! *Go 1.22 to 1.27. Breaks [L11](Law::Drained), and [L14](Law::OwnTrace).* A read
//! returns one piece of the ring (R11.1), and the last drain of a generation reads once.
//! When the ring has gone on at its start, what lies there stays behind. When the trace
//! stops it is lost; when only a generation ends, it turns up two generations later, in the
//! log of the same parity, with times from before that generation began. With real Go
//! 1.22 and 1.27 hundreds of samples were lost so, with no overflow to explain it.
//!
//! `fixed` reads until nothing comes, as Go did until 1.21 ([`Drain::UntilEmpty`]).
//!
//! ```text
#![doc = include_str!("interleavings/b2.txt")]
//! ```
//!
//! # B6
//!
//! *Go 1.19 to 1.21. Breaks [L12](Law::NoneRetired); with another trace started at once,
//! [L14](Law::OwnTrace) as well.* Stopping the world does not stop a handler on a thread
//! without a P (R35). It may have loaded the pointer to the ring before the tracer clears
//! it, and write when nobody will read: the sample is lost. In Go the ring may have been
//! freed by then. If it is slow between looking at the clock and loading the pointer, across
//! a stop and a start, the sample lands in the next trace, with a time before its start.
//!
//! Since Go 1.22, and so in `fixed`, the tracer waits for every thread's guard
//! ([`Guard`], [`Step::AwaitHandlers`]).
//!
//! ```text
#![doc = include_str!("interleavings/b6.txt")]
//! ```
//!
//! And across a stop and a start:
//!
//! ```text
#![doc = include_str!("interleavings/b6b.txt")]
//! ```
//!
//! # B30
//!
//! *Go 1.19 to 1.27. Breaks [L8](Law::EofLast).* A reader loads `w`, finds the ring
//! empty, and looks for the end. If a record is written and the ring closed between the two,
//! it reports the end with that record unread; the same happens to a pending count (R12.4).
//! It takes a profile that stops while its reader looks: what the stop itself writes, the
//! stacks of foreign threads, is then missing from the profile, and so may be the last
//! samples.
//!
//! In `fixed` a reader that sees the end loads `w` and the count once more, and goes round
//! again if they have changed. What was written before the close is visible with it, so that
//! once is enough.
//!
//! ```text
#![doc = include_str!("interleavings/b30.txt")]
//! ```
//!
//! # B31
//!
//! *Go 1.19 to 1.25. Breaks [L10](Law::WokenOnce).* An overflow or a close raises `extra`
//! and wakes a reader that sleeps, but leaves `sleeping` as it is (R14.1). A second one, or
//! a close, before the reader has run wakes it again, and the program dies of `notewakeup -
//! double wakeup`. Only the profiler's reader sleeps in its ring, and a drop seldom finds
//! the ring empty and its reader asleep; so this is rare.
//!
//! Since Go 1.26, and so in `fixed`, `sleeping` is taken away with the wake-up. It had
//! to be: with a writer that wakes at half of the ring only, the reader is asleep far more
//! often (B28 is the mutant that forgets it).
//!
//! ```text
#![doc = include_str!("interleavings/b31.txt")]
//! ```
//!
//! # B32
//!
//! *Go 1.19 to 1.27; found here. Breaks [L3](Law::InOrder).* A reader finds the ring empty. A
//! writer fills it, and drops a record. The reader looks for an overflow, finds one, and reports
//! it, before the records that are older (R12.5). The count is right, its place is not. Go's
//! profile adds counts up and its trace leaves them out, so that nobody sees it today; whoever
//! takes an overflow for the place where samples are missing is misled.
//!
//! In `fixed` a reader that sees a count loads `w` once more, and takes the count, the very
//! one that it saw, only if nothing has come.
//!
//! ```text
#![doc = include_str!("interleavings/b32.txt")]
//! ```
//!
//! # B33
//!
//! *Go 1.19 to 1.27; found here. Breaks [L4](Law::Conserved).* A handler on a thread that is not
//! Go's looks at the rate before it takes `prof.signalLock`, and not again under it (R27.5), as
//! `add` does on a thread of Go's. So it can come when the stop has turned the rate off, and while
//! it empties the array of foreign stacks, which the stop does without the lock. A stack that comes
//! after that waits in the array until the next profile and is counted there; one that comes just
//! before the array is marked empty is gone. It takes C threads that are busy when a profile stops.
//!
//! In `fixed` `addNonGo` looks at the rate again under the lock. Whoever stops has held the lock in
//! between, so that nobody comes after it.
//!
//! ```text
#![doc = include_str!("interleavings/b33.txt")]
//! ```
//!
//! # Others
//!
//! These shipped once, and are mutants now ([`Mutant::bug`](crate::mutants::Mutant::bug)):
//!
//! | | what | law | mutant |
//! |---|---|---|---|
//! | B8 | until April 2022 the trace named the scheduler (goroutine 0), the profile the goroutine on whose behalf it ran (golang/go#52693); the revision `seed` has it | [L16](Law::SameGoroutine) | `names_the_scheduler` |
//! | B12 | on Darwin, until Go 1.20, a handler wakes the reader by way of a mutex that the interrupted reader holds; now the reader sleeps elsewhere (golang/go#61768) | [L13](Law::HandlerGoesOn) | `wake_may_block` |
//! | B13 | on arm and mips a handler spins for the lock of an emulated atomic that it interrupted (golang/go#20146, #25785) | [L13](Law::HandlerGoesOn) | `in_atomic_ignored` |
//! | B14 | a signal finds its own thread holding `prof.signalLock`, in setting the rate, and spins for ever (golang/go#25785, #48782) | [L13](Law::HandlerGoesOn) | `thread_not_disarmed`, `armed_ignored` |
//! | B15 | the count of foreign stacks that found no room is not reset, and is written again and again (golang/go#21836, Go 1.9) | [L4](Law::Conserved) | `lost_extra_kept` |
//! | B28 | B31 with the wake-ups of Go 1.26 | [L10](Law::WokenOnce) | `woken_twice` |

/// This page, so that programs can show it.
const TEXT: &str = include_str!("defects.rs");

macro_rules! interleavings {
    ($($file:literal)+) => {
        [$(($file, include_str!($file))),+]
    };
}

/// The files that it includes.
const INTERLEAVINGS: [(&str, &str); 8] = interleavings! {
    "interleavings/b1.txt"
    "interleavings/b2.txt"
    "interleavings/b6.txt"
    "interleavings/b6b.txt"
    "interleavings/b30.txt"
    "interleavings/b31.txt"
    "interleavings/b32.txt"
    "interleavings/b33.txt"
};

/// The text of this page on a defect, such as `B32`, as Markdown with its interleavings; or, of
/// those [that are mutants now](#others), what their row says.
#[must_use]
pub fn section(id: &str) -> Option<String> {
    let heading = format!("//! # {id}");
    let lines = TEXT.lines().skip_while(|line| *line != heading).skip(1);
    let lines = lines.take_while(|line| !line.starts_with("//! # ") && !line.is_empty());
    let section: String = lines.map(line_of_page).collect();
    if !section.is_empty() {
        return Some(section.trim().to_owned());
    }
    let rows = TEXT.lines().filter_map(|line| line.strip_prefix("//! | "));
    let mut cells = rows.map(|row| row.split(" | "));
    let mut row = cells.find_map(|mut row| (row.next() == Some(id)).then_some(row))?;
    row.next().map(str::to_owned)
}

/// A line of the page without the marks of a comment; a file in place of a line that includes it.
fn line_of_page(line: &str) -> String {
    let file = line.strip_prefix("#![doc = include_str!(\"");
    let file = file.and_then(|rest| rest.strip_suffix("\")]"));
    let mut files = INTERLEAVINGS.into_iter();
    let included = file.and_then(|file| files.find(|(name, _)| *name == file));
    match included {
        Some((_, text)) => text.to_owned(),
        None => {
            line.trim_start_matches("//!")
                .trim_start_matches(' ')
                .to_owned()
                + "\n"
        }
    }
}

#[cfg(doc)]
use crate::{
    law::Law,
    protocol::{Drain, Guard, OverflowTest, Protocol, Step},
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::known;
    use crate::mutants::Mutant;

    #[test]
    fn each_defect_has_a_text_and_each_interleaving_is_in_one() {
        let ids = known::ALL.iter().map(|known| known.id);
        let bugs = Mutant::all().into_iter().filter_map(|mutant| mutant.bug);
        let sections: Vec<_> = ids.chain(bugs).map(|id| (id, section(id))).collect();
        for (id, text) in &sections {
            let text = text.as_deref().unwrap_or_else(|| panic!("{id}: no text"));
            assert!(
                text.len() > 20 && !text.contains("include_str"),
                "{id}: {text}"
            );
        }
        for (file, interleaving) in INTERLEAVINGS {
            let has = |text: &String| text.contains(interleaving.trim());
            let mut texts = sections.iter().filter_map(|(_, text)| text.as_ref());
            assert!(texts.any(has), "{file}");
        }
        assert_eq!(section("B3"), None);
        assert!(section("B8").is_some_and(|text| text.starts_with("until April 2022")));
    }
}

//! The orderings of the atomic operations, as data.
//!
//! Each is the weakest that holds, and pairs with another. Go's atomics are all
//! sequentially consistent; what that adds is needed in one place, the guard of the
//! generations: a handler raises its guard and *then* reads the generation, while the
//! tracer changes the generation and *then* watches the guard. Each stores one word and
//! loads the other, and one of them must see the other's store: acquire and release do
//! not promise it. Everything else is decided by swaps of one word.
//!
//! Operations that are not listed are relaxed: a thread looks at a word that only it
//! changes, or looks again by a swap before it acts.

use core::sync::atomic::Ordering;

macro_rules! sites {
    ($($(#[doc = $doc:literal])+ $site:ident: $ordering:ident $operation:literal, with $($pair:ident),+;)*) => {
        /// An atomic operation whose ordering something rests upon.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Site {
            $($(#[doc = $doc])+ $site,)*
        }

        impl Site {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$site),*];

            /// The operation's purpose in a sentence: what its documentation says.
            #[must_use]
            pub const fn about(self) -> &'static str {
                match self {
                    $(Self::$site => concat!($($doc),+).trim_ascii(),)*
                }
            }

            /// The ordering that it needs.
            #[inline(always)]
            #[must_use]
            pub const fn ordering(self) -> Ordering {
                match self {
                    $(Self::$site => Ordering::$ordering,)*
                }
            }

            /// The operation, with its place in Go's text.
            #[must_use]
            pub const fn operation(self) -> &'static str {
                match self {
                    $(Self::$site => $operation,)*
                }
            }

            /// The sites that it pairs with.
            #[must_use]
            pub const fn pairs_with(self) -> &'static [Self] {
                match self {
                    $(Self::$site => &[$(Self::$pair),+],)*
                }
            }

            /// The site's name, as it is spelled here.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$site => stringify!($site),)*
                }
            }
        }
    };
}

sites! {
    /// The writer makes a record visible: whoever sees the place sees the words.
    RingCommit: Release "swap of `w` in `commit`", with RingSeen;
    /// The reader looks for records, and for the flag of what waits beside the ring.
    RingSeen: Acquire "load of `w` in `read`", with RingCommit, ExtraRaised;
    /// The reader gives words and tag slots back: it is done with them.
    RingGivenBack: Release "store of `r` in `read`", with RingRoom;
    /// The writer looks for room.
    RingRoom: Acquire "load of `r` in `write`", with RingGivenBack;
    /// The writer of an overflow, or whoever closes, raises a flag: whoever sees it sees what it
    /// stands for.
    ExtraRaised: Release "swap of `w` in `wakeupExtra`", with RingSeen;
    /// The writer counts a drop: whoever sees the count sees the time of the first, and the records
    /// before it.
    OverflowCounted: Release "store or swap of `overflow` in `incrementOverflow`", with OverflowSeen;
    /// The reader, or the writer, looks at the count in order to take it.
    OverflowSeen: Acquire "load of `overflow` in `takeOverflow`", with OverflowCounted;
    /// The reader has taken the count, and has read its time before.
    OverflowTaken: Release "swap of `overflow` in `takeOverflow`", with OverflowLooked;
    /// The writer finds the count at zero, and writes the time of the next.
    OverflowLooked: Acquire "load of `overflow` in `incrementOverflow`", with OverflowTaken;
    /// Everything was written before the close.
    EofSet: Release "store of `eof` in `close`", with EofSeen;
    /// The reader sees the end, and looks once more for what came before it.
    EofSeen: Acquire "load of `eof` in `read`", with EofSet;
    /// A handler takes the signal lock: it sees what the last holder wrote.
    LockTaken: Acquire "swap of `signalLock`", with LockFreed;
    /// A handler frees it.
    LockFreed: Release "store of `signalLock`", with LockTaken;
    /// A ring is ready to be written.
    LogInstalled: Release "store of `cpuLogWrite` in `StartTrace`", with LogLoaded;
    /// A handler looks where to write.
    LogLoaded: Acquire "load of `cpuLogWrite` in `traceCPUSample`", with LogInstalled;
    /// A handler is about to read the generation.
    GuardRaised: SeqCst "store of the guard in `traceCPUSample`", with GuardWatched;
    /// A handler reads the generation under its guard.
    GenerationRead: SeqCst "load of `gen` in `traceCPUSample`", with GenerationChanged;
    /// A handler is done.
    GuardLowered: Release "store of the guard in `traceCPUSample`, at its end", with GuardWatched;
    /// The tracer goes on to another generation.
    GenerationChanged: SeqCst "store of `gen` in `traceAdvance`", with GenerationRead;
    /// The tracer waits until no handler is in the old one.
    GuardWatched: SeqCst "load of the guard in `traceAdvance`", with GuardRaised, GuardLowered;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_mutual() {
        for &site in Site::ALL {
            for pair in site.pairs_with() {
                assert!(pair.pairs_with().contains(&site), "{site:?} with {pair:?}");
            }
        }
    }
}

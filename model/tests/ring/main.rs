//! The ring with one thread at a time, which Miri runs, too (`scripts/miri`).
//!
//! | child | what |
//! |---|---|
//! | `vectors` | Go's own test of the ring, its vectors as facts |
//! | `oracle` | the ring against a plain queue |
//! | `eof` | the end comes after what was written before it |
//! | `wakeups` | who wakes a sleeping reader, and when |

mod eof;
mod oracle;
mod vectors;
mod wakeups;

//! The fixtures as a corpus for other people's parsers: inputs by topic, and for each what
//! a parser must make of it, as JSON. `fixtures/README.md` documents the layout and the
//! promises that go with it; this is what reads, checks and runs it.
//!
//! | module | what |
//! |---|---|
//! | [`samples`] | the samples of a trace and of a profile as the corpus spells them |
//! | [`expected`] | `expected.json`: what must be read, and what must be refused |
//! | `kept` | outputs of cases that failed, in a folder |
//! | [`layout`] | its form as text, in which a difference can be read |
//! | [`ours`] | what sigprof's own readers make of an input |
//! | [`printed`] | the same, printed without a copy of each name |
//! | [`compare`] | what a parser made of it, and what it should have |
//! | [`events`] | the events of a trace, an output of its own |
//! | [`manifest`] | which cases belong to which format version |
//! | [`faults`] | what is wrong with the corpus itself |
//! | [`held`] | what real Go wrote is still what it wrote |
//! | [`decoder`] | somebody's parser, run on a file and not trusted |
//! | [`crash`] | a crash, told from a refusal |
//! | [`run`] | a parser on all cases, none of which says what it is |
//! | [`judge`] | whether what it does is what it should |
//! | [`smoke`] | before all: is it a parser? |
//! | [`mistakes`] | mistakes of parsers, and the cases that notice them |
//! | [`report`] | what came of that, as text and as JSON |

pub mod compare;
pub mod crash;
pub mod decoder;
pub mod events;
pub mod expected;
pub mod faults;
pub mod held;
pub mod judge;
mod kept;
pub mod layout;
pub mod manifest;
pub mod mistakes;
pub mod ours;
pub mod printed;
pub mod report;
pub mod run;
pub mod samples;
pub mod smoke;

/// The version of layout, schema and decoder protocol. Fields and cases may be added; a
/// change of meaning raises it.
pub const SCHEMA_VERSION: u32 = 1;

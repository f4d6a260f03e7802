//! The library, given bytes: traces of both formats, profiles, pairs, and whatever is none of them.
//!
//! | child | what |
//! |---|---|
//! | `events` | traces that are written for one fact each |
//! | `rules` | the rules of SPEC.md's sections 6 to 10, one by one |
//! | `v2` | traces of Go 1.22 and later |
//! | `profiles` | profiles, byte by byte |
//! | `check` | pairs that the check must accept, and neighbours that it must reject |
//! | `arbitrary` | arbitrary bytes, events and legal traces |
//! | `bad_input` | input that is cut short or damaged |
//! | `exported` | samples in the formats of other tools |
//! | `invalid` | the fixtures that must be refused, and what makes them |
//! | `fuzzed` | the fuzz targets over their corpora |
//! | `mapped` | traces in mapped files |
//! | `pack` | packing with gzip, for all tests |
//! | `pieces` | streams that are explained piece by piece |
//! | `streamed` | `sigprof stat` and `export`, and damaged traces |

mod arbitrary;
mod bad_input;
mod check;
mod events;
mod exported;
mod fuzzed;
mod invalid;
mod mapped;
mod pack;
mod pieces;
mod profiles;
mod rules;
mod streamed;
mod v2;

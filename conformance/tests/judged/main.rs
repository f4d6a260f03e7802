//! Judges that are not ours: real Go, and the truth about simulated runs.
//!
//! | child | what |
//! |---|---|
//! | `by_go` | real Go reads the same files and sees the same events and samples |
//! | `corpus` | the corpus is right, and so is the way in which it judges others |
//! | `exported` | traces in the formats of other tools |
//! | `facts` | what SPEC.md says of Go stands in Go's source |
//! | `go_text` | Go's own text does what the model does |
//! | `lines` | Go's functions begin where pages of runs say |
//! | `simulated` | real Go accepts simulated runs, and they keep the rules of the truth |
//! | `zones` | real Go prints wall clocks in the zone in which we do |

mod by_go;
mod corpus;
mod exported;
mod facts;
mod go_text;
mod lines;
mod simulated;
mod zones;

//! The protocol of signal-driven CPU profiling, as Go has it: how a sample gets from a
//! signal handler into a profile and into an execution trace, and what is promised of it on
//! the way.
//!
//! This crate is its specification, and runs. It has no I/O, no clock and no randomness.
//! The protocol is written once, over a [`backend`], reads like Go's text, and has Go's
//! names; so that the text which runs on real threads is the one that is explored and
//! proven. What differs from one Go release to the next is data ([`protocol`]).
//!
//! Where to begin: with [`prof_buf`] if you know Go's `profbuf.go`; with the story below if you do
//! not; with [`defects`] if you want to see what is wrong in Go today.
//!
//! # The story of a sample
//!
//! ```text
//!  SIGPROF           a handler                       two logs, each a ring          readers
//! ---------> sigprof: trace back,  --+-- prof.signalLock --> cpuprof.log --read-->  profile
//!            who was interrupted?    |   (CpuProfile::add)                 sleeps
//!                                    |
//!                                    +-- trace.signalLock -> cpuLogWrite --drain->  events
//!                                        (CpuLog::sample)                  never    of a trace
//!                                                                          sleeps
//!   C threads ----> addNonGo ---> extra, an array ---> cpuprof.log, by the next handler
//! ```
//!
//! 1. A timer of the kernel's ends, and its **signal** interrupts a thread, anywhere: in the
//!    middle of a store, with locks held, with no room on the stack for much.
//! 2. The **handler** ([`sigprof`](mod@sigprof)) takes the PCs of what it interrupted. It
//!    may not wait for anything that the interrupted code could hold, nor allocate.
//! 3. So it writes the sample into a **ring** that was made beforehand ([`prof_buf`]): once
//!    for the profiler, with the goroutine's labels ([`cpu_profile`]), and once for the
//!    tracer, with P, goroutine and thread in its header ([`cpu_log`], [`sample`]). Handlers
//!    on several threads come one after the other, by a lock that only handlers take
//!    ([`signal_lock`]).
//! 4. A sample that finds no room is dropped and counted, and the count is reported in its
//!    place ([`overflow`]). In a ring that is the only way to lose one. Before it, a sample is
//!    left out where the profiler or the tracer is off or the thread is not armed; and that of
//!    a thread which is not Go's goes into the profile alone.
//! 5. A **reader** takes records out, in order. The profiler's reader sleeps when there is
//!    nothing and is woken; the tracer's comes by, and at the end of a trace drains what is
//!    left, while the pointer through which handlers find the ring is taken away from them.
//! 6. A record becomes a count in a profile, or an event in a trace.
//!
//! # Who is who
//!
//! | | what | here |
//! |---|---|---|
//! | G | a goroutine; 0 is a thread's scheduler, or none | a number |
//! | P | the right to run Go code; a thread near a system call has none | a number |
//! | M | a thread; what it keeps for the protocol are two words | [`M`](m::M) |
//! | handler | runs on an M's own stack, nested in what it interrupted, which goes on only when it has ended; its own signal is held back meanwhile | [`sigprof`](fn@sigprof::sigprof), [`sigprof_non_go`](sigprof::sigprof_non_go) |
//! | writer | the handler that holds a signal lock | [`ProfBuf::write`](prof_buf::ProfBuf::write) |
//! | profiler | who sets the rate, on an ordinary goroutine | [`CpuProfile::set_rate`](cpu_profile::CpuProfile::set_rate) |
//! | tracer | who starts a trace, goes on to its next generation, and stops it | [`CpuLog`](cpu_log::CpuLog), [`Tracer`](cpu_log::Tracer) |
//! | reader | one a ring; who drains the tracer's, or makes the profile | [`ProfBuf::read`](prof_buf::ProfBuf::read) |
//!
//! # What is promised
//!
//! The laws, in the words of [`law`], which has them in full. A part's docs say which of
//! them it keeps; assertions, scenarios and mutants cite them.
//!
//! | | law | kept by |
//! |---|---|---|
//! | [L1](law::Law::OneWriter) | one writer at a time | [`signal_lock`] |
//! | [L2](law::Law::Whole) | no torn or invented record | [`prof_buf`] |
//! | [L3](law::Law::InOrder) | no reordered or duplicated record | [`prof_buf`] |
//! | [L4](law::Law::Conserved) | written = read + lost + in the ring + in flight | [`prof_buf`], [`overflow`], [`cpu_profile`] |
//! | [L5](law::Law::FirstDrop) | an overflow's time is that of the first drop | [`overflow`] |
//! | [L6](law::Law::RealHeader) | the header of a real sample is never all zero | [`sample`] |
//! | [L7](law::Law::OwnTag) | a record has its own tag or none | [`prof_buf`] |
//! | [L8](law::Law::EofLast) | the end comes after all data | [`prof_buf`], [`cpu_profile`] |
//! | [L9](law::Law::Woken) | no lost wake-up | [`prof_buf`] |
//! | [L10](law::Law::WokenOnce) | no double wake-up | [`prof_buf`] |
//! | [L11](law::Law::Drained) | the final drain leaves nothing | [`cpu_log`] |
//! | [L12](law::Law::NoneRetired) | no handler uses a retired ring | [`cpu_log`], [`m`] |
//! | [L13](law::Law::HandlerGoesOn) | no handler waits for what it interrupted | [`signal_lock`], [`cpu_profile`] |
//! | [L14](law::Law::OwnTrace) | a sample stays in its trace and generation | [`cpu_log`], [`m`] |
//! | [L15](law::Law::NoThrow) | nothing throws | all |
//! | [L16](law::Law::SameGoroutine) | trace and profile name the same goroutine | [`sigprof`](mod@sigprof) |
//! | [L17](law::Law::InProfile) | a trace that stops first has nothing that the profile has not | [`sigprof`](mod@sigprof) |
//!
//! # What differs by release
//!
//! A *revision* is a value of [`Protocol`](protocol::Protocol): `seed` (April 2022), `go1.19`,
//! `go1.21`, `go1.22` (to 1.25), `go1.26` (and 1.27) and `fixed`, the newest without its known
//! defects. The [table](protocol) says what each does; [`defects`] shows what goes wrong in
//! each, step by step. All laws hold in `fixed`, and in the others all but what is said
//! there; a test holds both.
//!
//! # How it is proven
//!
//! - **Scenarios** ([`scenario`]) are small programs over the protocol, each about one thing
//!   that can go wrong: a few threads, rings of a few words, at most one signal a thread,
//!   and a judgement by the laws at the end.
//! - A **search** over all sequentially consistent interleavings runs each to its end on
//!   every revision. It is exhaustive, and carries the proof as far as order alone goes.
//! - **loom** runs them with weak memory and looks for races on plain words. It is not
//!   exhaustive, and `just loom` says by how much; what it adds is that orderings are tried.
//! - **Mutants** ([`mutants`]) are revisions with one switch thrown, one at least for
//!   every mistake that the text knows ([`Flaw`](protocol::Flaw)) and every ordering
//!   ([`Site`](protocol::Site)). Each names its scenario and its law, and must be caught there,
//!   or says why nothing can catch it.
//! - On real threads: Go's own test vectors, a plain queue as a second implementation, a
//!   stress test, and Miri.
//!
//! ARCHITECTURE.md has the table of orderings, and says what this is worth and what not.
//!
//! # Modules
//!
//! | module | what | picture | Go |
//! |---|---|---|---|
//! | [`law`] | what is promised | | |
//! | [`sigprof`](mod@sigprof) | what a signal does: whom it calls, and when nobody | the order | `proc.go` |
//! | [`signal_lock`] | the spin lock that only handlers take | its word | `cpuprof.go`, `trace.go` |
//! | [`prof_buf`] | the ring between handler and reader | record, ring, what a read and a write do | `profbuf.go` |
//! | [`prof_index`] | its positions, packed into a word | `r` and `w` | `profbuf.go` |
//! | [`overflow`] | what it could not hold | the word, who changes it | `profbuf.go` |
//! | [`sample`] | a sample as a record of the tracer's ring | its header | `trace.go`, `tracecpu.go` |
//! | [`cpu_log`] | the tracer's ring or rings: start, advance, stop, drain | both protocols | `trace.go`, `tracecpu.go` |
//! | [`m`] | what a thread keeps: its rate, its guard | the guard | `traceruntime.go` |
//! | [`cpu_profile`] | the profiler: setting the rate, foreign threads, the reader | who does what, the array of foreign stacks | `cpuprof.go` |
//! | [`protocol`] | revisions, and the switches that they are made of | the revisions | |
//! | [`defects`] | what is wrong in Go's, step by step | interleavings | |
//! | [`known`] | the same as data: what breaks which law, where | | |
//! | [`mutants`] | revisions with a mistake, and what catches it | | |
//! | [`scenario`] | small programs with a judgement | | |
//! | [`backend`] | shared words, plain words, a note: what all of it is written over | | |
//! | [`limits`] | sizes of the rings, as Go has them | | |
//!
//! Numbers of the traces themselves are in `sigprof-wire`: the ground that the writer of traces
//! (`sigprof-sim`) and the readers (`sigprof-trace`) share. They share no code, so that real Go
//! stays the judge of both.
//!
//! # A ring in ten lines
//!
//! ```
//! use sigprof_model::backend::Std;
//! use sigprof_model::prof_buf::{Mode, ProfBuf, Read};
//! use sigprof_model::protocol::Fixed;
//!
//! // Headers of two words, room for sixteen words and for four records.
//! let (buf, mut reader) = ProfBuf::<Std, _>::new(Fixed, 2, 16, 4);
//! buf.write(None, 99, &[3, 7], &[0x40, 0x41]);
//!
//! let Read::Records(records) = buf.read(&mut reader, Mode::NonBlocking) else {
//!     panic!("a record was written");
//! };
//! let mut words = Vec::new();
//! records.copy_to(&mut words);
//! // Length, time, header, stack.
//! assert_eq!(words, [6, 99, 3, 7, 0x40, 0x41]);
//!
//! // Too large: it is dropped, counted, and reported once the ring is empty.
//! buf.write(None, 100, &[3, 7], &[0; 20]);
//! let Read::Records(records) = buf.read(&mut reader, Mode::NonBlocking) else {
//!     panic!("something was dropped");
//! };
//! words.clear();
//! records.copy_to(&mut words);
//! assert_eq!(words, [5, 100, 0, 0, 1]);
//! ```

#![forbid(unsafe_code)]

pub mod backend;
pub mod cpu_log;
pub mod cpu_profile;
pub mod defects;
pub mod known;
pub mod law;
pub mod limits;
pub mod m;
pub mod mutants;
pub mod overflow;
pub mod prof_buf;
pub mod prof_index;
pub mod protocol;
pub mod sample;
pub mod scenario;
pub mod signal_lock;
pub mod sigprof;

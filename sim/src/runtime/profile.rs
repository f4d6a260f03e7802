//! A profile starts, is read and stops (Go: `runtime/pprof/pprof.go`, `profileWriter`).

use sigprof_model::backend::Backend;
use sigprof_model::m::M;
use sigprof_model::prof_buf::{Mode, Read, Tag};

use super::ledger::Drained;
use super::{Runtime, label_place};
use crate::profiler::{Labels, ProfileBuilder, Span};
use crate::program::Program;
use crate::tracer::Tracer;
use crate::truth::ProfileTruth;

/// Words of a record of the profile before its stack.
const PREFIX_WORDS: usize = 3;

impl<B: Backend, T: Tracer + ?Sized> Runtime<B, T> {
    /// Starts a profile on a thread; false if it cannot start.
    pub(crate) fn start_profile(&self, m: &M<B>, hz: u32, now_ns: u64) -> bool {
        let Some(mut profiler) = self.profiler.take() else {
            return false;
        };
        let hz = i32::try_from(hz).unwrap_or(i32::MAX);
        let set = self.profile.set_rate(&mut profiler, m, hz, now_ns);
        self.profiler.replace(Some(profiler));
        let Ok(Some(reader)) = set else {
            return false;
        };
        self.profile_reader.replace(Some(reader));
        let builder = ProfileBuilder::new(self.lost_profile_event);
        self.builder.replace(Some(builder));
        self.profile_truths.borrow_mut().push(ProfileTruth {
            started_ns: now_ns,
            ..ProfileTruth::default()
        });
        true
    }

    /// Stops the profile; what it still holds is to be read. False if somebody else is at it.
    pub(crate) fn stop_profile(&self, m: &M<B>, now_ns: u64) -> bool {
        let Some(mut profiler) = self.profiler.take() else {
            return false;
        };
        // Nothing is wrong with a rate of 0.
        let _stopped = self.profile.set_rate(&mut profiler, m, 0, now_ns);
        self.profiler.replace(Some(profiler));
        if let Some(truth) = self.profile_truths.borrow_mut().last_mut() {
            truth.stopped_ns = now_ns;
        }
        true
    }

    /// Takes what the profile's ring holds; true at its end.
    pub(crate) fn read_profile(&self) -> bool {
        let Some(mut reader) = self.profile_reader.take() else {
            return false;
        };
        let is_end = loop {
            let mut words = Vec::new();
            let tags: Vec<_> = match self.profile.read(&mut reader, Mode::NonBlocking) {
                Read::Records(records) => {
                    records.copy_to(&mut words);
                    records.tags().collect()
                }
                Read::Empty => break false,
                Read::Eof => break true,
            };
            self.note_profiled(&words);
            if let Some(builder) = self.builder.borrow_mut().as_mut() {
                // The model writes what runtime/pprof reads; a test holds it.
                let added = builder.add(&words, &tags);
                debug_assert_eq!(added, Ok(()));
            }
        };
        self.profile_reader.replace(Some(reader));
        is_end
    }

    /// Whether a profile has not been read to its end.
    pub(crate) fn has_profile(&self) -> bool {
        self.profile_reader.borrow().is_some()
    }

    /// Finds the signals of these records, and counts what they say was lost.
    fn note_profiled(&self, mut words: &[u64]) {
        let drained = Drained {
            window: self.profile_number().unwrap_or(0),
            generation: 0,
        };
        while let &[len, time, count, ..] = words {
            let len = usize::try_from(len).unwrap_or(usize::MAX);
            let Some(stack) = words.get(PREFIX_WORDS..len) else {
                return;
            };
            match (count, stack) {
                (0, &[lost]) => {
                    if let Some(truth) = self.profile_truths.borrow_mut().last_mut() {
                        truth.overflowed += lost;
                    }
                }
                // The rate has no stack, and what foreign threads left no time (R27).
                (_, [_, ..]) if time > 0 => {
                    let mut ledger = self.in_profile.borrow_mut();
                    if let Some(arrived) = ledger.drained(time, stack, drained) {
                        self.came_into_profile(arrived);
                    }
                }
                _ => {}
            }
            words = &words[len..];
        }
    }

    /// Makes the profile, once its end has been read. `epoch_ns` is the start of the run's clock
    /// since 1970, where it has one.
    pub(crate) fn finish_profile(
        &self,
        program: &Program,
        labels: &[Labels],
        epoch_ns: Option<i64>,
        now_ns: u64,
    ) {
        let (Some(mut profiler), Some(reader)) = (self.profiler.take(), self.profile_reader.take())
        else {
            return;
        };
        // It has found the end, so that nothing can be wrong.
        let _finished = self.profile.finish(&mut profiler, reader);
        self.profiler.replace(Some(profiler));
        let truths = self.profile_truths.borrow();
        self.note_over(|over| over.profiles = truths.len());
        let started = truths.last().map_or(0, |truth| truth.started_ns);
        let signed = |ns: u64| i64::try_from(ns).unwrap_or(i64::MAX);
        let span = Span {
            start_unix_ns: epoch_ns.map_or(0, |epoch| epoch.saturating_add(signed(started))),
            duration_ns: signed(now_ns - started),
        };
        let labels = |tag: Tag| &labels[label_place(tag)][..];
        if let Some(builder) = self.builder.take() {
            let built = builder.build(program, labels, span);
            self.profiles.borrow_mut().push(built.unwrap_or_default());
        }
    }
}

//! The profile starts, is read and stops.

use sigprof_model::backend::Backend;
use sigprof_model::prof_buf::{Mode, Read, Tag};

use super::{HZ, Run};
use crate::profiler::{ProfileBuilder, Span};
use crate::truth::ProfileTruth;

/// Words of a record before its stack.
const PREFIX_WORDS: usize = 3;

impl<B: Backend> Run<B> {
    pub(super) fn start_profile(&self, m: usize) {
        let Some(mut profiler) = self.profiler.take() else {
            return;
        };
        let hz = i32::try_from(HZ).unwrap_or(i32::MAX);
        let now = self.now.get();
        let set = self.profile.set_rate(&mut profiler, &self.ms[m], hz, now);
        self.profiler.replace(Some(profiler));
        if let Ok(Some(reader)) = set {
            self.reader.replace(Some(reader));
            let lost = self.synthetic.lost_profile_event;
            self.builder.replace(Some(ProfileBuilder::new(lost)));
            self.profile_truths.borrow_mut().push(ProfileTruth {
                started_ns: now,
                ..ProfileTruth::default()
            });
            for m in &self.ms {
                m.set_profile_hz(HZ);
            }
        }
    }

    pub(super) fn stop_profile(&self, m: usize) {
        let Some(mut profiler) = self.profiler.take() else {
            return;
        };
        let now = self.now.get();
        // Nothing is wrong with a rate of 0.
        let _stopped = self.profile.set_rate(&mut profiler, &self.ms[m], 0, now);
        self.profiler.replace(Some(profiler));
        if let Some(truth) = self.profile_truths.borrow_mut().last_mut() {
            truth.stopped_ns = now;
        }
        if !self.read_profile() {
            return;
        }
        let (Some(mut profiler), Some(reader)) = (self.profiler.take(), self.reader.take()) else {
            return;
        };
        // It has found the end, so that nothing can be wrong.
        let _finished = self.profile.finish(&mut profiler, reader);
        self.profiler.replace(Some(profiler));
        let started = self
            .profile_truths
            .borrow()
            .last()
            .map_or(0, |t| t.started_ns);
        let span = Span {
            start_unix_ns: 0,
            duration_ns: i64::try_from(now - started).unwrap_or(i64::MAX),
        };
        let labels = |tag: Tag| &self.labels[place(tag)][..];
        if let Some(builder) = self.builder.take() {
            let built = builder.build(&self.program, labels, span);
            self.profiles.borrow_mut().push(built.unwrap_or_default());
        }
    }

    /// Whether it is the end.
    pub(super) fn read_profile(&self) -> bool {
        let Some(mut reader) = self.reader.take() else {
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
                // The model writes what runtime/pprof reads.
                let added = builder.add(&words, &tags);
                debug_assert_eq!(added, Ok(()));
            }
        };
        self.reader.replace(Some(reader));
        is_end
    }

    fn note_profiled(&self, mut words: &[u64]) {
        let number = self.profile_truths.borrow().len().saturating_sub(1);
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
                (_, [_, ..]) => {
                    let came = (number, time, stack.to_vec());
                    self.in_profile.borrow_mut().push(came);
                }
                _ => {}
            }
            words = &words[len..];
        }
    }
}

/// Where the labels of a tag are.
pub(super) fn place(tag: Tag) -> usize {
    usize::try_from(tag.get() - 1).unwrap_or(0)
}

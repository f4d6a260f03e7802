//! From one generation to the next.

use sigprof_wire::v2::HEADER_WITH_END;

use super::{Phase, Result, Stream};
use crate::error::{ErrorKind, InputError};
use crate::heap;
use crate::trace::options::Warning;
use crate::trace::v2::SYNC_FIRST;
use crate::trace::v2::batch::{Head, Item};
use crate::trace::v2::cursor::Cursor;
use crate::trace::v2::event::Event;
use crate::trace::v2::frontier::Next;
use crate::trace::v2::generation::{Ended, load};

/// The next thing after a generation.
pub(super) enum Found {
    /// An event, a `Sync`.
    Event,
    /// Another generation comes.
    Generation,
    /// The trace has ended.
    End,
}

impl Stream<'_> {
    /// Finds what comes when all events of a generation have.
    #[cold]
    pub(super) fn between(&mut self) -> Result<Found> {
        let sync_first = self.options.release >= SYNC_FIRST;
        if self.phase == Phase::Within {
            self.phase = Phase::Between;
            if !sync_first {
                let number = self.generation.number;
                return self.sync(self.last, number, 0);
            }
        }
        if let Some(error) = self.pending.take() {
            if sync_first && !self.has_synced {
                self.pending = Some(error);
                self.has_synced = true;
                return self.counted_sync(self.last, 0);
            }
            return Err(error);
        }
        let Some(start) = self.next.take() else {
            return self.last_sync();
        };
        match self.load(start)? {
            Found::Event => Ok(Found::Event),
            Found::End => self.last_sync(),
            Found::Generation if !sync_first => {
                if self.cursors.is_empty() && self.generation.samples.is_empty() {
                    let at = self.source.offset(self.generation.start);
                    let want = format!("an event in generation {}", self.generation.number);
                    let kind = ErrorKind::Malformed;
                    let error = InputError::new(kind, at, "generation", want, "none");
                    return Err(Box::new(error));
                }
                Ok(Found::Generation)
            }
            Found::Generation => {
                let generation = &self.generation;
                let least = generation.min_time.unwrap_or_default();
                let time = generation.scale.nanos(least);
                self.counted_sync(time, generation.number)
            }
        }
    }

    /// From Go 1.25 on a last `Sync` says that the trace is over.
    fn last_sync(&mut self) -> Result<Found> {
        if self.phase == Phase::Over || self.options.release < SYNC_FIRST {
            self.phase = Phase::Over;
            return Ok(Found::End);
        }
        self.phase = Phase::Over;
        self.counted_sync(self.last, 0)
    }

    fn counted_sync(&mut self, time: i64, generation: u64) -> Result<Found> {
        self.syncs += 1;
        self.sync(time, generation, self.syncs)
    }

    fn sync(&mut self, time: i64, generation: u64, number: u64) -> Result<Found> {
        let offset = self.source.offset(self.generation.start);
        self.emit(Event::sync(offset, time, generation, number))?;
        Ok(Found::Event)
    }

    fn load(&mut self, start: usize) -> Result<Found> {
        let fell = self.source.forget(self.generation.start, start);
        let start = start - fell;
        let release = self.options.release;
        let ended = load(
            &mut self.generation,
            &mut self.source,
            start,
            self.header,
            self.options,
        );
        let ended = match ended {
            Ok(ended) => ended,
            Err(bad) => {
                let (error, at) = *bad;
                let error = self.explained(error);
                self.next = Some(at);
                self.generation.end = at;
                // Nothing comes of what was read of it.
                self.next_sample = usize::MAX;
                if release < SYNC_FIRST {
                    return Err(error);
                }
                self.pending = Some(error);
                self.has_synced = true;
                return self.counted_sync(self.last, 0);
            }
        };
        match ended {
            Ended::Input { lone } => {
                if lone > 0 || self.totals.generations == 0 {
                    self.never_stopped(self.totals.generations);
                }
                return Ok(Found::End);
            }
            Ended::Generation { next } => self.next = Some(next),
            Ended::Last(error) => {
                self.pending = error.map(|e| self.explained(e));
                self.has_synced = false;
            }
        }
        self.install()?;
        Ok(Found::Generation)
    }

    /// The generation that was read in begins.
    fn install(&mut self) -> Result<()> {
        let generation = &self.generation;
        self.phase = Phase::Within;
        self.next_sample = 0;
        self.sample_time = generation.samples.first().map_or(i64::MAX, |s| s.time);
        let before = self.totals.generations;
        // One without a batch is the end of the input.
        self.totals.generations += u64::from(generation.number != 0);
        self.totals.strings += generation.strings.len() as u64;
        self.totals.stacks += generation.stacks.len() as u64;
        self.totals.bytes = self.source.offset(generation.end);
        let len = usize::try_from(self.totals.bytes).unwrap_or(usize::MAX);
        heap::check(
            len,
            generation.heap() + self.order.heap(),
            self.totals.bytes,
        )?;
        self.order.begin(generation, len);
        self.cursors.clear();
        self.frontier.clear();
        for lane in &generation.lanes {
            let thread = self.order.threads.slot(lane.thread);
            let mut cursor = Cursor::new(thread, lane.first, &generation.batches);
            match cursor.advance(self.source.bytes(), generation) {
                Ok(false) => continue,
                Ok(true) => {}
                Err(bad) => return Err(self.bad_event(&bad)),
            }
            #[expect(clippy::cast_possible_truncation, reason = "a thread takes a batch")]
            self.frontier.insert(Next {
                time: cursor.time(),
                cursor: self.cursors.len() as u32,
            });
            heap::push(&mut self.cursors, cursor);
        }
        // A clock, and nothing that came behind it.
        let is_lone = generation.is_open
            && generation.lanes.is_empty()
            && generation.samples.is_empty()
            && generation.stacks.len() == 0
            && self.next.is_none()
            && generation.number != 0;
        if is_lone {
            self.never_stopped(before);
        }
        Ok(())
    }

    fn never_stopped(&mut self, generations: u64) {
        let offset = self.source.offset(self.generation.end);
        self.order.warnings.add(Warning::NeverStopped {
            offset,
            generations,
        });
    }

    /// The end: what was got over is said now.
    #[cold]
    pub(super) fn end(&mut self) -> Result<bool> {
        self.phase = Phase::Over;
        self.next = None;
        match self.lost.take() {
            Some(error) => Err(error),
            None => Ok(false),
        }
    }

    /// Goes on after a generation that cannot be read, if that is wanted and possible.
    #[cold]
    pub(super) fn recover(&mut self, mut error: Box<InputError>) -> Result<()> {
        if self.phase == Phase::Within {
            // That an event is missing comes of that.
            if let Some(cause) = self.pending.take() {
                error = cause;
            }
            let is_order = error.kind() == ErrorKind::Inconsistent;
            if error.kind() == ErrorKind::Truncated || is_order && self.generation.is_open {
                self.phase = Phase::Over;
            }
        }
        let generation = self.generation.number;
        let offset = self.source.offset(self.generation.start);
        self.frontier.clear();
        self.next_sample = usize::MAX;
        self.order.forget();
        self.pending = None;
        self.has_synced = true;
        let from = self.next.take().unwrap_or(self.generation.end);
        let base = self.source.base();
        let next = match self.phase {
            _ if !self.options.keep_going => None,
            Phase::Over => None,
            // The next generation has been found.
            Phase::Within if self.generation.end <= from => Some(from),
            _ => self.find_generation(from, generation, offset),
        };
        if self.source.base() != base {
            self.generation.lose(next.unwrap_or_default());
        }
        let Some(next) = next.filter(|&next| self.source.offset(next) > offset) else {
            self.phase = Phase::Over;
            return Err(self.lost.take().unwrap_or(error));
        };
        self.phase = Phase::Between;
        self.totals.lost += 1;
        self.next = Some(next);
        let until = self.source.offset(next);
        self.order.warnings.add(Warning::Lost {
            generation,
            offset,
            until,
            error: error.clone(),
        });
        self.lost.get_or_insert(error);
        Ok(())
    }

    /// Where a generation other than this one begins, behind this offset.
    fn find_generation(&mut self, mut at: usize, number: u64, behind: u64) -> Option<usize> {
        let has_ends = self.header >= HEADER_WITH_END;
        loop {
            at -= self.source.forget_read(at);
            match Head::read(&mut self.source, at) {
                Ok(Item::End) => return None,
                Ok(Item::EndOfGeneration(next)) if has_ends => {
                    self.source.fill(next + 1).ok()?;
                    return (self.source.bytes().len() > next).then_some(next);
                }
                Ok(Item::Batch(head)) => {
                    let is_behind = self.source.offset(head.start) > behind;
                    if head.generation != number && is_behind {
                        return Some(head.start);
                    }
                    at = head.end;
                }
                Ok(Item::EndOfGeneration(_)) | Err(_) => {
                    at = Head::find(&mut self.source, at + 1)?;
                }
            }
        }
    }
}

//! Events of all threads and samples, merged in the order of Go's reader.

use super::ids::{has_ids, missing};
use super::{Result, Stream, in_time};
use crate::error::InputError;
use crate::trace::options::{Release, Strict};
use crate::trace::v2::cursor::{BadEvent, Cursor};
use crate::trace::v2::event::Event;
use crate::trace::v2::frontier::Next;
use crate::trace::v2::generation::Generation;
use crate::trace::v2::options::SORT_CHANGED;
use crate::trace::v2::order::{Fault, Happened, World};

/// Why merging of threads stops.
enum Stop {
    /// There is no room for more events.
    Full,
    /// A sample is next, or nothing.
    Other,
    /// The fault of the next event.
    Fault(Box<Trouble>),
}

/// The fault of an event, not yet in words.
enum Trouble {
    /// An event that cannot have happened, on the thread of a slot.
    Order(Event, u32, Fault),
    /// An event that cannot be read.
    Bad(Box<BadEvent>),
    /// An event with ids that are not there.
    Ids(Event),
    /// All threads wait for each other.
    Stuck,
}

impl From<Trouble> for Stop {
    #[cold]
    fn from(trouble: Trouble) -> Self {
        Self::Fault(Box::new(trouble))
    }
}

/// A reason not to hand out an event that happened.
enum Odd {
    /// The next one of its thread is broken.
    Next(Box<BadEvent>),
    /// The event has ids that are not there.
    Ids,
}

impl Odd {
    /// Looks at an event again. Go's reader has read the next event before it hands this one
    /// out: if that one is broken, both are lost.
    #[cold]
    fn find(
        event: &Event,
        cursor: &Cursor,
        bytes: &[u8],
        generation: &Generation,
        is_strict: bool,
    ) -> Option<Self> {
        if is_strict && let Err(bad) = { *cursor }.advance(bytes, generation) {
            return Some(Self::Next(bad));
        }
        missing(event, generation).map(|_| Self::Ids)
    }
}

impl Stream<'_> {
    /// Reads ahead within the generation.
    pub(super) fn merge(&mut self) -> Result<()> {
        loop {
            let mut lacking = None;
            // A strict reader looks at each event again.
            let is_strict = self.options.strict == Some(Strict::Go1_27);
            let stop = if self.ahead.is_counting() && !is_strict {
                self.merge_threads::<true>(&mut lacking)
            } else {
                self.merge_threads::<false>(&mut lacking)
            };
            if let Some(event) = lacking {
                self.without_ids(&event)?;
            }
            match stop {
                Stop::Full => return Ok(()),
                Stop::Other if self.next_sample < self.generation.samples.len() => {
                    self.emit_sample()?;
                }
                Stop::Other => return Ok(()),
                Stop::Fault(trouble) => return Err(self.in_words(*trouble)),
            }
        }
    }

    #[cold]
    fn in_words(&mut self, trouble: Trouble) -> Box<InputError> {
        match trouble {
            Trouble::Order(event, thread, fault) => {
                self.cannot_have_happened(&event, thread, fault)
            }
            Trouble::Bad(bad) => self.bad_event(&bad),
            Trouble::Ids(event) => self.bad_id(&event),
            Trouble::Stuck => self.stuck(),
        }
    }

    /// Merges events of threads, up to one that needs more than that. Of those in a generation
    /// that was cut off, `lacking` is the first whose ids are not there.
    #[inline(never)]
    fn merge_threads<const COUNTED: bool>(&mut self, lacking: &mut Option<Event>) -> Stop {
        let is_strict = !COUNTED && self.options.strict == Some(Strict::Go1_27);
        let is_1_22 = self.options.release == Release::Go1_22;
        let old_shifts = self.options.release < SORT_CHANGED;
        let sample_time = self.sample_time;
        // Taken apart once and not for each event, which saves 3 to 6 % of the time; so it is the
        // caller who puts faults in words.
        let Self {
            source,
            generation,
            ahead,
            cursors,
            frontier,
            order,
            last,
            ..
        } = self;
        let (bytes, base, generation) = (source.bytes(), source.base(), &*generation);
        let cursors = &mut cursors[..];
        let mut places = ahead.places::<COUNTED>();
        let stop = 'merging: loop {
            if places.next().is_none() {
                break Stop::Full;
            }
            let first = frontier.first();
            if sample_time < first.time {
                break Stop::Other;
            }
            let Some(mut cursor) = cursors.get_mut(first.cursor as usize) else {
                break Stop::Other;
            };
            // So long other threads stay as they are. That a thread stays on top saves time, and
            // is not needed.
            let (second, before) = frontier.second();
            let mut before = before.min(sample_time);
            let mut at = 0;
            // A thread mostly has several events in a row.
            loop {
                let Some(event) = places.next() else {
                    break 'merging Stop::Full;
                };
                let bound = order.threads.bound(cursor.thread);
                // Where an event happened that is counted, nobody asks.
                if !COUNTED {
                    cursor.write(event, base, generation.number);
                    event.set(bound.0);
                }
                let world = || World {
                    bytes,
                    base,
                    generation,
                    is_strict,
                    is_1_22,
                };
                let happened = match order.advance::<COUNTED>(cursor, bound, event, world) {
                    Ok(happened) => happened,
                    Err(Some(fault)) => {
                        if COUNTED {
                            cursor.write(event, base, generation.number);
                        }
                        break 'merging Trouble::Order(*event, cursor.thread, *fault).into();
                    }
                    Err(None) => {
                        // It waits: others are tried in the order of their times (R75.4).
                        if at == 0 {
                            frontier.keep(cursor.time());
                            frontier.sort(old_shifts);
                            before = i64::MIN;
                        }
                        at += 1;
                        let Some(next) = frontier.get(at) else {
                            break 'merging Trouble::Stuck.into();
                        };
                        cursor = &mut cursors[next.cursor as usize];
                        continue;
                    }
                };
                if happened == Happened::Plainly && !is_strict {
                    let time = in_time(cursor.time(), last);
                    if !COUNTED {
                        event.time = time;
                    }
                    places.happened(cursor.event_type());
                } else {
                    if COUNTED && happened != Happened::Made {
                        cursor.write(event, base, generation.number);
                    }
                    let is_plain = order.queue.is_empty() && has_ids(event, generation);
                    let odd = match is_strict || !is_plain {
                        true => Odd::find(event, cursor, bytes, generation, is_strict),
                        false => None,
                    };
                    match odd {
                        None => {}
                        Some(Odd::Next(bad)) => break 'merging Trouble::Bad(bad).into(),
                        Some(Odd::Ids) if generation.is_cut => {
                            lacking.get_or_insert(*event);
                        }
                        Some(Odd::Ids) => break 'merging Trouble::Ids(*event).into(),
                    }
                    event.time = in_time(event.time, last);
                    let event_type = event.event_type;
                    places.happened(event_type);
                    while let Some(mut event) = order.queue.pop() {
                        if !has_ids(&event, generation) {
                            if !generation.is_cut {
                                break 'merging Trouble::Ids(event).into();
                            }
                            lacking.get_or_insert(event);
                        }
                        event.time = in_time(event.time, last);
                        places.push(event);
                    }
                }
                let is_read = cursor.advance_simply(bytes, &generation.scale)
                    || match cursor.advance(bytes, generation) {
                        Ok(is_read) => is_read,
                        Err(bad) => break 'merging Trouble::Bad(bad).into(),
                    };
                if !is_read {
                    frontier.remove(at);
                    break;
                }
                let time = cursor.time();
                if time < before && places.next().is_some() {
                    continue;
                }
                if at == 0 {
                    let cursor = first.cursor;
                    frontier.update_first(Next { time, cursor }, second);
                } else {
                    frontier.update(at, time);
                }
                break;
            }
        };
        let left = places.left();
        ahead.fill(left);
        stop
    }
}

#[cfg(test)]
mod tests;

//! The window that a flight recorder kept, and why it is no longer.
//!
//! A recorder has whole generations. At the end of each it keeps that one, and older ones while all
//! that it has is within MaxBytes and the oldest began no longer than MinAge ago (R98.1):
//!
//! ```text
//! generations  |  31  |  32  |  33  |     33: 21 MB, MaxBytes: 10 MiB
//! kept                       |  33  |     one second, whatever MinAge is
//! ```
//!
//! Neither of the two is in the file: whoever set them says so. Not told, they are Go's own.
//!
//! Source: Go `runtime/trace/flightrecorder.go`, `runtime/trace/recorder.go`.

use serde::Serialize;

/// Go's own settings (`NewFlightRecorder`).
const MIN_AGE_NS: u64 = 10_000_000_000;
const MAX_BYTES: u64 = 10 << 20;

/// A generation's age is taken when its reader comes to it, which under load is a while later.
const LATE_NS: u64 = 250_000_000;

/// The settings of a flight recorder; those that are not told are Go's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecorderSettings {
    /// How far back the window is to go at the least (`MinAge`).
    pub min_age_ns: Option<u64>,
    /// The bytes that all of it is to take at the most, but for the last generation (`MaxBytes`).
    pub max_bytes: Option<u64>,
}

/// The window of a trace that a flight recorder kept (S60.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Snapshot {
    /// Whether the tracer began in it, so that there was nothing older to keep.
    pub holds_beginning: bool,
    /// From its first generation's start to its last event, in nanoseconds.
    pub window_ns: u64,
    /// The bytes of its generations.
    pub bytes: u64,
    /// The number of its generations.
    pub generations: u64,
    /// The largest of them.
    pub largest: Kept,
    /// The oldest of them.
    pub oldest: Kept,
    /// The recorder's MinAge in nanoseconds, as it was told; none if it was not.
    pub min_age_ns: Option<u64>,
    /// The recorder's MaxBytes, as it was told; none if it was not.
    pub max_bytes: Option<u64>,
    /// Why the window is shorter than MinAge; none if it is not.
    pub shorter: Option<Shorter>,
    /// Whether what it has beside its oldest generation is more than these settings keep: it was
    /// kept by others, or is the trace of `trace.Start` beside a recorder.
    pub is_of_others: bool,
}

/// A generation that was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// The number of the generation.
    pub generation: u64,
    /// The bytes of its batches.
    pub bytes: u64,
    /// When it began, in nanoseconds since the trace's first event.
    pub from_ns: i64,
    /// When the next one did, or the trace's last event came.
    pub to_ns: i64,
}

/// Why a window is shorter than MinAge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shorter {
    /// The window takes more than MaxBytes, which goes first.
    MaxBytes,
    /// The tracer began in it.
    Began,
    /// Nothing in the file says why: the recorder began in it beside a trace, or MinAge was less.
    Unknown,
}

/// The generations of a trace, as they go by.
#[derive(Clone, Debug, Default)]
pub(super) struct Generations {
    count: u64,
    holds_beginning: bool,
    /// Number, beginning, and offset of the last one.
    last: Option<(u64, i64, u64)>,
    oldest: Option<Kept>,
    largest: Option<Kept>,
    first_offset: u64,
    bytes: u64,
}

impl Generations {
    /// The next generation begins at this time, and at this offset of the file.
    pub(super) fn next(&mut self, number: u64, from_ns: i64, offset: u64) {
        self.end(from_ns, offset);
        if self.count == 0 {
            self.first_offset = offset;
        }
        self.count += 1;
        self.last = Some((number, from_ns, offset));
    }

    /// The tracer began in the generation that goes by.
    pub(super) fn begin(&mut self) {
        self.holds_beginning |= self.count == 1;
    }

    /// The last generation ends at this time, and at this offset.
    pub(super) fn end(&mut self, to_ns: i64, offset: u64) {
        let Some((generation, from_ns, began)) = self.last.take() else {
            return;
        };
        let kept = Kept {
            generation,
            bytes: offset.saturating_sub(began),
            from_ns,
            to_ns,
        };
        self.bytes = offset.saturating_sub(self.first_offset);
        self.oldest.get_or_insert(kept);
        if self
            .largest
            .is_none_or(|largest| kept.bytes > largest.bytes)
        {
            self.largest = Some(kept);
        }
    }

    /// The window that a recorder with these settings kept; none of a trace that begins with its tracer, if
    /// nobody says that a recorder kept it, and none of a v1 trace.
    pub(super) fn snapshot(&self, settings: RecorderSettings, to_ns: i64) -> Option<Snapshot> {
        let (oldest, largest) = (self.oldest?, self.largest?);
        let is_told = settings != RecorderSettings::default();
        if self.holds_beginning && !is_told {
            return None;
        }
        let min_age_ns = settings.min_age_ns.unwrap_or(MIN_AGE_NS);
        let max_bytes = settings.max_bytes.unwrap_or(MAX_BYTES);
        let since = |ns: i64| to_ns.saturating_sub(ns).max(0).unsigned_abs();
        let window_ns = since(oldest.from_ns);
        let shorter = if window_ns >= min_age_ns {
            None
        } else if self.bytes > max_bytes {
            Some(Shorter::MaxBytes)
        } else if self.holds_beginning {
            Some(Shorter::Began)
        } else {
            let late = LATE_NS.min(min_age_ns / 10);
            (window_ns + late < min_age_ns).then_some(Shorter::Unknown)
        };
        // By what was told alone: of the rest nobody knows how it was set.
        let without_oldest = self.bytes.saturating_sub(oldest.bytes);
        let has_more = self.count > 1
            && (settings.max_bytes.is_some_and(|max| without_oldest > max)
                || settings
                    .min_age_ns
                    .is_some_and(|min| since(oldest.to_ns) > min));
        Some(Snapshot {
            holds_beginning: self.holds_beginning,
            window_ns,
            bytes: self.bytes,
            generations: self.count,
            largest,
            oldest,
            min_age_ns: settings.min_age_ns,
            max_bytes: settings.max_bytes,
            shorter,
            is_of_others: has_more,
        })
    }
}

impl Snapshot {
    /// The recorder's MinAge, or Go's if it was not told.
    #[must_use]
    pub fn wanted_ns(&self) -> u64 {
        self.min_age_ns.unwrap_or(MIN_AGE_NS)
    }

    /// The recorder's MaxBytes, or Go's if it was not told.
    #[must_use]
    pub fn allowed_bytes(&self) -> u64 {
        self.max_bytes.unwrap_or(MAX_BYTES)
    }

    /// Whether anything was told of its recorder.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.min_age_ns.is_some() || self.max_bytes.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000_000;

    /// Generations of a second and so many bytes each.
    fn kept(bytes: &[u64]) -> Generations {
        let mut generations = Generations::default();
        let (mut at, mut offset) = (0, 16);
        for (number, bytes) in (7..).zip(bytes) {
            generations.next(number, at, offset);
            (at, offset) = (at + SECOND, offset + bytes);
        }
        generations.end(at, offset);
        generations
    }

    #[track_caller]
    fn shorter(bytes: &[u64], min_age_s: u64, max_bytes: u64) -> Option<Shorter> {
        let settings = RecorderSettings {
            min_age_ns: Some(min_age_s * SECOND.unsigned_abs()),
            max_bytes: Some(max_bytes),
        };
        let end = SECOND * i64::try_from(bytes.len()).unwrap();
        kept(bytes).snapshot(settings, end).unwrap().shorter
    }

    /// Guards S60.1.
    #[test]
    fn sizes_and_times_are_those_of_whole_generations() {
        let snapshot = kept(&[30, 100, 7]).snapshot(RecorderSettings::default(), 3 * SECOND);
        let snapshot = snapshot.unwrap();
        assert_eq!((snapshot.bytes, snapshot.generations), (137, 3));
        assert_eq!(snapshot.window_ns, 3 * SECOND.unsigned_abs());
        let largest = Kept {
            generation: 8,
            bytes: 100,
            from_ns: SECOND,
            to_ns: 2 * SECOND,
        };
        assert_eq!(snapshot.largest, largest);
        assert_eq!((snapshot.oldest.generation, snapshot.oldest.bytes), (7, 30));
    }

    /// Guards S60.2.
    #[test]
    fn a_window_is_shorter_because_of_its_bytes_or_because_it_began() {
        assert_eq!(shorter(&[100], 10, 99), Some(Shorter::MaxBytes));
        assert_eq!(shorter(&[100], 10, 100), Some(Shorter::Unknown));
        assert_eq!(shorter(&[100, 1], 2, 99), None);
        let mut generations = kept(&[]);
        generations.next(1, 0, 16);
        generations.begin();
        generations.end(SECOND, 116);
        let told = RecorderSettings {
            min_age_ns: Some(2 * SECOND.unsigned_abs()),
            max_bytes: None,
        };
        let began = generations.snapshot(told, SECOND).unwrap();
        assert_eq!(began.shorter, Some(Shorter::Began));
        // Nobody says that a recorder kept it.
        let untold = RecorderSettings::default();
        assert_eq!(generations.snapshot(untold, SECOND), None);
    }

    /// Its age is taken late.
    ///
    /// Guards S60.2.
    #[test]
    fn a_window_that_lacks_a_moment_is_not_shorter() {
        let kept = kept(&[100, 100]);
        let shorter = |min_age_ns: u64| {
            let settings = RecorderSettings {
                min_age_ns: Some(min_age_ns),
                max_bytes: None,
            };
            kept.snapshot(settings, 2 * SECOND).unwrap().shorter
        };
        assert_eq!(shorter(2_200_000_000), None);
        assert_eq!(shorter(2_300_000_000), Some(Shorter::Unknown));
    }

    /// Guards S60.3.
    #[test]
    fn what_these_settings_do_not_keep_is_of_others() {
        let is_of_others = |bytes: &[u64], min_age_s: u64, max_bytes: u64| {
            let settings = RecorderSettings {
                min_age_ns: Some(min_age_s * SECOND.unsigned_abs()),
                max_bytes: Some(max_bytes),
            };
            let end = SECOND * i64::try_from(bytes.len()).unwrap();
            let snapshot = kept(bytes).snapshot(settings, end).unwrap();
            snapshot.is_of_others
        };
        // The oldest is kept while the others are within both.
        assert!(!is_of_others(&[100, 50, 50], 2, 100));
        assert!(is_of_others(&[100, 50, 50], 2, 99));
        assert!(is_of_others(&[100, 50, 50], 1, 100));
        assert!(!is_of_others(&[100], 1, 1));
    }
}

//! The contents of a v2 trace in numbers.

use sigprof_wire::v2::EventType;

use super::reader::Reader;
use crate::error::InputError;
use crate::trace::stat::{Samples, Stat};

/// The numbers of a v2 trace, as [`Stat::of`] has them.
///
/// # Errors
/// What is wrong with the trace.
pub fn of(reader: &mut Reader) -> Result<Stat, InputError> {
    let mut counts = [0_u64; 256];
    let mut samples = Samples::default();
    let mut first = None;
    let result = loop {
        let events = match reader.advance_many() {
            Ok([]) => break None,
            Ok(events) => events,
            Err(error) => break Some(error),
        };
        for event in events {
            counts[event.event_type as usize] += 1;
            if event.is_sample() {
                samples.add(event.proc().is_some(), event.goroutine().is_none());
            }
        }
        if let [one, ..] = events {
            first = first.or(Some(one.time));
        }
        // Of the first event the time is wanted, of others the number.
        reader.count();
    };
    let (counted, last) = reader.counted();
    for (count, more) in counts.iter_mut().zip(counted) {
        *count += more;
    }
    if let Some(error) = &result
        && !reader.options().keep_going
    {
        return Err(error.clone());
    }
    let totals = reader.totals();
    let by_type = EventType::ALL
        .iter()
        .map(|&e| (e.name(), counts[e as usize]));
    let warnings = reader.warnings();
    Ok(Stat {
        schema_version: 1,
        version: format!("1.{}", reader.header()),
        bytes: totals.bytes,
        generations: Some(totals.generations),
        events: counts.iter().sum(),
        events_by_type: by_type.filter(|&(_, count)| count > 0).collect(),
        ps: totals.procs,
        goroutines: totals.goroutines,
        samples,
        stacks: totals.stacks,
        strings: totals.strings,
        ticks_per_second: None,
        span_ns: first.map_or(0, |first| last.wrapping_sub(first)),
        warnings: warnings.first().iter().map(ToString::to_string).collect(),
        warnings_count: warnings.count(),
        error: result.map(|e| e.to_string()),
    })
}

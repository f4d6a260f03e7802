//! The contents of a v1 trace in numbers: all of it is read, ordered and validated, and nothing of an
//! event is kept.

use sigprof_wire::v1::EventType;

use super::event::Place;
use super::reader::Reader;
use super::render;
use crate::error::InputError;
use crate::trace::options::{Warning, Warnings};
use crate::trace::stat::{Samples, Stat};

/// The numbers of a v1 trace, as [`Stat::of`] has them.
///
/// # Errors
/// What is wrong with the trace.
pub fn of(reader: &Reader) -> Result<Stat, InputError> {
    let mut counts = [0_u64; 64];
    let mut samples = Samples::default();
    let mut span_ns = 0;
    let mut stream = reader.stream();
    let mut result;
    loop {
        result = stream.advance();
        if !matches!(result, Ok(true)) {
            break;
        }
        let seen = stream.seen();
        counts[seen.event_type as usize & 63] += 1;
        span_ns = seen.time;
        if seen.event_type == EventType::CPUSample {
            samples.add(matches!(seen.place, Place::P(_)), stream.own_id() == 0);
        }
    }
    let damage = reader.damage().cloned().or(result.err());
    if let Some(error) = &damage
        && !reader.options().keep_going
    {
        return Err(error.clone());
    }
    let stat = new(reader, &counts, samples, span_ns, stream.warnings());
    Ok(Stat {
        error: damage.map(|e| e.to_string()),
        ..stat
    })
}

fn new(
    reader: &Reader,
    counts: &[u64; 64],
    samples: Samples,
    span_ns: i64,
    of_events: &Warnings,
) -> Stat {
    let by_type = EventType::ALL.into_iter().filter_map(|event_type| {
        let name = render::go_name(event_type, reader.version());
        Some((name, counts[event_type as usize])).filter(|&(_, count)| count > 0)
    });
    let of_file = reader.warnings();
    let of_file = of_file.iter();
    let of_file = of_file.filter(|w| !matches!(w, Warning::Damaged(_)));
    let warnings: Vec<_> = of_file
        .chain(of_events.first())
        .map(Warning::to_string)
        .collect();
    Stat {
        schema_version: 1,
        version: reader.version().to_string(),
        bytes: reader.bytes().len() as u64,
        generations: None,
        events: counts.iter().sum(),
        events_by_type: by_type.collect(),
        ps: reader.p_count(),
        goroutines: counts[EventType::GoCreate as usize],
        samples,
        stacks: reader.stack_count() as u64,
        strings: reader.string_count() as u64,
        ticks_per_second: Some(reader.ticks_per_second()),
        span_ns,
        warnings_count: warnings.len() as u64 + of_events.count() - of_events.first().len() as u64,
        warnings,
        error: None,
    }
}

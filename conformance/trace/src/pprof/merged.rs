//! Several profiles in one, as `go tool pprof -proto` and continuous profilers make them (S11.9).
//!
//! Such a profile is valid, but no trace is of the same run as all of it. Bytes show it where the
//! parts differ in what a process has once:
//!
//! - the rate: in each sample of Go's the nanoseconds are the count times the period (R52.2), and of
//!   several profiles only the longest period is kept;
//! - the program: functions of package main lie in one file with one build id.
//!
//! Parts of one program at one rate are like one profile that ran longer.
//!
//! Source: github.com/google/pprof `profile/merge.go`, `combineHeaders`.

use std::collections::{HashMap, HashSet};

use super::fields::{self, Fields};
use super::proto;
use crate::bytes;
use crate::error::{ErrorKind, InputError};

/// An error that says of what the profile was put together, if its bytes show that it was.
pub(super) fn check(fields: &Fields) -> Result<(), InputError> {
    rates(fields)?;
    programs(fields)
}

fn of<'a>(fields: &Fields<'a>, number: u64) -> impl Iterator<Item = fields::Field<'a>> {
    fields::all(fields.bytes).filter(move |f| f.number == number)
}

fn several(offset: u64, place: &str, want: impl Into<String>, got: String) -> InputError {
    InputError::new(ErrorKind::WrongFormat, offset, place, want, got)
        .with_context("several profiles merged into one? check each with the trace of its run")
}

/// No sample has nanoseconds of its count times a shorter period.
fn rates(fields: &Fields) -> Result<(), InputError> {
    let period = fields.header.period;
    let place = |name: &[u8], unit: &[u8]| {
        of(fields, fields::SAMPLE_TYPE).position(|field| {
            let t: proto::ValueType = field.message();
            fields.string(t.r#type) == Some(name) && fields.string(t.unit) == Some(unit)
        })
    };
    let places = place(b"samples", b"count").zip(place(b"cpu", b"nanoseconds"));
    let Some((counts, nanos)) = places.filter(|_| period > 0) else {
        return Ok(());
    };
    for field in of(fields, fields::SAMPLE) {
        let sample: proto::Sample = field.message();
        let value = |at: usize| sample.value.get(at).copied().unwrap_or_default();
        let (count, nanos) = (value(counts), value(nanos));
        // A shorter period that comes out whole; else somebody changed a count.
        let is_shorter = count > 0 && nanos > 0 && nanos % count == 0 && nanos / count < period;
        if is_shorter {
            let want = format!("{count} times the period, {period} ns");
            return Err(several(field.offset, "sample", want, format!("{nanos} ns")));
        }
    }
    Ok(())
}

/// Functions of package main are of one program.
fn programs(fields: &Fields) -> Result<(), InputError> {
    let text = |index| fields.string(index).unwrap_or_default();
    // A profile of one process has one mapping of its program, most often.
    let mut mappings = HashMap::new();
    for field in of(fields, fields::MAPPING) {
        let m: proto::Mapping = field.message();
        mappings.insert(m.id, (text(m.filename), text(m.build_id)));
    }
    if mappings.len() < 2 {
        return Ok(());
    }
    let functions = of(fields, fields::FUNCTION).map(|field| field.message::<proto::Function>());
    let mains: HashSet<_> = functions
        .filter(|f| text(f.name).starts_with(b"main."))
        .map(|f| f.id)
        .collect();
    let mut first = None;
    for field in of(fields, fields::LOCATION) {
        let location: proto::Location = field.message();
        let is_main = location.line.iter().any(|l| mains.contains(&l.function_id));
        let Some(&program) = mappings.get(&location.mapping_id).filter(|_| is_main) else {
            continue;
        };
        let &mut (file, build) = first.get_or_insert(program);
        // One file may lie in several pieces.
        let (other_file, other_build) = program;
        let is_another = match build.is_empty() || other_build.is_empty() {
            true => file != other_file,
            false => build != other_build,
        };
        if is_another {
            let files = [file, other_file].map(bytes::text);
            let got = format!("functions of it in {} and in {}", files[0], files[1]);
            return Err(several(field.offset, "location", "one package main", got));
        }
    }
    Ok(())
}

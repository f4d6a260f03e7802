//! The check of what makes a profile invalid for Go as well, needed by a sample or not (R52.13).
//!
//! It comes last: what a sample stumbles over is told with its place.
//!
//! Go: `internal/profile/profile.go`, `CheckValid`; `encode.go`, `postDecode`.

use super::fields::{self, Fields};
use super::proto;
use crate::error::{ErrorKind, InputError};

/// Whether Go takes the profile, too.
pub(super) fn check(fields: &Fields) -> Result<(), InputError> {
    if fields.string(0).is_some_and(|s| !s.is_empty()) {
        let got = "another";
        return Err(malformed(0, "string_table", "an empty first string", got));
    }
    // Each from 1 on, and once.
    if let Some(&(place, id)) = fields.bad_ids.iter().flatten().next() {
        return Err(match id {
            0 => malformed(0, place, "an id from 1 on", "0"),
            id => malformed(0, place, "an id of its own", format!("{id} again")),
        });
    }
    let of = |number| fields::all(fields.bytes).filter(move |f| f.number == number);
    for field in of(fields::SAMPLE) {
        let (sample, offset): (proto::Sample, _) = (field.message(), field.offset);
        let (want, got) = (fields.sample_types, sample.value.len());
        if want != got {
            let (want, got) = (format!("{want} values"), got.to_string());
            return Err(malformed(offset, "sample", want, got));
        }
        let labels = sample.label.iter().flat_map(|l| [l.key, l.str]);
        strings(fields, offset, "sample", labels)?;
    }
    for field in of(fields::FUNCTION) {
        let f: proto::Function = field.message();
        strings(fields, 0, "function", [f.name, f.system_name, f.filename])?;
    }
    for field in of(fields::MAPPING) {
        let m: proto::Mapping = field.message();
        strings(fields, 0, "mapping", [m.filename, m.build_id])?;
    }
    let types = of(fields::SAMPLE_TYPE).map(|field| field.message());
    for t in types.chain(fields.header.period_type.clone()) {
        let proto::ValueType { r#type, unit } = t;
        strings(fields, 0, "sample_type", [r#type, unit])?;
    }
    Ok(())
}

/// Each within the table.
fn strings(
    fields: &Fields,
    offset: u64,
    place: &str,
    numbers: impl IntoIterator<Item = i64>,
) -> Result<(), InputError> {
    let len = fields.string_count();
    for number in numbers {
        // Of a profile without strings every field may still be the empty one.
        let is_there = usize::try_from(number).is_ok_and(|at| at == 0 || at < len);
        if !is_there {
            let want = "strings of the profile's table";
            return Err(malformed(offset, place, want, format!("string {number}")));
        }
    }
    Ok(())
}

fn malformed(
    offset: u64,
    place: &str,
    want: impl Into<String>,
    got: impl Into<String>,
) -> InputError {
    InputError::new(ErrorKind::Malformed, offset, place, want, got)
}

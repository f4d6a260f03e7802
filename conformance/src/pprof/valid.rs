//! What makes a profile invalid for Go as well, whether a sample needs it or not (R52.13).
//!
//! It comes last: what a sample stumbles over is told with its place.
//!
//! Go: `internal/profile/profile.go`, `CheckValid`; `encode.go`, `postDecode`.

use std::collections::HashSet;

use super::proto;
use crate::error::{ErrorKind, InputError};

/// Whether Go takes the message, too.
pub(super) fn check(message: &proto::Profile, offsets: &[u64]) -> Result<(), InputError> {
    if message.string_table.first().is_some_and(|s| !s.is_empty()) {
        let got = "another";
        return Err(malformed(0, "string_table", "an empty first string", got));
    }
    ids("mapping", message.mapping.iter().map(|m| m.id))?;
    ids("location", message.location.iter().map(|l| l.id))?;
    ids("function", message.function.iter().map(|f| f.id))?;
    for (sample, &offset) in message.sample.iter().zip(offsets) {
        let (want, got) = (message.sample_type.len(), sample.value.len());
        if want != got {
            let (want, got) = (format!("{want} values"), got.to_string());
            return Err(malformed(offset, "sample", want, got));
        }
        strings(
            message,
            offset,
            "sample",
            sample.label.iter().flat_map(|l| [l.key, l.str]),
        )?;
    }
    let functions = message.function.iter();
    let names = functions.flat_map(|f| [f.name, f.system_name, f.filename]);
    strings(message, 0, "function", names)?;
    let mappings = message.mapping.iter();
    strings(
        message,
        0,
        "mapping",
        mappings.flat_map(|m| [m.filename, m.build_id]),
    )?;
    let types = message.sample_type.iter().chain(&message.period_type);
    strings(
        message,
        0,
        "sample_type",
        types.flat_map(|t| [t.r#type, t.unit]),
    )
}

/// Each from 1 on, and once.
fn ids(place: &str, ids: impl Iterator<Item = u64>) -> Result<(), InputError> {
    let mut seen = HashSet::new();
    for id in ids {
        if id == 0 {
            return Err(malformed(0, place, "an id from 1 on", "0"));
        }
        if !seen.insert(id) {
            let got = format!("{id} again");
            return Err(malformed(0, place, "an id of its own", got));
        }
    }
    Ok(())
}

/// Each within the table.
fn strings(
    message: &proto::Profile,
    offset: u64,
    place: &str,
    numbers: impl Iterator<Item = i64>,
) -> Result<(), InputError> {
    let len = message.string_table.len();
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

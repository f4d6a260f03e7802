//! The settings of the flight recorder that a trace is a snapshot of.

use std::path::Path;

use sigprof::check::RecorderSettings;
use sigprof_wire::FormatVersion;

use super::super::arguments::nanos;
use super::super::unused::of_other_format;
use super::{Args, Stop};

/// The settings that were told, for a trace that a recorder can have written.
pub(super) fn settings(
    args: &Args,
    trace: &Path,
    version: FormatVersion,
) -> Result<RecorderSettings, Stop> {
    let told = [
        ("--min-age", args.min_age.is_some()),
        ("--max-bytes", args.max_bytes.is_some()),
    ];
    if let Some((option, _)) = told.iter().find(|(_, is_told)| *is_told)
        && version < FormatVersion::GO_1_22
    {
        let why = "is for snapshots of flight recorders, which have traces of Go 1.22 or later";
        return Err(of_other_format(trace, version, option, why));
    }
    Ok(RecorderSettings {
        min_age_ns: args.min_age,
        max_bytes: args.max_bytes,
    })
}

/// Nanoseconds of a time above 0.
pub(super) fn duration(text: &str) -> Result<u64, String> {
    let ns = nanos(text)?;
    match ns {
        0 => Err("want a time above 0, such as 10s".to_owned()),
        ns => Ok(ns),
    }
}

/// Bytes: a number, with a unit or without.
pub(super) fn size(text: &str) -> Result<u64, String> {
    const UNITS: [(&str, u64); 7] = [
        ("KiB", 1 << 10),
        ("MiB", 1 << 20),
        ("GiB", 1 << 30),
        ("kB", 1_000),
        ("MB", 1_000_000),
        ("GB", 1_000_000_000),
        ("B", 1),
    ];
    let unit = UNITS
        .iter()
        .find_map(|&(unit, bytes)| Some((text.strip_suffix(unit)?, bytes)));
    let (number, unit) = unit.unwrap_or((text, 1));
    let number: Option<u64> = number.trim_end().parse().ok();
    let bytes = number.and_then(|number| number.checked_mul(unit));
    bytes
        .filter(|&bytes| bytes > 0)
        .ok_or_else(|| "want bytes above 0, such as 10MiB or 1000000".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Guards S60.4.
    #[test]
    fn settings_are_spelled_as_people_spell_them() {
        assert_eq!(duration("10s"), Ok(10_000_000_000));
        assert_eq!(duration("1m30s"), Ok(90_000_000_000));
        assert_eq!(duration("500ms"), Ok(500_000_000));
        for text in ["0s", "-1s", "10", "", "10000000h"] {
            assert!(duration(text).is_err(), "{text}");
        }
        assert_eq!(size("10MiB"), Ok(10 << 20));
        assert_eq!(size("1 MB"), Ok(1_000_000));
        assert_eq!(size("17"), Ok(17));
        for text in ["0", "-1", "MB", "1.5MB", "99999999999GiB", "1m"] {
            assert!(size(text).is_err(), "{text}");
        }
    }
}

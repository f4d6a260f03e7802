//! The local time zone, as Go finds it.
//!
//! Go takes TZ for the exact name of a file, in a few places or with its whole path. It knows no rules
//! of POSIX there, no TZDIR and no other spelling: what no file has is UTC.
//!
//! Source: Go `time/zoneinfo_unix.go`, `initLocal`.

use std::sync::OnceLock;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Seconds to add to UTC in the local zone at a second.
pub(super) fn local_offset(seconds: i64) -> i32 {
    static LOCAL: OnceLock<TimeZone> = OnceLock::new();
    let at = Timestamp::from_second(seconds).unwrap_or_default();
    LOCAL.get_or_init(local).to_offset(at).seconds()
}

#[cfg(unix)]
fn local() -> TimeZone {
    use std::os::unix::ffi::OsStrExt;
    use std::path::Path;

    /// The folders that Go looks into; beyond these it has an archive of its own.
    const PLACES: [&str; 4] = [
        "/usr/share/zoneinfo",
        "/usr/share/lib/zoneinfo",
        "/usr/lib/locale/TZ",
        "/etc/zoneinfo",
    ];
    let Some(name) = std::env::var_os("TZ") else {
        return of_file(Path::new("/etc/localtime")).unwrap_or(TimeZone::UTC);
    };
    let name = name.as_bytes();
    let name = name.strip_prefix(b":").unwrap_or(name);
    if matches!(name, b"" | b"UTC") {
        return TimeZone::UTC;
    }
    let path = Path::new(std::ffi::OsStr::from_bytes(name));
    // A whole path stays as it is.
    let found = PLACES
        .iter()
        .find_map(|p| of_file(&Path::new(p).join(path)));
    found.unwrap_or(TimeZone::UTC)
}

#[cfg(unix)]
fn of_file(path: &std::path::Path) -> Option<TimeZone> {
    use std::io::Read;

    /// Go reads no larger file for a zone.
    const MOST: u64 = 10 << 20;
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).ok()?;
    file.take(MOST + 1).read_to_end(&mut bytes).ok()?;
    let fits = bytes.len() as u64 <= MOST;
    TimeZone::tzif("", &bytes).ok().filter(|_| fits)
}

/// Elsewhere the system says it.
#[cfg(not(unix))]
fn local() -> TimeZone {
    TimeZone::system()
}

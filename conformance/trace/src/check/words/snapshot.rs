//! Sentences on the window that a flight recorder kept.

use super::super::snapshot::{Shorter, Snapshot};
use super::came::millis;
use super::seconds;
use crate::shown::counted;

/// A window below this has next to nothing.
const MOMENT_NS: u64 = 100_000_000;

/// The window in a few words.
pub(in crate::check) fn window(snapshot: &Snapshot) -> String {
    format!(
        "window of {} ({}, {})",
        time(snapshot.window_ns),
        counted(snapshot.generations, "generation"),
        size(snapshot.bytes)
    )
}

/// Sentences on what the window is, and why it is no longer, a paragraph each.
pub(in crate::check) fn notes(snapshot: &Snapshot) -> Vec<String> {
    let what = if snapshot.holds_beginning {
        "The tracer began in this trace"
    } else {
        "The trace begins in the midst of a run, as the snapshot of a flight recorder does, or a trace that was \
         begun beside one"
    };
    let mut lines = vec![format!("{what}: a {}.", window(snapshot))];
    if snapshot.is_of_others {
        lines.push(
            "A recorder that is set so would have kept less: it was set otherwise, or this is the trace of a \
             trace.Start beside it."
                .to_owned(),
        );
    } else {
        lines.extend(why(snapshot));
    }
    let is_moment = snapshot.window_ns < MOMENT_NS && snapshot.generations == 1;
    if is_moment && !snapshot.holds_beginning {
        lines.push(
            "So short a window is what a second snapshot has right after a first: each ends a generation."
                .to_owned(),
        );
    }
    lines
}

/// Why it is shorter than MinAge.
fn why(snapshot: &Snapshot) -> Option<String> {
    let is_told = |told: Option<u64>| if told.is_some() { "" } else { "Go's own " };
    let min_age = format!(
        "{}MinAge ({})",
        is_told(snapshot.min_age_ns),
        time(snapshot.wanted_ns())
    );
    let max_bytes = format!(
        "{}MaxBytes ({})",
        is_told(snapshot.max_bytes),
        size(snapshot.allowed_bytes())
    );
    match snapshot.shorter? {
        Shorter::MaxBytes => {
            let largest = &snapshot.largest;
            let alone = largest.bytes > snapshot.allowed_bytes();
            let which = if alone {
                format!(
                    ", and generation {} alone has {}",
                    largest.generation,
                    size(largest.bytes)
                )
            } else {
                String::new()
            };
            Some(format!(
                "That is shorter than {min_age}, as {max_bytes} goes first{which}. A recorder keeps its last \
                 generation whole, however large, and older ones only while all it has is within \
                 MaxBytes.{}",
                if snapshot.is_told() {
                    ""
                } else {
                    " If they were set otherwise, say so with --min-age and --max-bytes."
                }
            ))
        }
        Shorter::Began if snapshot.min_age_ns.is_some() => Some(format!(
            "That is shorter than {min_age}: there was nothing older to keep."
        )),
        Shorter::Unknown if snapshot.min_age_ns.is_some() => Some(format!(
            "That is shorter than {min_age}, and within {max_bytes}: the recorder began in it, beside a trace, or \
             was set otherwise."
        )),
        Shorter::Began | Shorter::Unknown => None,
    }
}

/// Advice for a longer one; none if nothing was told of the recorder, or it is long enough.
pub(in crate::check) fn advice(snapshot: &Snapshot) -> Option<String> {
    let is_known = snapshot.is_told() && !snapshot.is_of_others;
    if snapshot.shorter? != Shorter::MaxBytes || !is_known {
        return None;
    }
    let all = u128::from(snapshot.bytes) * u128::from(snapshot.wanted_ns());
    let needed = all.div_ceil(u128::from(snapshot.window_ns.max(1)));
    // Rounded up: less would not do.
    let needed = u64::try_from(needed).unwrap_or(u64::MAX).div_ceil(MEGA);
    let needed = format!("{needed} MB");
    Some(format!(
        "To look back for {} at this rate, MaxBytes must be some {needed}, which is memory that the program \
         takes; or write the snapshot sooner.",
        time(snapshot.wanted_ns())
    ))
}

fn time(ns: u64) -> String {
    match ns {
        1_000_000_000.. => seconds(i64::try_from(ns).unwrap_or(i64::MAX)),
        _ => millis(ns),
    }
}

/// Bytes of a megabyte.
const MEGA: u64 = 1_000_000;

/// Bytes as people say them.
fn size(bytes: u64) -> String {
    match bytes {
        MEGA.. => format!("{}.{} MB", bytes / MEGA, bytes % MEGA / 100_000),
        10_000.. => format!("{} kB", bytes / 1000),
        _ => counted(bytes, "byte"),
    }
}

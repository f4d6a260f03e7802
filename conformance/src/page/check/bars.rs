//! The two windows as bars on one scale.

use super::Outcome;
use crate::page::{Percent, seconds};

/// The two windows on one scale.
pub(super) struct Bars {
    pub(super) trace: Bar,
    pub(super) profile: Option<Bar>,
    /// Whether it is known where the profile lies.
    pub(super) is_placed: bool,
    /// How it is known, or why not.
    pub(super) how: &'static str,
}

/// A window as a bar.
pub(super) struct Bar {
    pub(super) left: Percent,
    pub(super) width: Percent,
    pub(super) text: String,
}

pub(super) fn bars(outcome: &Outcome) -> Bars {
    let windows = outcome.windows();
    let trace_ns = windows.trace_ns.max(0);
    let placed = windows.profile_window();
    let profile = match (placed, windows.profile_ns) {
        (Some(window), _) => Some(window),
        (None, Some(long)) => Some((0, long)),
        (None, None) => None,
    };
    let (from, to) = profile.unwrap_or((0, trace_ns));
    let (first, last) = (from.min(0), to.max(trace_ns));
    let all = last.saturating_sub(first);
    let bar = |from: i64, to: i64, text| Bar {
        left: Percent::of(from.saturating_sub(first), all),
        width: Percent::of(to.saturating_sub(from), all),
        text,
    };
    let moment = |ns: i64| match ns {
        -999_999..1_000_000 => "with".to_owned(),
        1_000_000.. => format!("{} after", seconds(ns)),
        _ => format!("{} before", seconds(ns.saturating_neg())),
    };
    let is_placed = placed.is_some();
    let how = match (profile.is_some(), is_placed) {
        (true, true) => "Both files have the time of day: the bars stand as they ran.",
        (true, false) => {
            "One of the files does not have the time of day: only lengths are known, and not when the profile began."
        }
        (false, _) => "Nothing says how long the profile ran.",
    };
    Bars {
        trace: bar(0, trace_ns, seconds(trace_ns)),
        profile: profile.map(|(from, to)| {
            let long = seconds(to.saturating_sub(from));
            let text = match is_placed {
                true => format!("{long}; began {} the trace's first event", moment(from)),
                false => format!("{long}; where it began is not known"),
            };
            bar(from, to, text)
        }),
        is_placed,
        how,
    }
}

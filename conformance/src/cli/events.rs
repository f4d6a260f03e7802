//! Types of events by their names.

use std::collections::BTreeSet;

use sigprof::trace::v1::render;
use sigprof_wire::FormatVersion;

use super::Stop;

/// The types of events of both formats, by every name that they have.
fn known_events() -> BTreeSet<&'static str> {
    let v1 = sigprof_wire::v1::EventType::ALL.into_iter();
    let v1 = v1.flat_map(|of| {
        let versions = [FormatVersion::GO_1_19, FormatVersion::GO_1_21];
        let names = versions.map(|version| render::go_name(of, version));
        names.into_iter().chain([of.name()])
    });
    let v2 = sigprof_wire::v2::EventType::ALL.iter().map(|of| of.name());
    v1.chain(v2).collect()
}

/// Nothing is of the types that were asked for.
pub(super) fn no_event(types: &[String]) -> Stop {
    let wanted = types.join(" or ");
    let known = known_events();
    let unknown = types.iter().find(|name| !known.contains(&name.as_str()));
    let list = unknown.map(|name| {
        let known: Vec<_> = known.iter().copied().collect();
        format!("; no type is called {name}, there are {}", known.join(", "))
    });
    let list = list.unwrap_or_default();
    Stop::NothingSelected(format!("the trace has no event {wanted}{list}"))
}

//! Two views of a trace, compared event for event.

use std::collections::BTreeMap;

use serde_json::Value;

/// The names of a stack's frames, root first.
fn stack(frames: &Value, id: &Value) -> String {
    let mut id = id.as_u64().unwrap_or(0);
    let mut names = Vec::new();
    while id != 0 {
        let frame = &frames[id.to_string()];
        names.push(frame["name"].as_str().unwrap().to_owned());
        id = frame["parent"].as_u64().unwrap_or(0);
    }
    names.reverse();
    names.join(";")
}

/// Every event as text with its stacks spelled out, sorted; the two ends of an arrow as
/// one, since their numbers mean nothing; and of each counter the last value at each time,
/// since Go gives events of equal times no order (S4).
pub(crate) fn canonical(trace: &Value) -> Vec<String> {
    let frames = &trace["stackFrames"];
    let mut events = Vec::new();
    let mut arrows: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    let mut counters: BTreeMap<String, String> = BTreeMap::new();
    for event in trace["traceEvents"].as_array().unwrap() {
        let mut event = event.clone();
        let fields = event.as_object_mut().unwrap();
        // Go's durations have the noise of a floating-point difference; none is left out, where
        // ours are never 0 (S45.2).
        if fields["ph"] == "X" {
            let none = 0.0001.into();
            let duration = fields.remove("dur").unwrap_or(none);
            let tenths = (duration.as_f64().unwrap() * 10_000.0).round();
            fields.insert("dur".to_owned(), tenths.into());
        }
        for key in ["sf", "esf"] {
            if let Some(id) = fields.remove(key) {
                fields.insert(key.to_owned(), stack(frames, &id).into());
            }
        }
        match fields.remove("id") {
            Some(id) => {
                let ends = arrows.entry(id.as_u64().unwrap()).or_default();
                ends.push(event.to_string());
            }
            None if event["ph"] == "C" => {
                let key = format!("{} {}", event["name"], event["ts"]);
                counters.insert(key, event.to_string());
            }
            None => events.push(event.to_string()),
        }
    }
    events.extend(counters.into_values());
    events.extend(arrows.into_values().map(|ends| ends.join(" -> ")));
    events.sort_unstable();
    events
}

#[track_caller]
pub(crate) fn same(what: &str, theirs: &Value, ours: &Value) -> usize {
    let (theirs, ours) = (canonical(theirs), canonical(ours));
    let only = |a: &[String], b: &[String]| -> Vec<String> {
        let only = a.iter().filter(|e| b.binary_search(e).is_err());
        only.take(3).cloned().collect()
    };
    assert!(
        theirs == ours,
        "{what}: {} and {} events; only Go has {:#?}, only sigprof has {:#?}",
        theirs.len(),
        ours.len(),
        only(&theirs, &ours),
        only(&ours, &theirs)
    );
    ours.len()
}

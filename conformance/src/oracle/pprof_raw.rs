//! The output of `go tool pprof -raw`, read back.
//!
//! ```text
//! Samples:
//! samples/count cpu/nanoseconds
//!          8   80000000: 1 2 3
//!                 worker:[2]
//! Locations
//!      1: 0x4b3d62 M=1 main.spin /src/main.go:21 s=0
//!              main.hog /src/main.go:74 s=0
//! Mappings
//! ```

use std::collections::BTreeMap;

use crate::pprof::{Frame, Profile};

/// Samples by stack (leaf first) and labels, with their counts.
pub type Samples = BTreeMap<(Vec<Frame>, Labels), u64>;

/// Keys with their values, sorted.
pub type Labels = Vec<(String, String)>;

/// The samples of our own reader in the same form.
#[must_use]
pub fn samples_of(profile: &Profile) -> Samples {
    let mut samples = Samples::new();
    for sample in &profile.samples {
        let stack = profile.stack(sample).cloned().collect();
        let key = (stack, sample.labels_as_text());
        *samples.entry(key).or_default() += sample.count;
    }
    samples
}

/// The samples of Go's output.
///
/// # Errors
/// The first line that is not as expected.
pub fn parse(raw: &str) -> Result<Samples, String> {
    let mut section = "";
    let mut samples: Vec<(u64, Vec<u64>, Labels)> = Vec::new();
    let mut locations: BTreeMap<u64, Vec<Frame>> = BTreeMap::new();
    let mut last_location = 0;
    for line in raw.lines() {
        let error = || format!("go tool pprof -raw: {line:?} is not as expected in {section:?}");
        if !line.starts_with(' ') {
            section = match line {
                "Samples:" | "Locations" | "Mappings" => line,
                _ => section,
            };
            continue;
        }
        let line = line.trim();
        match section {
            "Samples:" => match line.split_once(": ") {
                // Labels have `key:[value]`, never a colon and a space.
                Some((values, ids)) => {
                    let count = values
                        .split_whitespace()
                        .next()
                        .and_then(|v| v.parse().ok());
                    let ids = ids
                        .split_whitespace()
                        .map(str::parse)
                        .collect::<Result<_, _>>();
                    let (count, ids) = count.zip(ids.ok()).ok_or_else(error)?;
                    samples.push((count, ids, Vec::new()));
                }
                None => {
                    let (_, _, labels) = samples.last_mut().ok_or_else(error)?;
                    labels.extend(
                        line.split_whitespace()
                            .map(label)
                            .collect::<Option<Vec<_>>>()
                            .ok_or_else(error)?,
                    );
                }
            },
            "Locations" => {
                let frame_text = match line.split_once(": 0x") {
                    Some((id, rest)) => {
                        last_location = id.parse().map_err(|_| error())?;
                        locations.entry(last_location).or_default();
                        let rest = rest.split_once(' ').map_or("", |(_, rest)| rest);
                        rest.strip_prefix("M=")
                            .and_then(|r| r.split_once(' '))
                            .map_or(rest, |(_, r)| r)
                    }
                    None => line,
                };
                let frame = frame(frame_text).ok_or_else(error)?;
                locations.entry(last_location).or_default().push(frame);
            }
            _ => {}
        }
    }
    let mut merged = Samples::new();
    for (count, ids, mut labels) in samples {
        labels.sort();
        let stack = ids
            .iter()
            .flat_map(|id| locations.get(id).into_iter().flatten().cloned());
        *merged.entry((stack.collect(), labels)).or_default() += count;
    }
    Ok(merged)
}

/// Reads a label: `key:[value]`.
fn label(text: &str) -> Option<(String, String)> {
    let (key, value) = text.strip_suffix(']')?.split_once(":[")?;
    Some((key.to_owned(), value.to_owned()))
}

/// `main.spin /src/main.go:21 s=0`, or `main.spin /src/main.go:21:0 s=0` from Go 1.21 on.
fn frame(text: &str) -> Option<Frame> {
    let (text, _start_line) = text.rsplit_once(" s=")?;
    let (function, place) = text.rsplit_once(' ')?;
    let mut parts = place.split(':');
    Some(Frame {
        function: function.into(),
        file: parts.next()?.into(),
        line: parts.next()?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(function: &str, line: i64) -> Frame {
        Frame {
            function: function.into(),
            line,
            file: "/src/main.go".into(),
        }
    }

    #[test]
    fn inlined_frames_belong_to_the_location_above() {
        let raw = "PeriodType: cpu nanoseconds\nSamples:\nsamples/count cpu/nanoseconds\n\
            \x20         8   80000000: 2 1 \n                worker:[2]\n\
            \x20         1   10000000: 1 \n\
            Locations\n     1: 0x4b3d62 M=1 main.main /src/main.go:9 s=0\n\
            \x20    2: 0x4b3d63 M=1 main.spin /src/main.go:21:0 s=0\n\
            \x20            main.hog /src/main.go:74:0 s=0\n\
            Mappings\n1: 0x400000/0x4c9000/0x0 /tmp/hog  [FN]\n";
        let whole = vec![
            frame("main.spin", 21),
            frame("main.hog", 74),
            frame("main.main", 9),
        ];
        let label = vec![("worker".to_owned(), "2".to_owned())];
        let expected = [
            ((whole, label), 8),
            ((vec![frame("main.main", 9)], vec![]), 1),
        ];
        assert_eq!(parse(raw), Ok(expected.into_iter().collect()));
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        let error = parse("Samples:\n          8   80000000: x\n").unwrap_err();
        assert!(error.contains("80000000: x"), "{error}");
    }
}

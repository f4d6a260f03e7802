//! How much there is to the suite, so that what is lost is seen.

use std::collections::BTreeMap;
use std::fmt::Write;

use sigprof::corpus::mistakes::{self, CATALOGUE};
use sigprof::fixtures::Files;
use sigprof::suite;
use sigprof::suite::area::Area;

use crate::Golden;

/// The catalogue of parsers' mistakes, each with the cases that notice it.
pub(crate) fn mistakes(_: &str) -> Golden {
    let rows = mistakes::run(&Files::embedded(), CATALOGUE, 2).expect("a corpus that reads");
    (
        "mistakes of parsers, put into ours: how many cases fail, and one of them".to_owned(),
        mistakes::table(&rows),
    )
}

/// Cases by area, and the corpus by topic.
pub(crate) fn areas(_: &str) -> Golden {
    let files = Files::embedded();
    let cases = suite::all(&files);
    let mut text = String::new();
    for area in Area::all() {
        let count = cases.iter().filter(|case| case.area == area).count();
        let _ = writeln!(text, "{:8} {count:>4}", area.name());
    }
    text.push('\n');
    let mut topics: BTreeMap<String, u64> = BTreeMap::new();
    for folder in [files.valid(), files.invalid()].concat() {
        let topic = folder.rsplit_once('/').map_or("", |(topic, _)| topic);
        *topics.entry(topic.to_owned()).or_default() += 1;
    }
    for (topic, count) in topics {
        let _ = writeln!(text, "{topic:21} {count:>4}");
    }
    (
        "cases of the suite by area, and fixtures by topic".into(),
        text,
    )
}

/// The files that real Go wrote, as they are.
pub(crate) fn real(_: &str) -> Golden {
    (
        "what real Go wrote: each file's length and SHA-256, with the Go and the command that made it"
            .into(),
        sigprof::corpus::held::list(&Files::embedded()),
    )
}

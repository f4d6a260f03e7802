//! Builds programs with Go's own parsers in them, as anybody would write one for `sigprof corpus
//! run`, and runs each on the corpus.
//!
//! ```text
//! cargo xtask adapters
//! ```
//!
//! They are left in `target/adapters/go1.N`. What they do otherwise than the corpus wants, and is
//! known, stands in `conformance/adapters/known.toml`.

#[path = "../../conformance/tests/judged/corpus/adapters.rs"]
mod judged;

use std::collections::BTreeSet;
use std::path::Path;

use sigprof::oracle::Go;

use super::go::{Decoder, RELEASES};

/// Runs them all and prints a line for each; the number of lines that are not as known.
pub(crate) fn run() -> Result<(), Box<dyn std::error::Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/adapters");
    std::fs::create_dir_all(&folder)?;
    // There is a run for each level, and for each format.
    let mut built = BTreeSet::new();
    let mut unlike = 0;
    println!("parser   level    samples  without  refused  differs");
    for known in judged::known().run {
        let release = RELEASES.iter().find(|r| r.version == known.go);
        let release = release.ok_or_else(|| format!("no such release: {}", known.go))?;
        let go = match Go::find(release.version) {
            Ok(go) => go,
            Err(absent) => {
                println!("{absent}: not run");
                continue;
            }
        };
        let program = folder.join(format!("go{}", known.go));
        if built.insert(release.version) {
            std::fs::copy(Decoder::build(&go, release)?.program(), &program)?;
        }
        let came = known.on(&program)?;
        let [samples, without, refused] = came.passed;
        let differs = came.outcomes.len() - samples - without - refused;
        println!(
            "go{:<6} {:7} {samples:>8} {without:>8} {refused:>8} {differs:>8}",
            known.go, known.level
        );
        for line in known.unlike(&came) {
            println!("  {line}");
            unlike += 1;
        }
    }
    match unlike {
        0 => Ok(()),
        _ => Err(format!("{unlike} are not as conformance/adapters/known.toml says").into()),
    }
}

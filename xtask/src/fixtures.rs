//! Writes the fixtures that the simulator makes, but for what is expected of them: inputs
//! that every reader must refuse (`fixtures/invalid/<topic>/<case>/`), and pairs that it must
//! read (`fixtures/valid/<topic>/<case>/`).
//!
//! ```text
//! cargo xtask fixtures
//! ```
//!
//! The bytes depend on nothing but this program; tests hold the files to them. Of the
//! `expected.json` beside each a part is by hand, and the rest is what readers make of it
//! (`cargo xtask expected`).

mod hard_to_read;
mod profiles;
#[expect(dead_code, reason = "the truth is for tests")]
mod simulated;
mod traces;
mod traces_v2;
mod worlds;

use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

use sha2::{Digest, Sha256};

use crate::fuzz_release::targets::{world, write};

/// Writes every case.
pub(crate) fn write() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    let command = "cargo xtask fixtures";
    let traces = [traces::all(), traces_v2::all()].concat();
    for (kind, cases) in [("trace", traces), ("profile", profiles::all())] {
        for (case, bytes) in cases {
            write_case(&root.join("invalid"), &case, command, &[(kind, &bytes)])?;
        }
    }
    for (case, bytes) in [worlds::all(), hard_to_read::all()].concat() {
        write_case(&root.join("valid"), &case, command, &[("trace", &bytes)])?;
    }
    for made in simulated::all() {
        let mut files = vec![("trace", &made.trace)];
        files.extend(
            made.profile
                .iter()
                .map(|profile| ("profile.pb.gz", profile)),
        );
        write_case(&root.join("valid"), &made.name, &made.command, &files)?;
    }
    Ok(())
}

/// The files of a case, and where they come from.
fn write_case(
    root: &Path,
    case: &str,
    command: &str,
    files: &[(&str, &Vec<u8>)],
) -> io::Result<()> {
    let folder = root.join(case);
    fs::create_dir_all(&folder)?;
    let name = case.rsplit('/').next().unwrap_or(case);
    let mut origin = format!(
        "# Made by cargo xtask fixtures. Do not edit.\n\
         case = \"{name}\"\nmade_by = \"sigprof-sim\"\ncommand = \"{command}\"\n\n[sha256]\n"
    );
    for (file, bytes) in files {
        fs::write(folder.join(file), bytes)?;
        let sum = Sha256::digest(bytes);
        let sum: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
        let _ = writeln!(origin, "\"{file}\" = \"{sum}\"");
    }
    fs::write(folder.join("origin.toml"), origin)?;
    if !folder.join("expected.json").is_file() {
        println!("{}: has no expected.json yet", folder.display());
    }
    Ok(())
}

//! Writes the inputs that every reader must refuse: `fixtures/invalid/trace/<case>/trace`
//! and `fixtures/invalid/profile/<case>/profile`.
//!
//! ```text
//! cargo run -p sigprof-sim --example invalid_fixtures
//! ```
//!
//! The bytes depend on nothing but this program; a test holds the files to them. The
//! `expect.toml` beside each file is written by hand and stays as it is: it has the
//! error, word for word.

#[path = "invalid_fixtures/profiles.rs"]
mod profiles;
#[path = "invalid_fixtures/traces.rs"]
mod traces;

use std::path::Path;
use std::{fs, io};

fn main() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/invalid");
    for (kind, cases) in [("trace", traces::all()), ("profile", profiles::all())] {
        for (case, bytes) in cases {
            let folder = root.join(kind).join(case);
            fs::create_dir_all(&folder)?;
            fs::write(folder.join(kind), &bytes)?;
            println!("{kind} {case}: {} bytes", bytes.len());
            if !folder.join("expect.toml").is_file() {
                println!("  has no expect.toml yet");
            }
        }
    }
    Ok(())
}

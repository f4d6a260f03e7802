//! Outputs of a parser on cases that it failed, in a folder for whoever wants to look.

use std::fs;
use std::io;
use std::path::Path;

use super::decoder::Ended;
use super::judge::Failure;

/// Writes what a parser made of a case into a folder of the case's own: the file (`input`), what
/// it printed (`stdout`, `stderr` up to 64 KiB) and what is wrong with it (`failure.txt`).
///
/// # Errors
/// If they cannot be written.
pub(super) fn keep(
    folder: &Path,
    bytes: &[u8],
    ended: &Ended,
    failure: &Failure,
) -> io::Result<()> {
    let named = |e: io::Error| io::Error::new(e.kind(), format!("{}: {e}", folder.display()));
    let write = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes).map_err(named);
    fs::create_dir_all(folder).map_err(named)?;
    write("input", bytes)?;
    if let Ended::Exited { out, said, .. } = ended {
        write("stdout", out)?;
        write("stderr", &said.beginning)?;
    }
    let Failure {
        want, got, note, ..
    } = failure;
    write(
        "failure.txt",
        format!("want {want}\ngot  {got}\n{note}\n").as_bytes(),
    )
}

//! Files that a command writes: whole or not at all.
//!
//! A file is written beside its place, and takes it when it is whole. What is no file, such as
//! a device or a pipe, is written as it is; a link is written through.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use same_file::Handle;
use tempfile::{NamedTempFile, TempDir};

use super::interrupt::Helper;
use super::{STDIN, Stop};

/// Names of what stands beside an output until it is whole.
const PREFIX: &str = ".sigprof-";

/// Refuses an output that is the input, be it by a link.
pub(super) fn is_no_input(output: &Path, input: &Path) -> Result<(), Stop> {
    // A terminal or /dev/null may well be both; and to look into a pipe is to open it, which
    // its writer would take for its reader.
    let is_file = |path: &Path| fs::metadata(path).is_ok_and(|found| found.is_file());
    let of_input = || match input == Path::new(STDIN) {
        true => Handle::stdin().ok(),
        false if is_file(input) => Handle::from_path(input).ok(),
        false => None,
    };
    let is_same = is_file(output)
        && of_input().is_some_and(|input| Handle::from_path(output).is_ok_and(|out| out == input));
    match is_same {
        true => {
            let (output, input) = (output.display(), input.display());
            let why = format!("{output} is the input {input}: want another file to write to");
            Err(Stop::Usage(why))
        }
        false => Ok(()),
    }
}

/// Writes a file with `fill`. If that fails, or the last byte cannot be written, there is no
/// new file, and an old one is as it was.
pub(super) fn write<T>(
    path: &Path,
    fill: impl FnOnce(&mut BufWriter<File>) -> Result<T, Stop>,
) -> Result<T, Stop> {
    let failed = |error: io::Error| {
        Stop::Output(io::Error::new(
            error.kind(),
            format!("{}: {error}", path.display()),
        ))
    };
    let named = |stop| match stop {
        Stop::Output(error) => failed(error),
        other => other,
    };
    if let Some(file) = as_it_is(path).map_err(failed)? {
        let mut out = BufWriter::with_capacity(1 << 16, file);
        let filled = fill(&mut out).map_err(named)?;
        out.flush().map_err(failed)?;
        return Ok(filled);
    }
    let place = through_links(path).map_err(failed)?;
    let old = match OpenOptions::new().write(true).open(&place) {
        Ok(old) => Some(old.metadata().map_err(failed)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(failed(error)),
    };
    let file = Helper::make(|| beside(&place), NamedTempFile::path).map_err(failed)?;
    let mut out = BufWriter::with_capacity(1 << 16, file.as_file().try_clone().map_err(failed)?);
    let filled = fill(&mut out).map_err(named)?;
    out.flush().map_err(failed)?;
    if let Some(old) = old {
        let file = file.as_file();
        file.set_permissions(old.permissions()).map_err(failed)?;
    }
    file.end(|file| file.persist(&place))
        .map_err(|error| failed(error.error))?;
    Ok(filled)
}

/// The same of bytes that are there.
pub(super) fn write_bytes(path: &Path, bytes: &[u8]) -> Result<(), Stop> {
    write(path, |out| Ok(out.write_all(bytes)?))
}

/// A file in the same folder, with the mode that any new file has.
fn beside(place: &Path) -> io::Result<NamedTempFile> {
    let folder = place
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder.unwrap_or(Path::new(".")))
}

/// A folder of which nothing is left in the end.
pub(super) fn folder(place: Option<&Path>) -> io::Result<Helper<TempDir>> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX);
    let make = || match place {
        Some(place) => builder.tempdir_in(place),
        None => builder.tempdir(),
    };
    Helper::make(make, TempDir::path)
}

/// Moves a file that is whole to its place.
pub(super) fn take(from: &Path, to: &Path) -> Result<(), Stop> {
    let is_plain = fs::symlink_metadata(to).map_or(true, |found| found.is_file());
    if is_plain {
        return Ok(fs::rename(from, to)?);
    }
    let mut file = File::open(from)?;
    write(to, |out| Ok(io::copy(&mut file, out).map(|_| ())?))
}

/// Opens what is written to directly: a device, a pipe, and standard output by another name,
/// which may be a file that somebody appends to.
fn as_it_is(path: &Path) -> io::Result<Option<File>> {
    let Ok(found) = fs::metadata(path) else {
        return Ok(None);
    };
    if !found.is_file() {
        return OpenOptions::new().write(true).open(path).map(Some);
    }
    #[cfg(unix)]
    if let (Ok(stdout), Ok(file)) = (Handle::stdout(), Handle::from_path(path))
        && stdout == file
    {
        use std::os::fd::AsFd;
        return Ok(Some(io::stdout().as_fd().try_clone_to_owned()?.into()));
    }
    Ok(None)
}

/// Where a link leads, even if nothing is there yet.
fn through_links(path: &Path) -> io::Result<PathBuf> {
    const MOST: usize = 40;
    let mut place = path.to_owned();
    for _ in 0..MOST {
        let Ok(to) = fs::read_link(&place) else {
            return Ok(place);
        };
        place = place.parent().unwrap_or(Path::new("")).join(to);
    }
    Err(io::Error::other("a link that leads to itself"))
}

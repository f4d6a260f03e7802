//! Inputs as a command asks for them: files, which are mapped, and streams.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sigprof::error::InputError;
use sigprof::pprof;
use sigprof::trace::input::{self, OpenError};
use sigprof::trace::{Input, Options, Reader, header};
use sigprof_wire::FormatVersion;
use sigprof_wire::limits::HEADER_LEN;

use super::{STDIN, Stop, bad_input, interrupt, shown};

/// The bytes of a file, mapped into memory if that can be, or of standard input.
pub(super) fn read_input(path: &Path) -> Result<Input, Stop> {
    open_if(path, |_| Ok(()))
}

/// A trace for whoever goes through it once.
pub(super) enum Opened {
    /// All of it is at hand.
    Whole(Input),
    /// A trace of this version, as it comes from a stream.
    Stream(Box<dyn Read>, FormatVersion),
}

/// The bytes of standard input, a pipe, a device or a file packed with gzip; none for another
/// file.
fn stream_of(path: &Path) -> Result<Option<Box<dyn Read>>, Stop> {
    let open = || -> Result<_, OpenError> {
        if path == Path::new(STDIN) {
            return input::unpacked(interrupt::stream::stdin()?).map(Some);
        }
        if path.is_dir() {
            return Err(io::Error::from(io::ErrorKind::IsADirectory).into());
        }
        let file = File::open(path)?;
        match file.metadata()?.is_file() {
            true => input::streamed(path),
            false => input::unpacked(interrupt::stream::of_file(file)).map(Some),
        }
    };
    open().map_err(|error| cannot_open(path, error))
}

/// A trace as [`open_pieces`] opens it; but a v1 trace, whose tables stand at its end, is read to
/// there.
pub(super) fn open_trace_once(path: &Path) -> Result<Opened, Stop> {
    match open_pieces(path)? {
        Opened::Stream(from, version) if version < FormatVersion::GO_1_22 => {
            let input = Input::from_stream(from).map_err(OpenError::from);
            input.map(Opened::Whole).map_err(|e| cannot_open(path, e))
        }
        opened => Ok(opened),
    }
}

/// A trace of a file, or of a stream, of which nothing is read before it is asked for.
pub(super) fn open_pieces(path: &Path) -> Result<Opened, Stop> {
    let Some(mut stream) = stream_of(path)? else {
        return open_if(path, header::check).map(Opened::Whole);
    };
    let mut first = Vec::with_capacity(HEADER_LEN);
    let header = stream.by_ref().take(HEADER_LEN as u64);
    { header }
        .read_to_end(&mut first)
        .map_err(|e| cannot_open(path, e.into()))?;
    let version = header::version(&first).map_err(|e| bad_input(path, e))?;
    let stream = io::Cursor::new(first).chain(stream);
    Ok(Opened::Stream(Box::new(stream), version))
}

/// Opens a profile, mapped or read.
pub(super) fn open_profile(path: &Path) -> Result<Input, Stop> {
    open_if(path, pprof::judge)
}

fn open_if(
    path: &Path,
    judge: impl FnOnce(&[u8]) -> Result<(), InputError>,
) -> Result<Input, Stop> {
    let result = if path == Path::new(STDIN) {
        Input::from_stream_if(io::stdin().lock(), judge)
    } else if path.is_dir() {
        Err(io::Error::from(io::ErrorKind::IsADirectory).into())
    } else {
        Input::open_if(path, judge)
    };
    result.map_err(|error| cannot_open(path, error))
}

/// A reader of a trace in a file, which is mapped, or from a stream, of which no more is held
/// than the reader needs.
pub(super) fn open_reader(path: &Path, options: Options) -> Result<Reader<'static>, Stop> {
    match stream_of(path)? {
        Some(from) => Reader::from_stream(from, options).map_err(|e| cannot_open(path, e)),
        None => {
            let input = open_if(path, header::check)?;
            Reader::owning(input, options).map_err(|e| bad_input(path, e))
        }
    }
}

fn cannot_open(path: &Path, error: OpenError) -> Stop {
    match error {
        OpenError::Input(error) => bad_input(path, error),
        OpenError::Io(error) => {
            let why = error.to_string();
            // The number says nothing that the words before it do not say.
            let why = why.split(" (os error").next().unwrap_or_default();
            Stop::Failed(format!("cannot open {}: {why}", shown(path)))
        }
    }
}

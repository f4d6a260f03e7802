//! Commands on a v2 trace.

use std::io::Read;
use std::path::Path;
use std::sync::atomic::Ordering::Relaxed;

use clap::builder::TypedValueParser;
use sigprof::trace::Input;
pub(super) use sigprof::trace::v2::is_v2;
use sigprof::trace::v2::{Options, Reader, Release, print, render, wire};
use sigprof_wire::v2::EventType;

use super::interrupt;
use super::release::Releases;
use super::trace::{came_to, head};
use super::{Kind, Opened, Stop, bad_input, cannot_write, stdout, zone};

/// The releases whose order and form there are, by their numbers.
pub(super) fn releases() -> impl TypedValueParser<Value = Release> {
    let number = |release: Release| format!("1.{}", release.minor());
    let names: Vec<_> = Release::ALL.map(number).into();
    let parser = Releases::among(names.iter().map(String::as_str));
    parser.try_map(move |name| {
        let mut all = Release::ALL.into_iter();
        all.find(|&of| number(of) == name).ok_or("no such release")
    })
}

/// Bytes that are gathered before they are written.
const FULL: usize = 64 << 10;

/// Events between two looks whether there was a signal.
const SELDOM: u8 = 64;

/// How events are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// For people; with whole stacks or without.
    Text { stacks: bool },
    /// As `go tool trace -d=parsed` prints them.
    Go,
    /// One JSON object a line.
    Json,
}

/// Prints events as they come, those of the types that are asked for: what can be read is
/// shown in any case, and before an error.
pub(super) fn parse(
    path: &Path,
    input: &Input,
    options: Options,
    form: Form,
    types: &[String],
) -> Result<u8, Stop> {
    let reader = Reader::open(input, options).map_err(|e| bad_input(path, e))?;
    print_all(path, reader, form, types, false)
}

/// The same of what comes from a stream, a generation at a time.
pub(super) fn parse_stream(
    path: &Path,
    from: impl Read,
    options: Options,
    form: Form,
    types: &[String],
) -> Result<u8, Stop> {
    let reader = Reader::of_stream(from, options).map_err(|e| bad_input(path, e))?;
    print_all(path, reader, form, types, true)
}

fn print_all(
    path: &Path,
    mut reader: Reader,
    form: Form,
    types: &[String],
    is_stream: bool,
) -> Result<u8, Stop> {
    let asked = match is_stream {
        true => interrupt::listen_to_stream(),
        false => Some(interrupt::listen()),
    };
    let is_asked = || asked.is_some_and(|asked| asked.load(Relaxed));
    let mut out = stdout(match form {
        Form::Text { .. } => Kind::Text,
        Form::Go => Kind::Bytes,
        Form::Json => Kind::Json,
    });
    let mut printer = print::Printer::new(&mut out, zone::local_offset);
    let mut renderer = render::Renderer::default();
    let mut line = Vec::with_capacity(FULL * 2);
    if form == Form::Json {
        line.extend(head().bytes());
        line.push(b'\n');
    }
    let mut found = types.is_empty();
    let (mut shown, mut at) = (0, 0);
    let mut unasked = 0_u8;
    let result = loop {
        // Seldom enough to cost nothing, and behind whatever may have waited.
        if unasked == 0 && is_asked() {
            break Err(came_to(shown, at));
        }
        unasked = (unasked + 1) % SELDOM;
        match reader.advance() {
            Ok(true) => {}
            // With --keep-going what does not come is no error.
            Ok(false) if is_stream && is_asked() => break Err(came_to(shown, at)),
            Ok(false) => break Ok(0),
            // It waited for more of a stream.
            Err(_) if is_asked() => break Err(came_to(shown, at)),
            Err(error) => break Err(bad_input(path, error)),
        }
        if !types.is_empty() {
            let event = reader.event();
            let names = [event.event_type().name(), event.kind().name()];
            if !types.iter().any(|t| names.contains(&t.as_str())) {
                continue;
            }
            found = true;
        }
        (shown, at) = (shown + 1, reader.event().offset);
        match form {
            Form::Go => printer.print(&reader)?,
            Form::Text { stacks } => renderer.text(&mut line, &reader, stacks),
            Form::Json => renderer.json(&mut line, &reader),
        }
        // Whoever writes into a pipe may take long with the next generation.
        let is_pause = is_stream && reader.event().event_type() == EventType::Sync;
        if line.len() >= FULL || is_pause {
            printer.write(&line)?;
            line.clear();
            unasked = 0;
        }
        if is_pause {
            printer.flush()?;
        }
    };
    printer.write(&line)?;
    printer.flush()?;
    super::trace::warn(&[], reader.warnings());
    if result.is_ok() && !found {
        return Err(super::events::no_event(types));
    }
    result
}

/// Prints events as `go tool trace -d=wire` does.
pub(super) fn parse_as_wire(path: &Path, opened: Opened, release: Release) -> Result<u8, Stop> {
    let is_stream = matches!(opened, Opened::Stream(..));
    let mut out = interrupt::Lines::new(stdout(Kind::Bytes), is_stream);
    let result = match opened {
        Opened::Whole(bytes) => wire::write(&bytes, release, &mut out),
        Opened::Stream(from, _) => wire::write_stream(from, release, &mut out),
    };
    std::io::Write::flush(&mut out)?;
    out.is_complete()?;
    result.map_err(cannot_write(path))?;
    Ok(0)
}

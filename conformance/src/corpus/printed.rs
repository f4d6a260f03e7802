//! The samples of an input as `--format samples` prints them: what [`layout`](super::layout)
//! makes of what [`ours`] says, byte for byte, but with no copy of a name.
//!
//! A few bytes can name a long function in thousands of frames. So stacks are put in order
//! by numbers (of texts, of frames), and each name is written where it stands (S10.6).

use std::borrow::Cow;
use std::cmp::Ordering;
use std::io::{self, Write};

use serde::{Serialize, Serializer};

use super::ours::{self, Counts};
use super::samples::{ProfileSample, TraceSample};
use crate::bytes::text;
use crate::error::WriteError;
use crate::pprof::{self, Profile};
use crate::trace::{Generation, Reader, Stacks};

/// A frame as JSON.
#[derive(Serialize)]
struct Frame<'a> {
    function: Cow<'a, str>,
    file: Cow<'a, str>,
    line: i64,
}

/// A sample of a trace: time; P, goroutine and thread (0 for none, which comes first, of P
/// and thread else one more); its generation and its stack by number.
type Row = (i64, u64, u64, u64, u32, u32);

/// Prints the samples of a trace.
///
/// # Errors
/// What is wrong with the trace, or the output. Of such a trace nothing has been written, or,
/// with [`keep_going`](crate::trace::Options::keep_going), what could be read.
pub fn trace(reader: &mut Reader, out: &mut dyn Write) -> Result<(), WriteError> {
    let logged = reader.as_v1().map_or(0, |v1| v1.logged_samples().len());
    let mut rows: Vec<Row> = Vec::with_capacity(logged);
    let mut stacks = Stacks::default();
    let mut generations: Vec<Option<Generation>> = Vec::new();
    let mut counts = Counts::default();
    let mut result = Ok(());
    loop {
        let event = match reader.next_event() {
            Ok(Some(event)) => event,
            Ok(None) => break,
            Err(error) if reader.options().keep_going => {
                result = Err(error);
                break;
            }
            Err(error) => return Err(error.into()),
        };
        counts.add(&event);
        if !event.is_sample() {
            continue;
        }
        if generations.last() != Some(&event.generation) {
            generations.push(event.generation);
        }
        rows.push((
            ours::time(reader, &event),
            event.proc.map_or(0, |p| p.0.saturating_add(1)),
            event.goroutine.map_or(0, |g| g.0),
            event.thread.map_or(0, |m| m.0.saturating_add(1)),
            u32::try_from(generations.len() - 1).unwrap_or(u32::MAX),
            stacks.number(reader, event.stack),
        ));
    }
    let (places, firsts) = in_order(&stacks);
    for row in &mut rows {
        row.5 = places[row.5 as usize];
    }
    rows.sort_unstable();
    write!(
        out,
        "{{\n  \"events\": {},\n  \"ticks_per_second\": {}",
        counts.events,
        ours::ticks_per_second(reader)
    )?;
    if let Some(generations) = ours::generations(reader) {
        write!(out, ",\n  \"generations\": {generations}")?;
    }
    let kinds = counts.kinds();
    if !kinds.is_empty() {
        write!(
            out,
            ",\n  \"kinds\": {}",
            serde_json::to_string(&kinds).unwrap_or_default()
        )?;
    }
    let printed = firsts.iter().map(|&number| TraceStack {
        stacks: &stacks,
        number,
    });
    lines(out, "stacks", printed)?;
    let samples = rows
        .iter()
        .map(|&(time_ns, p, g, m, generation, stack)| TraceSample {
            time_ns,
            p: p.checked_sub(1),
            g: Some(g).filter(|&g| g != 0),
            m: m.checked_sub(1).map(u64::cast_signed),
            generation: generations[generation as usize].map(|g| g.0),
            stack: stack as usize,
        });
    lines(out, "samples", samples)?;
    out.write_all(b"\n}\n")?;
    Ok(result?)
}

/// Stacks in the order of their frames' texts and lines: the place of each, and the number
/// of the first at each place.
fn in_order(stacks: &Stacks) -> (Vec<u32>, Vec<u32>) {
    let (texts, _) = ranked(stacks.text_count(), |a, b| {
        compare(stacks.text(a), stacks.text(b))
    });
    let key = |number: u32| {
        let frames = stacks.frames(number).iter();
        frames.map(|f| (texts[f.function as usize], texts[f.file as usize], f.line))
    };
    ranked(stacks.len(), |a, b| key(a).cmp(key(b)))
}

/// Two texts in the order of what is shown of them. They may lie in a mapped file, so that
/// nothing but a copy is taken for UTF-8 ([`text`]).
fn compare(a: &[u8], b: &[u8]) -> Ordering {
    match a.is_ascii() && b.is_ascii() {
        true => a.cmp(b),
        false => text(a).cmp(&text(b)),
    }
}

/// The place of each of so many things in order, equal ones sharing one; and the first of
/// each place.
fn ranked(len: usize, compare: impl Fn(u32, u32) -> Ordering) -> (Vec<u32>, Vec<u32>) {
    let mut order: Vec<u32> = (0..u32::try_from(len).unwrap_or(u32::MAX)).collect();
    order.sort_unstable_by(|&a, &b| compare(a, b).then(a.cmp(&b)));
    let mut places = vec![0; len];
    let mut place = 0;
    let mut before = None;
    order.retain(|&at| {
        let is_new = before.is_none_or(|before| compare(before, at).is_ne());
        place += u32::from(is_new && before.is_some());
        before = Some(at);
        places[at as usize] = place;
        is_new
    });
    (places, order)
}

struct TraceStack<'s> {
    stacks: &'s Stacks,
    number: u32,
}

impl Serialize for TraceStack<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = |number| text(self.stacks.text(number)).into();
        let frames = self.stacks.frames(self.number).iter();
        serializer.collect_seq(frames.map(|frame| Frame {
            function: text(frame.function),
            file: text(frame.file),
            line: frame.line,
        }))
    }
}

/// Prints what a profile says.
///
/// # Errors
/// Those of the output.
pub fn profile(profile: &Profile, out: &mut dyn Write) -> io::Result<()> {
    let frames = &profile.frames;
    let (ranks, _) = ranked(frames.len(), |a, b| {
        let key = |at: u32| {
            let pprof::Frame {
                function,
                line,
                file,
            } = &frames[at as usize];
            (function, file, line)
        };
        key(a).cmp(&key(b))
    });
    let samples = &profile.samples;
    let stack = |at: u32| {
        let frames = &samples[at as usize].frames;
        frames.iter().map(|&frame| ranks[frame as usize])
    };
    let (places, firsts) = ranked(samples.len(), |a, b| stack(a).cmp(stack(b)));
    let labels = |at: u32| &samples[at as usize].labels;
    let compare = |a: u32, b: u32| {
        (places[a as usize].cmp(&places[b as usize])).then_with(|| labels(a).cmp(labels(b)))
    };
    let mut order: Vec<u32> = (0..).zip(samples).map(|(at, _)| at).collect();
    order.sort_unstable_by(|&a, &b| compare(a, b));
    write!(
        out,
        "{{\n  \"period_ns\": {},\n  \"duration_ns\": {}",
        profile.period, profile.duration
    )?;
    let printed = firsts.iter().map(|&at| ProfileStack {
        profile,
        sample: &samples[at as usize],
    });
    lines(out, "stacks", printed)?;
    let equal = order.chunk_by(|&a, &b| compare(a, b).is_eq());
    let summed = equal.filter_map(|equal| {
        let &first = equal.first()?;
        let counts = equal.iter().map(|&at| samples[at as usize].count);
        Some(ProfileSample {
            count: counts.fold(0, u64::saturating_add),
            labels: samples[first as usize].labels_as_text(),
            stack: places[first as usize] as usize,
        })
    });
    lines(out, "samples", summed)?;
    out.write_all(b"\n}\n")
}

struct ProfileStack<'p> {
    profile: &'p Profile,
    sample: &'p pprof::Sample,
}

impl Serialize for ProfileStack<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let frames = self.profile.stack(self.sample);
        serializer.collect_seq(frames.map(|frame| Frame {
            function: Cow::Borrowed(&frame.function),
            file: Cow::Borrowed(&frame.file),
            line: frame.line,
        }))
    }
}

/// A list with a value a line.
fn lines<T: Serialize>(
    out: &mut dyn Write,
    name: &str,
    values: impl Iterator<Item = T>,
) -> io::Result<()> {
    write!(out, ",\n  \"{name}\": [")?;
    let mut comma = "";
    for value in values {
        write!(out, "{comma}\n    ")?;
        serde_json::to_writer(&mut *out, &value)?;
        comma = ",";
    }
    let end = if comma.is_empty() { "]" } else { "\n  ]" };
    out.write_all(end.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::{layout, ours};
    use crate::fixtures;

    /// Guards S10.6.
    #[test]
    fn what_is_printed_is_what_the_corpus_has() {
        for folder in fixtures::real() {
            let file = |name: &str| fixtures::file(&format!("{folder}/{name}"));
            let bytes = file("trace").unwrap();
            let (mut got, mut expected) = (Vec::new(), Vec::new());
            trace(&mut Reader::new(&bytes).unwrap(), &mut got).unwrap();
            expected.extend(layout::trace(&ours::trace(&bytes).unwrap(), 0).bytes());
            expected.push(b'\n');
            if let Some(packed) = file("profile.pb.gz") {
                profile(&pprof::read(&packed).unwrap(), &mut got).unwrap();
                expected.extend(layout::profile(&ours::profile(&packed).unwrap(), 0).bytes());
                expected.push(b'\n');
            }
            assert_eq!(got, expected, "{folder}");
        }
    }

    #[test]
    fn texts_are_in_the_order_of_what_is_shown() {
        let check = |a: &[u8], b: &[u8], expected| assert_eq!(compare(a, b), expected);
        check(b"a", b"b", Ordering::Less);
        check(b"\xff", b"\xfe", Ordering::Equal);
        check(b"\xff", "\u{fffd}".as_bytes(), Ordering::Equal);
        check(b"a\xff", b"a", Ordering::Greater);
    }
}

//! Bytes as choices, of which traces, profiles and pairs are built: what can be read is read as
//! it was built.

use sigprof::check::Narrow;
use sigprof::pprof;
use sigprof::trace::v1::Reader;
use sigprof_sim::tracer::{
    self, CpuSample, Frame, ProcId, RawEvent, Ticks, TraceBuilder, TraceWriter,
};
use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType;

use super::steps::{self, Choices};
use super::{profile as profiles, trace as traces};

/// A trace of goroutines is read whole if it can have happened; or one of its readers is tried,
/// one an input.
pub(crate) fn trace(bytes: &[u8]) {
    let Some((which, rest)) = bytes.split_first() else {
        return;
    };
    let built = steps::trace(rest);
    match which % 16 {
        0 => traces::stat(&built.bytes),
        1 => traces::events_shown(&built.bytes),
        2 => traces::keep_going(&built.bytes),
        3 => traces::dump(&built.bytes),
        4 => traces::chrome(&built.bytes),
        5 => traces::exported_profile(&built.bytes),
        6 => traces::events_json(&built.bytes),
        _ => match built.events {
            Some(events) => {
                let reader = Reader::new(&built.bytes).expect("well formed");
                let read = traces::ordered(&reader);
                assert_eq!(read, Some(events), "{:?}", reader.verify());
            }
            None => traces::order(&built.bytes),
        },
    }
}

/// Tags and lengths of a message of profile.proto.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value.to_le_bytes()[0] | 0x80);
            value >>= 7;
        }
        self.0.push(value.to_le_bytes()[0]);
    }

    fn number(&mut self, field: u64, value: u64) {
        self.varint(field << 3);
        self.varint(value);
    }

    fn bytes(&mut self, field: u64, bytes: &[u8]) {
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    fn message(&mut self, field: u64, fields: &[(u64, u64)]) {
        let mut message = Self::default();
        for &(field, value) in fields {
            message.number(field, value);
        }
        self.bytes(field, &message.0);
    }
}

const STRINGS: [&[u8]; 8] = [
    b"",
    b"samples",
    b"count",
    b"cpu",
    b"main.f",
    b"main.go",
    b"runtime._GC",
    b"\xff",
];

/// Samples of a profile, at the most.
const SAMPLES: usize = 6;

/// Steps of a pair, and events that come back, at the most.
const STEPS: usize = 12;

/// A number below `count`; in a wild profile any, now and then.
fn id(choices: &mut Choices, count: usize, is_wild: bool) -> u64 {
    if is_wild && choices.byte() >= 0xe0 {
        return choices.number();
    }
    choices.below(count) as u64
}

/// A profile of fields that fit is read, and its counts are as written.
pub(crate) fn profile(bytes: &[u8]) {
    let (bytes, wanted) = profile_of(bytes);
    match wanted {
        Some(wanted) => {
            let read = pprof::read(&bytes).unwrap_or_else(|e| panic!("a whole profile, but {e}"));
            profiles::whole(&read);
            assert!(read.samples.iter().map(|s| s.count).eq(wanted));
        }
        None => profiles::profile(&bytes),
    }
}

/// A profile, and the counts of its samples if nothing in it is wrong.
pub(crate) fn profile_of(bytes: &[u8]) -> (Vec<u8>, Option<Vec<u64>>) {
    let mut choices = Choices(bytes);
    let head = choices.byte();
    let is_wild = head & 1 == 1;
    let mut out = Message::default();
    out.message(1, &[(1, 1), (2, 2)]);
    let (functions, locations) = (
        1 + usize::from(head >> 1) % 4,
        1 + usize::from(head >> 4) % 4,
    );
    for function in 1..=functions as u64 {
        let id_ = if is_wild {
            id(&mut choices, 5, true)
        } else {
            function
        };
        let (name, file) = (id(&mut choices, 8, is_wild), id(&mut choices, 8, is_wild));
        out.message(5, &[(1, id_), (2, name), (4, file)]);
    }
    for location in 1..=locations as u64 {
        let mut message = Message::default();
        message.number(
            1,
            if is_wild {
                id(&mut choices, 5, true)
            } else {
                location
            },
        );
        message.number(3, choices.number());
        for _ in 0..choices.below(4) {
            let function = 1 + id(&mut choices, functions, is_wild) % 9;
            let line = choices.number();
            message.message(4, &[(1, function), (2, line)]);
        }
        out.bytes(4, &message.0);
    }
    let mut wanted = Vec::new();
    while choices.0.len() > 2 && wanted.len() < SAMPLES {
        let mut message = Message::default();
        for _ in 0..choices.below(6) {
            message.number(1, 1 + id(&mut choices, locations, is_wild) % 9);
        }
        let count = if is_wild {
            choices.number()
        } else {
            choices.byte().into()
        };
        message.number(2, count);
        for _ in 0..choices.below(3) {
            let (key, value) = (id(&mut choices, 8, is_wild), id(&mut choices, 8, is_wild));
            message.message(3, &[(1, key), (2, value)]);
        }
        wanted.push(count);
        out.bytes(2, &message.0);
    }
    for text in STRINGS {
        out.bytes(6, text);
    }
    out.number(10, choices.number() >> 1);
    out.number(12, choices.number() >> 1);
    (out.0, (!is_wild).then_some(wanted))
}

const NAMES: [&str; 4] = ["main.f", "main.g", "runtime._GC", "runtime.goexit"];

/// Places in [`NAMES`].
fn stack(choices: &mut Choices) -> Vec<usize> {
    let bits = choices.byte();
    let frames = (0..usize::from(bits >> 6)).map(|at| usize::from(bits >> (2 * at)) % 4);
    frames.collect()
}

/// A trace and a profile of a few stacks are compared.
pub(crate) fn pair(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let head = choices.byte();
    let p = Some(ProcId(0));
    let mut builder = TraceBuilder::new(FormatVersion::GO_1_19).expect("a v1 version");
    builder.batch(p, Ticks(99));
    let mut now = 100;
    builder.event(Ticks(now), EventType::GoCreate, &[1, 0], &[]);
    builder.event(Ticks(now + 1), EventType::GoStart, &[1, 1], &[]);
    let region = builder.string("work");
    let mut profile = pprof::Profile {
        period: (choices.number() >> 1).cast_signed(),
        duration: (choices.number() >> 1).cast_signed(),
        frames: NAMES.iter().map(|name| frame(name)).collect(),
        ..pprof::Profile::default()
    };
    let mut open = 0;
    for _ in 0..STEPS {
        if choices.0.len() <= 2 {
            break;
        }
        now += 2 + choices.number() % (1 << 30);
        match choices.below(6) {
            0 => {
                let frames = stack(&mut choices);
                profile.samples.push(pprof::Sample {
                    offset: 0,
                    count: choices.byte().into(),
                    frames: frames
                        .iter()
                        .map(|&at| u32::try_from(at).expect("few"))
                        .collect(),
                    labels: match choices.below(3) {
                        0 => Box::from([("k".into(), "v".into())]),
                        _ => Box::default(),
                    },
                });
            }
            1 => {
                let mode = u64::from(open > 0 && choices.below(2) == 1);
                open = if mode == 0 { open + 1 } else { open - 1 };
                builder.event(Ticks(now), EventType::UserRegion, &[0, mode, region.0], &[]);
            }
            2 => {
                let procs = choices.number();
                builder.event(Ticks(now), EventType::Gomaxprocs, &[procs], &[]);
            }
            _ => {
                let frames = stack(&mut choices);
                let frames: Vec<_> = frames
                    .iter()
                    .map(|&at| Frame::new(1, NAMES[at], "main.go", 7))
                    .collect();
                let stack = builder.stack(&frames);
                let g = [None, Some(tracer::GoId(1))][choices.below(2)];
                let taken = Ticks(now - choices.below(2) as u64);
                builder.cpu_sample(
                    Ticks(now),
                    CpuSample {
                        ts: taken,
                        p,
                        g,
                        stack,
                    },
                );
            }
        }
    }
    let bytes = builder.finish(1_000_000_000);
    let narrow = Narrow {
        labels: if head & 1 == 0 {
            Vec::new()
        } else {
            vec![("k".to_owned(), "v".to_owned())]
        },
        goroutine: if head & 2 == 0 {
            None
        } else {
            Some(sigprof::trace::GoId(1))
        },
        region: (head & 4 != 0).then(|| "work".to_owned()),
    };
    let trace = sigprof::trace::v1::read(&bytes).expect("it can have happened");
    profiles::compared(&trace, &profile, &narrow, head >> 3);
}

fn frame(name: &str) -> pprof::Frame {
    pprof::Frame {
        function: name.into(),
        line: 7,
        file: "main.go".into(),
    }
}

/// Writes events that need no state with the simulator's writer, which shares no code with
/// the reader, and finds them all.
pub(crate) fn round_trip(bytes: &[u8]) {
    const TYPES: [EventType; 6] = [
        EventType::HeapAlloc,
        EventType::HeapGoal,
        EventType::Gomaxprocs,
        EventType::UserTaskEnd,
        EventType::GCMarkAssistDone,
        EventType::GoSysExit,
    ];
    let mut trace = TraceWriter::new(FormatVersion::GO_1_19).expect("a v1 version");
    let mut wanted = Vec::new();
    let mut tick = 1;
    for &[what, a, b, c] in bytes.as_chunks::<4>().0.iter().take(STEPS) {
        let p = u32::from(what >> 3) % 5;
        trace.batch(Some(ProcId(p)), Ticks(tick));
        tick += u64::from(a) + 1;
        let value = u64::from(b) << (c % 57);
        let event_type = TYPES[usize::from(what & 7) % 5];
        let count = event_type.spec().args.len();
        let mut varints = vec![u64::from(a) + 1];
        varints.extend(&[value][..count]);
        varints.extend(event_type.spec().has_stack.then_some(0));
        wanted.push((trace.offset() as u64, tick - 1, event_type, value, count));
        // The long form, too, which an event may have at any length.
        let event = RawEvent::of(event_type, &varints);
        trace.raw_event(&if c & 0x80 == 0 {
            event
        } else {
            event.with_count_bits(3)
        });
    }
    trace.frequency(1_000_000_000);
    let bytes = trace.finish();
    let reader = match Reader::new(&bytes) {
        Ok(reader) => reader,
        Err(error) if wanted.is_empty() => return drop(error),
        Err(error) => panic!("{error}"),
    };
    let first = wanted.first().map_or(0, |w| w.1);
    let events: Vec<_> = reader.events().map(|e| e.expect("legal events")).collect();
    assert_eq!(events.len(), wanted.len());
    for (event, (offset, tick, event_type, value, count)) in events.iter().zip(wanted) {
        assert_eq!((event.offset, event.event_type), (offset, event_type));
        assert_eq!(event.time, i64::try_from(tick - first).expect("few"));
        let value = if count == 0 { 0 } else { value };
        assert_eq!(event.args[0], value);
    }
}

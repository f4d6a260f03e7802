//! Tables of events by the state of their goroutine, their P and the world: a small trace for each
//! cell, read like any other.

use sigprof::trace::v1 as trace;
use sigprof_sim::tracer::{CpuSample, GoId, ProcId, StackId, Ticks, TraceBuilder};
use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType as E;

use crate::Golden;

const P0: u64 = 0;
const P1: u64 = 1;

/// The goroutine that everything is about.
const G: u64 = 1;

/// One that is in its way.
const OTHER: u64 = 2;

/// A trace under way, an event every ten ticks.
struct Draft {
    builder: TraceBuilder,
    version: FormatVersion,
    tick: u64,
    p: Option<u64>,
    /// The number that the next event of the goroutine that has one must bear.
    seq: u64,
    cycles: u64,
}

impl Draft {
    fn new(version: FormatVersion) -> Self {
        Self {
            builder: TraceBuilder::new(version).expect("a v1 version"),
            version,
            tick: 100,
            p: None,
            seq: 1,
            cycles: 0,
        }
    }

    /// The next event on a P, with arguments by the names that the format gives them.
    fn event(&mut self, p: u64, event_type: E, g: u64) -> &mut Self {
        self.with_mode(p, event_type, g, 0)
    }

    fn with_mode(&mut self, p: u64, event_type: E, g: u64, mode: u64) -> &mut Self {
        self.tick += 10;
        if self.p != Some(p) {
            let before = Ticks(self.tick - 5);
            self.builder
                .batch(Some(ProcId(u32::try_from(p).expect("0 or 1"))), before);
            self.p = Some(p);
        }
        let at = Ticks(self.tick);
        let name = self.builder.string("name");
        match event_type {
            E::CPUSample => {
                let sample = CpuSample {
                    ts: at,
                    p: Some(ProcId(0)),
                    g: Some(GoId(G)),
                    stack: StackId(0),
                };
                self.builder.cpu_sample(at, sample);
            }
            E::UserLog => {
                self.builder.user_log(at, 1, "category", "message", &[]);
            }
            _ => {
                let of_name = |arg: &&str| match *arg {
                    "g" => g,
                    "seq" if event_type == E::GCStart => self.cycles,
                    "seq" if g == OTHER => 1,
                    "seq" => self.seq,
                    "mode" => mode,
                    "labelid" | "typeid" => name.0,
                    "taskid" => 7,
                    "kindid" | "stack" | "ts" | "pid" => 0,
                    _ => 4,
                };
                let mut args: Vec<_> = event_type.spec().args.iter().map(of_name).collect();
                if event_type == E::GCSTWStart && self.version < FormatVersion::GO_1_10 {
                    args.clear();
                }
                self.builder.event(at, event_type, &args, &[]);
                if event_type == E::GCStart {
                    self.cycles += 1;
                }
                if event_type == E::GoStart && g == G {
                    self.seq += 1;
                }
            }
        }
        self
    }

    /// `ok`, or what the reader says of it.
    fn read(self) -> String {
        match trace::read(&self.builder.finish(1_000_000_000)) {
            Ok(_) => "ok".to_owned(),
            Err(error) => format!("want {}, got {}", error.want(), error.got()),
        }
    }
}

/// An event of a setup: P, type, goroutine.
type Setup = (u64, E, u64);

/// States of goroutine 1, and the events that bring it there.
const STATES: [(&str, &[Setup]); 8] = [
    ("unknown", &[]),
    ("runnable", &[(P0, E::GoCreate, G)]),
    (
        "while P 0 runs 2",
        &[
            (P0, E::GoCreate, G),
            (P0, E::GoCreate, OTHER),
            (P0, E::GoStart, OTHER),
        ],
    ),
    ("running", &RUNNING),
    ("on P 1", &[(P0, E::GoCreate, G), (P1, E::GoStart, G)]),
    (
        "blocked",
        &[
            (P0, E::GoCreate, G),
            (P0, E::GoStart, G),
            (P0, E::GoBlock, G),
        ],
    ),
    (
        "in syscall",
        &[
            (P0, E::GoCreate, G),
            (P0, E::GoStart, G),
            (P0, E::GoSysCall, G),
            (P0, E::GoSysBlock, G),
        ],
    ),
    (
        "ended",
        &[(P0, E::GoCreate, G), (P0, E::GoStart, G), (P0, E::GoEnd, G)],
    ),
];

const RUNNING: [Setup; 2] = [(P0, E::GoCreate, G), (P0, E::GoStart, G)];

/// Complaints that stand in a table as `[1]`, and below it in full.
#[derive(Default)]
struct Complaints(Vec<String>);

impl Complaints {
    fn cell(&mut self, outcome: String) -> String {
        if outcome == "ok" {
            return outcome;
        }
        let known = self.0.iter().position(|c| *c == outcome);
        let number = known.unwrap_or_else(|| {
            self.0.push(outcome);
            self.0.len() - 1
        });
        format!("[{}]", number + 1)
    }

    fn list(&self) -> String {
        let numbered = (1..).zip(&self.0);
        numbered
            .map(|(number, text)| format!("[{number}] {text}\n"))
            .collect()
    }
}

/// Events of one kind in a row, and what P 0 says of each while goroutine 1 is in each state.
pub(crate) fn goroutines(_: &str) -> Golden {
    let mut complaints = Complaints::default();
    let mut rows: Vec<(Vec<&str>, Vec<String>)> = Vec::new();
    for event_type in E::ALL.into_iter().filter(|&e| is_of_a_goroutine(e)) {
        let cells = STATES.map(|(_, events)| {
            let mut draft = Draft::new(FormatVersion::GO_1_19);
            for &(p, event, g) in events {
                draft.event(p, event, g);
            }
            draft.event(P0, event_type, G);
            complaints.cell(draft.read())
        });
        match rows.iter_mut().find(|(_, of)| *of == cells) {
            Some((names, _)) => names.push(event_type.name()),
            None => rows.push((vec![event_type.name()], cells.into())),
        }
    }
    let mut head = STATES.map(|(name, _)| name.to_owned()).to_vec();
    head.push("event on P 0".to_owned());
    let mut table = vec![head];
    for (names, mut cells) in rows {
        // Some events to a line.
        for (at, names) in names.chunks(5).enumerate() {
            let mut row = match at {
                0 => std::mem::take(&mut cells),
                _ => vec![String::new(); STATES.len()],
            };
            row.push(names.join(", "));
            table.push(row);
        }
    }
    let text = format!("{}\n{}", super::table(&table), complaints.list());
    let about =
        "which event may come while goroutine 1, which it is about if it can, is in this state";
    (about.to_owned(), text)
}

/// Not so what stands outside of time, and what has a beginning and an end.
fn is_of_a_goroutine(event_type: E) -> bool {
    let is_no_event = matches!(
        event_type,
        E::Batch | E::Frequency | E::Stack | E::String | E::TimerGoroutine
    );
    !is_no_event
        && !PAIRS
            .iter()
            .any(|(begin, end, _)| [*begin, *end].contains(&event_type))
}

/// Pairs of events that begin and end something, with the first format version that can have them.
const PAIRS: [(E, E, FormatVersion); 7] = [
    (E::ProcStart, E::ProcStop, FormatVersion::GO_1_19),
    (E::GCStart, E::GCDone, FormatVersion::GO_1_19),
    (E::GCSTWStart, E::GCSTWDone, FormatVersion::GO_1_19),
    (E::GCSweepStart, E::GCSweepDone, FormatVersion::GO_1_19),
    (
        E::GCMarkAssistStart,
        E::GCMarkAssistDone,
        FormatVersion::GO_1_19,
    ),
    (E::UserTaskCreate, E::UserTaskEnd, FormatVersion::GO_1_19),
    (E::UserRegion, E::UserRegion, FormatVersion::GO_1_19),
];

/// A stop of the world was an event of one P then.
const OLD_STW: (E, E, FormatVersion) = (E::GCSTWStart, E::GCSTWDone, FormatVersion::GO_1_9);

/// Beginnings and ends, on P 0 or on P 1.
const ORDERS: [(&str, &[(u64, bool)]); 7] = [
    ("begin", &[(P0, true)]),
    ("end", &[(P0, false)]),
    ("begin, end", &[(P0, true), (P0, false)]),
    ("begin twice", &[(P0, true), (P0, true)]),
    ("end twice", &[(P0, true), (P0, false), (P0, false)]),
    ("begin on both", &[(P0, true), (P1, true)]),
    ("end on P 1", &[(P0, true), (P1, false)]),
];

/// A row a pair of events, first while no goroutine runs, then while one does.
pub(crate) fn begin_and_end(_: &str) -> Golden {
    let mut complaints = Complaints::default();
    let mut table = vec![vec!["goroutine".to_owned()]];
    table[0].extend(ORDERS.map(|(name, _)| name.to_owned()));
    table[0].push("events".to_owned());
    for (begin, end, version) in PAIRS.into_iter().chain([OLD_STW]) {
        let mut rows: Vec<([String; ORDERS.len()], Vec<&str>)> = Vec::new();
        for (name, setup) in [("none", &[][..]), ("runs on P 0", &RUNNING)] {
            let cells = ORDERS.map(|(_, order)| {
                let mut draft = Draft::new(version);
                for &(p, event, g) in setup {
                    draft.event(p, event, g);
                }
                for &(p, begins) in order {
                    let event = if begins { begin } else { end };
                    draft.with_mode(p, event, G, u64::from(!begins));
                }
                complaints.cell(draft.read())
            });
            match rows.iter_mut().find(|(of, _)| *of == cells) {
                Some((_, names)) => names.push(name),
                None => rows.push((cells, vec![name])),
            }
        }
        for (cells, names) in rows {
            let mut row = vec![if names.len() == 2 { "any" } else { names[0] }.to_owned()];
            row.extend(cells);
            let since = match version {
                FormatVersion::GO_1_19 => String::new(),
                version => format!(" in Go {version}"),
            };
            row.push(format!("{}, {}{since}", begin.name(), end.name()));
            table.push(row);
        }
    }
    let text = format!("{}\n{}", super::table(&table), complaints.list());
    let about = "what has a beginning and an end: in which order it may come, on which P";
    (about.to_owned(), text)
}

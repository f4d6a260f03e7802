//! Events as JSON and as text.

use sigprof::trace::v1::{self as trace, Trace, render};
use sigprof_sim::tracer::{Frame, GoId, Ticks, TraceBuilder};
use sigprof_wire::v1::EventType as E;

use super::{SECOND, builder, judge, sample};

/// The last event of this type, written out by `show`.
#[track_caller]
fn last(
    builder: TraceBuilder,
    event_type: E,
    show: impl Fn(&Trace, &trace::Event, &mut Vec<u8>) -> std::io::Result<()>,
) -> String {
    let bytes = builder.finish(SECOND);
    judge::agrees(&bytes);
    let trace = trace::read(&bytes).unwrap();
    let mut events = trace.events.iter();
    let event = events.rfind(|e| e.event_type == event_type).unwrap();
    let mut out = Vec::new();
    show(&trace, event, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// That JSON has these as `p` and `place`.
#[track_caller]
fn check_place(builder: TraceBuilder, event_type: E, p: Option<u64>, place: Option<&str>) {
    let line = last(builder, event_type, |trace, event, out| {
        render::json(&trace.reader, event, out)
    });
    let json: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!((&json["p"], &json["place"]), (&p.into(), &place.into()));
}

#[track_caller]
fn check_text(builder: TraceBuilder, event_type: E, stacks: bool, expected: &str) {
    let text = last(builder, event_type, |trace, event, out| {
        render::text(&trace.reader, event, stacks, out)
    });
    assert_eq!(text, expected);
}

#[test]
fn json_has_the_p_of_an_event() {
    check_place(builder(), E::GoStart, Some(0), None);
}

#[test]
fn json_has_the_p_of_a_sample() {
    let mut builder = builder();
    builder.cpu_sample(Ticks(110), sample(105, Some(3), 1));
    check_place(builder, E::CPUSample, Some(3), None);
}

/// Guards S16.5.
#[test]
fn json_says_that_there_was_no_p() {
    let mut builder = builder();
    builder.cpu_sample(Ticks(110), sample(105, None, 1));
    check_place(builder, E::CPUSample, None, Some("no-p"));
}

/// Guards S16.5.
#[test]
fn json_says_that_it_was_the_collector() {
    let mut builder = builder();
    builder.event(Ticks(110), E::GCStart, &[0], &[]);
    check_place(builder, E::GCStart, None, Some("gc"));
}

/// Guards S16.5.
#[test]
fn json_says_that_it_was_a_system_call() {
    let mut builder = builder();
    builder.event(Ticks(110), E::GoSysBlock, &[], &[]);
    builder.event(Ticks(120), E::GoSysExit, &[1, 2, 0], &[]);
    check_place(builder, E::GoSysExit, None, Some("syscall"));
}

/// Guards S16.5.
#[test]
fn json_says_that_it_was_the_network() {
    let mut builder = builder();
    builder.event(Ticks(110), E::GoBlockNet, &[], &[]);
    builder.event(Ticks(120), E::GoUnblock, &[1, 2], &[]);
    check_place(builder, E::GoUnblock, None, Some("netpoll"));
}

/// Guards S16.5.
#[test]
fn json_says_that_it_was_a_timer() {
    let mut builder = builder();
    builder.event(Ticks(110), E::GoSleep, &[], &[]);
    builder.event(Ticks(120), E::GoUnblock, &[1, 2], &[]);
    builder.writer().timer_goroutine(GoId(0));
    check_place(builder, E::GoUnblock, None, Some("timer"));
}

/// Goroutine 1 begins a region of task 5.
fn in_a_region() -> TraceBuilder {
    let mut builder = builder();
    let name = builder.string("work");
    let frames = [
        Frame::new(0x1234, "main.f", "main.go", 7),
        Frame::new(0x2345, "main.main", "main.go", 9),
    ];
    builder.event(Ticks(105), E::UserRegion, &[5, 0, name.0], &frames);
    builder
}

#[test]
fn text_has_an_event_in_one_line() {
    check_text(
        in_a_region(),
        E::UserRegion,
        false,
        "             5 ns  P0       G1     UserRegion         taskid=5 mode=0 typeid=1 \
         name=\"work\" at main.f main.go:7\n",
    );
}

#[test]
fn text_has_a_line_for_each_frame() {
    let expected = [
        "             5 ns  P0       G1     UserRegion         taskid=5 mode=0 typeid=1 name=\"work\"\n",
        "                  main.f main.go:7\n",
        "                  main.main main.go:9\n",
    ];
    check_text(in_a_region(), E::UserRegion, true, &expected.concat());
}

#[test]
fn text_has_a_sample_without_its_arguments() {
    let mut builder = builder();
    builder.cpu_sample(Ticks(110), sample(105, None, 1));
    check_text(
        builder,
        E::CPUSample,
        false,
        "             5 ns  no P     G1     CPUSample         \n",
    );
}

#[test]
fn text_has_a_dash_for_no_goroutine() {
    let mut builder = builder();
    builder.event(Ticks(110), E::GCStart, &[0], &[]);
    check_text(
        builder,
        E::GCStart,
        false,
        "            10 ns  GC       -      GCStart            seq=0\n",
    );
}

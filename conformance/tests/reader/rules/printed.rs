//! Section 10: what Go prints.

use sigprof::oracle::compare;
use sigprof_sim::tracer::Ticks;
use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType as E;

use super::{SECOND, judge, sample, started};

fn printed(bytes: &[u8], printer: FormatVersion) -> String {
    String::from_utf8(compare::read(bytes, printer, None).unwrap()).unwrap()
}

/// Guards R64.1, R64.3, S12.
#[test]
fn a_line_has_time_name_place_and_arguments_and_no_stack() {
    let mut builder = started();
    let frame = sigprof_sim::tracer::Frame::new(1, "main.f", "main.go", 7);
    builder.user_log(Ticks(102), u64::MAX, "key", "text", &[frame]);
    builder.cpu_sample(Ticks(110), sample(90, None, 0));
    let bytes = builder.finish(SECOND);
    let lines = "\
        0 CPUSample p=-1 g=0 off=55 ts=0 p=18446744073709551615 g=0\n\
        10 GoCreate p=0 g=0 off=19 g=1 stack=0\n\
        11 GoStart p=0 g=1 off=25 g=1 seq=1\n\
        12 UserLog p=0 g=1 off=35 id=18446744073709551615 keyid=1 category=key message=text\n";
    assert_eq!(printed(&bytes, FormatVersion::GO_1_19), lines);
    judge::agrees(&bytes);
}

/// Guards R64.2.
#[test]
fn a_newline_in_a_string_breaks_the_line() {
    let mut builder = started();
    builder.user_log(Ticks(102), 5, "a\nb", "c\n\nd\\", &[]);
    let bytes = builder.finish(SECOND);
    let text = printed(&bytes, FormatVersion::GO_1_19);
    assert!(text.ends_with("category=a\nb message=c\n\nd\\\n"), "{text}");
    judge::agrees(&bytes);
}

/// Guards R64.4, S12.
#[test]
fn stops_have_another_name_from_1_21_on() {
    let mut builder = started();
    builder.event(Ticks(110), E::GCSTWStart, &[0], &[]);
    builder.event(Ticks(111), E::GCSTWDone, &[], &[]);
    let bytes = builder.finish(SECOND);
    let old = printed(&bytes, FormatVersion::GO_1_19);
    let new = printed(&bytes, FormatVersion::GO_1_21);
    assert!(old.contains(" GCSTWStart p=0 ") && old.contains(" GCSTWDone p=0 "));
    assert_eq!(old.replace(" GCSTW", " STW"), new);
    for (version, expected) in [("1.19", &old), ("1.21", &new), ("1.22", &new)] {
        let Some(go) = sigprof::oracle::Go::find_or_skip(version) else {
            continue;
        };
        let output = judge::trace_d(&go, &bytes, None);
        assert_eq!(String::from_utf8_lossy(&output.stdout), **expected, "{go}");
    }
}

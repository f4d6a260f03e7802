//! Where Go's reader errs, what is read of a damaged trace, and what answers what.

use sigprof::trace::v1::{Options, Reader, Strict, Warning};
use sigprof_sim::tracer::{RawEvent, Ticks, TraceBuilder};
use sigprof_wire::FormatVersion;
use sigprof_wire::v1::EventType as E;

use super::{SECOND, builder, judge, sample};

/// A sample of goroutine 7 at a tick, and its creation at tick 110.
fn sampled(tick: u64) -> Vec<u8> {
    let mut builder = builder();
    builder.event(Ticks(110), E::GoCreate, &[7, 0], &[]);
    builder.cpu_sample(Ticks(120), sample(tick, Some(0), 7));
    builder.finish(SECOND)
}

fn strict(bytes: &[u8]) -> Result<(), String> {
    let options = Options {
        strict: Some(Strict::Go1_19),
        ..Options::default()
    };
    let reader = Reader::with(bytes, options).unwrap();
    reader.verify().map_err(|e| e.to_string())
}

/// B4: a sample before the creation of its goroutine.
///
/// Guards S3.1, S3.2.
#[test]
fn an_early_sample_is_a_warning_and_to_go_1_19_an_error() {
    let bytes = sampled(105);
    let reader = Reader::new(&bytes).unwrap();
    let mut events = reader.events();
    assert_eq!(events.by_ref().map(Result::unwrap).count(), 4);
    let warning = Warning::SampledBeforeCreated {
        offset: 29,
        goroutine: 7,
    };
    assert_eq!(events.warnings().first(), [warning]);
    let error = strict(&bytes).unwrap_err();
    assert!(
        error.starts_with("0x1d: GoCreate: want a new goroutine, not 7"),
        "{error}"
    );
    judge::refuses(&bytes);
}

/// Guards S3.2.
#[test]
fn a_late_sample_is_neither() {
    let bytes = sampled(115);
    let reader = Reader::new(&bytes).unwrap();
    let mut events = reader.events();
    assert_eq!(events.by_ref().map(Result::unwrap).count(), 4);
    assert_eq!(events.warnings().count(), 0);
    assert_eq!(strict(&bytes), Ok(()));
    judge::agrees(&bytes);
}

#[test]
fn many_warnings_are_counted_and_few_are_kept() {
    let mut builder = builder();
    for id in 10..110 {
        builder.event(Ticks(100 + id), E::GoCreate, &[id, 0], &[]);
    }
    for id in 10..110 {
        builder.cpu_sample(Ticks(300), sample(105, None, id));
    }
    let bytes = builder.finish(SECOND);
    let reader = Reader::new(&bytes).unwrap();
    let mut events = reader.events();
    assert!(events.by_ref().all(|e| e.is_ok()));
    assert_eq!(events.warnings().count(), 100);
    assert!(events.warnings().first().len() < 100);
}

fn keep_going(bytes: &[u8]) -> (usize, String) {
    let options = Options {
        keep_going: true,
        ..Options::default()
    };
    let reader = Reader::with(bytes, options).unwrap();
    let mut events = reader.events();
    let mut count = 0;
    loop {
        match events.next() {
            Some(Ok(_)) => count += 1,
            Some(Err(error)) => {
                assert!(events.next().is_none());
                return (count, error.to_string());
            }
            None => return (count, String::new()),
        }
    }
}

/// Guards S2.3.
#[test]
fn what_comes_before_an_error_is_read() {
    let mut broken = builder();
    broken.event(Ticks(110), E::HeapAlloc, &[1], &[]);
    broken.event(Ticks(120), E::GCDone, &[], &[]);
    broken.event(Ticks(130), E::HeapAlloc, &[2], &[]);
    let (count, error) = keep_going(&broken.finish(SECOND));
    assert_eq!(count, 3);
    assert!(
        error.contains("GCDone: want a GC cycle under way"),
        "{error}"
    );

    let mut broken = builder();
    broken.event(Ticks(110), E::HeapAlloc, &[1], &[]);
    broken
        .writer()
        .raw_event(&RawEvent::of(E::GoEnd, &[1, 2, 3]));
    let (count, error) = keep_going(&broken.finish(SECOND));
    assert_eq!(count, 3);
    assert!(error.contains("GoEnd: want 1 argument, got 3"), "{error}");
}

/// Guards S2.3.
#[test]
fn without_a_frequency_times_are_ticks() {
    let mut builder = builder();
    builder.event(Ticks(117), E::HeapAlloc, &[1], &[]);
    let bytes = builder.finish(2 * SECOND);
    let cut = bytes.len() - 8;
    let options = Options {
        keep_going: true,
        ..Options::default()
    };
    let reader = Reader::with(&bytes[..cut], options).unwrap();
    assert_eq!(reader.ticks_per_second(), 0);
    assert!(reader.warnings().contains(&Warning::NoFrequency));
    let times: Vec<_> = reader.events().flatten().map(|e| e.time).collect();
    assert_eq!(times, [0, 1, 17]);
}

/// Type of an event, and of the one that it answers.
fn answers(builder: TraceBuilder) -> Vec<(E, Option<E>)> {
    let bytes = builder.finish(SECOND);
    judge::agrees(&bytes);
    let reader = Reader::new(&bytes).unwrap();
    let events: Vec<_> = reader.events().map(Result::unwrap).collect();
    let at = |offset: u64| {
        events
            .iter()
            .find(|e| e.offset == offset)
            .unwrap()
            .event_type
    };
    let pairs = events
        .iter()
        .map(|e| (e.event_type, e.link.map(|o| at(o.get()))));
    pairs.collect()
}

#[test]
fn events_answer_what_led_to_them() {
    let mut builder = builder();
    builder.event(Ticks(110), E::GoBlockSync, &[], &[]);
    builder.event(Ticks(120), E::GoUnblock, &[1, 2], &[]);
    builder.event(Ticks(130), E::GoStart, &[1, 3], &[]);
    builder.event(Ticks(140), E::GoSysCall, &[], &[]);
    builder.event(Ticks(150), E::GoSysBlock, &[], &[]);
    builder.event(Ticks(160), E::GoSysExit, &[1, 4, 155], &[]);
    builder.event(Ticks(170), E::GoStart, &[1, 5], &[]);
    builder.event(Ticks(175), E::UserTaskCreate, &[9, 0, 0], &[]);
    builder.event(Ticks(176), E::UserTaskEnd, &[9], &[]);
    builder.event(Ticks(180), E::GoPreempt, &[], &[]);
    let expected = [
        (E::GoCreate, None),
        (E::GoStart, Some(E::GoCreate)),
        (E::GoBlockSync, Some(E::GoStart)),
        (E::GoUnblock, Some(E::GoBlockSync)),
        (E::GoStart, Some(E::GoUnblock)),
        (E::GoSysCall, None),
        (E::GoSysBlock, Some(E::GoStart)),
        (E::GoSysExit, Some(E::GoSysCall)),
        (E::GoStart, Some(E::GoSysExit)),
        (E::UserTaskCreate, None),
        (E::UserTaskEnd, Some(E::UserTaskCreate)),
        (E::GoPreempt, Some(E::GoStart)),
    ];
    assert_eq!(answers(builder), expected);
}

#[test]
fn the_end_of_a_goroutine_ends_its_regions() {
    let mut builder = builder();
    let name = builder.string("work");
    builder.event(Ticks(105), E::UserRegion, &[0, 0, name.0], &[]);
    builder.event(Ticks(106), E::UserRegion, &[0, 0, name.0], &[]);
    builder.event(Ticks(107), E::UserRegion, &[0, 1, name.0], &[]);
    builder.event(Ticks(110), E::GoEnd, &[], &[]);
    builder.event(Ticks(111), E::HeapAlloc, &[1], &[]);
    let bytes = builder.finish(SECOND);
    let reader = Reader::new(&bytes).unwrap();
    let mut events = reader.events();
    let mut first = None;
    while let Some(event) = events.next().transpose().unwrap() {
        if event.event_type == E::UserRegion {
            first.get_or_insert(event.offset);
        }
        let ended = events.ended_regions();
        match event.event_type {
            E::GoEnd => assert_eq!(ended, [first.unwrap()]),
            _ => assert!(ended.is_empty()),
        }
    }
}

/// A trace of Go 1.5: numbers decide, not times; an exit has a number of its own.
///
/// Guards R60.13, S1.2.
#[test]
fn numbers_order_a_trace_of_1_5() {
    let mut bytes = b"go 1.5 trace\0\0\0\0".to_vec();
    // Two varints count as none more.
    let mut event = |event_type: E, varints: &[u8]| {
        let count = u8::try_from(varints.len()).unwrap() - 2;
        if count < 3 {
            bytes.push(event_type as u8 | count << 6);
        } else {
            bytes.extend([event_type as u8 | 3 << 6, count + 2]);
        }
        bytes.extend(varints);
    };
    event(E::Batch, &[1, 2, 100]);
    event(E::GCSTWStart, &[1, 2]);
    event(E::Batch, &[0, 0, 100]);
    event(E::GoCreate, &[1, 1, 7, 64, 0]);
    event(E::GoStart, &[1, 0, 7]);
    event(E::GCSTWDone, &[2, 1]);
    event(E::Frequency, &[100, 0]);
    let reader = Reader::new(&bytes).unwrap();
    assert_eq!(reader.version(), FormatVersion::GO_1_5);
    assert_eq!(reader.warnings(), [Warning::NoSymbols]);
    let error = reader.verify().unwrap_err().to_string();
    assert!(
        error.contains("GCSTWDone: want a stop of the world under way"),
        "{error}"
    );
    let events: Vec<_> = reader.events().flatten().collect();
    let types: Vec<_> = events.iter().map(|e| e.event_type).collect();
    assert_eq!(types, [E::GoCreate, E::GoStart, E::GCSTWStart]);
    let pcs: Vec<_> = reader.stack(events[1].stack).map(|f| f.pc).collect();
    assert_eq!(pcs, [65]);
}

/// Events that were read before an error are not lost.
///
/// Guards S2.3.
#[test]
fn a_trace_that_is_cut_short_is_read_as_far_as_it_goes() {
    let bytes = sigprof::fixtures::file("valid/basics/tiny/trace").unwrap();
    let options = Options {
        keep_going: true,
        ..Options::default()
    };
    let mut most = 0;
    for len in 16..bytes.len() {
        let reader = Reader::with(&bytes[..len], options).unwrap();
        let mut events = reader.events();
        let read = events.by_ref().take_while(Result::is_ok).count();
        let error = Reader::new(&bytes[..len]).map(|_| ()).err();
        assert_eq!(reader.damage(), error.as_ref());
        assert!(events.next().is_none());
        most = most.max(read);
    }
    let all = Reader::new(&bytes).unwrap().events().count();
    assert!(most >= all - 1 && all > 50, "{most} of {all}");
}

/// A trace of a program that starts a million goroutines and stops the trace before they run, as Go
/// writes it: a bound on memory must not refuse it.
///
/// Guards S10.4.
#[test]
fn a_flood_of_goroutines_that_never_run_is_read() {
    const COUNT: u64 = 1_000_000;
    let mut builder = builder();
    for id in 0..COUNT {
        // Stack ids are of two bytes, as soon as there are 128 stacks.
        builder.event(Ticks(110 + id), E::GoCreate, &[100 + id, 200], &[]);
    }
    let bytes = builder.finish(SECOND);
    let each = bytes.len() as u64 / COUNT;
    assert!(each <= 9, "{each}");
    let reader = Reader::new(&bytes).unwrap();
    assert_eq!(reader.verify(), Ok(()));
}

/// The shortest events there are, which no program writes, would take too much.
///
/// Guards S10.3, S10.4.
#[test]
fn a_trace_that_would_take_too_much_memory_is_refused() {
    let mut trace = sigprof_sim::tracer::TraceWriter::new(FormatVersion::GO_1_19).unwrap();
    for p in 0..100_000 {
        trace.batch(Some(sigprof_sim::tracer::ProcId(p)), Ticks(1));
        trace.event(E::GoStart, Ticks(1), &[u64::from(p) + 1, 1], None);
    }
    trace.frequency(SECOND);
    let error = Reader::new(&trace.finish())
        .and_then(|r| r.verify())
        .unwrap_err();
    let words = error.to_string();
    assert!(
        words.contains("want events that take at most") && error.offset() > 0,
        "{words}"
    );
}

//! Tasks and regions that end without being open: what is said of them, and of which.

use sigprof::trace::v2::{Options, Reader, Warning};
use sigprof_wire::v2::EventType as E;

use super::kinder::{read, trace};
use crate::fuzzed::targets::write::{batch, clocks, event, header, strings};

fn said(bytes: &[u8], options: Options) -> Vec<String> {
    let (_, warnings, error) = read(bytes, options);
    assert_eq!(error, None);
    warnings.iter().map(ToString::to_string).collect()
}

fn strict() -> Options {
    Options {
        strict: Some(sigprof::trace::Strict::Go1_27),
        ..Options::default()
    }
}

/// Guards R79.4, S41.2, S68.1.
#[test]
fn a_region_that_is_not_open_is_warned_of_wherever_it_ends() {
    let bytes = trace(|data| {
        event(data, E::UserRegionEnd, &[1, 0, 1, 0]);
        event(data, E::UserRegionBegin, &[1, 0, 2, 0]);
        event(data, E::UserRegionEnd, &[1, 0, 1, 0]);
        event(data, E::UserRegionEnd, &[1, 0, 2, 0]);
        event(data, E::UserRegionEnd, &[1, 3, 2, 0]);
    });
    let first = r#"0x51: UserRegionEnd: goroutine 1 ends region "a", which began before the trace or had ended already"#;
    let second = r#"0x5b: UserRegionEnd: goroutine 1 ends region "a", which began before the trace or had ended already, inside region "b"; Go refuses such a trace"#;
    let third = r#"0x65: UserRegionEnd: goroutine 1 ends region "b", which began before the trace or had ended already"#;
    assert_eq!(said(&bytes, Options::default()), [first, second, third]);
}

/// Guards R79.4, S41.2.
#[test]
fn strictly_a_region_may_end_where_its_goroutine_is_in_none() {
    let bytes = trace(|data| event(data, E::UserRegionEnd, &[1, 0, 1, 0]));
    assert_eq!(said(&bytes, strict()).len(), 1);
    let bytes = trace(|data| {
        event(data, E::UserRegionBegin, &[1, 0, 2, 0]);
        event(data, E::UserRegionEnd, &[1, 0, 1, 0]);
    });
    let (_, _, error) = read(&bytes, strict());
    let error = error.unwrap();
    assert!(error.contains("want the end of region \"b\""), "{error}");
}

/// Guards S68.1, S68.2.
#[test]
fn what_began_in_an_earlier_generation_is_not_warned_of_though_its_name_has_another_number() {
    let mut bytes = header(26);
    for generation in 1..=3 {
        let at = 100 * generation;
        clocks(&mut bytes, 26, generation, at, 15_625_000);
        let mut data = Vec::new();
        event(&mut data, E::ProcStatus, &[1, 0, 1]);
        event(&mut data, E::GoStatus, &[1, 1, 7, 2]);
        if generation == 1 {
            event(&mut data, E::UserTaskBegin, &[1, 5, 0, 1, 0]);
            event(&mut data, E::UserRegionBegin, &[1, 5, 1, 0]);
            event(&mut data, E::UserRegionBegin, &[1, 5, 1, 0]);
        } else {
            // By now "a" is number 2.
            event(&mut data, E::UserRegionEnd, &[1, 5, 2, 0]);
        }
        if generation == 3 {
            event(&mut data, E::UserTaskEnd, &[1, 5, 0]);
        }
        batch(&mut bytes, generation, 7, at + 1, &data);
        let texts: [&[u8]; 2] = match generation {
            1 => [b"a", b"b"],
            _ => [b"b", b"a"],
        };
        strings(&mut bytes, generation, at + 2, &texts);
        event(&mut bytes, E::EndOfGeneration, &[]);
    }
    assert_eq!(said(&bytes, Options::default()), [""; 0]);
}

/// Guards R79.3, S41.3, S68.2.
#[test]
fn a_task_has_ended_already_if_its_id_is_among_those_that_began_in_the_trace() {
    let bytes = trace(|data| {
        event(data, E::UserTaskEnd, &[1, 9, 0]);
        for id in [10, 8] {
            event(data, E::UserTaskBegin, &[1, id, 0, 1, 0]);
            event(data, E::UserTaskEnd, &[1, id, 0]);
        }
        for id in [7, 8, 9, 10, 11] {
            event(data, E::UserTaskEnd, &[1, id, 0]);
        }
    });
    let expected = [
        (9, "began before the trace"),
        (7, "began before the trace"),
        (8, "had ended already"),
        (9, "had ended already"),
        (10, "had ended already"),
        (11, "began before the trace"),
    ];
    let got = said(&bytes, Options::default());
    assert_eq!(got.len(), expected.len());
    for (got, (id, why)) in got.iter().zip(expected) {
        let want = format!("UserTaskEnd: goroutine 1 ends task {id}, which {why}");
        assert!(got.ends_with(&want), "{got}");
    }
    assert!(got[0].starts_with("0x51: "), "{}", got[0]);
}

/// Guards S68.1, S68.3.
#[test]
fn of_many_the_first_are_kept_and_all_are_counted() {
    let bytes = trace(|data| {
        for _ in 0..60 {
            event(data, E::UserRegionEnd, &[1, 0, 1, 0]);
            event(data, E::UserTaskEnd, &[1, 9, 0]);
        }
    });
    let mut reader = Reader::new(&bytes, Options::default()).unwrap();
    reader.verify().unwrap();
    let warnings = reader.warnings();
    assert_eq!((warnings.first().len(), warnings.count()), (20, 120));
}

/// Guards S68.1, S68.2.
#[test]
fn of_fixtures_only_windows_have_such_regions_and_only_random_worlds_end_a_task_twice() {
    let (mut windows, mut twice) = (Vec::new(), Vec::new());
    for folder in crate::v2::fixtures() {
        let bytes = std::fs::read(folder.join("trace")).unwrap();
        let Ok(mut reader) = Reader::new(&bytes, Options::default()) else {
            continue;
        };
        // Of what is cut or damaged all that comes before counts.
        let _ = reader.verify();
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        for warning in reader.warnings().first() {
            match warning {
                Warning::Region { .. } => windows.push(name.clone()),
                Warning::UnknownTask {
                    has_ended: true, ..
                } => twice.push(name.clone()),
                _ => {}
            }
        }
    }
    windows.dedup();
    twice.dedup();
    assert_eq!(windows, ["window-go1.25", "window-go1.27"]);
    // Simulated programs end tasks as they like: these do end number 2 twice.
    assert_eq!(twice, ["world-go1.22", "world-go1.23"]);
}

/// A trace of 2 MB whose regions end inside others takes no minutes.
///
/// Guards S41.1.
#[test]
fn regions_that_end_inside_thousands_of_others_are_found_or_soon_given_up() {
    let bytes = trace(|data| {
        event(data, E::UserRegionBegin, &[1, 0, 2, 0]);
        for _ in 0..5000 {
            event(data, E::UserRegionBegin, &[1, 0, 1, 0]);
        }
        event(data, E::UserRegionEnd, &[1, 0, 2, 0]);
        for _ in 0..1000 {
            event(data, E::UserRegionEnd, &[1, 0, 1, 0]);
        }
        event(data, E::UserRegionEnd, &[1, 0, 2, 0]);
    });
    let said = said(&bytes, Options::default());
    assert!(
        said[0].contains("or had ended already, inside region"),
        "{said:?}"
    );
    assert!(
        said[1].contains("ends region \"b\" inside region"),
        "{said:?}"
    );
    assert_eq!(said.len(), 2);
}

//! The merge against one that is written down plainly: Go's rule, a step at a time.

use sigprof_wire::v2::{EventType as E, NO_THREAD, go_status, proc_status};

use crate::trace::v2::frontier::tests::{Dice, Plain};
use crate::trace::v2::varint::tests::write;
use crate::trace::v2::{Options, Reader};

/// An event of a thread: where it stands, when it happened, and its number if it is one of
/// the collector's, which wait for each other.
#[derive(Clone, Copy, Debug)]
struct Happening {
    offset: u64,
    time: i64,
    collector: Option<u64>,
}

/// Events of each thread in turn, up to the first place where all of them wait.
fn merge_plainly(lanes: &[Vec<Happening>]) -> Vec<u64> {
    let (mut order, mut plain) = (Vec::new(), Plain::default());
    let mut at = vec![0; lanes.len()];
    let mut number = None;
    for (lane, events) in (0..).zip(lanes) {
        plain.insert(events[0].time, lane);
    }
    while plain.len() > 0 {
        let mut happens = |lane: u32| {
            let event = lanes[lane as usize][at[lane as usize]];
            match (event.collector, number) {
                (None, _) => {}
                // Odd ones begin a collection. The first of all may have any number.
                (Some(new), None) if new % 2 == 1 => number = Some(new),
                (Some(new), Some(old)) if new == old + 1 => number = Some(new),
                _ => return false,
            }
            order.push(event.offset);
            true
        };
        let mut place = 0;
        if !happens(plain.lane(0)) {
            plain.sort(false);
            let Some(next) = (1..plain.len()).find(|&i| happens(plain.lane(i))) else {
                break;
            };
            place = next;
        }
        let lane = plain.lane(place) as usize;
        at[lane] += 1;
        match lanes[lane].get(at[lane]) {
            Some(next) => plain.update(place, next.time),
            None => plain.remove(place),
        }
    }
    order
}

fn numbers(out: &mut Vec<u8>, event: E, numbers: &[u64]) {
    out.push(event as u8);
    for &number in numbers {
        write(out, number);
    }
}

fn batch(out: &mut Vec<u8>, thread: u64, data: &[u8]) {
    numbers(out, E::EventBatch, &[1, thread, 1, data.len() as u64]);
    out.extend_from_slice(data);
}

/// A random trace in which one unit of time is 1 ns and few units pass, with its events.
fn trace(dice: &mut Dice) -> (Vec<u8>, Vec<Vec<Happening>>) {
    let mut out = b"go 1.26 trace\0\0\0".to_vec();
    let mut data = Vec::new();
    numbers(&mut data, E::Sync, &[]);
    numbers(&mut data, E::Frequency, &[1_000_000_000]);
    numbers(&mut data, E::ClockSnapshot, &[1, 1, 1, 1]);
    batch(&mut out, NO_THREAD, &data);
    let most = [4, 12, 80][dice.index(3)];
    let threads = 1 + dice.below(most);
    let (most, mut number) = (1 + dice.below(4), 0);
    let mut lanes = Vec::new();
    for thread in 0..threads {
        let (mut data, mut events, mut now) = (Vec::new(), Vec::new(), 1);
        let statuses = [
            (E::ProcStatus, vec![thread, proc_status::RUNNING.into()]),
            (
                E::GoStatus,
                vec![thread + 1, thread, go_status::RUNNING.into()],
            ),
        ];
        let more = (0..dice.below(20)).map(|_| match dice.below(3) {
            0 => {
                number += 1;
                match number % 2 {
                    1 => (E::GCBegin, vec![number, 0]),
                    _ => (E::GCEnd, vec![number]),
                }
            }
            _ => (E::HeapAlloc, vec![dice.below(1 << 20)]),
        });
        for (event, args) in statuses.into_iter().chain(more.collect::<Vec<_>>()) {
            let delta = dice.below(most);
            now += delta.cast_signed();
            events.push(Happening {
                offset: data.len() as u64,
                time: now,
                collector: matches!(event, E::GCBegin | E::GCEnd).then(|| args[0]),
            });
            numbers(&mut data, event, &[&[delta], &args[..]].concat());
        }
        batch(&mut out, thread, &data);
        let start = (out.len() - data.len()) as u64;
        events.iter_mut().for_each(|event| event.offset += start);
        lanes.push(events);
    }
    numbers(&mut out, E::EndOfGeneration, &[]);
    (out, lanes)
}

/// Guards R75.2, R75.3, R75.4.
#[test]
fn events_come_in_the_order_of_a_plain_merge_whatever_ties_and_waits() {
    let (mut dice, mut waited, mut stuck) = (Dice::new(1), 0, 0);
    for _ in 0..3000 {
        let (bytes, lanes) = trace(&mut dice);
        let expected = merge_plainly(&lanes);
        let mut reader = Reader::new(&bytes, Options::default()).unwrap();
        let mut got = Vec::new();
        let result = loop {
            match reader.advance() {
                Ok(true) if reader.event().event_type() == E::Sync => {}
                Ok(true) => got.push(reader.event().offset),
                other => break other,
            }
        };
        assert_eq!(got, expected);
        let all: usize = lanes.iter().map(Vec::len).sum();
        assert_eq!(result.is_ok(), got.len() == all, "{result:?}");
        stuck += usize::from(result.is_err());
        waited += usize::from(result.is_ok() && lanes.len() > 1);
    }
    // Both kinds of trace were there.
    assert!(waited > 100 && stuck > 100, "{waited} {stuck}");
}

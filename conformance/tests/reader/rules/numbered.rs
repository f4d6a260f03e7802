//! Section 8 for traces of 1.5, whose events are numbered.

use super::judge;
use super::order::FALLS;

/// Guards S4.
#[test]
fn of_equal_numbers_lower_ps_come_first_and_then_what_stands_first() {
    let mut bytes = b"go 1.5 trace\0\0\0\0".to_vec();
    bytes.extend([0x41, 1, 0, 100]);
    bytes.extend([33 | 0x40, 1, 1, 1]);
    bytes.extend([0x41, 0, 0, 100]);
    bytes.extend([33 | 0x40, 1, 1, 3]);
    bytes.extend([33 | 0x40, 0, 0, 2]);
    bytes.extend([2, 100, 0]);
    let expected = [
        "0 HeapAlloc p=0 g=0 mem=3",
        "0 HeapAlloc p=0 g=0 mem=2",
        "0 HeapAlloc p=1 g=0 mem=1",
    ];
    assert_eq!(judge::ours(&bytes), expected);
}

/// Guards R62.14.
#[test]
fn events_of_1_5_are_sorted_by_their_numbers() {
    // What P 0 has between numbers 1 and 4, P 1 has at 2 and 3; an exit has its own number.
    let trace = |tick: u8, seq: u8, ts: u8| {
        let mut bytes = b"go 1.5 trace\0\0\0\0".to_vec();
        bytes.extend([0x41, 0, 0, 100]);
        bytes.extend([13 | 0xc0, 5, 1, 0, 7, 64, 0]); // 1: GoCreate 7
        bytes.extend([32 | 0x40, 1, 0, 7]); // 2: GoInSyscall 7
        bytes.extend([33 | 0x40, 4, 9, 1]); // 6: HeapAlloc, at tick 109
        bytes.extend([0x41, 1, 2, 100]);
        bytes.extend([33 | 0x40, 1, tick, 2]); // 3: HeapAlloc
        bytes.extend([29 | 0xc0, 5, 9, 9, 7, seq, ts]); // GoSysExit, written as 12
        bytes.extend([2, 100, 0]);
        bytes
    };
    let lines = |exit_at: usize, exit: &'static str| {
        let mut lines = vec![
            "0 GoCreate p=0 g=0 g=7 stack=64",
            "0 GoInSyscall p=0 g=7 g=7",
            "50000000 HeapAlloc p=1 g=0 mem=2",
            "90000000 HeapAlloc p=0 g=0 mem=1",
        ];
        lines.insert(exit_at, exit);
        lines
    };
    let check = |bytes: &[u8], lines: &[&str]| {
        judge::reads(bytes, lines);
    };
    let early = "70000000 GoSysExit p=1000003 g=7 g=7 seq=4 ts=107";
    check(&trace(5, 4, 107), &lines(3, early));
    let late = "140000000 GoSysExit p=1000003 g=7 g=7 seq=8 ts=0";
    check(&trace(5, 8, 0), &lines(4, late));
    // Number 3 at tick 110, number 6 at tick 109.
    judge::we_refuse(&trace(10, 8, 0), FALLS);
    let Some(go) = sigprof::oracle::Go::find_or_skip("1.19") else {
        return;
    };
    let program = go.root().join("bin/go");
    let said = judge::trace_d(&go, &trace(10, 8, 0), Some(&program)).stderr;
    assert!(String::from_utf8_lossy(&said).contains(FALLS));
}

/// Goroutine 7 runs on P 1 from number 3 to number 6, and on P 0 from number 10 on; what P 0 has
/// written behind that start bears number 5, if it is not P 1 that has it.
fn on_another_p(event: &[u8], is_on_p_1: bool) -> Vec<u8> {
    const FIVE_LESS: [u8; 10] = [0xfb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
    let numbered = |delta: &[u8]| {
        let (event_type, args) = event.split_first().unwrap();
        let length = u8::try_from(delta.len() + 1 + args.len()).unwrap();
        [&[event_type | 0xc0, length], delta, &[0], args].concat()
    };
    let mut bytes = b"go 1.5 trace\0\0\0\0".to_vec();
    bytes.extend([0x41, 0, 0, 100]);
    bytes.extend([13 | 0xc0, 5, 1, 0, 7, 64, 0]); // 1: GoCreate 7
    bytes.extend([14 | 0x40, 9, 0, 7]); // 10: GoStart 7
    if !is_on_p_1 {
        bytes.extend(numbered(&FIVE_LESS));
    }
    bytes.extend([0x41, 1, 2, 100]);
    bytes.extend([14 | 0x40, 1, 0, 7]); // 3: GoStart 7
    if is_on_p_1 {
        bytes.extend(numbered(&[2]));
        bytes.extend([17 | 0x40, 1, 0, 0]); // 6: GoSched
    } else {
        bytes.extend([17 | 0x40, 3, 0, 0]);
    }
    bytes.extend([2, 100, 0]);
    bytes
}

/// Only numbers can lead here: a P of Go 1.7 and later writes in the order in which things happen.
///
/// Guards R63.2.
#[test]
fn what_a_goroutine_does_it_does_on_its_p() {
    let sys_call = [28, 0];
    let create = [13, 9, 64, 0];
    let unblock = [21, 7, 0];
    let go = sigprof::oracle::Go::find_or_skip("1.19");
    let go_says = |bytes: &[u8]| {
        let program = go.as_ref()?.root().join("bin/go");
        let output = judge::trace_d(go.as_ref()?, bytes, Some(&program));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Some((output.status.success(), said))
    };
    for event in [&sys_call[..], &create, &unblock] {
        let elsewhere = on_another_p(event, false);
        judge::we_refuse(
            &elsewhere,
            "want goroutine 7 on its P, got goroutine 0 (on P 0, at 0 ns)",
        );
        if let Some((read, said)) = go_says(&elsewhere) {
            assert!(!read && said.contains("p 0 is not running g 7"), "{said}");
        }
    }
    for event in [&sys_call[..], &create] {
        let here = on_another_p(event, true);
        assert_eq!(judge::ours(&here).len(), 5);
        if let Some((read, said)) = go_says(&here) {
            assert!(read, "{said}");
        }
    }
}

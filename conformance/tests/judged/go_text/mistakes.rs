//! Mistakes put into Go's text, each of which the comparison sees.

use sigprof::go_text::Patch;
use sigprof::go_text::refine::Plan;
use sigprof::oracle::Go;

use super::{change, compare, of_ring, patched};

/// Mistakes put into Go's text, each seen in the scenario that is about it.
fn are_seen(mistakes: &[(Patch, &str)]) {
    let Some(go) = Go::find_or_skip("1.27") else {
        return;
    };
    let plan = Plan {
        reduced: 400,
        random: 0..50,
        schedule: None,
    };
    let is_seen = |patch: &Patch, scenario: &str| {
        let text = patched(&go, std::slice::from_ref(patch));
        let all = compare(&text, "1.27", &[scenario], &plan);
        let seen = all.iter().find_map(|compared| compared.difference.as_ref());
        seen.is_some_and(|seen| !seen.rows.is_empty())
    };
    let unseen = mistakes
        .iter()
        .filter(|(patch, scenario)| !is_seen(patch, scenario));
    assert_eq!(unseen.collect::<Vec<_>>(), Vec::<&(Patch, &str)>::new());
}

/// Guards S74.1.
#[test]
fn a_mistake_in_the_text_is_seen() {
    let add = "(p *cpuProfile) add";
    are_seen(&[
        (
            of_ring("bw&profWriteExtra != 0", "false"),
            "overflow_then_close",
        ),
        (of_ring("rPrev != br", "rPrev == br"), "give_back"),
        (
            change("cpuprof.go", add, "prof.hz.Load() != 0", "true"),
            "profile_stops",
        ),
        (
            change(
                "tracecpu.go",
                "traceCPUSample",
                "hdr[0] = 0b10",
                "hdr[0] = 0",
            ),
            "headers",
        ),
        (
            change(
                "trace.go",
                "traceAdvance",
                "mp.trace.writing.Load()",
                "false",
            ),
            "advance_against_handler",
        ),
    ]);
}

/// Guards S74.1.
#[test]
#[ignore = "a sweep: just test-all"]
fn every_mistake_in_the_text_is_seen() {
    let ring = [
        ("eof.Store(1)", "eof.Store(2)", "close_wakes"),
        (
            ">> 32) + 1) << 32) + 1",
            ">> 32) + 0) << 32) + 1",
            "overflow",
        ),
        ("+1)<<32) {", "+0)<<32) {", "overflow_again"),
        ("< wakeupThreshold", "<= wakeupThreshold", "half_wakes"),
        ("new &^= profReaderSleeping", "", "drop_then_close"),
        ("b.tags[ti] = nil", "", "give_back"),
        ("skip = len(b.data) - wd", "skip = 0", "rewind"),
        ("b.data[wd] = 0", "", "rewind"),
        ("nd -= len(b.data) - i", "", "end_is_charged"),
        ("eof.Store(1)", "eof.Store(1); b.eof.Load()", "close_wakes"),
    ];
    let ring = ring.map(|(place, with, scenario)| (of_ring(place, with), scenario));
    let (add, add_non_go) = ("(p *cpuProfile) add", "(p *cpuProfile) addNonGo");
    let (add_extra, set_rate) = ("(p *cpuProfile) addExtra", "SetCPUProfileRate");
    let extra = "cpuprof.addExtra()\n\t\tcpuprof.log.close()";
    let profile = [
        (
            add,
            "prof.signalLock.Store(0)",
            "",
            "signal_against_foreign_thread",
        ),
        (add, "p.addExtra()", "", "foreign_stacks"),
        (
            add_non_go,
            "uintptr(1 + len(stk))",
            "uintptr(len(stk))",
            "foreign_stacks",
        ),
        (
            add_non_go,
            "cpuprof.numExtra += 1 + len(stk)",
            "",
            "foreign_stacks",
        ),
        (add_extra, "p.numExtra = 0", "", "foreign_stacks"),
        (add_extra, "p.lostExtra = 0", "", "foreign_stacks"),
        (
            add_extra,
            "_LostExternalCode",
            "_ExternalCode",
            "foreign_stacks",
        ),
        (
            set_rate,
            extra,
            "cpuprof.log.close()\n\t\tcpuprof.addExtra()",
            "profile_stops",
        ),
        (
            set_rate,
            "cpuprof.on || cpuprof.log != nil",
            "cpuprof.on",
            "start_of_two_profiles",
        ),
    ];
    let profile = profile.map(|(function, place, with, scenario)| {
        (change("cpuprof.go", function, place, with), scenario)
    });
    let handler = [
        (
            "setcpuprofilerate",
            "setThreadCPUProfiler(0)",
            "",
            "signal_in_set_rate",
        ),
        (
            "sigprof",
            "mp != nil && mp.profilehz == 0",
            "false",
            "signal_in_set_rate",
        ),
        (
            "sigprof",
            "gprof = gp.m.curg",
            "gprof = gp",
            "signal_in_the_scheduler",
        ),
    ];
    let handler = handler.map(|(function, place, with, scenario)| {
        (change("proc.go", function, place, with), scenario)
    });
    let sample = "traceCPUSample";
    let (write, read) = ("trace.cpuLogWrite[1].Store", "trace.cpuLogRead[1]");
    let tracer = [
        (
            sample,
            "trace.cpuLogWrite[gen%2]",
            "trace.cpuLogWrite[(gen+1)%2]",
            "headers",
        ),
        (sample, "hdr[2] = mp.procid", "", "headers"),
        (
            sample,
            "mp.trace.writing.Store(true)",
            "",
            "advance_against_handler",
        ),
        ("traceReadCPU", "data[0] < 4", "data[0] < 40", "headers"),
        (
            "traceReadCPU",
            "data[2] == 0",
            "data[2] != 0",
            "overflow_among_samples",
        ),
        (
            "traceStopReadCPU",
            "trace.cpuLogWrite[0].Store(nil)",
            "",
            "stop_against_handler",
        ),
        (
            "traceStopReadCPU",
            "trace.cpuLogRead[0] = nil",
            "",
            "two_traces",
        ),
        (
            "traceInitReadCPU",
            &format!("{write}({read})"),
            &format!("{write}(trace.cpuLogRead[0])"),
            "headers",
        ),
    ];
    let tracer = tracer.map(|(function, place, with, scenario)| {
        (change("tracecpu.go", function, place, with), scenario)
    });
    let advance = [
        (
            "traceReadCPU(gen)",
            "traceReadCPU(traceNextGen(gen))",
            "signal_in_advance",
        ),
        ("trace.gen.Store(0)", "", "stop_against_handler"),
    ];
    let advance = advance
        .map(|(place, with, scenario)| (change("trace.go", "traceAdvance", place, with), scenario));
    let all = ring.into_iter().chain(profile).chain(handler);
    are_seen(&all.chain(tracer).chain(advance).collect::<Vec<_>>());
}

//! Section 11: Go's own test of the pair.

use super::{facts, hold};

/// Guards R65.1, R65.2, R65.3, R65.4, R65.5.
#[test]
fn the_test_of_a_trace_and_a_profile() {
    hold(facts! {
        "R65.1" V1 "runtime/trace/trace_test.go" "func TestTraceCPUProfile": "StartRegion(ctx, \"cpuHogger\")", "s.Label[\"tracing\"] != nil", "ev.SArgs[0] == \"cpuHogger\"", "hogRegion == nil { t.Fatal", "hogRegion.Link == nil { t.Fatal", "ev.G == hogRegion.G";
        "R65.2" V1 "runtime/trace/trace_test.go" "func TestTraceCPUProfile": "range s.Location {", "range loc.Line {", "line.Function.Name, line.Line)", "range ev.Stk {", "frame.Fn != \"runtime.goexit\"", "frame.Fn, frame.Line)";
        "R65.3" V1 "runtime/trace/trace_test.go" "func TestTraceCPUProfile": "leaf = line.Function.Name", "switch leaf { case \"runtime._System\", \"runtime._GC\", \"runtime._ExternalCode\", \"runtime._VDSO\": continue }";
        "R65.4" V1 "runtime/trace/trace_test.go" "func TestTraceCPUProfile": "if traceSamples < pprofSamples {", "t.Fail()", "range traceStacks {", "if traceSamples < pprofSamples {", "t.Fail()", "range pprofStacks {", "t.Fail()", "not: traceSamples > ";
        "R65.5" V1 "runtime/trace/trace_test.go" "func TestTraceCPUProfile": "if pprofSamples == 0 { t.Skip", "totalTraceSamples++", "ev.G == hogRegion.G", "overflowed := totalTraceSamples >= 1900", "if !overflowed { t.Fail() }";
    });
}

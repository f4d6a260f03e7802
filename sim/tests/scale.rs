//! A run streams: no piece is larger than a buffer of the runtime's, and memory follows what
//! lives, not what was written.

use sigprof_sim::Seed;
use sigprof_sim::machine::{self, Revision};
use sigprof_sim::tracer::TRACE_BUF_LEN;
use sigprof_sim::workload::{Workload, parse};

const PLAN: &str = "
procs = 256
goroutines = 5000
kinds = 8
traces = [[1, 1000000]]
profiles = [[2, 900000]]
ops = { compute = 1, yield = 8, renew = 2, send = 3, sleep = 2, syscall = 3, net = 1 }
";

#[test]
fn a_large_run_comes_in_small_pieces() {
    const EVENTS: u64 = 400_000;
    let plan = Workload {
        max_events: EVENTS,
        ..parse(PLAN).unwrap()
    };
    let (mut pieces, mut bytes, mut largest) = (0, 0, 0);
    let mut sink = |_, piece: &[u8]| {
        pieces += 1;
        bytes += piece.len();
        largest = largest.max(piece.len());
    };
    let revision = Revision::named("go1.21").unwrap();
    let made = machine::run(Seed(1), &plan, revision, &mut sink).unwrap();
    assert!(made.events >= EVENTS, "{}", made.events);
    // The main goroutine looks now and then, and has to wait until it runs.
    assert!(made.events < 4 * EVENTS, "{}", made.events);
    assert!(largest <= TRACE_BUF_LEN, "{largest}");
    // More than the buffers of all Ps could hold.
    assert!(
        pieces > 20 && bytes > 2 << 20,
        "{pieces} pieces, {bytes} bytes"
    );
}

//! Section 8: two events that want one state.

use sigprof::trace::{Options, Reader};
use sigprof_model::events::{EventType as E, FormatVersion};
use sigprof_sim::tracer::{ProcId, StackId, Ticks, TraceWriter};

use super::judge;

/// Two Ps start a goroutine that is ready once. A whole trace of that kind is nothing that Go's
/// reader can be asked about; it refuses this one before it comes to the order, as its
/// footer is missing, and ours reads what is there.
///
/// Guards R62.5, S5.
#[test]
fn two_that_use_up_one_state_are_refused() {
    let mut trace = TraceWriter::new(FormatVersion::GO_1_19).unwrap();
    trace.batch(Some(ProcId(0)), Ticks(99));
    trace.event(E::GoCreate, Ticks(1), &[2, 0], Some(StackId::EMPTY));
    for p in [1, 2] {
        trace.batch(Some(ProcId(p)), Ticks(119));
        trace.event(E::GoStart, Ticks(p.into()), &[2, 1], None);
    }
    let bytes = trace.finish();
    let options = Options {
        keep_going: true,
        ..Options::default()
    };
    let reader = Reader::with(&bytes, options).unwrap();
    let error = reader.events().find_map(Result::err).unwrap().to_string();
    let words = "GoStart: want goroutine 2 Runnable at sequence number 1";
    assert!(error.contains(words), "{error}");
    judge::go_refuses(&bytes, "no EvFrequency event");
}

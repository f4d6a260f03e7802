//! A trace by plan: a tracer, handlers, and signals on any of them.

use super::Run;
use crate::backend::Backend;
use crate::law::Law;
use crate::protocol::Protocol;
use crate::scenario::plan::{Operation, Plan};
use crate::scenario::shared::judged;
use crate::scenario::{Program, Thread};

/// Ids for the samples of one M's body; as many for its handler follow them.
const IDS: u64 = 100;

impl<B: Backend> Run<B> {
    fn act(&self, m: usize, id: u64, operation: Operation) {
        match operation {
            Operation::Start => self.start(),
            Operation::Stop => self.stop(),
            Operation::Advance => self.advance(),
            Operation::Drain => self.drain(m),
            Operation::Sample => self.sample(m, id),
            // No plan of a trace has one.
            _ => {}
        }
    }
}

/// The program of a plan for a trace.
pub(in crate::scenario) fn planned<B: Backend>(plan: &Plan, protocol: Protocol) -> Program {
    let is_start = |operation: &&Operation| **operation == Operation::Start;
    let starts = plan
        .ms
        .first()
        .map_or(0, |role| role.does.iter().filter(is_start).count());
    let run = Run::<B>::with(protocol, plan.sizes(), plan.ms.len(), starts);
    let body = |m: usize, first_id: u64, operations: &[Operation]| {
        let (run, operations) = (run.clone(), operations.to_vec());
        move || {
            for (id, &operation) in (first_id..).zip(&operations) {
                run.act(m, id, operation);
            }
        }
    };
    let mut threads = Vec::new();
    for (m, role) in plan.ms.iter().enumerate() {
        let name = match (m, role.does.first()) {
            (0, _) => "tracer",
            (_, Some(Operation::Drain)) => "drainer",
            _ => "handler",
        };
        let ids = 1 + 2 * IDS * m as u64;
        let mut thread = Thread::new(name, body(m, ids, &role.does));
        if !role.signal.is_empty() {
            thread = thread.with_handler(body(m, ids + IDS, &role.signal));
        }
        threads.push(thread);
    }
    judged(&run, threads, |run| {
        run.stop();
        run.judge(Law::Drained)
    })
}

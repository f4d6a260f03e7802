//! Plans as programs: the two parts of the protocol, each with its own.

use super::plan::{Plan, PlanKind};
use super::{Program, ring, trace};
use crate::backend::Backend;
use crate::protocol::Protocol;

impl Plan {
    /// The program that does what the plan says.
    #[must_use]
    pub fn program<B: Backend>(&self, protocol: Protocol) -> Program {
        match self.kind {
            PlanKind::Ring => ring::planned::<B>(self, protocol),
            PlanKind::Trace => trace::planned::<B>(self, protocol),
        }
    }
}

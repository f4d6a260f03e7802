//! The states of goroutines and Ps.

use sigprof_wire::v2::go_status;

use crate::trace::kind::{GoState, ProcState};

/// Statuses of the wire as states; numbers that the reader adds follow them.
pub(super) const fn go_state(status: u8) -> GoState {
    match status {
        go_status::RUNNABLE => GoState::Runnable,
        go_status::RUNNING => GoState::Running,
        go_status::SYSCALL => GoState::Syscall,
        go_status::WAITING => GoState::Waiting,
        NOT_EXIST => GoState::NotExist,
        _ => GoState::Undetermined,
    }
}

/// The number that the reader has for a thing that was not there.
pub(super) const NOT_EXIST: u8 = 0xff;

pub(super) const fn old_state(number: u64) -> GoState {
    go_state((number & 0xff) as u8)
}

pub(super) const fn proc_state(status: u64) -> ProcState {
    use sigprof_wire::v2::proc_status as s;
    match (status & 0xff) as u8 {
        s::RUNNING | s::SYSCALL => ProcState::Running,
        s::IDLE | s::SYSCALL_ABANDONED => ProcState::Idle,
        NOT_EXIST => ProcState::NotExist,
        _ => ProcState::Undetermined,
    }
}

pub(super) const fn old_proc_state(number: u64) -> ProcState {
    proc_state(number)
}

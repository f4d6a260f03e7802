//! A program with all that it starts: a process group of its own, which ends as one.
//!
//! On Unix the group is known by the number of its first process. So that nobody else can get
//! this number, the first process is not waited for before the group is killed. Elsewhere
//! there are no groups, and only the program itself is killed.

use std::io;
use std::process::{Child, Command, ExitStatus};

/// The program and whatever it starts, unless that leaves the group. It is gone with this value.
#[derive(Debug)]
pub(super) struct Group {
    child: Child,
    is_over: bool,
}

impl Group {
    /// Starts it in a group of its own.
    pub(super) fn spawn(command: &mut Command) -> io::Result<Self> {
        // Ctrl-C at the terminal does not reach it: whoever runs it ends it.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        let child = command.spawn()?;
        Ok(Self {
            child,
            is_over: false,
        })
    }

    /// Its first process, for its pipes.
    pub(super) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Whether the first process has ended; it stays to be waited for.
    #[cfg(unix)]
    pub(super) fn has_ended(&mut self) -> io::Result<bool> {
        use rustix::process::{WaitId, WaitIdOptions, waitid};
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        let id = WaitId::Pid(rustix::process::Pid::from_child(&self.child));
        Ok(waitid(id, options)?.is_some())
    }

    /// Whether it has ended.
    #[cfg(not(unix))]
    pub(super) fn has_ended(&mut self) -> io::Result<bool> {
        Ok(self.child.try_wait()?.is_some())
    }

    /// Kills what is left of the group; the first process may have ended before.
    pub(super) fn kill(&mut self) {
        #[cfg(unix)]
        {
            use rustix::process::{Pid, Signal, kill_process_group};
            // There is none if all have ended, and then nothing is left to do.
            let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        }
        #[cfg(not(unix))]
        let _ = self.child.kill();
    }

    /// Kills what is left of the group, and says how the first process ended.
    pub(super) fn end(mut self) -> io::Result<ExitStatus> {
        self.kill();
        self.is_over = true;
        self.child.wait()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if !self.is_over {
            self.kill();
            let _ = self.child.wait();
        }
    }
}

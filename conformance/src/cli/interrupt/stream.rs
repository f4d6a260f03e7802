//! Streams whose reads end when a signal comes, so that what was read can still be shown.

use std::io::{self, Read};

/// The bytes of standard input, which nobody else reads from then on.
///
/// # Errors
/// Those of the system.
pub(crate) fn stdin() -> io::Result<Box<dyn Read>> {
    #[cfg(unix)]
    {
        use std::os::fd::AsFd;
        let stdin = io::stdin().as_fd().try_clone_to_owned()?;
        Ok(of_file(stdin.into()))
    }
    #[cfg(not(unix))]
    Ok(Box::new(io::stdin().lock()))
}

/// The bytes of a pipe or a device.
pub(crate) fn of_file(file: std::fs::File) -> Box<dyn Read> {
    #[cfg(unix)]
    let file = waking::Waking(file);
    // Small reads, of a header or of a packed stream, are asked for together.
    Box::new(io::BufReader::new(file))
}

#[cfg(unix)]
pub(super) use waking::{prepare, wake};

/// Elsewhere a signal ends the program in the middle of a read.
#[cfg(not(unix))]
pub(super) fn prepare() -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
pub(super) fn wake() {}

#[cfg(unix)]
mod waking {
    use std::fs::File;
    use std::io::{self, PipeReader, PipeWriter, Read, Write};
    use std::sync::OnceLock;

    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::io::Errno;

    use crate::cli::interrupt;

    /// Has a byte to be read once there was a signal.
    static HEARD: OnceLock<(PipeReader, PipeWriter)> = OnceLock::new();

    pub(in crate::cli::interrupt) fn prepare() -> io::Result<()> {
        let _ = HEARD.set(io::pipe()?);
        Ok(())
    }

    /// Ends reads that wait, and all that come.
    pub(in crate::cli::interrupt) fn wake() {
        if let Some((_, to)) = HEARD.get() {
            // There is room for thousands, and one is enough.
            let _ = { to }.write(&[0]);
        }
    }

    pub(super) struct Waking(pub(super) File);

    impl Read for Waking {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            if let Some((heard, _)) = HEARD.get() {
                let mut fds = [&self.0 as &dyn std::os::fd::AsFd, heard]
                    .map(|fd| PollFd::from_borrowed_fd(fd.as_fd(), PollFlags::IN));
                loop {
                    match poll(&mut fds, None) {
                        Err(Errno::INTR) => {}
                        other => break other.map(drop)?,
                    }
                }
                if interrupt::is_heard() {
                    return Err(io::Error::other("an interrupt"));
                }
            }
            self.0.read(out)
        }
    }
}

//! A pseudo terminal, as a person's: what a program shows there.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::process::Command;
use std::thread;

use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

/// The output of a program that has a terminal for both its outputs. The line ends are
/// those that the program wrote.
pub(crate) fn shows(mut command: Command) -> String {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap();
    let name = OsStr::from_bytes(name.as_bytes());
    let theirs = open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
    command.stdout(theirs.try_clone().unwrap()).stderr(theirs);
    let mut child = command.spawn().unwrap();
    // Else it would never end.
    drop(command);
    let reader = thread::spawn(move || {
        let mut seen = Vec::new();
        let (mut file, mut piece) = (File::from(ours), [0; 4096]);
        // Where the last one has closed it, Linux says EIO.
        while let Ok(count @ 1..) = file.read(&mut piece) {
            seen.extend_from_slice(&piece[..count]);
        }
        seen
    });
    child.wait().unwrap();
    let seen = String::from_utf8(reader.join().unwrap()).unwrap();
    seen.replace("\r\n", "\n")
}

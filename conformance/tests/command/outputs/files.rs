//! One file as an output.

use std::fs::{self, File};
use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::{at, complaint, ends, make_fifo, names, of_wrong_order, run, sigprof, tiny};

/// Guards S24.1, S24.3.
#[test]
fn a_refused_trace_leaves_the_old_file_and_none_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let trace = of_wrong_order(folder.path());
    let to = at(folder.path(), "to");
    fs::write(&to, "old").unwrap();
    for format in ["chrome", "pprof"] {
        run(&["export", &trace, "--format", format, "-o", &to], 3);
        assert_eq!(fs::read(&to).unwrap(), b"old");
    }
    assert_eq!(names(folder.path()), ["to", "wrong"]);
}

/// Guards S24.3.
#[test]
fn json_of_a_refused_trace_is_not_closed() {
    let folder = tempfile::tempdir().unwrap();
    let trace = of_wrong_order(folder.path());
    let output = run(&["export", &trace, "--format", "chrome"], 3);
    assert!(!output.stdout.is_empty());
    assert!(serde_json::from_slice::<Value>(&output.stdout).is_err());
}

/// Guards S24.3.
#[test]
fn who_keeps_going_gets_a_whole_file_and_exit_3() {
    let folder = tempfile::tempdir().unwrap();
    let (trace, to) = (of_wrong_order(folder.path()), at(folder.path(), "to"));
    let args = ["export", "--format", "chrome", "--keep-going", &trace];
    let shown = run(&args, 3).stdout;
    assert!(serde_json::from_slice::<Value>(&shown).is_ok());
    run(&[&args[..], &["-o", &to]].concat(), 3);
    assert_eq!(fs::read(&to).unwrap(), shown);
}

/// Guards S24.1.
#[test]
fn a_new_file_has_the_mode_of_any_new_file_and_a_link_is_written_through() {
    let folder = tempfile::tempdir().unwrap();
    let (link, to) = (folder.path().join("link"), folder.path().join("to"));
    symlink("to", &link).unwrap();
    let link_name = link.to_str().unwrap();
    run(
        &["export", &tiny(), "--format", "pprof", "-o", link_name],
        0,
    );
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    let other = folder.path().join("other");
    fs::write(&other, "").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&to), mode(&other));
}

/// Guards S24.1.
#[test]
fn a_file_that_is_replaced_keeps_its_mode() {
    let folder = tempfile::tempdir().unwrap();
    let to = at(folder.path(), "to");
    fs::write(&to, "old").unwrap();
    fs::set_permissions(&to, fs::Permissions::from_mode(0o640)).unwrap();
    run(&["export", &tiny(), "--format", "pprof", "-o", &to], 0);
    let mode = fs::metadata(&to).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    assert_ne!(fs::read(&to).unwrap(), b"old");
}

/// Guards S24.2.
#[test]
fn an_output_that_is_the_input_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| at(folder.path(), name);
    let (trace, hard, soft) = (path("trace"), path("hard"), path("soft"));
    fs::copy(tiny(), &trace).unwrap();
    fs::hard_link(&trace, &hard).unwrap();
    symlink(&trace, &soft).unwrap();
    for to in [&trace, &hard, &soft] {
        let output = run(&["export", &trace, "--format", "chrome", "-o", to], 2);
        assert!(complaint(&output).contains("is the input"), "{output:?}");
    }
    assert_eq!(fs::read(&trace).unwrap(), fs::read(tiny()).unwrap());
}

/// Guards S24.2.
#[test]
fn standard_input_is_an_input_too() {
    let folder = tempfile::tempdir().unwrap();
    let trace = at(folder.path(), "trace");
    fs::copy(tiny(), &trace).unwrap();
    let output = sigprof(&["export", "-", "--format", "pprof", "-o", &trace])
        .stdin(File::open(&trace).unwrap())
        .output()
        .unwrap();
    ends(&output, 2);
    assert_eq!(fs::read(&trace).unwrap(), fs::read(tiny()).unwrap());
}

/// Guards S24.2.
#[test]
fn a_pipe_is_opened_once_to_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let (pipe, to) = (at(folder.path(), "pipe"), at(folder.path(), "to"));
    make_fifo(&pipe);
    fs::write(&to, "old").unwrap();
    let mut writer = Command::new("sh")
        .args(["-c", "cat \"$0\" > \"$1\"", &tiny(), &pipe])
        .spawn()
        .unwrap();
    // Whoever opens it a second time waits for ever.
    let limited = Command::new("timeout")
        .arg("60")
        .arg(assert_cmd::cargo::cargo_bin!("sigprof"))
        .args(["export", &pipe, "--format", "pprof", "-o", &to])
        .output();
    ends(&limited.unwrap(), 0);
    assert!(writer.wait().unwrap().success());
    assert_ne!(fs::read(&to).unwrap(), b"old");
}

/// Guards S24.1.
#[test]
fn a_pipe_is_written_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = at(folder.path(), "pipe");
    make_fifo(&pipe);
    let reader = Command::new("cat")
        .arg(&pipe)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let args = ["export", &tiny(), "--format", "pprof"];
    run(&[&args[..], &["-o", &pipe]].concat(), 0);
    let read = reader.wait_with_output().unwrap().stdout;
    assert_eq!(read, run(&args, 0).stdout);
    assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
}

/// Guards S24.1.
#[test]
fn standard_output_by_another_name_goes_on_where_it_is() {
    if !Path::new("/dev/stdout").exists() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    fs::write(&log, "before\n").unwrap();
    let args = ["export", &tiny(), "--format", "chrome"];
    let status = sigprof(&[&args[..], &["-o", "/dev/stdout"]].concat())
        .stdout(File::options().append(true).open(&log).unwrap())
        .status();
    assert!(status.unwrap().success());
    let expected = [b"before\n", &run(&args, 0).stdout[..]].concat();
    assert_eq!(fs::read(&log).unwrap(), expected);
}

/// Guards S24.1.
#[test]
fn a_full_device_is_told_and_nothing_is_left() {
    if !Path::new("/dev/full").exists() {
        return;
    }
    let args = ["export", &tiny(), "--format", "pprof", "-o", "/dev/full"];
    let output = run(&args, 3);
    assert!(complaint(&output).contains("/dev/full"), "{output:?}");
    assert!(
        fs::metadata("/dev/full")
            .unwrap()
            .file_type()
            .is_char_device()
    );
    assert!(
        names(Path::new("/dev"))
            .iter()
            .all(|name| !name.starts_with(".sigprof"))
    );
}

/// Guards S24.1.
#[test]
fn a_file_that_does_not_fit_leaves_the_old_one() {
    let folder = tempfile::tempdir().unwrap();
    let to = at(folder.path(), "to");
    fs::write(&to, "old").unwrap();
    // No file may be longer than a block.
    let output = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\""])
        .arg(assert_cmd::cargo::cargo_bin!("sigprof"))
        .args(["export", &tiny(), "--format", "chrome", "-o", &to])
        .output()
        .unwrap();
    ends(&output, 3);
    assert_eq!(fs::read(&to).unwrap(), b"old");
    assert_eq!(names(folder.path()), ["to"]);
}

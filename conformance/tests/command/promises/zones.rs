//! The zone in which `parse --format go` prints wall clocks.

use super::trace;
use crate::run::sigprof;

/// The offset of the first wall clock, where TZ has a value.
fn offset(zone: &str) -> String {
    let args = ["parse", "--format", "go", &trace("basics/modern-go1.27")];
    let output = sigprof(&args).env("TZ", zone).output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let wall = text.split(" Wall=").nth(1).unwrap();
    let wall = wall.split_whitespace().next().unwrap();
    let from = wall.rfind(['Z', '+', '-']).unwrap();
    wall[from..].to_owned()
}

/// Guards S69.3.
#[test]
fn what_is_no_file_of_a_zone_is_utc() {
    for zone in [
        "",
        ":",
        "UTC",
        "EST5EDT,M3.2.0,M11.1.0",
        "GMT+5",
        "<+09>-9",
        "asia/tokyo",
        "Europe",
        "/",
        "/etc/passwd",
        "/nowhere",
    ] {
        assert_eq!(offset(zone), "Z", "TZ={zone}");
    }
}

/// Guards S69.3.
#[test]
fn a_whole_path_and_a_name_are_files_of_zones() {
    // A zone of one offset, three hours ahead, as tzfile(5) has it.
    let mut zone = b"TZif".to_vec();
    zone.resize(20, 0);
    for count in [0_u32, 0, 0, 0, 1, 4] {
        zone.extend(count.to_be_bytes());
    }
    zone.extend(10_800_u32.to_be_bytes());
    zone.extend([0, 0]);
    zone.extend(b"XYZ\0");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("zone");
    std::fs::write(&path, zone).unwrap();
    let path = path.to_str().unwrap();
    assert_eq!(offset(path), "+03:00");
    assert_eq!(offset(&format!(":{path}")), "+03:00");
    // From Go's first folder one gets to it, too.
    if std::path::Path::new("/usr/share/zoneinfo").is_dir() {
        assert_eq!(offset(&format!("../../..{path}")), "+03:00");
    }
}

//! Real Go prints wall clocks in the zone in which we do.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::Path;
use std::process::Command;

use sigprof::oracle::Go;

/// Values of TZ; none is an unset one.
const ZONES: [Option<&str>; 21] = [
    None,
    Some(""),
    Some(":"),
    Some("UTC"),
    Some(":UTC"),
    Some("Europe/Paris"),
    Some(":Asia/Kathmandu"),
    Some("America/New_York"),
    Some("EST5EDT"),
    Some("EST5EDT,M3.2.0,M11.1.0"),
    Some("GMT+5"),
    Some("Etc/GMT+5"),
    Some("asia/tokyo"),
    Some("posix/Europe/Paris"),
    Some("right/Europe/Paris"),
    Some("Europe/../Asia/Tokyo"),
    Some("/usr/share/zoneinfo/Asia/Tokyo"),
    Some("//usr/share/zoneinfo/Asia/Tokyo"),
    Some("Europe"),
    Some("/etc/passwd"),
    Some("Mars/Olympus"),
];

/// The first wall clock that a program prints.
fn wall(mut command: Command, zone: Option<&str>) -> String {
    match zone {
        Some(zone) => command.env("TZ", zone),
        None => command.env_remove("TZ"),
    };
    // Go does not know it.
    command.env("TZDIR", "/tmp");
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let text = String::from_utf8(output.stdout).unwrap();
    let wall = text.split(" Wall=").nth(1).unwrap();
    wall.split_whitespace().next().unwrap().to_owned()
}

/// Guards S69.3.
#[test]
fn go_prints_wall_clocks_in_the_zone_that_we_print_them_in() {
    let Some(go) = Go::find_or_skip("1.27") else {
        return;
    };
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    let trace = fixtures.join("valid/basics/modern-go1.27/trace");
    let has_files = Path::new("/usr/share/zoneinfo/Asia/Tokyo").exists();
    for zone in ZONES {
        let is_named = zone.is_some_and(|zone| zone.contains(['/', 'E']));
        // Without the system's files Go has its own archive.
        if is_named && !has_files {
            continue;
        }
        let mut theirs = go.command();
        theirs.args(["tool", "trace", "-d=parsed"]).arg(&trace);
        let mut ours = Command::new(assert_cmd::cargo::cargo_bin!("sigprof"));
        ours.args(["parse", "--format", "go"]).arg(&trace);
        assert_eq!(wall(ours, zone), wall(theirs, zone), "TZ={zone:?}");
    }
}

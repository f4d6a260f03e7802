//! Steps under the functions of Go's that they are in.

use serde_json::Value;

use super::{case, run};

fn calls(step: &Value) -> Vec<&str> {
    let calls = step["calls"].as_array().unwrap().iter();
    calls
        .map(|call| call["function"].as_str().unwrap())
        .collect()
}

/// Guards S58.2.
#[test]
fn steps_stand_under_the_call_that_they_are_in() {
    let case = case("b30");
    let out = run(&["replay", &case, "--calls"]).ends(1).out;
    let lines: Vec<_> = out.lines().map(str::trim).collect();
    let at = |text: &str| lines.iter().position(|line| line.contains(text)).unwrap();
    assert_eq!(at("(*profBuf).read (runtime/profbuf.go)") + 1, at("1   "));
    assert_eq!(
        at("(*profBuf).close (runtime/profbuf.go)") + 1,
        at("load eof -> 0")
    );
    assert_eq!(at("(*profBuf).wakeupExtra") + 2, at("swap w 1/4 extra"));
    assert!(lines.contains(&"(7 steps in (*profBuf).write: w, data[0], data[1], data[2], …)"));
    let json = run(&["replay", &case, "--format", "json"]).ends(1).json();
    let steps = json["steps"].as_array().unwrap();
    assert_eq!(
        calls(&steps[4]),
        ["(*profBuf).write", "(*profBuf).canWriteRecord"]
    );
    assert_eq!(
        calls(&steps[17]),
        ["(*profBuf).close", "(*profBuf).wakeupExtra"]
    );
    let number = |step: &Value| step["calls"][0]["number"].as_u64();
    assert_ne!(number(&steps[4]), number(&steps[17]));
    run(&["replay", &case, "--calls", "--format", "json"]).refuses(2, "--calls is for text");
}

/// Guards S58.2.
#[test]
fn a_handler_is_in_no_call_of_what_it_interrupted() {
    let run = |more: &[&str]| {
        let args =
            "replay --scenario signal_in_advance --revision go1.26 --strategy random --seed 3";
        let args: Vec<_> = args.split(' ').chain(more.iter().copied()).collect();
        run(&args).ends(0)
    };
    let json = run(&["--format", "json"]).json();
    let steps = json["steps"].as_array().unwrap();
    let signal = steps
        .iter()
        .position(|step| step["did"] == "SIGPROF")
        .unwrap();
    assert_eq!(
        calls(&steps[signal - 1]),
        ["traceAdvance", "traceReadCPU", "(*profBuf).read"]
    );
    assert_eq!(calls(&steps[signal + 1]), ["traceCPUSample"]);
    let is_back = |step: &&Value| step["did"] == "return";
    let back = steps.iter().position(|step| is_back(&step)).unwrap();
    assert_eq!(calls(&steps[back + 1])[0], "traceAdvance");
    // It stands as far in as its steps do.
    let out = run(&["--calls"]).out;
    assert!(
        out.contains("  | traceCPUSample (runtime/tracecpu.go)\n"),
        "{out}"
    );
}

/// Guards S58.2, S58.3.
#[test]
fn a_page_has_the_lines_of_a_release_and_explains_what_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("run.html");
    run(&["replay", &case("b30"), "--html", page.to_str().unwrap()]).ends(1);
    let html = std::fs::read_to_string(&page).unwrap();
    for words in [
        "<b>(*profBuf).close</b> <small>runtime/profbuf.go:415</small>",
        "with the line at which it begins in go1.27.3",
        "B30: the end is reported with something unread. The reader finds the ring empty.",
        "the record is never read. It is a defect of Go's own, of Go 1.19 to 1.27.",
    ] {
        let html = html.replace("&#39;", "'").replace("&#x27;", "'");
        assert!(html.contains(words), "{words}");
    }
    // What no release has stands without lines.
    let fixed = [
        "replay",
        "--scenario",
        "record_then_close",
        "--revision",
        "fixed",
    ];
    let page = page.to_str().unwrap();
    run(&[
        &fixed[..],
        &["--strategy", "random", "--seed", "2", "--html", page],
    ]
    .concat())
    .ends(0);
    let html = std::fs::read_to_string(page).unwrap();
    assert!(html.contains("<small>runtime/profbuf.go</small>"));
    // And every call of a release has its line.
    let traced = "replay --scenario signal_in_advance --revision go1.22 --strategy random --seed 2";
    let traced: Vec<_> = traced.split(' ').chain(["--html", page]).collect();
    run(&traced).ends(0);
    let html = std::fs::read_to_string(page).unwrap();
    assert!(html.contains("<small>runtime/tracecpu.go:"));
    assert!(!html.contains(".go</small>"));
}

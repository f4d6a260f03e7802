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

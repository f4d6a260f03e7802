//! A parser's output is compared as a multiset, and the differences are named.

use serde_json::{Value, json};
use sigprof::corpus::compare::{self, Difference, Numbers};
use sigprof::corpus::samples::{ProfileSide, TraceSide};

/// Two stacks, three samples, two of them equal.
fn trace() -> Value {
    json!({
        "events": 9, "ticks_per_second": 1,
        "stacks": [
            [{"function": "main.leaf", "file": "leaf.go", "line": 4}],
            [
                {"function": "main.leaf", "file": "leaf.go", "line": 4},
                {"function": "main.main", "file": "main.go", "line": 7},
            ],
        ],
        "samples": [
            {"time_ns": 10, "p": 0, "g": 1, "m": null, "generation": null, "stack": 0},
            {"time_ns": 20, "p": null, "g": 1, "m": null, "generation": null, "stack": 1},
            {"time_ns": 20, "p": null, "g": 1, "m": null, "generation": null, "stack": 1},
        ],
    })
}

fn of(value: Value) -> TraceSide {
    serde_json::from_value(value).unwrap()
}

fn changed(change: impl FnOnce(&mut Value)) -> TraceSide {
    let mut value = trace();
    change(&mut value);
    of(value)
}

/// The same for whoever compares.
#[track_caller]
fn same(change: impl FnOnce(&mut Value)) {
    assert_eq!(compare::trace(&of(trace()), &changed(change)), Ok(()));
}

/// Another, and these words say why.
#[track_caller]
fn differs(words: &[&str], change: impl FnOnce(&mut Value)) {
    let error = compare::trace(&of(trace()), &changed(change)).unwrap_err();
    let error = error.to_string();
    assert!(
        words.iter().all(|w| error.contains(w)),
        "want {words:?}, got {error}"
    );
}

#[test]
fn order_and_numbers_of_stacks_mean_nothing() {
    same(|_| ());
    same(|v| v["samples"].as_array_mut().unwrap().reverse());
    same(|v| {
        let stack = v["stacks"][0].clone();
        let stacks = v["stacks"].as_array_mut().unwrap();
        stacks.insert(0, json!([]));
        stacks.push(stack);
        for sample in v["samples"].as_array_mut().unwrap() {
            let at = sample["stack"].as_u64().unwrap();
            sample["stack"] = (at + 1).into();
        }
        v["samples"][0]["stack"] = 3.into();
    });
}

/// A v1 trace has neither, so that a parser may say there what it likes, or nothing.
///
/// Guards S30.4.
#[test]
fn thread_and_generation_count_only_where_they_are_expected() {
    same(|v| v["samples"][0]["m"] = json!(-1));
    same(|v| v["samples"][0]["generation"] = json!(1));
    same(|v| {
        v["samples"][0].as_object_mut().unwrap().remove("m");
    });
    let mut with_m = of(trace());
    with_m.samples[0].m = Some(5);
    let error = compare::trace(&with_m, &of(trace())).unwrap_err();
    assert!(error.about.ends_with("they differ in m"), "{error}");
    let with_generation = |generation| {
        let mut side = of(trace());
        side.samples[0].generation = generation;
        side
    };
    let want = with_generation(Some(2));
    // Go's own reader says none.
    assert_eq!(compare::trace(&want, &of(trace())), Ok(()));
    let error = compare::trace(&want, &with_generation(Some(3))).unwrap_err();
    assert!(
        error.about.ends_with("they differ in generation"),
        "{error}"
    );
}

/// Numbers may be left out; where they stand they count.
///
/// Guards S62.3.
#[test]
fn a_number_that_is_printed_must_be_right() {
    let numbers = |value: Value| -> Numbers { serde_json::from_value(value).unwrap() };
    let mut want = of(trace());
    want.generations = Some(2);
    want.kinds = [("Log".to_owned(), 9)].into();
    for right in [
        json!({}),
        json!({"events": null}),
        json!({"events": 9, "ticks_per_second": 1, "generations": 2, "kinds": {"Log": 9}}),
    ] {
        assert_eq!(compare::numbers(&want, &numbers(right)), Ok(()));
    }
    for (wrong, field) in [
        (json!({"events": 8}), "events"),
        (json!({"events": 0}), "events"),
        (json!({"ticks_per_second": 2}), "ticks_per_second"),
        (json!({"generations": 1}), "generations"),
        (json!({"kinds": {"Log": 8, "Sync": 1}}), "kinds[\"Log\"]"),
        (json!({"kinds": {"Log": 9, "Sync": 1}}), "kinds[\"Sync\"]"),
    ] {
        let error = compare::numbers(&want, &numbers(wrong)).unwrap_err();
        assert_eq!(error.about, format!("another number in the field {field}"));
    }
}

#[test]
fn whatever_else_differs_is_named() {
    differs(&["want 3 samples, got 3", "differ in p"], |v| {
        v["samples"][0]["p"] = json!(1)
    });
    differs(&["want time_ns 10 p 0", "got  time_ns 10 p null"], |v| {
        v["samples"][0]["p"] = Value::Null;
    });
    differs(&["differ in g"], |v| v["samples"][0]["g"] = Value::Null);
    differs(&["differ in time_ns"], |v| {
        v["samples"][0]["time_ns"] = json!(11)
    });
    differs(&["differ in stack", "main.leaf (leaf.go:4)"], |v| {
        v["samples"][0]["stack"] = json!(1)
    });
    differs(&["differ in stack", "leaf.go:5"], |v| {
        v["stacks"][0][0]["line"] = json!(5)
    });
    differs(&["differ in stack", "else.go"], |v| {
        v["stacks"][0][0]["file"] = json!("else.go")
    });
    differs(&["differ in stack", "main.other"], |v| {
        v["stacks"][0][0]["function"] = json!("main.other");
    });
    differs(&["samples[0]: want a stack below 2, got 7"], |v| {
        v["samples"][0]["stack"] = json!(7)
    });
}

#[test]
fn samples_too_few_and_too_many_are_named() {
    differs(&["want 3 samples, got 2", "want time_ns 20"], |v| {
        v["samples"].as_array_mut().unwrap().pop();
    });
    differs(&["want 3 samples, got 0", "no sample like it"], |v| {
        v["samples"] = json!([])
    });
    differs(&["want 3 samples, got 4", "no such sample"], |v| {
        let sample = v["samples"][0].clone();
        v["samples"].as_array_mut().unwrap().push(sample);
    });
}

fn profile() -> Value {
    json!({
        "period_ns": 1, "duration_ns": 2,
        "stacks": [[{"function": "main.leaf", "file": "leaf.go", "line": 4}]],
        "samples": [
            {"count": 5, "labels": [["a", "1"], ["b", "2"]], "stack": 0},
            {"count": 2, "labels": [], "stack": 0},
        ],
    })
}

fn profiles(change: impl FnOnce(&mut Value)) -> Result<(), Difference> {
    let mut value = profile();
    change(&mut value);
    let got: ProfileSide = serde_json::from_value(value).unwrap();
    let expected: ProfileSide = serde_json::from_value(profile()).unwrap();
    compare::profile(&expected, &got)
}

/// Go itself writes equal labels in any order, and in several samples (R51.3, R52.10).
#[test]
fn samples_of_a_profile_are_added_up() {
    assert_eq!(profiles(|_| ()), Ok(()));
    let parts = |v: &mut Value| {
        v["samples"][0]["count"] = json!(2);
        v["samples"].as_array_mut().unwrap().push(json!({
            "count": 3, "labels": [["b", "2"], ["a", "1"]], "stack": 0,
        }));
    };
    assert_eq!(profiles(parts), Ok(()));
}

#[test]
fn a_profile_with_other_counts_or_labels_is_another() {
    let error = profiles(|v| v["samples"][0]["count"] = json!(4))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("want 5 of") && error.contains("got  4 of") && error.contains("main.leaf"),
        "{error}"
    );
    let error = profiles(|v| v["samples"][0]["labels"][0][1] = json!("2"))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("2 of 3 stacks") && error.contains("got  0 of"),
        "{error}"
    );
    let error = profiles(|v| v["samples"][1]["stack"] = json!(1))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("samples[1]: want a stack below 1, got 1"),
        "{error}"
    );
}

/// The samples of the corpus have one canonical order, so that they have one text.
///
/// Guards S30.2.
#[test]
fn there_is_one_canonical_form() {
    let canonical = of(trace()).canonical().unwrap();
    let turned = changed(|v| {
        v["samples"].as_array_mut().unwrap().reverse();
        v["stacks"].as_array_mut().unwrap().reverse();
        for sample in v["samples"].as_array_mut().unwrap() {
            sample["stack"] = (1 - sample["stack"].as_u64().unwrap()).into();
        }
        v["stacks"].as_array_mut().unwrap().push(json!([]));
    });
    assert_eq!(turned.canonical().unwrap(), canonical);
    assert_eq!(canonical.samples[0].p, Some(0));
    assert!(
        changed(|v| v["samples"][0]["stack"] = json!(2))
            .canonical()
            .is_err()
    );
}

//! The answers of a page when somebody points at it, types, searches, or prints it.

use serde_json::json;

use super::driver::Driver;
use super::{Made, PAIRS, run};

const FRAME: &str = "document.getElementById('frame').textContent";

/// Guards S55.6.
#[test]
fn a_check_answers_mouse_and_keys_and_prints() {
    let made = Made::pair(PAIRS[0]);
    let Some(mut page) = Driver::open(&made.page) else {
        return;
    };
    // The mouse: numbers of a moment below the chart, and of a function beside it.
    let values =
        "[...document.querySelectorAll('#rate .u-value')].map((value) => value.textContent).join()";
    assert_eq!(page.text(values), "\u{2013},\u{2013},\u{2013}");
    page.point("document.querySelector('#rate .u-over')", [0.5, 0.5]);
    page.wait(&format!("/^\\d+\\.\\d+ s,\\d+,[\\d.]+$/.test({values})"));
    page.value("document.querySelector('[data-view=trace]').click()");
    page.point(
        "document.querySelector('#flames g.frame:nth-child(2) rect')",
        [0.5, 0.5],
    );
    page.wait("/: trace \\d+ /.test(document.querySelector('.d3-flame-graph-tip')?.textContent)");

    // Keys: over time, and along stacks.
    let shown = "document.getElementById('time').dataset.range";
    let whole = page.text(shown);
    page.value("document.getElementById('time').focus()");
    page.press("+");
    assert_ne!(page.text(shown), whole);
    page.press("0");
    assert_eq!(page.text(shown), whole);
    page.value("document.getElementById('flames').focus()");
    for key in ["ArrowDown", "ArrowDown"] {
        page.press(key);
    }
    let callee = page.text(FRAME);
    page.press("ArrowUp");
    let caller = page.text(FRAME);
    assert!(
        caller.starts_with("all: ") && callee != caller,
        "{caller} {callee}"
    );
    page.press("Enter");
    page.press("Escape");
    assert_eq!(page.text(FRAME), "\u{a0}");

    // Search, from anywhere.
    page.press("/");
    page.ask("Input.insertText", json!({ "text": "burn.spin" }));
    let found = "document.getElementById('found').textContent";
    page.wait(&format!(
        "{found}.startsWith('1 function with this in the name')"
    ));
    page.press("Escape");
    assert_eq!(page.text(found), "");

    // Paper is white, whatever the screen is, and has all of it.
    let dark = json!({ "features": [{ "name": "prefers-color-scheme", "value": "dark" }] });
    page.ask("Emulation.setEmulatedMedia", dark);
    page.value("addEventListener('beforeprint', () => { document.title = getComputedStyle(document.body).backgroundColor; })");
    let dark = page.text("getComputedStyle(document.body).backgroundColor");
    assert_ne!(dark, "rgb(255, 255, 255)");
    let printed = page.ask("Page.printToPDF", json!({ "printBackground": true }));
    assert!(printed["data"].as_str().unwrap().len() > 20_000);
    assert_eq!(page.text("document.title"), "rgb(255, 255, 255)");
    assert_eq!(
        page.text("getComputedStyle(document.body).backgroundColor"),
        dark
    );
    page.ask("Emulation.setEmulatedMedia", json!({ "media": "print" }));
    assert_eq!(
        page.text("getComputedStyle(document.getElementById('flames')).maxHeight"),
        "none"
    );
    assert_eq!(page.console, Vec::<String>::new());
}

/// Guards S55.6, S58.1.
#[test]
fn a_run_answers_mouse_and_keys_and_prints_all_its_steps() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.html");
    let case = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/seeds/b30.toml");
    run(&["replay", case, "--html", path.to_str().unwrap()]).ends(1);
    let Some(mut page) = Driver::open(&path) else {
        return;
    };
    let when = "document.getElementById('when').textContent";
    assert_eq!(page.text(when), "Words after the last step");
    page.point("document.querySelector('#s4 td.step')", [0.2, 0.5]);
    page.wait(&format!("{when} === 'Words after step 4'"));
    page.press("ArrowDown");
    assert_eq!(page.text(when), "Words after step 5");
    page.press("Escape");
    assert_eq!(page.text(when), "Words after the last step");
    let is_shown = "document.querySelector('tbody.dull').checkVisibility()";
    assert_eq!(page.value(is_shown), false);
    page.ask("Emulation.setEmulatedMedia", json!({ "media": "print" }));
    assert_eq!(page.value(is_shown), true);
    assert_eq!(
        page.value("document.querySelector('aside').checkVisibility()"),
        false
    );
    let printed = page.ask("Page.printToPDF", json!({}));
    assert!(printed["data"].as_str().unwrap().len() > 10_000);
    assert_eq!(page.console, Vec::<String>::new());
}

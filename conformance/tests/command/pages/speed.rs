//! A large page answers at once: what is on the screen is drawn, and stands where it belongs.

use serde_json::json;

use super::driver::Driver;
use super::{pair_of, trace_of};

/// Milliseconds until each of some drags over the chart was painted.
const DRAGS: &str = "(async () => {
  const span = data.span_ns / 1e9;
  const took = [];
  for (let i = 0; i < 9; i++) {
    const began = performance.now();
    charts.show(span * i / 20, span * (1 - i / 25));
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    took.push(performance.now() - began);
  }
  window.took = took.sort((a, b) => a - b);
})(), true";

/// Whether each frame is drawn as wide as it is.
const FRAMES_STAND: &str = "[...document.querySelectorAll('#flames g.frame')].every((frame) => \
    frame.querySelector('rect').getAttribute('width') === frame.getAttribute('width'))";

/// Guards S57.6.
#[test]
fn a_hundred_thousand_samples_answer_within_a_tenth_of_a_second() {
    let (_folder, made) = pair_of(&trace_of(&["main.a", "main.b"], 100_000));
    let Some(mut page) = Driver::open(&made.page) else {
        return;
    };
    // Rows that are not on the screen wait until they are.
    let drawn = "document.querySelectorAll('.lane .uplot').length";
    page.wait(&format!("{drawn} > 0"));
    let first = page.value(drawn).as_u64().unwrap();
    assert!((5..20).contains(&first), "{first} of 64 rows");
    page.value(DRAGS);
    page.wait("window.took !== undefined");
    let took = page.value("window.took");
    // The machine may be busy, but not each time.
    assert!(took[4].as_f64().unwrap() < 100.0, "{took}");
    let last = "[...document.querySelectorAll('.lane')].at(-1)";
    assert_eq!(page.value(&format!("{last}.children.length")), 0);
    page.value(&format!("{last}.scrollIntoView(), true"));
    page.wait(&format!("{last}.querySelector('canvas') !== null"));
    // Paper has all of them.
    page.value(&format!(
        "addEventListener('beforeprint', () => {{ window.printed = {drawn}; }}), true"
    ));
    page.ask("Page.printToPDF", json!({}));
    assert_eq!(page.value("window.printed"), 64);
    assert_eq!(page.console, Vec::<String>::new());
}

/// Guards S57.6.
#[test]
fn frames_have_their_widths_at_once() {
    let (_folder, made) = pair_of(&trace_of(&["main.a", "main.b"], 3_000));
    let Some(mut page) = Driver::open(&made.page) else {
        return;
    };
    for action in [
        "document.querySelector('[data-view=profile]').click()",
        "document.getElementById('search').value = 'function7', flames.look()",
        "document.querySelectorAll('#flames g.frame')[9].dispatchEvent(new MouseEvent('click'))",
        "document.getElementById('reset').click()",
        "document.getElementById('search').value = '', flames.look()",
    ] {
        let is_so = page.value(&format!("{action}, {FRAMES_STAND}"));
        assert_eq!(is_so, true, "{action}");
    }
    assert_eq!(page.console, Vec::<String>::new());
}

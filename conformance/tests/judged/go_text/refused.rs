//! Texts and changes of them that are not taken.

use std::path::Path;

use sigprof::go_text::{GoTextError, Patch, Text};
use sigprof::oracle::Go;

use super::{change, of_ring};

/// A declaration that is missing, one that has another shape, a file that is not there: each is an
/// error that names it, and none is skipped.
///
/// Guards S74.4.
#[test]
fn a_text_that_is_not_known_is_refused() {
    let Some(go) = Go::find_or_skip("1.27") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let absent = Text::build(&go, Some(folder.path()), &[]).unwrap_err();
    let absent = absent.to_string();
    assert!(
        absent.contains("want a file named profbuf.go, found none"),
        "{absent}"
    );
    let refused = |patch: Patch| {
        let error = Text::build(&go, None, &[patch]).unwrap_err();
        error.to_string()
    };
    let wake = "func (b *profBuf) wakeupExtra";
    let renamed = refused(of_ring(wake, "func (b *profBuf) wakeUpExtra"));
    assert!(
        renamed.contains("profBuf.wakeupExtra, found none"),
        "{renamed}"
    );
    // It may be computed in another way one day: then our part must learn it.
    let loops = "for {\n\t\tcount = uint32";
    let reshaped = refused(of_ring(loops, "{\n\t\tcount = uint32"));
    assert!(reshaped.contains("takeOverflow"), "{reshaped}");
    let (file, function) = ("tracecpu.go", "traceReadCPU");
    let test = refused(change(
        file,
        function,
        "if isOverflowRecord {",
        "if isOverflowRecord && true {",
    ));
    assert!(
        test.contains("want a test for an overflow record"),
        "{test}"
    );
    // Where less than a whole function is taken, nothing is passed over that is about samples.
    for more in [
        "switch {\n\tcase true:\n\t\ttrace.gen.Store(77)\n\t}\n\t",
        "defer trace.gen.Store(78)\n\t",
    ] {
        let place = "mToFlush := allm";
        let words = refused(change(
            "trace.go",
            "traceAdvance",
            place,
            &format!("{more}{place}"),
        ));
        assert!(words.contains("of a shape that is not known"), "{words}");
    }
    let other = refused(change("mprof.go", "", "package runtime", "package other"));
    assert!(
        other.contains("mprof.go: nothing of it is taken"),
        "{other}"
    );
    // What the slice drops, and what a comment says, is run by nobody.
    for (file, function, place, with) in [
        (
            "trace.go",
            "traceAdvance",
            "semrelease(&traceAdvanceSema)",
            "semacquire(&traceAdvanceSema)",
        ),
        (
            "profbuf.go",
            "newProfBuf",
            "func newProfBuf(",
            "/* ours\n */ func newProfBuf(",
        ),
    ] {
        let function = if with.starts_with('/') { "" } else { function };
        let nothing = refused(change(file, function, place, with));
        assert!(
            nothing.contains("nothing is another by the change"),
            "{nothing}"
        );
    }
    let missing = Path::new("/nowhere/at/all");
    let error = Text::build(&go, Some(missing), &[]).unwrap_err();
    assert!(matches!(error, GoTextError::Io { .. }), "{error}");
}

/// A patch that does not fit says what it wants and where; a file of patches that is none says so.
///
/// Guards S74.6.
#[test]
fn a_patch_that_does_not_fit_is_refused() {
    assert!(Patch::parse_all("[[patch]]\nfile = 1").is_err());
    let Some(go) = Go::find_or_skip("1.27") else {
        return;
    };
    let refused = |function, place| {
        let patch = change("cpuprof.go", function, place, "");
        Text::build(&go, None, &[patch]).unwrap_err().to_string()
    };
    let function = refused("subtract", "x");
    assert!(
        function.contains("cpuprof.go: want a function subtract, found none"),
        "{function}"
    );
    let place = refused("SetCPUProfileRate", "addNonGo");
    assert!(
        place.contains("want \"addNonGo\" in SetCPUProfileRate, found none"),
        "{place}"
    );
}

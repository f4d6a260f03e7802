//! A real browser: Debian's Chromium, without a screen.

use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Names under which it is installed.
pub(super) const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// One browser at a time: each takes all CPUs that there are, and pages say how long they took.
static ONE: Mutex<()> = Mutex::new(());

/// Waits until no other browser runs.
pub(super) fn alone() -> MutexGuard<'static, ()> {
    // That another test failed says nothing of this one.
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A page after its scripts have run, and what they said.
#[derive(Debug)]
pub(super) struct Shown {
    /// The document, written as HTML.
    pub(super) dom: String,
    /// Lines of the console: errors, warnings, and what the page's policy refused to load.
    pub(super) console: Vec<String>,
}

impl Shown {
    /// The value of an attribute of the element with this id.
    #[track_caller]
    pub(super) fn value(&self, id: &str, attribute: &str) -> String {
        let tag = self
            .dom
            .split('<')
            .find(|tag| tag.contains(&format!(" id=\"{id}\"")));
        let tag = tag.unwrap_or_else(|| panic!("no {id} in {}", self.dom));
        let from = format!(" {attribute}=\"");
        let value = tag
            .split_once(&from)
            .unwrap_or_else(|| panic!("no {attribute}: {tag}"));
        value.1.split('"').next().unwrap().to_owned()
    }

    pub(super) fn number(&self, id: &str, attribute: &str) -> u64 {
        self.value(id, attribute).parse().unwrap()
    }

    /// The page is there, its scripts came to their end, and nobody complained.
    #[track_caller]
    pub(super) fn is_fine(&self) {
        assert_eq!(self.console, Vec::<String>::new());
        assert!(self.dom.contains("data-ready=\"yes\""), "{}", self.dom);
    }
}

/// Opens a page at a place in it, from disk; none where there is no browser, unless
/// `SIGPROF_BROWSER` is `required`, as it is in CI.
pub(super) fn open(page: &Path, place: &str) -> Option<Shown> {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let url = format!("file://{}{place}", page.display());
    for name in NAMES {
        let mut command = Command::new(name);
        command.args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
        ]);
        command.args(["--disable-background-networking", "--enable-logging=stderr"]);
        command.args([
            "--window-size=1280,1600",
            "--virtual-time-budget=5000",
            "--dump-dom",
        ]);
        command.arg(format!("--user-data-dir={}", folder.path().display()));
        let Ok(output) = command.arg(&url).output() else {
            continue;
        };
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{err}");
        let said = err.lines().filter(|line| line.contains("CONSOLE"));
        return Some(Shown {
            dom: String::from_utf8(output.stdout).unwrap(),
            console: said.map(str::to_owned).collect(),
        });
    }
    none();
    None
}

/// There is no browser: that is an error where one is required.
pub(super) fn none() {
    let is_required = std::env::var_os("SIGPROF_BROWSER").is_some_and(|said| said == "required");
    assert!(
        !is_required,
        "SIGPROF_BROWSER=required, and there is no chromium"
    );
    eprintln!("skipped: there is no chromium here (apt-get install chromium)");
}

//! A real browser with a mouse and a keyboard, by Chromium's own protocol over a pair of pipes.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::MutexGuard;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::browser::{NAMES, alone, none};

/// The browser wants its pipes as these two, and they are standard input and output here.
const PIPES: &str = "exec \"$0\" \"$@\" 3<&0 4>&1 >/dev/null 2>&1";

/// A page that is open.
pub(super) struct Driver {
    browser: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    session: Option<String>,
    asked: u64,
    /// Errors, and warnings of the console.
    pub(super) console: Vec<String>,
    _folder: TempDir,
    /// Released when the browser has ended.
    _alone: MutexGuard<'static, ()>,
}

impl Driver {
    /// Opens a page from disk; none where there is no browser.
    pub(super) fn open(page: &Path) -> Option<Self> {
        let is_there = |name: &&&str| {
            let version = Command::new(**name).arg("--version").output();
            version.is_ok_and(|output| output.status.success())
        };
        let Some(name) = NAMES.iter().find(is_there) else {
            none();
            return None;
        };
        let alone = alone();
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", PIPES, name, "--headless", "--no-sandbox"]);
        command.args(["--disable-gpu", "--no-first-run", "--remote-debugging-pipe"]);
        command.args(["--disable-background-networking", "--window-size=1280,1600"]);
        command.arg(format!("--user-data-dir={}", folder.path().display()));
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut browser = command.spawn().unwrap();
        let input = browser.stdin.take().unwrap();
        let output = BufReader::new(browser.stdout.take().unwrap());
        let mut driver = Self {
            browser,
            input,
            output,
            session: None,
            asked: 0,
            console: Vec::new(),
            _folder: folder,
            _alone: alone,
        };
        let made = driver.ask("Target.createTarget", json!({ "url": "about:blank" }));
        let target = made["targetId"].clone();
        let how = json!({ "targetId": target, "flatten": true });
        let session = driver.ask("Target.attachToTarget", how)["sessionId"].clone();
        driver.session = session.as_str().map(str::to_owned);
        for domain in ["Page.enable", "Runtime.enable", "Log.enable"] {
            driver.ask(domain, json!({}));
        }
        let url = format!("file://{}", page.display());
        driver.ask("Page.navigate", json!({ "url": url }));
        // Until it is there, the page before is asked, or none.
        let ready = "document.documentElement?.dataset.ready === 'yes'";
        driver.until(ready, |driver| {
            let said = driver.try_ask("Runtime.evaluate", json!({ "expression": ready }));
            said.is_ok_and(|said| said["result"]["value"] == true)
        });
        Some(driver)
    }

    /// Asks for something, and waits for the answer.
    #[track_caller]
    pub(super) fn ask(&mut self, method: &str, params: Value) -> Value {
        let answer = self.try_ask(method, params);
        answer.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    #[track_caller]
    fn try_ask(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        self.asked += 1;
        let mut message = json!({ "id": self.asked, "method": method, "params": params });
        if let Some(session) = &self.session {
            message["sessionId"] = session.clone().into();
        }
        self.input
            .write_all(message.to_string().as_bytes())
            .unwrap();
        self.input.write_all(&[0]).unwrap();
        loop {
            let mut answer = Vec::new();
            self.output.read_until(0, &mut answer).unwrap();
            assert_eq!(answer.pop(), Some(0), "{method}: the browser is gone");
            let answer: Value = serde_json::from_slice(&answer).unwrap();
            if answer["id"] == self.asked {
                return match &answer["error"] {
                    Value::Null => Ok(answer["result"].clone()),
                    error => Err(error.clone()),
                };
            }
            self.heard(&answer);
        }
    }

    fn heard(&mut self, event: &Value) {
        let params = &event["params"];
        let is_bad = match event["method"].as_str().unwrap_or_default() {
            "Runtime.exceptionThrown" | "Log.entryAdded" => true,
            "Runtime.consoleAPICalled" => params["type"] != "log",
            _ => false,
        };
        if is_bad {
            self.console.push(params.to_string());
        }
    }

    /// The value of an expression of the page's.
    #[track_caller]
    pub(super) fn value(&mut self, expression: &str) -> Value {
        let params = json!({ "expression": expression, "returnByValue": true });
        let said = self.ask("Runtime.evaluate", params);
        assert!(said["exceptionDetails"].is_null(), "{expression}: {said}");
        said["result"]["value"].clone()
    }

    #[track_caller]
    pub(super) fn text(&mut self, expression: &str) -> String {
        let value = self.value(expression);
        value
            .as_str()
            .unwrap_or_else(|| panic!("{expression}: {value}"))
            .to_owned()
    }

    /// Waits until an expression is true.
    #[track_caller]
    pub(super) fn wait(&mut self, expression: &str) {
        self.until(expression, |driver| driver.value(expression) == true);
    }

    #[track_caller]
    fn until(&mut self, what: &str, mut is_so: impl FnMut(&mut Self) -> bool) {
        let began = Instant::now();
        while !is_so(self) {
            let late = began.elapsed() > Duration::from_secs(30);
            assert!(!late, "never: {what}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Moves the mouse onto an element, to a part of its width and of its height.
    pub(super) fn point(&mut self, element: &str, part: [f64; 2]) {
        self.value(&format!(
            "{element}.scrollIntoView({{ block: 'center' }}), true"
        ));
        let of = format!(
            "(({{ x, y, width, height }}) => [x, y, width, height])({element}.getBoundingClientRect())"
        );
        let rect = self.value(&of);
        let at = |i: usize| rect[i].as_f64().unwrap();
        let (x, y) = (at(0) + part[0] * at(2), at(1) + part[1] * at(3));
        // From beside it.
        for x in [x - 1.0, x] {
            self.ask(
                "Input.dispatchMouseEvent",
                json!({ "type": "mouseMoved", "x": x, "y": y }),
            );
        }
    }

    /// Presses a key: a character, or a name such as `ArrowDown`.
    pub(super) fn press(&mut self, key: &str) {
        let mut down = json!({ "type": "keyDown", "key": key, "code": key });
        if key.chars().count() == 1 {
            down["text"] = key.into();
        }
        self.ask("Input.dispatchKeyEvent", down);
        self.ask(
            "Input.dispatchKeyEvent",
            json!({ "type": "keyUp", "key": key, "code": key }),
        );
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.browser.kill();
        let _ = self.browser.wait();
    }
}

//! Lines that a program writes to standard error, as far as they tell how it ended: the last
//! one, and the trace that a language's runtime leaves of a crash. But for the first 64 KiB
//! nothing else is kept, so that it may write as much as it likes.

/// As much of a line is looked at.
const MAX_LINE: usize = 4 << 10;

/// As much of all that it writes is kept for whoever wants to see it.
const MAX_KEPT: usize = 64 << 10;

/// Runtimes whose traces are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runtime {
    /// A panic; its exit code is 101, or it dies by SIGABRT.
    Rust,
    /// A panic or a fatal error, with a goroutine's trace; exit code 2, of `go run` 1.
    Go,
    /// A traceback; exit code 1.
    Python,
    /// An exception that nobody caught; exit code 1.
    Jvm,
    /// An exception that nobody caught; exit code 1.
    Node,
    /// A fault that AddressSanitizer or one of its kin has seen; exit code 1.
    Sanitizer,
}

impl Runtime {
    /// Its crash in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Rust => "a Rust panic",
            Self::Go => "a Go panic",
            Self::Python => "a Python traceback",
            Self::Jvm => "a JVM exception that nobody caught",
            Self::Node => "a Node.js exception that nobody caught",
            Self::Sanitizer => "a sanitizer's report",
        }
    }
}

/// The known part of standard error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// The last line that has something in it.
    pub last: String,
    /// The first trace of a crash, and the line that says most about it.
    pub crash: Option<(Runtime, String)>,
    /// A line that begins a panic of Go's, with no goroutine's trace behind it: one if
    /// GOTRACEBACK is `none` and the exit code 2.
    pub go_panic: Option<String>,
    /// The first bytes of it all, 64 KiB at the most.
    pub beginning: Vec<u8>,
}

/// Reads pieces of standard error as they come.
#[derive(Debug, Default)]
pub(super) struct Listener {
    line: Vec<u8>,
    said: Said,
    /// The first line of a fatal error of Go's.
    go_fatal: Option<String>,
    /// The last line that begins with no space: in Python and Node the exception itself.
    flush_left: String,
    /// A panic of Rust's, whose message is on the next line.
    is_rust_message_next: bool,
}

impl Listener {
    pub(super) fn hear(&mut self, piece: &[u8]) {
        let room = MAX_KEPT.saturating_sub(self.said.beginning.len());
        self.said.beginning.extend(&piece[..piece.len().min(room)]);
        for part in piece.split_inclusive(|&b| b == b'\n') {
            let room = MAX_LINE.saturating_sub(self.line.len());
            self.line.extend(&part[..part.len().min(room)]);
            if part.ends_with(b"\n") {
                self.end_line();
            }
        }
    }

    pub(super) fn end(mut self) -> Said {
        self.end_line();
        // The exception stands behind the traceback.
        if let Some((Runtime::Python, words)) = &mut self.said.crash {
            words.clone_from(&self.flush_left);
        }
        self.said
    }

    fn end_line(&mut self) {
        let line = String::from_utf8_lossy(&self.line).trim_end().to_owned();
        self.line.clear();
        if line.is_empty() {
            return;
        }
        if std::mem::take(&mut self.is_rust_message_next)
            && let Some((Runtime::Rust, words)) = &mut self.said.crash
        {
            *words += " ";
            *words += line.trim();
        }
        self.look(&line);
        let is_about_traces = line.starts_with("(Use `node") || line.starts_with(['}', '^']);
        if !line.starts_with(char::is_whitespace) && !is_about_traces {
            self.flush_left.clone_from(&line);
        }
        self.said.last = line.trim().to_owned();
    }

    fn look(&mut self, line: &str) {
        if self.said.crash.is_some() {
            return;
        }
        let line = line.to_owned();
        if line.starts_with("panic: ") {
            self.said.go_panic.get_or_insert(line);
        } else if line.starts_with("fatal error: ") || line.starts_with("SIG") {
            self.go_fatal.get_or_insert(line);
        } else if is_goroutine(&line) {
            let panic = self.said.go_panic.take().or(self.go_fatal.take());
            self.said.crash = panic.map(|line| (Runtime::Go, line));
        } else if line.starts_with("thread '") && line.contains(" panicked at ") {
            // Since Rust 1.73 the message is on a line of its own.
            self.is_rust_message_next = line.ends_with(':');
            self.said.crash = Some((Runtime::Rust, line));
        } else if line.ends_with("Traceback (most recent call last):") {
            self.said.crash = Some((Runtime::Python, line));
        } else if line.starts_with("Exception in thread \"")
            || line.starts_with("# A fatal error has been detected by the Java Runtime")
        {
            self.said.crash = Some((Runtime::Jvm, line));
        } else if is_node(&line) {
            self.said.crash = Some((Runtime::Node, self.flush_left.clone()));
        } else if line.starts_with("==") && line.contains("==ERROR: ") && line.contains("Sanitizer")
        {
            self.said.crash = Some((Runtime::Sanitizer, line));
        }
    }
}

/// `goroutine 1 [running]:`, perhaps with more before the bracket.
fn is_goroutine(line: &str) -> bool {
    let rest = line.strip_prefix("goroutine ");
    let rest = rest.filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    rest.is_some_and(|rest| rest.contains(" [") && rest.ends_with("]:"))
}

/// The last line that Node.js leaves: `Node.js v20.20.2`.
fn is_node(line: &str) -> bool {
    let version = line.strip_prefix("Node.js v");
    version.is_some_and(|v| !v.is_empty() && v.chars().all(|c| c.is_ascii_digit() || c == '.'))
}

//! Signals of the system: a thread that waits for them, in safe code.

/// Calls `heard` with the name of each signal that asks for an end. One that was ignored when
/// the program began, as `nohup` does with SIGHUP, and a shell with SIGINT of what it runs in
/// the background, stays ignored.
#[cfg(unix)]
pub(super) fn hear(heard: impl Fn(&'static str) + Send + 'static) -> std::io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::signal_name;

    let asking = [SIGINT, SIGTERM, SIGHUP];
    let asking = match ignored() {
        Some(ignored) => asking
            .into_iter()
            .filter(|signal| ignored >> (signal - 1) & 1 == 0)
            .collect(),
        // Nobody says what is ignored. SIGHUP is left as it is: it ends the program, unless
        // somebody meant that it should not.
        None => vec![SIGINT, SIGTERM],
    };
    let mut signals = Signals::new(asking)?;
    let wait = move || {
        for signal in signals.forever() {
            heard(signal_name(signal).unwrap_or("a signal"));
        }
    };
    std::thread::Builder::new()
        .name("signals".into())
        .spawn(wait)
        .map(drop)
}

/// The signals that are ignored, as Linux has them: bit 0 is signal 1.
#[cfg(unix)]
fn ignored() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))?;
    u64::from_str_radix(mask.trim(), 16).ok()
}

/// Calls `heard` when Ctrl-C asks for an end.
#[cfg(not(unix))]
pub(super) fn hear(heard: impl Fn(&'static str) + Send + 'static) -> std::io::Result<()> {
    ctrlc::set_handler(move || heard("Ctrl-C")).map_err(std::io::Error::other)
}

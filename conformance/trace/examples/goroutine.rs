//! Events of one goroutine: `cargo run --example goroutine -- TRACE GOROUTINE`.

use sigprof_trace::trace::{GoId, Kind, Reader};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("which trace?")?;
    let wanted = GoId(arguments.next().ok_or("which goroutine?")?.parse()?);
    let mut reader = Reader::from_path(path)?;
    while let Some(event) = reader.next_event()? {
        let of = match event.kind {
            // One goroutine changes another, as when it wakes it.
            Kind::GoTransition { goroutine, .. } => Some(goroutine),
            _ => event.goroutine,
        };
        if of == Some(wanted) || event.goroutine == Some(wanted) {
            println!("{:>12.6} s  {:?}", event.time.as_secs_f64(), event.kind);
        }
    }
    Ok(())
}

//! CPU samples as folded stacks, which flame graphs are drawn from:
//! `cargo run --example folded -- TRACE > stacks.folded`.

use std::collections::BTreeMap;

use sigprof_trace::trace::Reader;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args_os().nth(1).ok_or("which trace?")?;
    let (mut reader, mut counts) = (Reader::from_path(path)?, BTreeMap::new());
    while let Some(event) = reader.next_event()? {
        if event.is_sample() {
            let frames = reader.frames(event.stack);
            // The format divides frames by semicolons, which Go's symbols may contain.
            let names = frames.map(|f| reader.text(f.function).replace(';', ":"));
            let mut names: Vec<_> = names.collect();
            names.reverse();
            *counts.entry(names.join(";")).or_insert(0_u64) += 1;
        }
    }
    counts.iter().for_each(|(stack, n)| println!("{stack} {n}"));
    Ok(())
}

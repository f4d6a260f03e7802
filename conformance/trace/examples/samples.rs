//! CPU samples of a trace by function, most first: `cargo run --example samples -- TRACE`.

use std::collections::BTreeMap;

use sigprof_trace::trace::Reader;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args_os().nth(1).ok_or("which trace?")?;
    let (mut reader, mut counts) = (Reader::from_path(path)?, BTreeMap::new());
    while let Some(event) = reader.next_event()? {
        let leaf = reader.frames(event.stack).next();
        if let Some(leaf) = leaf.filter(|_| event.is_sample()) {
            *counts.entry(reader.text(leaf.function)).or_insert(0) += 1;
        }
    }
    let mut counts: Vec<(i32, String)> = counts.into_iter().map(|(name, n)| (n, name)).collect();
    counts.sort_by(|a, b| b.cmp(a));
    counts
        .iter()
        .for_each(|(n, name)| println!("{n:>8} {name}"));
    Ok(())
}

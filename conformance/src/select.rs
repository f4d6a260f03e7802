//! Filters by name: what several commands take.

/// The things that filters select, in order: a filter selects those in whose name it occurs, as
/// `occurs` has it; but if it is a whole name, that thing alone. Without filters all are selected.
///
/// # Errors
/// The first filter that fits nothing: something that was meant would not be tried.
pub(crate) fn select<T>(
    things: Vec<T>,
    name: impl Fn(&T) -> String,
    filters: &[String],
    occurs: impl Fn(&str, &str) -> bool,
) -> Result<Vec<T>, &String> {
    if filters.is_empty() {
        return Ok(things);
    }
    let names: Vec<_> = things.iter().map(name).collect();
    let mut is_selected = vec![false; things.len()];
    for filter in filters {
        let is_whole = names.contains(filter);
        let mut found = false;
        for (is_selected, name) in is_selected.iter_mut().zip(&names) {
            let fits = match is_whole {
                true => name == filter,
                false => occurs(name, filter),
            };
            *is_selected |= fits;
            found |= fits;
        }
        if !found {
            return Err(filter);
        }
    }
    let selected = things.into_iter().zip(is_selected);
    Ok(selected
        .filter_map(|(thing, is_selected)| is_selected.then_some(thing))
        .collect())
}

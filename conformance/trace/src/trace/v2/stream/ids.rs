//! Strings and stacks that events name: whether they are there.

use sigprof_wire::v2::EventType;
use sigprof_wire::v2::limits::MAX_ARGS;

use crate::trace::v2::event::Event;
use crate::trace::v2::generation::Generation;
use crate::trace::v2::tables;

/// The arguments of a type that are ids.
#[derive(Clone, Copy, Debug)]
#[repr(align(8))]
pub(in crate::trace::v2) struct Ids {
    /// The place of the first string, if there is one.
    string: u8,
    /// The same of the first stack.
    stack: u8,
    /// All bits of the first string's id if there is one, else none.
    has_string: i8,
    /// The same of the first stack.
    has_stack: i8,
    /// Whether there are more than these.
    has_more: bool,
    /// Bit n is set if argument n is the id of a string.
    strings: u8,
    /// The same of a stack.
    stacks: u8,
}

impl Ids {
    /// The ids of a type of events.
    #[expect(clippy::cast_possible_truncation, reason = "at most eight")]
    pub(in crate::trace::v2) const fn of(event_type: EventType) -> Self {
        let spec = event_type.spec();
        let (strings, stacks) = match event_type {
            // Where the reader puts it.
            EventType::CPUSample => (0, 1),
            _ => (spec.strings, spec.stacks),
        };
        Self {
            string: strings.trailing_zeros() as u8 % MAX_ARGS as u8,
            stack: stacks.trailing_zeros() as u8 % MAX_ARGS as u8,
            has_string: if strings == 0 { 0 } else { -1 },
            has_stack: if stacks == 0 { 0 } else { -1 },
            has_more: strings.count_ones() > 1 || stacks.count_ones() > 1,
            strings,
            stacks,
        }
    }

    /// Whether all strings and stacks of an event of this type are in the tables.
    #[inline(always)]
    pub(in crate::trace::v2) fn are_there(self, event: &Event, generation: &Generation) -> bool {
        // Without a branch: 0 is there.
        let id = |place, has: i8| {
            event.args[usize::from(place) % MAX_ARGS] & i64::from(has).cast_unsigned()
        };
        let has = |table: &tables::Table, id| id <= table.all_up_to() || table.has(id);
        has(&generation.strings, id(self.string, self.has_string))
            && has(&generation.stacks, id(self.stack, self.has_stack))
            && (!self.has_more || has_more(event, self, generation))
    }
}

static IDS: [Ids; 256] = {
    let mut table = [Ids::of(EventType::Sync); 256];
    let mut i = 0;
    while i < EventType::ALL.len() {
        table[EventType::ALL[i] as usize] = Ids::of(EventType::ALL[i]);
        i += 1;
    }
    table
};

/// Whether all strings and stacks of an event are in the tables.
#[inline(always)]
pub(in crate::trace::v2) fn has_ids(event: &Event, generation: &Generation) -> bool {
    IDS[event.event_type as usize].are_there(event, generation)
}

/// The same of all of them, where there are several of a kind.
#[inline(never)]
fn has_more(event: &Event, ids: Ids, generation: &Generation) -> bool {
    let mut are_there = true;
    for (bits, table) in [
        (ids.strings, &generation.strings),
        (ids.stacks, &generation.stacks),
    ] {
        let mut bits = bits;
        while bits != 0 {
            let id = event.args[bits.trailing_zeros() as usize % MAX_ARGS];
            are_there &= id <= table.all_up_to() || table.has(id);
            bits &= bits - 1;
        }
    }
    are_there
}

/// A kind of id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Table {
    Strings,
    Stacks,
}

/// The first id of an event that is not in the tables.
#[inline(never)]
pub(super) fn missing(event: &Event, generation: &Generation) -> Option<(Table, u64)> {
    let ids = &IDS[event.event_type as usize];
    let find = |bits: u8, table: &tables::Table, kind| {
        let mut bits = bits;
        while bits != 0 {
            let id = event.args[bits.trailing_zeros() as usize % event.args.len()];
            if id > table.all_up_to() && !table.has(id) {
                return Some((kind, id));
            }
            bits &= bits - 1;
        }
        None
    };
    let string = find(ids.strings, &generation.strings, Table::Strings);
    string.or_else(|| find(ids.stacks, &generation.stacks, Table::Stacks))
}

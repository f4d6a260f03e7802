//! Strings and stacks that events name: whether they are there.

use sigprof_wire::v2::EventType;
use sigprof_wire::v2::limits::MAX_ARGS;

use crate::trace::v2::event::Event;
use crate::trace::v2::generation::Generation;
use crate::trace::v2::tables;

/// The arguments of a type that are ids.
#[derive(Clone, Copy, Debug)]
pub(in crate::trace::v2) struct Ids {
    /// Bit n is set if argument n is the id of a string.
    strings: u8,
    /// The same of a stack.
    stacks: u8,
}

impl Ids {
    /// The ids of a type of events.
    pub(in crate::trace::v2) const fn of(event_type: EventType) -> Self {
        let spec = event_type.spec();
        let (strings, stacks) = match event_type {
            // Where the reader puts it.
            EventType::CPUSample => (0, 1),
            _ => (spec.strings, spec.stacks),
        };
        Self { strings, stacks }
    }

    /// Whether all strings and stacks of an event of this type are in the tables. Of a type that is
    /// known to the compiler nothing but comparisons is left.
    #[inline(always)]
    pub(in crate::trace::v2) fn are_there(
        self,
        args: &[u64; MAX_ARGS],
        generation: &Generation,
    ) -> bool {
        let mut are_there = true;
        for (bits, table) in [
            (self.strings, &generation.strings),
            (self.stacks, &generation.stacks),
        ] {
            for (place, &id) in args.iter().enumerate() {
                if bits >> place & 1 == 1 {
                    are_there = are_there && table.has(id);
                }
            }
        }
        are_there
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
#[inline(never)]
pub(in crate::trace::v2) fn has_ids(event: &Event, generation: &Generation) -> bool {
    IDS[event.event_type as usize].are_there(&event.args, generation)
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
            if !table.has(id) {
                return Some((kind, id));
            }
            bits &= bits - 1;
        }
        None
    };
    let string = find(ids.strings, &generation.strings, Table::Strings);
    string.or_else(|| find(ids.stacks, &generation.stacks, Table::Stacks))
}

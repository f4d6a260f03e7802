//! The ways around the rules, for tests that need a broken trace.
//!
//! The `raw_` methods of [`TraceWriter`] check nothing and remember nothing: a string
//! written raw is not among those that the writer knows of.

use sigprof_wire::v1::EventType;

use super::StringId;
use super::wire::{COUNT_WITH_LENGTH, count_bits, first_byte, payload, put_varint};
use super::writer::TraceWriter;

/// An event that may be wrong.
///
/// It starts out right for its varints; each method breaks one thing.
#[derive(Clone, Debug)]
pub struct RawEvent {
    number: u8,
    varints: Vec<u64>,
    count: Option<u8>,
    length_off_by: i64,
}

impl RawEvent {
    /// An event of type `number`, 0 to 63, with all its varints: tick delta,
    /// arguments, stack.
    #[must_use]
    pub fn new(number: u8, varints: &[u64]) -> Self {
        Self {
            number,
            varints: varints.to_vec(),
            count: None,
            length_off_by: 0,
        }
    }

    /// The same for a type that exists, whose varints may be too many or too few.
    #[must_use]
    pub fn of(event_type: EventType, varints: &[u64]) -> Self {
        Self::new(event_type as u8, varints)
    }

    /// Writes these count bits, 0 to 3, whatever follows; 3 puts a length before the varints.
    #[must_use]
    pub fn with_count_bits(mut self, count: u8) -> Self {
        self.count = Some(count);
        self
    }

    /// Adds `by` to the length, if the event has one.
    #[must_use]
    pub fn with_length_off_by(mut self, by: i64) -> Self {
        self.length_off_by = by;
        self
    }
}

impl TraceWriter {
    /// Appends any bytes.
    pub fn raw_bytes(&mut self, bytes: &[u8]) {
        self.out_mut().extend_from_slice(bytes);
    }

    /// Appends an event that may be wrong.
    ///
    /// # Panics
    ///
    /// When the type or the count bits do not fit into a byte, or when there are
    /// neither varints nor count bits.
    pub fn raw_event(&mut self, event: &RawEvent) {
        let count = event
            .count
            .unwrap_or_else(|| count_bits(event.varints.len()));
        let payload = payload(&event.varints);
        let out = self.out_mut();
        out.push(first_byte(event.number, count));
        if count == COUNT_WITH_LENGTH {
            let length = (payload.len() as u64).wrapping_add_signed(event.length_off_by);
            put_varint(out, length);
        }
        out.extend(payload);
    }

    /// Appends a string that may have an id twice, no id, no bytes, too many, or
    /// another length than it says.
    pub fn raw_string(&mut self, id: StringId, length: u64, bytes: &[u8]) {
        let out = self.out_mut();
        out.push(first_byte(EventType::String as u8, 0));
        put_varint(out, id.0);
        put_varint(out, length);
        out.extend_from_slice(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sigprof_wire::FormatVersion;
    use sigprof_wire::limits::HEADER_LEN;

    fn check(event: &RawEvent, want: &[u8]) {
        let mut writer = TraceWriter::new(FormatVersion::GO_1_19).unwrap();
        writer.raw_event(event);
        assert_eq!(&writer.finish()[HEADER_LEN..], want);
    }

    #[test]
    fn a_raw_event_starts_out_right() {
        check(
            &RawEvent::of(EventType::GoSysExit, &[1, 2, 3, 4]),
            &[29 | 0xc0, 4, 1, 2, 3, 4],
        );
    }

    #[test]
    fn an_argument_may_be_missing() {
        check(
            &RawEvent::of(EventType::GoStart, &[1, 2]),
            &[14 | 0x40, 1, 2],
        );
    }

    #[test]
    fn the_length_may_be_off_either_way() {
        let event = RawEvent::of(EventType::GoSysExit, &[1, 2, 3, 4]);
        check(
            &event.clone().with_length_off_by(1),
            &[29 | 0xc0, 5, 1, 2, 3, 4],
        );
        check(&event.with_length_off_by(-1), &[29 | 0xc0, 3, 1, 2, 3, 4]);
    }

    #[test]
    fn the_count_may_lie() {
        let event = RawEvent::of(EventType::GoEnd, &[1]);
        check(&event.clone().with_count_bits(2), &[15 | 0x80, 1]);
        check(&event.with_count_bits(3), &[15 | 0xc0, 1, 1]);
    }

    #[test]
    fn a_type_may_be_unknown() {
        check(&RawEvent::new(63, &[1]), &[63, 1]);
    }

    #[test]
    fn a_raw_string_may_lie_and_repeat() {
        let mut writer = TraceWriter::new(FormatVersion::GO_1_19).unwrap();
        writer.string(StringId(1), b"a");
        writer.raw_string(StringId(1), 9, b"b");
        assert_eq!(
            &writer.finish()[HEADER_LEN..],
            [37, 1, 1, b'a', 37, 1, 9, b'b']
        );
    }
}

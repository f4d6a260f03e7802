//! The reader's side of the tracer (Go: `ReadTrace`, `readTrace0`).

use sigprof_wire::v2::EventType;

use super::{Chunk, V2Tracer, parity};

/// A generation is over, as the file has it from Go 1.26 on.
const END: [u8; 1] = [EventType::EndOfGeneration as u8];

impl V2Tracer {
    /// The next piece of the trace.
    pub(super) fn next_chunk(&mut self) -> Chunk<'_> {
        let read = self.reading.take();
        self.queues.recycle(read);
        if !self.is_header_written {
            self.is_header_written = true;
            return Chunk::Bytes(&self.header);
        }
        let generation = self.reader_generation;
        if let Some(buf) = self.queues.full[parity(generation)].pop_front() {
            return Chunk::Bytes(self.reading.insert(buf).bytes());
        }
        if self.flushed_generation != generation || generation == 0 {
            return Chunk::Park;
        }
        if !self.is_end_told {
            self.is_end_told = true;
            let is_written = self.release.has_end;
            return Chunk::EndOfGeneration(if is_written { &END } else { &[] });
        }
        self.is_end_told = false;
        if self.is_shutdown {
            self.is_shutdown = false;
            return Chunk::End;
        }
        self.reader_generation = self.generation;
        Chunk::Flushed
    }

    /// The generation that is read.
    pub(crate) fn reader_generation(&self) -> u64 {
        self.reader_generation
    }

    /// Whether something is there for the reader, or a generation is over.
    #[inline]
    pub(super) fn has_chunk(&self) -> bool {
        let generation = self.reader_generation;
        self.flushed_generation == generation || !self.queues.full[parity(generation)].is_empty()
    }
}

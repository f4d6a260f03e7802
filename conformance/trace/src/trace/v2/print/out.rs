//! Where lines are written: a list that grows, or the start of a line.

/// A place at whose end bytes are put.
pub(in crate::trace::v2) trait Out {
    /// The first bytes of a list. Of known length it is copied in a few moves without a call, and
    /// what is too much goes again.
    fn put<const N: usize>(&mut self, bytes: &[u8; N], len: usize);

    /// All bytes of a list.
    fn put_all(&mut self, bytes: &[u8]);
}

impl Out for Vec<u8> {
    #[inline(always)]
    fn put<const N: usize>(&mut self, bytes: &[u8; N], len: usize) {
        let to = self.len() + len;
        self.extend_from_slice(bytes);
        self.truncate(to);
    }

    fn put_all(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

/// Bytes of the start of a line, at the most: those of JSON have some 320, with all numbers as long
/// as they get.
const MOST: usize = 512;

/// Bytes that are put at once, at the most.
pub(super) const PART: usize = 64;

/// Bytes that are copied without a call, at the most; and twice as many.
const HALF: usize = 128;
const TWO: usize = 2 * HALF;

/// Room for the start of a line: whatever its length is, a part has room behind it.
pub(in crate::trace::v2) const START: usize = MOST + PART;

/// The start of a line, whose length is bounded: where it ends is in a register meanwhile, and
/// not in memory, where each part would have to wait for the one before.
pub(in crate::trace::v2) struct Start<'b> {
    bytes: &'b mut [u8; START],
    len: usize,
}

impl<'b> Start<'b> {
    pub(in crate::trace::v2) fn new(bytes: &'b mut [u8; START]) -> Self {
        Self { bytes, len: 0 }
    }

    /// The line goes on elsewhere.
    #[inline(always)]
    pub(in crate::trace::v2) fn end(self, out: &mut Vec<u8>) {
        // Nearly all are that short: of known length they are copied without a call.
        let (parts, _) = self.bytes.as_chunks::<HALF>();
        match (parts, self.len) {
            ([first, ..], 0..=HALF) => out.put(first, self.len),
            ([first, second, ..], 0..=TWO) => {
                out.extend_from_slice(first);
                out.put(second, self.len - HALF);
            }
            _ => out.extend_from_slice(&self.bytes[..self.len]),
        }
    }

    /// Text that is always the same.
    #[inline(always)]
    pub(in crate::trace::v2) fn text<const N: usize>(&mut self, text: &[u8; N]) {
        self.put(text, N);
    }
}

impl Out for Start<'_> {
    #[inline(always)]
    fn put<const N: usize>(&mut self, bytes: &[u8; N], len: usize) {
        const { assert!(N <= PART) };
        self.bytes[self.len % MOST..][..N].copy_from_slice(bytes);
        self.len += len;
    }

    #[inline(always)]
    fn put_all(&mut self, bytes: &[u8]) {
        self.bytes[self.len..][..bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
    }
}

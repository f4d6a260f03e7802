//! Packing with gzip, for all tests.

#![expect(clippy::unwrap_used, reason = "a helper of tests")]

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

/// These bytes packed, in one member.
pub(crate) fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

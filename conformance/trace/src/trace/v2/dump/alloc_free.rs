//! The data of the experiment `AllocFree`: what its events are to be read with.
//!
//! ```text
//! 1 (info)   least heap address, size of a page, alignment of heap objects, of stacks
//! 0 (types)  for each type: id, address, size, bytes with pointers, length of its name, name
//! ```
//!
//! What is not like that is left to be shown as it is: Go does not read these bytes.
//!
//! Source: Go `runtime/traceallocfree.go`, `runtime/tracetype.go` (1.23 to 1.27).

use super::Dumper;
use crate::bytes;
use crate::error::WriteError;
use crate::shown::counted;
use crate::trace::v2::varint::varint;

/// The first byte of a batch with types.
const TYPES: u8 = 0;

/// The first byte of a batch with what its events are counted in.
const INFO: u8 = 1;

impl Dumper<'_, '_> {
    /// Explains the data of a batch as far as it is known.
    pub(super) fn alloc_free(&mut self) -> Result<(), WriteError> {
        if self.at == self.end {
            return Ok(());
        }
        match self.source.bytes()[self.at] {
            INFO => self.info(),
            TYPES => self.types(),
            _ => Ok(()),
        }
    }

    fn info(&mut self) -> Result<(), WriteError> {
        self.line(self.at + 1, "  info")?;
        if let Some(address) = self.value() {
            self.explain(&format!("    least heap address = {address:#x}"))?;
        }
        let sizes = [
            "page size",
            "alignment of heap objects",
            "alignment of stacks",
        ];
        for name in sizes {
            if let Some(size) = self.value() {
                self.explain(&format!("    {name} = {size}"))?;
            }
        }
        Ok(())
    }

    fn types(&mut self) -> Result<(), WriteError> {
        self.line(self.at + 1, "  types")?;
        while let Some(id) = self.value() {
            self.explain(&format!("    type {id}"))?;
            if let Some(address) = self.value() {
                self.explain(&format!("      address = {address:#x}"))?;
            }
            for name in ["size", "bytes with pointers"] {
                if let Some(value) = self.value() {
                    self.explain(&format!("      {name} = {value}"))?;
                }
            }
            let Some(len) = self.value() else { break };
            self.explain(&format!("      {}", counted(len, "byte")))?;
            let rest = &self.source.bytes()[self.at..self.end];
            let name = usize::try_from(len).ok().and_then(|len| rest.get(..len));
            let Some(name) = name else { break };
            let (end, name) = (self.at + name.len(), bytes::text(name));
            self.line(end, &format!("      {name:?}"))?;
        }
        Ok(())
    }

    /// The next number, if there is one.
    fn value(&self) -> Option<u64> {
        varint(&self.source.bytes()[..self.end], &mut self.at.clone()).ok()
    }

    /// Explains the bytes of the next number.
    fn explain(&mut self, meaning: &str) -> Result<(), WriteError> {
        self.number(|_, _| meaning.to_owned())?;
        Ok(())
    }
}

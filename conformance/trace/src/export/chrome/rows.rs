//! The end of the file: the names of rows, and the frames.

use std::io::{self, Write};

use super::{Chrome, NO_P_ROW, PROCS, STATS};
use crate::trace::v1::Place;
use crate::trace::v1::render::go_p;

/// Ps up to this one have a row in any case, as in Go; beyond, those that have events: a
/// few bytes can name a very high one (S10.7).
pub(super) const MAX_IDLE_P: u64 = 1023;

impl<W: Write> Chrome<'_, '_, W> {
    /// The names of rows, and the frames.
    pub(super) fn footer(&mut self) -> io::Result<()> {
        self.section(STATS, "STATS", 0)?;
        self.section(PROCS, "PROCS", 2)?;
        self.row(go_p(Place::Gc), "GC", -6)?;
        self.row(go_p(Place::Netpoll), "Network", -5)?;
        self.row(go_p(Place::Timer), "Timers", -4)?;
        self.row(go_p(Place::Syscall), "Syscalls", -3)?;
        if self.options.all {
            self.row(NO_P_ROW.cast_signed(), "CPU samples without a P", -2)?;
        }
        for p in 0..=self.max_p.min(MAX_IDLE_P) {
            self.p_row(p)?;
        }
        for p in std::mem::take(&mut self.high_ps) {
            self.p_row(p)?;
        }
        self.json.raw(b"],\"stackFrames\":{")?;
        self.frames.write(self.reader, &mut self.json)?;
        self.json.raw(b"}}\n")?;
        self.json.flush()
    }

    fn p_row(&mut self, p: u64) -> io::Result<()> {
        let p = p.cast_signed();
        self.row(p, &format!("Proc {p}"), p)
    }

    fn row(&mut self, row: i64, name: &str, index: i64) -> io::Result<()> {
        self.metadata("thread_name", PROCS, row, Ok(name))?;
        self.metadata("thread_sort_index", PROCS, row, Err(index))
    }

    fn section(&mut self, section: u64, name: &str, index: i64) -> io::Result<()> {
        self.metadata("process_name", section, 0, Ok(name))?;
        self.metadata("process_sort_index", section, 0, Err(index))
    }

    fn metadata(
        &mut self,
        what: &str,
        section: u64,
        row: i64,
        value: Result<&str, i64>,
    ) -> io::Result<()> {
        self.json.begin_text(&[what.as_bytes()], b'M')?;
        self.json.raw(b",\"ts\":0")?;
        self.json.number("pid", section)?;
        self.json.number("tid", row.cast_unsigned())?;
        match value {
            Ok(_) => self.json.raw(b",\"args\":{\"name\":")?,
            Err(_) => self.json.raw(b",\"args\":{\"sort_index\":")?,
        }
        match value {
            Ok(name) => self.json.text(&[name.as_bytes()])?,
            Err(index) => self.json.signed(index)?,
        }
        self.json.raw(b"}")?;
        self.json.end()
    }
}

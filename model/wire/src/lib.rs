//! Numbers of Go's execution traces, and no logic: what writer and reader share.
//!
//! A writer and a reader that share code prove nothing of each other; they share the numbers
//! that Go's source has, and real Go judges both.
//!
//! | module | contents |
//! |---|---|
//! | [`version`] | versions of the format, by the first Go release that wrote each |
//! | [`v1`] | event types of Go 1.5 to 1.21: numbers, names, arguments |
//! | [`v2`] | the format of Go 1.22 on: event types, batches, statuses |
//! | [`limits`] | sizes of rings, records, strings and stacks |
//!
//! ```
//! use sigprof_wire::FormatVersion;
//! use sigprof_wire::v1::EventType;
//! assert_eq!(EventType::CPUSample.spec().since, FormatVersion::GO_1_19);
//! ```

#![forbid(unsafe_code)]

pub mod limits;
pub mod v1;
pub mod v2;
pub mod version;

pub use version::FormatVersion;

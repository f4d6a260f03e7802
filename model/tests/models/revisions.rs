//! Litmus tests: what is known of both engines.

//! The judge is judged: each case fails when its subject is not as it should be, and says what
//! was wanted and what came; and a failure reaches the exit code, in whatever form. And rules about
//! the code itself.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod cases;
mod fixtures;
mod hostile;
mod house;
mod oracles;
mod report;

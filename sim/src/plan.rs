//! Plans: drawn from a seed, read and written as TOML, and shrunk.
//!
//! A [`Plan`] says what Ms do; the [`engine`](crate::engine) decides when. Fuzzing draws both from one
//! seed: swarm testing (Groce, Zhang, Eide, Chen and Regehr, ISSTA 2012) switches whole
//! features on and off for each plan, since what is always there hides what needs it gone.
//!
//! ```toml
//! # The ring has wrapped when the trace stops.
//! kind = "trace"
//! words = 16
//! tags = 8
//!
//! [[m]]
//! does = ["start", "sample", "drain", "drain", "sample", "sample", "sample", "stop"]
//!
//! [[m]]
//! does = ["sample", "sample"]
//! ```

mod shrink;

pub use shrink::{ShrunkPlan, shrink};

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use sigprof_model::protocol::{Logs, Protocol};
use sigprof_model::scenario::Program;
use sigprof_model::scenario::plan::{Operation, Plan, PlanError, PlanKind, Role};

use crate::engine::Sim;
use crate::seed::Seed;

/// The program that does what a plan says, on the engine.
#[must_use]
pub fn program(plan: &Plan, protocol: Protocol) -> Program {
    plan.program::<Sim>(protocol)
}

/// Bytes of a plan's file, at the most: far more than the largest legal plan has.
pub const PLAN_BYTES_MAX: usize = 1 << 16;

/// A file that is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanFileError {
    /// The text is far larger than any plan.
    #[error("want {PLAN_BYTES_MAX} bytes at the most, got {0}")]
    TooLarge(usize),
    /// The text is not TOML, or has other fields; says where.
    #[error("{0}")]
    Toml(#[from] toml::de::Error),
    /// An operation or a role is none.
    #[error("{0}")]
    Plan(#[from] PlanError),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanFile {
    kind: Kind,
    words: usize,
    tags: usize,
    #[serde(default)]
    m: Vec<RoleFile>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Ring,
    Trace,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleFile {
    #[serde(default)]
    does: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    signal: Vec<String>,
}

/// Reads a plan.
///
/// # Errors
///
/// If it is not TOML, or says what no plan says. Whether everybody does what they may depends on
/// the protocol: [`Plan::check`].
pub fn parse(text: &str) -> Result<Plan, PlanFileError> {
    if text.len() > PLAN_BYTES_MAX {
        return Err(PlanFileError::TooLarge(text.len()));
    }
    let file: PlanFile = toml::from_str(text)?;
    let operations = |texts: &[String]| -> Result<Vec<Operation>, PlanError> {
        texts.iter().map(|text| text.parse()).collect()
    };
    let role = |role: &RoleFile| -> Result<Role, PlanError> {
        Ok(Role {
            does: operations(&role.does)?,
            signal: operations(&role.signal)?,
        })
    };
    Ok(Plan {
        kind: match file.kind {
            Kind::Ring => PlanKind::Ring,
            Kind::Trace => PlanKind::Trace,
        },
        words: file.words,
        tags: file.tags,
        ms: file.m.iter().map(role).collect::<Result<_, _>>()?,
    })
}

/// Writes a plan, as [`parse`] reads it.
#[must_use]
pub fn to_toml(plan: &Plan) -> String {
    let list = |operations: &[Operation]| {
        let quoted = operations
            .iter()
            .map(|operation| format!("\"{operation}\""));
        quoted.collect::<Vec<_>>().join(", ")
    };
    let mut text = format!(
        "kind = \"{}\"\nwords = {}\ntags = {}\n",
        plan.kind.name(),
        plan.words,
        plan.tags
    );
    for role in &plan.ms {
        text += &format!("\n[[m]]\ndoes = [{}]\n", list(&role.does));
        if !role.signal.is_empty() {
            text += &format!("signal = [{}]\n", list(&role.signal));
        }
    }
    text
}

/// Draws numbers and coins.
struct Draw(ChaCha8Rng);

impl Draw {
    /// A number from `low` to `high`.
    fn between(&mut self, low: usize, high: usize) -> usize {
        let draw = u64::from(self.0.next_u32());
        let count = (high - low + 1) as u64;
        low + usize::try_from((draw * count) >> 32).unwrap_or(0)
    }

    fn coin(&mut self) -> bool {
        self.between(0, 1) == 1
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.between(0, all.len() - 1)]
    }
}

/// The plan of a seed.
#[must_use]
pub fn draw(seed: Seed, protocol: &Protocol) -> Plan {
    let mut draw = Draw(seed.split("plan").rng());
    if draw.between(0, 2) == 0 {
        draw_ring(&mut draw)
    } else {
        draw_trace(&mut draw, protocol)
    }
}

fn draw_ring(draw: &mut Draw) -> Plan {
    let words: usize = draw.one_of(&[4, 8, 8, 16, 32]);
    let has_end = draw.coin();
    let (waits, has_tags, has_long) = (has_end && draw.coin(), draw.coin(), draw.coin());
    let writers = if has_end { 1 } else { draw.between(1, 2) };
    let mut ms = Vec::new();
    for _ in 0..writers {
        let writes = draw.between(1, 6 / writers);
        let frames_max = if has_long { (words - 3).min(4) } else { 1 };
        let write = |draw: &mut Draw| Operation::Write {
            frames: u8::try_from(draw.between(1, frames_max)).unwrap_or(1),
            is_tagged: has_tags && draw.coin(),
        };
        let mut does: Vec<_> = (0..writes).map(|_| write(draw)).collect();
        does.extend(has_end.then_some(Operation::Close));
        let signal = Vec::new();
        ms.push(Role { does, signal });
    }
    let reads = draw.between(1, 5);
    let read = |draw: &mut Draw| {
        if waits && draw.coin() {
            Operation::Await
        } else {
            Operation::Read
        }
    };
    ms.push(Role {
        does: (0..reads).map(|_| read(draw)).collect(),
        signal: Vec::new(),
    });
    Plan {
        kind: PlanKind::Ring,
        words,
        tags: draw.one_of(&[1, 2, 2, 4, 8]),
        ms,
    }
}

fn draw_trace(draw: &mut Draw, protocol: &Protocol) -> Plan {
    use Operation::{Advance, Drain, Sample, Start, Stop};
    let by_generation = protocol.logs == Logs::ByGeneration;
    let (has_signals, has_restarts) = (draw.coin(), draw.coin());
    let has_drainer = by_generation && draw.coin();
    let mut often = Vec::new();
    if !has_signals {
        often.extend([Sample, Sample]);
    }
    often.extend((!has_drainer).then_some(Drain));
    often.extend((by_generation && draw.coin()).then_some(Advance));
    often.extend(has_restarts.then_some(Stop));
    often.extend(has_restarts.then_some(Start));
    let signal = |draw: &mut Draw| {
        let samples = if has_signals { draw.between(0, 2) } else { 0 };
        vec![Sample; samples]
    };
    let steps = draw.between(0, 9);
    let mut does = vec![Start];
    if !often.is_empty() {
        does.extend((0..steps).map(|_| draw.one_of(&often)));
    }
    does.push(Stop);
    let mut ms = vec![Role {
        does,
        signal: signal(draw),
    }];
    if has_drainer {
        let drains = draw.between(1, 2);
        ms.push(Role {
            does: vec![Drain; drains],
            signal: signal(draw),
        });
    }
    for _ in 0..draw.between(0, 2) {
        let samples = draw.between(1, 3);
        ms.push(Role {
            does: vec![Sample; samples],
            signal: Vec::new(),
        });
    }
    Plan {
        kind: PlanKind::Trace,
        words: draw.one_of(&[8, 16, 16, 32]),
        tags: draw.one_of(&[2, 4, 8]),
        ms,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn plans_of_seeds_are_legal_and_read_as_they_are_written() {
        for (revision, protocol) in Protocol::REVISIONS {
            for seed in 0..2_000 {
                let plan = draw(Seed(seed), &protocol);
                assert_eq!(
                    plan.check(&protocol),
                    Ok(()),
                    "{revision}, {seed}: {plan:?}"
                );
                assert_eq!(parse(&to_toml(&plan)).unwrap(), plan);
            }
        }
    }

    #[test]
    fn every_operation_is_drawn() {
        let plans = (0..2_000).map(|seed| draw(Seed(seed), &Protocol::FIXED));
        let operations = plans.flat_map(|plan| {
            let roles = plan.ms.into_iter();
            roles
                .flat_map(|role| role.does.into_iter().chain(role.signal))
                .collect::<Vec<_>>()
        });
        let names: BTreeSet<_> = operations
            .map(|operation| operation.to_string().split(' ').next().unwrap().to_owned())
            .collect();
        let all = [
            "advance", "await", "close", "drain", "read", "sample", "start", "stop", "write",
        ];
        assert_eq!(names, all.map(str::to_owned).into());
    }

    #[test]
    fn what_is_no_plan_says_where() {
        let check = |text: &str, want: &str| {
            let got = parse(text).unwrap_err().to_string();
            assert!(got.contains(want), "{text}: {got}");
        };
        check("kind = \"heap\"\nwords = 1\ntags = 1", "line 1");
        check(
            "kind = \"ring\"\nwords = 1\ntags = 1\nsize = 3",
            "unknown field `size`",
        );
        check(
            "kind = \"ring\"\nwords = 1\ntags = 1\n[[m]]\ndoes = [\"write\"]",
            "no operation \"write\"",
        );
    }

    /// Guards S26.9.
    #[test]
    fn what_is_out_of_bounds_is_refused_with_the_bound() {
        let check = |text: &str, want: Option<&str>| {
            let checked = parse(text).map_err(|error| error.to_string());
            let checked = checked.and_then(|plan| {
                plan.check(&Protocol::GO_1_19)
                    .map_err(|error| error.to_string())
            });
            assert_eq!(checked.err().as_deref(), want, "{text:.200}");
        };
        let sized = |words: u64, tags: u64| {
            format!("kind = \"trace\"\nwords = {words}\ntags = {tags}\n[[m]]")
        };
        check(&sized(65_536, 65_536), None);
        check(&sized(65_537, 1), Some("want 1 to 65536 words, got 65537"));
        check(&sized(8, 0), Some("want 1 to 65536 tags, got 0"));
        check(
            &sized(8, 1 << 62),
            Some("want 1 to 65536 tags, got 4611686018427387904"),
        );
        let long = |samples| {
            format!(
                "{}\ndoes = [{}]",
                sized(8, 2),
                "\"sample\",".repeat(samples)
            )
        };
        check(&long(64), None);
        check(
            &long(65),
            Some("M0: want 64 operations at the most, got 65"),
        );
        let padded = |bytes: usize| {
            let text = sized(8, 2);
            text.clone() + &" ".repeat(bytes - text.len())
        };
        check(&padded(65_536), None);
        check(
            &padded(65_537),
            Some("want 65536 bytes at the most, got 65537"),
        );
    }

    #[test]
    fn who_may_not_is_told() {
        let check = |text: &str, want: &str| {
            let plan = parse(&format!("words = 8\ntags = 2\n{text}")).unwrap();
            let got = plan.check(&Protocol::GO_1_19).unwrap_err().to_string();
            assert_eq!(got, want);
        };
        check("kind = \"ring\"", "want 1 to 4 Ms, got 0");
        check(
            "kind = \"ring\"\n[[m]]\ndoes = [\"sample\"]",
            "M0, does \"sample\": not in a plan of this kind",
        );
        check(
            "kind = \"trace\"\n[[m]]\n[[m]]\ndoes = [\"drain\"]",
            "M1, does \"drain\": only the first M drains, and the second from Go 1.22 on",
        );
        check(
            "kind = \"ring\"\n[[m]]\ndoes = [\"close\", \"write 1\"]",
            "M0: write 1 behind close",
        );
        check(
            "kind = \"ring\"\n[[m]]\ndoes = [\"write 6\"]",
            "M0, write 6: never fits into 8 words",
        );
        check(
            "kind = \"ring\"\n[[m]]\ndoes = [\"await\"]",
            "await: want somebody who closes the ring, or it waits for ever",
        );
    }
}

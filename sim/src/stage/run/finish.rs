//! What came of a stage: each sample is looked up in what came through.

use sigprof_model::backend::Backend;

use super::{Came, HZ, Run};
use crate::stage::Staged;
use crate::truth::{InProfile, InTrace, Truth, TruthFrame};

impl<B: Backend> Run<B> {
    pub(in crate::stage) fn finish(&self) -> Staged {
        let (mut in_trace, mut in_profile) = (self.in_trace.take(), self.in_profile.take());
        let take = |from: &mut Vec<Came>, time: u64, stack: &[u64]| {
            let at = from.iter().position(|(_, t, s)| *t == time && s == stack)?;
            Some(from.swap_remove(at).0)
        };
        let mut signals = Vec::new();
        for (mut signal, stack) in self.signals.take() {
            if signal.in_trace == Some(InTrace::Late)
                && let Some(number) = take(&mut in_trace, signal.ticks, &stack)
            {
                (signal.in_trace, signal.trace) = (Some(InTrace::Delivered), Some(number));
            }
            if signal.in_profile == Some(InProfile::Late)
                && let Some(number) = take(&mut in_profile, signal.ns, &stack)
            {
                (signal.in_profile, signal.profile) = (Some(InProfile::Delivered), Some(number));
            }
            signals.push(signal);
        }
        let frame = |word: &u64| {
            let info = self.program.info(*word);
            TruthFrame {
                function: info.map_or("", |i| i.function).to_owned(),
                file: info.map_or("", |i| i.file).to_owned(),
                line: info.map_or(0, |i| i.line),
            }
        };
        let stacks = self.stacks.iter();
        Staged {
            traces: self.traces.take(),
            profiles: self.profiles.take(),
            truth: Truth {
                schema_version: crate::truth::SCHEMA_VERSION,
                seed: self.seed.to_string(),
                revision: self.revision.name.to_owned(),
                hz: HZ,
                stacks: stacks
                    .map(|words| words.iter().map(frame).collect())
                    .collect(),
                labels: self.labels.clone(),
                traces: self.trace_truths.take(),
                profiles: self.profile_truths.take(),
                signals,
            },
        }
    }
}

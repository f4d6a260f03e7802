//! Plain words that the text sets, beside those of the model.

use std::fmt;

use sigprof_sim::engine::steps::{Did, Step};

use super::refine::base;

/// Plain words that are set otherwise, between one change of a thread's and the next.
pub(super) fn plain_difference(model: &[Step], text: &[Step]) -> Option<(String, String)> {
    let (model, text) = (segments(model), segments(text));
    let at = (0..model.len().max(text.len())).find(|&at| model.get(at) != text.get(at))?;
    let said = |segments: &[Segment]| segments.get(at).map_or(String::new(), Segment::to_string);
    Some((said(&model), said(&text)))
}

/// Plain words that a thread set between two changes of shared words, in the order of the words.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Segment {
    m: usize,
    is_handler: bool,
    number: usize,
    sets: Vec<(String, u64)>,
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "M{}", self.m)?;
        for (word, value) in &self.sets {
            write!(f, " {word}={value}")?;
        }
        Ok(())
    }
}

fn segments(steps: &[Step]) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    for step in steps {
        let (m, is_handler) = (step.m, step.is_handler);
        let is_own = |segment: &&mut Segment| (segment.m, segment.is_handler) == (m, is_handler);
        let own = segments.iter_mut().rev().find(is_own);
        let number = own.as_ref().map_or(0, |segment| segment.number);
        match step.did {
            // The text keeps it in the ring.
            Did::Set if base(step.word.split('[').next().unwrap_or_default()) == "rNext" => {}
            Did::Set => {
                let set = (step.word.clone(), step.is);
                match own {
                    Some(segment) => segment.sets.push(set),
                    None => segments.push(Segment {
                        m,
                        is_handler,
                        number,
                        sets: vec![set],
                    }),
                }
            }
            Did::Store | Did::Swap | Did::Add | Did::Wake | Did::Clear => segments.push(Segment {
                m,
                is_handler,
                number: number + 1,
                sets: Vec::new(),
            }),
            _ => {}
        }
    }
    segments.retain(|segment| !segment.sets.is_empty());
    for segment in &mut segments {
        segment.sets.sort();
    }
    segments.sort();
    segments
}

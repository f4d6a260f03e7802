//! Stacks as a tree, for a flame graph: a node a function below its caller, with the samples of both
//! sides and what is missing on either.

use std::collections::HashMap;

use serde::Serialize;

/// Nodes that a page has at the most: those with the most samples, or the largest differences. A
/// screen has room for a tenth of them.
const NODES: usize = 10_000;

/// Behind the name of a function that calls itself.
const AGAIN: &str = " \u{21bb}";

/// The samples of a stack, or of all stacks that go through a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Of the trace.
    pub(super) trace: u64,
    /// Of the profile.
    pub(super) profile: u64,
    /// That the trace misses, summed over stacks.
    pub(super) missing: u64,
    /// That the trace has too many, summed over stacks.
    pub(super) surplus: u64,
}

impl Counts {
    fn add(&mut self, other: Self) {
        self.trace += other.trace;
        self.profile += other.profile;
        self.missing += other.missing;
        self.surplus += other.surplus;
    }

    /// How wide the node is in any of the graphs, at the most.
    fn weight(&self) -> u64 {
        let sides = self.trace.max(self.profile);
        sides
            .saturating_add(self.missing)
            .saturating_add(self.surplus)
    }
}

/// The tree as stacks are added. Node 0 is its root.
#[derive(Clone, Debug)]
pub(super) struct Flames {
    names: Vec<String>,
    numbers: HashMap<String, u32>,
    nodes: Vec<Node>,
    /// The child of a node with a name.
    children: HashMap<(u32, u32), u32>,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    parent: u32,
    name: u32,
    counts: Counts,
}

/// The tree as the page has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Graph {
    names: Vec<String>,
    /// Callers before callees, six numbers a node: name, depth, and the four counts.
    nodes: Vec<u64>,
    /// Nodes that were left out: their samples are their caller's own.
    left_out: usize,
}

impl Default for Flames {
    fn default() -> Self {
        let root = Node {
            parent: 0,
            name: 0,
            counts: Counts::default(),
        };
        let all = "all".to_owned();
        Self {
            names: vec![all.clone()],
            numbers: HashMap::from([(all, 0)]),
            nodes: vec![root],
            children: HashMap::new(),
        }
    }
}

impl Flames {
    /// Adds a stack, its root first; gives the node of its leaf. A function that calls itself is
    /// one node, however often it does.
    pub(super) fn add<'n>(&mut self, names: impl Iterator<Item = &'n str>, counts: Counts) -> u32 {
        let mut at = 0;
        let mut names = names.peekable();
        while let Some(name) = names.next() {
            let mut is_again = false;
            while names.next_if_eq(&name).is_some() {
                is_again = true;
            }
            at = match is_again {
                true => self.child(at, &format!("{name}{AGAIN}")),
                false => self.child(at, name),
            };
        }
        self.add_at(at, counts);
        at
    }

    /// Adds samples to a node and to all that it is below of.
    pub(super) fn add_at(&mut self, mut at: u32, counts: Counts) {
        while at != 0 {
            let node = &mut self.nodes[at as usize];
            node.counts.add(counts);
            at = node.parent;
        }
        self.nodes[0].counts.add(counts);
    }

    fn child(&mut self, parent: u32, name: &str) -> u32 {
        let number = match self.numbers.get(name) {
            Some(&number) => number,
            None => {
                let number = number(self.names.len());
                self.names.push(name.to_owned());
                self.numbers.insert(name.to_owned(), number);
                number
            }
        };
        let next = self::number(self.nodes.len());
        let nodes = &mut self.nodes;
        *self.children.entry((parent, number)).or_insert_with(|| {
            nodes.push(Node {
                parent,
                name: number,
                counts: Counts::default(),
            });
            next
        })
    }

    /// The tree with its largest nodes, children by name.
    pub(super) fn graph(&self) -> Graph {
        let mut kept: Vec<_> = (0..self.nodes.len()).collect();
        // A caller is as large as each that it calls, and was there before.
        kept.sort_by_key(|&at| (std::cmp::Reverse(self.nodes[at].counts.weight()), at));
        let left_out = kept.len().saturating_sub(NODES);
        kept.truncate(NODES);

        let mut children: HashMap<usize, Vec<usize>> = HashMap::new();
        for &at in kept.iter().filter(|&&at| at != 0) {
            let parent = self.nodes[at].parent as usize;
            children.entry(parent).or_default().push(at);
        }
        for of_one in children.values_mut() {
            // The last one comes first from a stack.
            of_one.sort_by(|&a, &b| self.name_of(b).cmp(self.name_of(a)));
        }
        let mut used: HashMap<u32, u64> = HashMap::new();
        let mut graph = Graph {
            names: Vec::new(),
            nodes: Vec::with_capacity(6 * kept.len()),
            left_out,
        };
        let mut todo = vec![(0, 0)];
        while let Some((at, depth)) = todo.pop() {
            let Node { name, counts, .. } = self.nodes[at];
            let name = *used.entry(name).or_insert_with(|| {
                graph.names.push(super::super::name(self.name_of(at)));
                graph.names.len() as u64 - 1
            });
            let Counts {
                trace,
                profile,
                missing,
                surplus,
            } = counts;
            graph
                .nodes
                .extend([name, depth, trace, profile, missing, surplus]);
            let below = children.get(&at).into_iter().flatten();
            todo.extend(below.map(|&child| (child, depth + 1)));
        }
        graph
    }

    fn name_of(&self, at: usize) -> &str {
        &self.names[self.nodes[at].name as usize]
    }
}

/// Nodes are fewer than the bytes of their files.
fn number(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(trace: u64, profile: u64) -> Counts {
        Counts {
            trace,
            profile,
            missing: profile.saturating_sub(trace),
            surplus: trace.saturating_sub(profile),
        }
    }

    /// Guards S57.3.
    #[test]
    fn a_node_has_the_samples_of_all_stacks_through_it() {
        let mut flames = Flames::default();
        flames.add(["main", "b"].into_iter(), counts(1, 3));
        flames.add(["main", "a"].into_iter(), counts(5, 4));
        let leaf = flames.add(["main"].into_iter(), counts(2, 2));
        flames.add_at(leaf, counts(1, 1));
        let graph = flames.graph();
        assert_eq!(graph.names, ["all", "main", "a", "b"]);
        let rows: Vec<_> = graph.nodes.chunks(6).collect();
        assert_eq!(
            rows,
            [
                [0, 0, 9, 10, 2, 1],
                [1, 1, 9, 10, 2, 1],
                [2, 2, 5, 4, 0, 1],
                [3, 2, 1, 3, 2, 0],
            ]
        );
    }

    /// Guards S57.3.
    #[test]
    fn a_function_that_calls_itself_is_one_node() {
        let mut flames = Flames::default();
        for depth in [1, 2, 60] {
            let names = ["main"].into_iter().chain(vec!["f"; depth]).chain(["g"]);
            flames.add(names, counts(1, 1));
        }
        let graph = flames.graph();
        assert_eq!(graph.names, ["all", "main", "f", "g", "f \u{21bb}"]);
        let traces: Vec<_> = graph.nodes.chunks(6).map(|node| node[2]).collect();
        assert_eq!(traces, [3, 3, 1, 1, 2, 2]);
    }

    /// Guards S57.4.
    #[test]
    fn of_very_many_nodes_the_largest_are_kept_each_below_its_caller() {
        let mut flames = Flames::default();
        for i in 0..NODES as u64 {
            let names = [format!("f{}", i % 100), format!("g{i}")];
            flames.add(names.iter().map(String::as_str), counts(1 + i % 7, 1));
        }
        let graph = flames.graph();
        assert_eq!(graph.nodes.len(), 6 * NODES);
        assert_eq!(graph.left_out, 101);
        assert_eq!(graph, flames.graph());
        let mut depth = 0;
        for node in graph.nodes.chunks(6) {
            assert!(node[1] <= depth + 1, "{node:?}");
            depth = node[1];
        }
    }
}

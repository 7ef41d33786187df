//! The graph that definitions build: streams, maps over them and linear recurrences.
//!
//! A node that was built before, with the same kernel, inputs and constants, is returned instead of built again: that is
//! how indicators of one program share what they have in common. All streams of a graph run over the same rows.

use std::{any::TypeId, collections::HashMap};

use crate::{
    lane::Source,
    map::{Map, Pass, pass},
    recurrence::{Recurrence, Seed},
};

/// A stream of the graph: one value per row, from row [`warm_up`](Graph::warm_up) of a group on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Series(pub(crate) Source);

impl Series {
    /// The stream `rows` rows earlier.
    #[must_use]
    pub fn lag(self, rows: usize) -> Self {
        Self(Source {
            lag: self.0.lag + rows,
            ..self.0
        })
    }
}

/// What makes a node: two equal keys are the same node.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Map {
        kernel: TypeId,
        inputs: Vec<Source>,
        constants: Vec<u64>,
    },
    Recurrence {
        input: Source,
        keep: u64,
        take: u64,
        seed: Seed,
    },
}

pub(crate) struct MapNode {
    pub(crate) pass: Pass,
    pub(crate) inputs: Vec<Source>,
    pub(crate) constants: Vec<f64>,
    /// First output wire; the others follow it.
    pub(crate) first: usize,
    pub(crate) outputs: usize,
    depth: usize,
}

/// Nodes that run together: first the maps in order, then all recurrences interleaved.
#[derive(Default)]
pub(crate) struct Stage {
    pub(crate) maps: Vec<MapNode>,
    pub(crate) recurrences: Vec<Recurrence>,
}

/// A finished graph.
pub(crate) struct Plan {
    /// For each wire, how many rows back someone looks.
    pub(crate) histories: Vec<usize>,
    /// For each wire, the rows of a group that have no value.
    pub(crate) warm_ups: Vec<usize>,
    /// The most rows back that someone looks at an input.
    pub(crate) reach: usize,
    pub(crate) stages: Vec<Stage>,
    pub(crate) recurrences: usize,
}

/// A graph under construction.
#[derive(Default)]
pub struct Graph {
    inputs: usize,
    /// For each wire, the rows of a group that have no value.
    warm_ups: Vec<usize>,
    /// For each wire, how many recurrences a value passes before it.
    depths: Vec<usize>,
    maps: Vec<MapNode>,
    recurrences: Vec<(usize, Recurrence)>,
    known: HashMap<Key, usize>,
}

impl Graph {
    pub(crate) fn new(inputs: usize) -> Self {
        Self {
            inputs,
            warm_ups: vec![0; inputs],
            depths: vec![0; inputs],
            ..Self::default()
        }
    }

    pub(crate) fn input(index: usize) -> Series {
        Series(Source {
            wire: index,
            lag: 0,
        })
    }

    /// Rows at the start of a group for which the stream has no value.
    pub fn warm_up(&self, series: Series) -> usize {
        self.warm_ups[series.0.wire] + series.0.lag
    }

    /// Applies a map to the streams; the results have values once all inputs have.
    pub fn map<M, const I: usize, const O: usize, const K: usize>(
        &mut self,
        _map: M,
        inputs: [Series; I],
        constants: [f64; K],
    ) -> [Series; O]
    where
        M: Map<I, O, K>,
    {
        let inputs: Vec<Source> = inputs.iter().map(|series| series.0).collect();
        let key = Key::Map {
            kernel: TypeId::of::<M>(),
            inputs: inputs.clone(),
            constants: constants.iter().map(|k| k.to_bits()).collect(),
        };
        let first = self.known.get(&key).copied().unwrap_or_else(|| {
            let depth = inputs
                .iter()
                .map(|source| self.depths[source.wire])
                .max()
                .unwrap_or(0);
            let warm_up = inputs
                .iter()
                .map(|source| self.warm_up(Series(*source)))
                .max()
                .unwrap_or(0);
            let first = self.warm_ups.len();
            for _ in 0..O {
                self.wire(warm_up, depth);
            }
            self.maps.push(MapNode {
                pass: pass::<M, I, O, K>,
                inputs,
                constants: constants.to_vec(),
                first,
                outputs: O,
                depth,
            });
            self.known.insert(key, first);
            first
        });
        std::array::from_fn(|o| {
            Series(Source {
                wire: first + o,
                lag: 0,
            })
        })
    }

    /// The recurrence `s = keep * s + take * x` over the stream, begun as the seed says. The product with `take` is
    /// rounded, the rest is one fused multiply-add.
    pub fn recurrence(&mut self, input: Series, keep: f64, take: f64, seed: Seed) -> Series {
        let key = Key::Recurrence {
            input: input.0,
            keep: keep.to_bits(),
            take: take.to_bits(),
            seed,
        };
        let wire = self.known.get(&key).copied().unwrap_or_else(|| {
            let begin = self.warm_up(input);
            let warm_up = match seed {
                Seed::Mean { skip, period } => begin + skip + period - 1,
                Seed::Zero => begin,
                Seed::First(first) => self.warm_up(first),
            };
            let before = match seed {
                Seed::First(first) => self.depths[first.0.wire],
                Seed::Mean { .. } | Seed::Zero => 0,
            };
            let depth = self.depths[input.0.wire].max(before);
            let output = self.wire(warm_up, depth + 1);
            let state = self.recurrences.len();
            let node = Recurrence {
                input: input.0,
                output,
                state,
                keep,
                take,
                seed,
                begin,
                warm_up,
            };
            self.recurrences.push((depth, node));
            self.known.insert(key, output);
            output
        });
        Series(Source { wire, lag: 0 })
    }

    fn wire(&mut self, warm_up: usize, depth: usize) -> usize {
        self.warm_ups.push(warm_up);
        self.depths.push(depth);
        self.warm_ups.len() - 1
    }

    /// Orders the nodes into stages and finds out how long each wire must be remembered.
    pub(crate) fn finish(self, outputs: impl Iterator<Item = Source>) -> Plan {
        let mut histories = vec![0; self.warm_ups.len()];
        let mut look = |source: &Source| {
            let history: &mut usize = &mut histories[source.wire];
            *history = source.lag.max(*history);
        };
        self.maps
            .iter()
            .flat_map(|node| &node.inputs)
            .for_each(&mut look);
        for (_, node) in &self.recurrences {
            look(&node.input);
            if let Seed::First(first) = node.seed {
                look(&first.0);
            }
        }
        outputs.for_each(|source| look(&source));

        let reach = histories[..self.inputs].iter().max().copied().unwrap_or(0);
        let recurrences = self.recurrences.len();
        let deepest = self.depths.iter().max().copied().unwrap_or(0);
        let mut stages: Vec<Stage> = (0..=deepest).map(|_| Stage::default()).collect();
        for node in self.maps {
            stages[node.depth].maps.push(node);
        }
        for (depth, node) in self.recurrences {
            stages[depth].recurrences.push(node);
        }
        Plan {
            histories,
            warm_ups: self.warm_ups,
            reach,
            stages,
            recurrences,
        }
    }
}

//! The graph that definitions build: streams, maps over them and linear recurrences.
//!
//! A node that was built before, with the same kernel, inputs and constants, is returned instead of built again: that is
//! how indicators of one program share what they have in common. All streams of a graph run over the same rows.

use std::{any::TypeId, collections::HashMap};

use crate::{
    lane::Source,
    map::{Map, Pass, pass},
    ordered::{self, Ordered},
    program::Sink,
    recall::Recall,
    recurrence::{Recurrence, Seed},
    registry::OutputKind,
    rolling::{self, Rolling},
    scan::{self, Scan, ScanNode},
    weighted::{self, Weighted},
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
    Scan {
        kernel: TypeId,
        inputs: Vec<Source>,
        constants: Vec<u64>,
        lookback: usize,
    },
}

pub(crate) struct MapNode {
    pub(crate) pass: Pass,
    pub(crate) inputs: Vec<Source>,
    pub(crate) constants: Vec<f64>,
    /// First output wire; the others follow it.
    pub(crate) first: usize,
    pub(crate) outputs: usize,
    /// First row of a group for which the outputs have a value.
    pub(crate) warm_up: usize,
    /// The columns that the results go to, when nobody else reads them.
    pub(crate) slots: Option<Vec<usize>>,
    depth: usize,
}

/// Nodes that run together: first the maps in order, then all recurrences interleaved, then the scans.
#[derive(Default)]
pub(crate) struct Stage {
    pub(crate) maps: Vec<MapNode>,
    pub(crate) recurrences: Vec<Recurrence>,
    pub(crate) scans: Vec<ScanNode>,
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
    /// Numbers that recurrences and scans keep.
    pub(crate) states: usize,
    /// How streams come back that are not saved; without it all are.
    pub(crate) recall: Option<Recall>,
}

impl Plan {
    /// The most rows that a value needs before it, but for recurrences and scans.
    pub(crate) fn deepest(&self) -> usize {
        let recalled = self.recall.as_ref().map_or(0, Recall::deepest);
        let most = |rows: &[usize]| rows.iter().max().copied().unwrap_or(0);
        most(&self.warm_ups) + most(&self.histories).max(recalled)
    }

    /// Rows after which the bits usually do not depend on what was before them: what windows hold, and for each stage what its
    /// slowest recurrence needs until less than a bit is left of its start and rounding has met. Of scans it is a guess.
    /// Nothing if a recurrence keeps all that it ever saw.
    pub(crate) fn settling(&self) -> Option<usize> {
        const FACTOR: f64 = 64.0;
        const SCAN: usize = 1024;
        let mut rows = self.deepest();
        for stage in &self.stages {
            let kept = stage.recurrences.iter().map(|node| node.keep.abs());
            let most = kept.fold(0.0, f64::max);
            if most >= 1.0 {
                return None;
            }
            let scan = if stage.scans.is_empty() { 0 } else { SCAN };
            rows = rows.saturating_add(scan.max((FACTOR / (1.0 - most)) as usize));
        }
        Some(rows)
    }

    /// Whether a saved state has the values of this wire.
    pub(crate) fn saves(&self, wire: usize) -> bool {
        self.recall.as_ref().is_none_or(|recall| recall.saves(wire))
    }
}

/// A graph under construction.
#[derive(Default)]
pub struct Graph {
    inputs: usize,
    /// For each wire, the rows of a group that have no value.
    warm_ups: Vec<usize>,
    /// For each wire, how many recurrences and scans a value passes before it.
    depths: Vec<usize>,
    maps: Vec<MapNode>,
    recurrences: Vec<(usize, Recurrence)>,
    scans: Vec<(usize, ScanNode)>,
    states: usize,
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

    /// Whether all values are functions of a window: nothing runs along the rows.
    pub(crate) fn is_windowed(&self) -> bool {
        self.recurrences.is_empty() && self.scans.is_empty()
    }

    /// Rows at the start of a group for which the stream has no value.
    pub fn warm_up(&self, series: Series) -> usize {
        self.warm_ups[series.0.wire] + series.0.lag
    }

    /// The stream, without its first `rows` values: what is built on it begins that much later.
    pub fn held_back(&mut self, series: Series, rows: usize) -> Series {
        if rows == 0 {
            return series;
        }
        let [late] = self.map(HeldBack, [series, series.lag(rows)], []);
        late
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
        let inputs = inputs.map(|series| series.0).to_vec();
        let constants = constants.to_vec();
        self.map_node(TypeId::of::<M>(), pass::<M, I, O, K>, inputs, constants)
    }

    /// Makes results of sums over the last `period` rows of `windows`, at least one, and of values of `row`; they have values
    /// once all windows are full.
    pub fn rolling<
        R,
        const I: usize,
        const P: usize,
        const S: usize,
        const O: usize,
        const K: usize,
    >(
        &mut self,
        _rolling: R,
        windows: [Series; I],
        row: [Series; P],
        period: usize,
        constants: [f64; K],
    ) -> [Series; O]
    where
        R: Rolling<I, P, S, O, K>,
    {
        let oldest = windows.map(|series| series.lag(period - 1).0);
        let sources = oldest.into_iter().chain(row.map(|series| series.0));
        let mut numbers = vec![period as f64];
        numbers.extend(constants);
        let pass = rolling::pass::<R, I, P, S, O, K>;
        self.map_node(TypeId::of::<R>(), pass, sources.collect(), numbers)
    }

    /// A value of the last `period` rows, put in order; it has a value once the window is full.
    pub fn ordered<R, const K: usize>(
        &mut self,
        _ordered: R,
        input: Series,
        period: usize,
        constants: [f64; K],
    ) -> Series
    where
        R: Ordered<K>,
    {
        let oldest = vec![input.lag(period - 1).0];
        let mut numbers = vec![period as f64];
        numbers.extend(constants);
        let pass = ordered::pass::<R, K>;
        let [value] = self.map_node(TypeId::of::<R>(), pass, oldest, numbers);
        value
    }

    /// Sum of the last rows of the stream, each times its weight; the weights, at least one, are given oldest first.
    pub fn weighted(&mut self, input: Series, weights: Vec<f64>) -> Series {
        let oldest = vec![input.lag(weights.len() - 1).0];
        let [sum] = self.map_node(TypeId::of::<Weighted>(), weighted::pass, oldest, weights);
        sum
    }

    fn map_node<const O: usize>(
        &mut self,
        kernel: TypeId,
        pass: Pass,
        inputs: Vec<Source>,
        constants: Vec<f64>,
    ) -> [Series; O] {
        let key = Key::Map {
            kernel,
            inputs: inputs.clone(),
            constants: constants.iter().map(|k| k.to_bits()).collect(),
        };
        let first = self.known.get(&key).copied().unwrap_or_else(|| {
            let depth = self.depth(&inputs);
            let warm_up = self.begin(&inputs);
            let first = self.wires(O, warm_up, depth);
            self.maps.push(MapNode {
                pass,
                inputs,
                constants,
                first,
                outputs: O,
                warm_up,
                slots: None,
                depth,
            });
            self.known.insert(key, first);
            first
        });
        series(first)
    }

    /// Runs a state machine over the streams, from the first row on for which all have values. Its results have values
    /// `lookback` rows later.
    pub fn scan<S, const I: usize, const O: usize, const N: usize, const K: usize>(
        &mut self,
        _scan: S,
        inputs: [Series; I],
        constants: [f64; K],
        lookback: usize,
    ) -> [Series; O]
    where
        S: Scan<I, O, N, K>,
    {
        let inputs = inputs.map(|series| series.0).to_vec();
        let key = Key::Scan {
            kernel: TypeId::of::<S>(),
            inputs: inputs.clone(),
            constants: constants.iter().map(|k| k.to_bits()).collect(),
            lookback,
        };
        let first = self.known.get(&key).copied().unwrap_or_else(|| {
            let depth = self.depth(&inputs);
            let begin = self.begin(&inputs);
            let first = self.wires(O, begin + lookback, depth + 1);
            let node = ScanNode {
                pass: scan::pass::<S, I, O, N, K>,
                inputs,
                constants: constants.to_vec(),
                first,
                outputs: O,
                memory: (self.states, N),
                begin,
            };
            self.states += N;
            self.scans.push((depth, node));
            self.known.insert(key, first);
            first
        });
        series(first)
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
                Seed::Sum { period } => begin + period - 1,
                Seed::Zero => begin,
                Seed::First(first) => self.warm_up(first),
            };
            let before = match seed {
                Seed::First(first) => self.depths[first.0.wire],
                Seed::Mean { .. } | Seed::Sum { .. } | Seed::Zero => 0,
            };
            let depth = self.depths[input.0.wire].max(before);
            let output = self.wires(1, warm_up, depth + 1);
            let state = self.states;
            self.states += 1;
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

    /// The most recurrences and scans that a value of these streams passed.
    fn depth(&self, inputs: &[Source]) -> usize {
        let depths = inputs.iter().map(|source| self.depths[source.wire]);
        depths.max().unwrap_or(0)
    }

    /// The first row for which all these streams have a value.
    fn begin(&self, inputs: &[Source]) -> usize {
        let warm_ups = inputs.iter().map(|source| self.warm_up(Series(*source)));
        warm_ups.max().unwrap_or(0)
    }

    /// Adds wires and returns the first.
    fn wires(&mut self, count: usize, warm_up: usize, depth: usize) -> usize {
        let first = self.warm_ups.len();
        self.warm_ups.resize(first + count, warm_up);
        self.depths.resize(first + count, depth);
        first
    }

    /// Orders the nodes into stages and finds out how long each wire must be remembered, and which maps may write the
    /// caller's columns.
    pub(crate) fn finish(mut self, sinks: &mut [Sink]) -> Plan {
        let mut histories = vec![0; self.warm_ups.len()];
        let mut read = vec![false; self.warm_ups.len()];
        let mut look = |source: &Source| {
            let history: &mut usize = &mut histories[source.wire];
            *history = source.lag.max(*history);
            read[source.wire] = true;
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
        self.scans
            .iter()
            .flat_map(|(_, node)| &node.inputs)
            .for_each(&mut look);
        for sink in &*sinks {
            let history = &mut histories[sink.source.wire];
            *history = sink.source.lag.max(*history);
        }
        for node in &mut self.maps {
            let wires = node.first..node.first + node.outputs;
            let slots = wires.map(|wire| if read[wire] { None } else { only(sinks, wire) });
            node.slots = slots.collect();
            for &slot in node.slots.iter().flatten() {
                sinks[slot].direct = true;
            }
            for slot in node.slots.iter_mut().flatten() {
                *slot = sinks[*slot].slot;
            }
        }

        let reach = histories[..self.inputs].iter().max().copied().unwrap_or(0);
        let deepest = self.depths.iter().max().copied().unwrap_or(0);
        let mut stages: Vec<Stage> = (0..=deepest).map(|_| Stage::default()).collect();
        for node in self.maps {
            stages[node.depth].maps.push(node);
        }
        for (depth, node) in self.recurrences {
            stages[depth].recurrences.push(node);
        }
        for (depth, node) in self.scans {
            stages[depth].scans.push(node);
        }
        let mut plan = Plan {
            histories,
            warm_ups: self.warm_ups,
            reach,
            stages,
            states: self.states,
            recall: None,
        };
        Recall::plan(&mut plan, self.inputs);
        plan
    }
}

/// The index of the sink that takes this wire, when it is the only one and takes it as it is.
fn only(sinks: &[Sink], wire: usize) -> Option<usize> {
    let mut found = sinks
        .iter()
        .enumerate()
        .filter(|(_, sink)| sink.source.wire == wire);
    match (found.next(), found.next()) {
        (Some((index, sink)), None) if sink.source.lag == 0 && sink.kind == OutputKind::Real => {
            Some(index)
        }
        _ => None,
    }
}

crate::map! {
    /// The first; that the other has a value too is all that matters of it.
    HeldBack: [x, _earlier], [] => 1 { [x] }
}

/// The streams of the wires from this one on.
fn series<const O: usize>(first: usize) -> [Series; O] {
    std::array::from_fn(|o| {
        Series(Source {
            wire: first + o,
            lag: 0,
        })
    })
}

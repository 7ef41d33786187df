//! The LSTM kernels, one body compiled per processor level and chosen at run time. This is the crate's only module with
//! `unsafe`.
//!
//! Weights are packed so that a tile of a few rows and one register of units keeps all four gate sums in registers while it
//! runs over the inputs; the cell is then updated in registers too, and no gate is ever written to memory. Both layers
//! advance with each time step, so what lies between them stays in the nearest caches.
//!
//! The level changes speed, never bits: a sum runs over its inputs in one order with fused multiply-adds, whatever the
//! width of a register, and the exponential uses operations that are correctly rounded everywhere.
#![allow(unsafe_code)]

mod gemm;
mod kernel;
mod vector;

use financelake_indicators::simd::Level;

pub(crate) use gemm::{Matrix, Packed, multiply};

use crate::weights::GATES;
use vector::{Lanes, Vector};

/// Rows that pass through the network together: as many as stay in the second cache with the weights.
pub(crate) const BLOCK: usize = 48;

/// A level that was checked against the processor: only this type can dispatch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kernel(Level);

impl Kernel {
    /// The kernels of this level, or of the best one below it that the processor has.
    pub(crate) fn new(level: Level) -> Self {
        Self(level.min(Level::detect()))
    }

    /// Units of a register, which decides how layers are packed.
    pub(crate) fn lanes(self) -> usize {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => <std::arch::x86_64::__m512 as Vector>::LANES,
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => <std::arch::x86_64::__m256 as Vector>::LANES,
            _ => Lanes::<8>::LANES,
        }
    }
}

/// What the weights of each gate are multiplied by when they are packed: the kernels need `2^-x` of the sums in units of
/// `log2 e`, and the square of it for the candidate.
const SCALES: [f32; GATES] = [
    -std::f32::consts::LOG2_E,
    -std::f32::consts::LOG2_E,
    -2.0 * std::f32::consts::LOG2_E,
    -std::f32::consts::LOG2_E,
];

/// A packed LSTM layer: per block of `lanes` units, per input and then per hidden value, the weights of four gates.
#[derive(Debug)]
pub(crate) struct Layer {
    inputs: usize,
    units: usize,
    lanes: usize,
    /// Units with those that fill the last block; their weights are zero, so they stay zero.
    stride: usize,
    weights: Vec<f32>,
    bias: Vec<f32>,
}

impl Layer {
    /// Packs the weights that `weight(gate, unit, from)` gives: of a bias without `from`, of an input below `inputs`, of a
    /// hidden value behind them.
    pub(crate) fn pack(
        inputs: usize,
        units: usize,
        lanes: usize,
        weight: impl Fn(usize, usize, Option<usize>) -> f32,
    ) -> Self {
        let stride = units.next_multiple_of(lanes);
        let mut layer = Self {
            inputs,
            units,
            lanes,
            stride,
            weights: Vec::with_capacity(stride * GATES * (inputs + units)),
            bias: Vec::with_capacity(stride * GATES),
        };
        for block in (0..stride).step_by(lanes) {
            let of = |gate: usize, from: Option<usize>| {
                let weight = &weight;
                (block..block + lanes).map(move |unit| {
                    if unit < units {
                        SCALES[gate] * weight(gate, unit, from)
                    } else {
                        0.0
                    }
                })
            };
            for gate in 0..GATES {
                layer.bias.extend(of(gate, None));
            }
            for from in 0..inputs + units {
                for gate in 0..GATES {
                    layer.weights.extend(of(gate, Some(from)));
                }
            }
        }
        layer
    }
}

/// What a block of rows needs while it passes: hidden values of this and the last step, and cells, per layer.
#[derive(Debug)]
pub(crate) struct Scratch {
    hidden: [[Vec<f32>; 2]; 2],
    cells: [Vec<f32>; 2],
}

impl Scratch {
    pub(crate) fn new(layers: &[Layer; 2]) -> Self {
        let zeros = |layer: usize| vec![0.0; BLOCK * layers[layer].stride];
        Self {
            hidden: [0, 1].map(|layer| [zeros(layer), zeros(layer)]),
            cells: [0, 1].map(zeros),
        }
    }
}

/// The hidden values of the second layer after the last step.
pub(crate) struct Last<'a> {
    values: &'a [f32],
    stride: usize,
    units: usize,
}

impl Last<'_> {
    pub(crate) fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.stride..row * self.stride + self.units]
    }
}

/// Runs windows through both layers: `starts` are where they begin in `features`, at most [`BLOCK`] of them.
///
/// # Panics
/// When a window does not lie in `features`, or layers, kernel and scratch do not belong together: faults of the caller.
pub(crate) fn run<'a>(
    kernel: Kernel,
    layers: &[Layer; 2],
    window: usize,
    features: &[f32],
    starts: &[usize],
    scratch: &'a mut Scratch,
) -> Last<'a> {
    let size = window * layers[0].inputs;
    assert!(starts.len() <= BLOCK, "a block has at most {BLOCK} rows");
    for &start in starts {
        let end = start.checked_add(size);
        assert!(
            end.is_some_and(|end| end <= features.len()),
            "a window leaves its features"
        );
    }
    assert_eq!(layers[1].inputs, layers[0].units, "the layers fit together");
    for (index, layer) in layers.iter().enumerate() {
        assert_eq!(layer.lanes, kernel.lanes(), "packed for this kernel");
        let states = scratch.hidden[index].iter().chain([&scratch.cells[index]]);
        for state in states {
            assert_eq!(state.len(), BLOCK * layer.stride, "scratch of these layers");
        }
    }
    let pass = kernel::Pass {
        layers,
        window,
        features,
        starts,
    };
    // SAFETY: `Kernel` is made from levels that the processor has only. Windows, layers and scratch were checked above, and
    // the packed sizes follow from how `Layer::pack` fills them.
    unsafe {
        match kernel.0 {
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => kernel::x86::avx512(&pass, scratch),
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => kernel::x86::avx2(&pass, scratch),
            _ => kernel::portable(&pass, scratch),
        }
    }
    Last {
        values: &scratch.hidden[1][window & 1],
        stride: layers[1].stride,
        units: layers[1].units,
    }
}

/// `e^x`, with the bits of the kernels; `x` beyond +-27 counts as +-27.
pub(crate) fn exp(x: f32) -> f32 {
    // SAFETY: these lanes need nothing of the processor.
    let Lanes([y]) = unsafe { kernel::exp2(Lanes([x * std::f32::consts::LOG2_E])) };
    y
}

//! Indices that only follow the price on some rows: those with less, or more, volume than before.

use crate::definitions::{CLOSE, VALUE, VOLUME};
use crate::{
    registry::{Definition, Parity, Source},
    scan::Scan,
};

pub(super) const NVI: Definition = Definition {
    name: "nvi",
    group: "Volume Indicators",
    summary: "Negative volume index (Dysart, Fosback): 1000 at first, then it follows \
              the relative change of the close on rows with less volume than the row \
              before.",
    formula: "value[1] (1 + (close - close[1]) / close[1]) where volume < volume[1], else value[1]; begun with 1000",
    inputs: &[CLOSE, VOLUME],
    params: &[],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("NVI"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, _| {
        graph
            .scan(Index, [inputs[0], inputs[1]], [-1.0], 0)
            .to_vec()
    },
};

pub(super) const PVI: Definition = Definition {
    name: "pvi",
    group: "Volume Indicators",
    summary: "Positive volume index (Dysart, Fosback): 1000 at first, then it follows \
              the relative change of the close on rows with more volume than the row \
              before.",
    formula: "value[1] (1 + (close - close[1]) / close[1]) where volume > volume[1], else value[1]; begun with 1000",
    inputs: &[CLOSE, VOLUME],
    params: &[],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("PVI"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, _| graph.scan(Index, [inputs[0], inputs[1]], [1.0], 0).to_vec(),
};

/// Memory: the index, close and volume of the row before. Constant: the sign of a change of volume that counts.
struct Index;

impl Scan<2, 1, 3, 1> for Index {
    #[inline(always)]
    fn step(
        [index, close_before, volume_before]: &mut [f64; 3],
        row: u64,
        [close, volume]: [f64; 2],
        [sign]: [f64; 1],
    ) -> [f64; 1] {
        if row == 0 {
            *index = 1000.0;
        } else if sign * volume > sign * *volume_before && *close_before != 0.0 {
            let moved = *index + (close - *close_before) / *close_before * *index;
            // A change that is too large for a number does not end the index.
            if moved.is_finite() {
                *index = moved;
            }
        }
        (*close_before, *volume_before) = (close, volume);
        [*index]
    }
}

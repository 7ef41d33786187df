//! Candle patterns: whole numbers, positive for bullish, negative for bearish, 0 for none.

use super::{CLOSE, HIGH, LOW, OPEN, PATTERN};
use crate::{
    map,
    registry::{Definition, Parity},
};

pub(super) const CDLENGULFING: Definition = Definition {
    name: "cdlengulfing",
    group: "Pattern Recognition",
    summary: "Engulfing pattern: a body that covers the opposite body before it; 100 or -100, 80 or -80 when one end is \
              equal, 0 otherwise.",
    inputs: &[OPEN, HIGH, LOW, CLOSE],
    params: &[],
    outputs: PATTERN,
    parity: Parity::Bits,
    oracle: "CDLENGULFING",
    version: 1,
    short: true,
    held_back: 2,
    build: |graph, inputs, _| {
        let (open, close) = (inputs[0], inputs[3]);
        let [pattern] = graph.map(Engulfing, [open, close, open.lag(1), close.lag(1)], []);
        vec![pattern]
    },
};

map! {
    /// Engulfing of the body before, without branches.
    Engulfing: [open, close, open_before, close_before], [] => 1 {
        let (white, white_before) = (close >= open, close_before >= open_before);
        let above = ((close >= open_before) & (open < close_before)) | ((close > open_before) & (open <= close_before));
        let below = ((open >= close_before) & (close < open_before)) | ((open > close_before) & (close <= open_before));
        let strength = if (open != close_before) & (close != open_before) { 100.0 } else { 80.0 };
        let bullish = if white & !white_before & above { strength } else { 0.0 };
        [if !white & white_before & below { -strength } else { bullish }]
    }
}

//! A body that covers the opposite one before: engulfing and what begins with it.

use super::{
    candle::either,
    declare::{self, pattern},
};
use crate::{
    definitions::PATTERN,
    map,
    registry::{Definition, Parity, Source},
};

pub(super) const CDLENGULFING: Definition = Definition {
    name: "cdlengulfing",
    group: "Pattern Recognition",
    summary: "Engulfing pattern: a body that covers the opposite body before it; 100 or -100, 80 or -80 when one end is \
              equal, 0 otherwise.",
    formula: "b of the other color than a reaches at least to both ends of a: 100, or 80 where one end is equal; \
              negative for a black b",
    inputs: declare::INPUTS,
    params: &[],
    outputs: PATTERN,
    parity: Parity::Bits,
    source: Source::TaLib("CDLENGULFING"),
    version: 1,
    short: true,
    held_back: 2,
    build: |graph, inputs, _| {
        let (open, close) = (inputs[0], inputs[3]);
        let [pattern] = graph.map(Engulfing, [open, close, open.lag(1), close.lag(1)], []);
        vec![pattern]
    },
};

/// The sign bit of a number.
const SIGN: u64 = 1 << 63;

/// The sign bit if the body is black: the close is below the open.
#[inline(always)]
fn black(open: f64, close: f64) -> u64 {
    // Equal zeros of different sign have a negative difference; the sum with zero is positive.
    ((close - open) + 0.0).to_bits() & SIGN
}

#[inline(always)]
fn mirror(value: f64, sign: u64) -> f64 {
    f64::from_bits(value.to_bits() ^ sign)
}

map! {
    /// Engulfing of the body before. How far each end reaches beyond the body before is mirrored for a black body; both must
    /// not be negative, and one must be positive.
    Engulfing: [open, close, open_before, close_before], [] => 1 {
        let (black, black_before) = (black(open, close), black(open_before, close_before));
        let (a, b) = (mirror(close - open_before, black), mirror(close_before - open, black));
        let near = if a < b { a } else { b };
        let far = if a > b { a } else { b };
        let weak = if (near >= 0.0) & (far > 0.0) { 80.0 } else { 0.0 };
        let strength = if near > 0.0 { 100.0 } else { weak };
        [mirror(if black != black_before { strength } else { 0.0 }, black)]
    }
}

pattern! {
    CDL3OUTSIDE = "cdl3outside": "Three outside up (100) and down (-100): an engulfing body, confirmed by a close beyond it; 0 otherwise.";
    formula "b of the other color engulfs a with both ends beyond; c.close above b.close if b is white, below it if b \
     is black";
    held back 3,
    [a, b, c], [] => {
        let up = b.white() & a.black() & (b.close > a.open) & (b.open < a.close) & (c.close > b.close);
        let down = b.black() & a.white() & (b.open > a.close) & (b.close < a.open) & (c.close < b.close);
        either(up | down, b.white())
    }
}

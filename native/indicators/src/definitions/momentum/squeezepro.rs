//! TTM Squeeze Pro.

use crate::definitions::{CLOSE, HIGH, LOW, period, real, whole};
use crate::{
    definitions::momentum::sqzmom::{self, FACTORS},
    map,
    registry::{Definition, Parity, Source},
    window,
};

pub(super) const SQUEEZEPRO: Definition = Definition {
    name: "squeezepro",
    group: "Momentum Indicators",
    summary: "TTM Squeeze Pro (Carter): how deep the Bollinger bands are inside the Keltner channel, 3 for the narrowest to 1 \
              for the widest, -1 when they are outside it, else 0 (squeeze), and the average change of the close over some \
              rows (momentum); ta_sqzmom has the momentum of the line through the channel's middle instead.",
    formula: "momentum = mean(close - close[momperiod], smoothperiod); squeeze = 3, 2 or 1 where mean(close, bbperiod) \
              +- nbdev stdev(close, bbperiod) lies inside mean(close, kcperiod) +- f mean(TR, kcperiod) with f = \
              factornarrow, factornormal or factorwide, the first that holds; -1 where it lies outside that of \
              factorwide; else 0",
    inputs: &[HIGH, LOW, CLOSE],
    params: &[
        FACTORS[0],
        FACTORS[1],
        period("kcperiod", 20, 2, "rows of the Keltner channel"),
        FACTORS[2],
        FACTORS[3],
        FACTORS[4],
        period(
            "momperiod",
            12,
            1,
            "rows back to the close that it is compared with",
        ),
        period("smoothperiod", 6, 1, "changes that are averaged"),
    ],
    outputs: &[real("momentum"), whole("squeeze")],
    parity: Parity::Inputs(1e-14),
    source: Source::Published(
        "Carter 2012, Mastering the Trade, 2nd edition; the Pro version's three channels and momentum as pandas-ta's \
         squeeze_pro has them",
    ),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let [high, low, close] = [inputs[0], inputs[1], inputs[2]];
        let squeeze = sqzmom::squeeze(graph, [high, low, close], params);
        let [change] = graph.map(Change, [close, close.lag(params.period(6))], []);
        let momentum = window::mean(graph, change, params.period(7));
        vec![momentum, squeeze]
    },
};

map! {
    /// First minus second.
    Change: [now, before], [] => 1 { [now - before] }
}

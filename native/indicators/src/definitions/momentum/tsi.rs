//! True strength index.

use crate::definitions::{CLOSE, VALUE, period};
use crate::{
    averages, map,
    registry::{Definition, Parity, Source},
};

pub(super) const TSI: Definition = Definition {
    name: "tsi",
    group: "Momentum Indicators",
    summary: "True strength index (Blau 1991): change from row to row, averaged exponentially \
              twice, in percent of its size averaged likewise, -100 to 100.",
    formula: "100 E(x - x[1]) / E(abs(x - x[1])), with E(y) = ema(ema(y, firstperiod), secondperiod); 0 where nothing \
              moved",
    inputs: &[CLOSE],
    params: &[
        period("firstperiod", 25, 2, "rows of the first average"),
        period("secondperiod", 13, 2, "rows of the second average"),
    ],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("TSI"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let moves = graph.map(ChangeAndSize, [inputs[0], inputs[0].lag(1)], []);
        let [change, size] = moves.map(|series| {
            let once = averages::ema(graph, series, params.period(0), 0);
            averages::ema(graph, once, params.period(1), 0)
        });
        graph.map(Percentage, [change, size], []).to_vec()
    },
};

map! {
    /// Change since the row before, and its size.
    ChangeAndSize: [now, before], [] => 2 { [now - before, (now - before).abs()] }
}

map! {
    /// The first in percent of the second; 0 when that is 0.
    Percentage: [change, size], [] => 1 { [if size > 0.0 { 100.0 * change / size } else { 0.0 }] }
}

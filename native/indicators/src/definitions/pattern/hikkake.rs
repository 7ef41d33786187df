//! A false break of an inside candle: hikkake and its modified form.
//!
//! A setup is confirmed within three rows, once, unless a newer setup replaces it. So a row depends on the setups and closes
//! of the three rows before it, and no state has to run along the rows.

use super::{candle, declare, settings::NEAR};
use crate::{
    definitions::PATTERN,
    graph::{Graph, Series},
    map,
    registry::{Definition, Parity, Source},
};

const fn definition(
    name: &'static str,
    oracle: &'static str,
    summary: &'static str,
    formula: &'static str,
    parity: Parity,
    build: crate::registry::Build,
) -> Definition {
    Definition {
        name,
        group: "Pattern Recognition",
        summary,
        formula,
        inputs: declare::INPUTS,
        params: &[],
        outputs: PATTERN,
        parity,
        source: Source::TaLib(oracle),
        version: 1,
        short: true,
        held_back: 0,
        build,
    }
}

pub(super) const CDLHIKKAKE: Definition = definition(
    "cdlhikkake",
    "CDLHIKKAKE",
    "Hikkake (Chesler): an inside candle broken to the wrong side, bullish (100) or bearish (-100); 200 or -200 when a close \
     within three rows confirms it; 0 otherwise.",
    "b.high < a.high, b.low > a.low; c.high < b.high and c.low < b.low: 100, or c.high > b.high and c.low > b.low: \
     -100; within the three rows after, the first close above b.high, or below b.low, gives 200, or -200, unless there \
     is a newer one",
    Parity::Bits,
    |graph, inputs, _| {
        let (high, low) = (inputs[1], inputs[2]);
        let [setup] = graph.map(
            Setup,
            [high, low, high.lag(1), low.lag(1), high.lag(2), low.lag(2)],
            [],
        );
        confirmed(graph, inputs, setup)
    },
);

pub(super) const CDLHIKKAKEMOD: Definition = definition(
    "cdlhikkakemod",
    "CDLHIKKAKEMOD",
    "Modified hikkake (Chesler): a hikkake after a second inside candle that closes near its end, bullish (100) or bearish \
     (-100); 200 or -200 when a close within three rows confirms it; 0 otherwise.",
    "b inside the range of a, c inside that of b, b.close at most near from its low (100) or high (-100); d.high < \
     c.high and d.low < c.low: 100, or d.high > c.high and d.low > c.low: -100; confirmed beyond c as in ta_cdlhikkake",
    Parity::Windowed(0.0),
    |graph, inputs, _| {
        let (high, low, close) = (inputs[1], inputs[2], inputs[3]);
        let mean = NEAR.mean(graph, inputs, 2);
        let [setup] = graph.map(
            ModifiedSetup,
            [
                high,
                low,
                high.lag(1),
                low.lag(1),
                high.lag(2),
                low.lag(2),
                close.lag(2),
                high.lag(3),
                low.lag(3),
                mean,
            ],
            [],
        );
        confirmed(graph, inputs, setup)
    },
);

/// The setup itself, or the confirmation of the latest one.
fn confirmed(graph: &mut Graph, inputs: &[Series], setup: Series) -> Vec<Series> {
    let (high, low, close) = (inputs[1], inputs[2], inputs[3]);
    let setups = [0, 1, 2, 3].map(|rows| setup.lag(rows));
    let closes = [0, 1, 2].map(|rows| close.lag(rows));
    let inside = [2, 3, 4].map(|rows| [high.lag(rows), low.lag(rows)]);
    let series = [&setups[..], &closes, inside.as_flattened()].concat();
    let [value] = graph.map(Confirm, std::array::from_fn(|i| series[i]), []);
    vec![value]
}

map! {
    /// An inside candle, then one that breaks it downwards (100) or upwards (-100).
    Setup: [high, low, high1, low1, high2, low2], [] => 1 {
        let inside = (high1 < high2) & (low1 > low2);
        let down = (high < high1) & (low < low1);
        let up = (high > high1) & (low > low1);
        [candle::either(inside & (down | up), down)]
    }
}

map! {
    /// Two inside candles, the first of which closes near an end, then one that breaks the second towards that end.
    ModifiedSetup: [high, low, high1, low1, high2, low2, close2, high3, low3, mean], [] => 1 {
        let near = NEAR.threshold(mean);
        let inside = (high2 < high3) & (low2 > low3) & (high1 < high2) & (low1 > low2);
        let down = (high < high1) & (low < low1) & (close2 <= low2 + near);
        let up = (high > high1) & (low > low1) & (close2 >= high2 - near);
        [candle::either(inside & (down | up), down)]
    }
}

map! {
    /// The setup of this row, or the latest of the three rows before if this close confirms it and none before did: it is
    /// beyond the inside candle on the other side.
    Confirm: [
        setup, setup1, setup2, setup3, close, close1, close2, high2, low2, high3, low3, high4, low4
    ], [] => 1 {
        let one = beyond(setup1, close, high2, low2);
        let two = beyond(setup2, close, high3, low3) & !beyond(setup2, close1, high3, low3);
        let three = beyond(setup3, close, high4, low4)
            & !beyond(setup3, close1, high4, low4) & !beyond(setup3, close2, high4, low4);
        let value = if three { setup3 + setup3 } else { 0.0 };
        let second = if two { setup2 + setup2 } else { 0.0 };
        let value = if setup2 == 0.0 { value } else { second };
        let first = if one { setup1 + setup1 } else { 0.0 };
        let value = if setup1 == 0.0 { value } else { first };
        [if setup == 0.0 { value } else { setup }]
    }
}

/// Whether a close leaves the inside candle of a setup on the side that confirms it.
#[inline(always)]
fn beyond(setup: f64, close: f64, high: f64, low: f64) -> bool {
    ((setup > 0.0) & (close > high)) | ((setup < 0.0) & (close < low))
}

//! Keltner channel as charts draw it today.

use crate::definitions::{CLOSE, HIGH, LOW, real};
use crate::{
    averages,
    definitions::overlap::kc::{Around, CHANNEL},
    prices,
    registry::{Definition, Parity, Source},
};

pub(super) const KELTNER: Definition = Definition {
    name: "keltner",
    group: "Overlap Studies",
    summary: "Keltner channel in Raschke's form, which TradingView and StockCharts draw: an EMA of the close, where ta_kc has \
              the typical price, and bands at multiples of the average true range.",
    formula: "middle = ema(close, timeperiod), upper and lower = middle +- nbdev rma(TR, atrperiod)",
    inputs: &[HIGH, LOW, CLOSE],
    params: CHANNEL,
    outputs: &[real("upper"), real("middle"), real("lower")],
    parity: Parity::Scaled(1e-13),
    source: Source::Published(
        "Keltner 1960, How to Make Money in Commodities, as changed by Raschke; StockCharts ChartSchool, Keltner Channels",
    ),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let middle = averages::ema(graph, inputs[2], params.period(0), 0);
        let range = prices::true_range(graph, inputs[0], inputs[1], inputs[2]);
        let range = averages::rma(graph, range, params.period(1));
        let [upper, lower] = graph.map(Around, [middle, range], [params.real(2)]);
        vec![upper, middle, lower]
    },
};

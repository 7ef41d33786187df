//! Money flow index.

use crate::definitions::{CLOSE, HIGH, LOW, VALUE, VOLUME, period};
use crate::{
    map, prices,
    registry::{Definition, Parity, Source},
    window,
};

pub(super) const MFI: Definition = Definition {
    name: "mfi",
    group: "Momentum Indicators",
    summary: "Money flow index (Quong and Soudack 1989): share of the money flow (typical price \
              times volume) of rising rows in that of rising and falling rows, 0 to 100, 0 without \
              flow.",
    formula: "100 up / (up + down), with up = sum(TP volume where TP > TP[1], n), down = sum(TP volume where TP < \
              TP[1], n); 0 where both are 0",
    inputs: &[HIGH, LOW, CLOSE, VOLUME],
    params: &[period("timeperiod", 14, 2, "changes in the window")],
    outputs: VALUE,
    parity: Parity::Windowed(1e-12),
    source: Source::TaLib("MFI"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let typical = prices::typical(graph, inputs[0], inputs[1], inputs[2]);
        let [up, down] = graph.map(Flows, [typical, typical.lag(1), inputs[3]], []);
        let up = window::sum(graph, up, params.period(0));
        let down = window::sum(graph, down, params.period(0));
        graph.map(Share, [up, down], []).to_vec()
    },
};

map! {
    /// Money flow of a rising and of a falling row; none if the price is the same but for rounding.
    Flows: [now, before, volume], [] => 2 {
        let change = now - before;
        let same = change.abs() <= 1e-14 * (now.abs() + before.abs());
        let flow = if same { 0.0 } else { now * volume };
        [if change < 0.0 { 0.0 } else { flow }, if change < 0.0 { flow } else { 0.0 }]
    }
}

map! {
    /// Percentage of the first in the sum, inside 0 to 100.
    Share: [up, down], [] => 1 {
        let total = up + down;
        let part = if up > total { total } else { up };
        let part = if up < 0.0 { 0.0 } else { part };
        [if total <= 0.0 { 0.0 } else { 100.0 * (part / total) }]
    }
}

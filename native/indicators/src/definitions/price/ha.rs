//! Heikin-Ashi bars.

use crate::definitions::{CLOSE, HIGH, LOW, OPEN, real};
use crate::{
    map,
    recurrence::Seed,
    registry::{Definition, Parity, Source},
};

pub(super) const HA: Definition = Definition {
    name: "ha",
    group: "Price Transform",
    summary: "Heikin-Ashi bars: the close is the average price of the bar, the open the middle of the Heikin-Ashi bar before.",
    formula: "close = (open + high + low + close) / 4; open = (open[1] + close[1]) / 2 of the bars made so, at first \
              (open + close) / 2 of the bar; high and low = the highest and lowest of high, low and the new open and \
              close",
    inputs: &[OPEN, HIGH, LOW, CLOSE],
    params: &[],
    outputs: &[real("open"), real("high"), real("low"), real("close")],
    parity: Parity::Bits,
    source: Source::TaLib("HA"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, _| {
        let [first_open, close] = graph.map(
            OpenAndClose,
            [inputs[0], inputs[1], inputs[2], inputs[3]],
            [],
        );
        // Halving is exact, so this is half of the sum to the last bit.
        let open = graph.recurrence(close.lag(1), 0.5, 0.5, Seed::First(first_open));
        let [high, low] = graph.map(Ends, [inputs[1], inputs[2], open, close], []);
        vec![open, high, low, close]
    },
};

map! {
    /// The open of a first bar, and the close of any.
    OpenAndClose: [open, high, low, close], [] => 2 {
        [(open + close) / 2.0, (open + high + low + close) / 4.0]
    }
}

map! {
    /// Highest and lowest of the bar and the new open and close.
    Ends: [high, low, open, close], [] => 2 {
        let high = if open > high { open } else { high };
        let low = if open < low { open } else { low };
        [if close > high { close } else { high }, if close < low { close } else { low }]
    }
}

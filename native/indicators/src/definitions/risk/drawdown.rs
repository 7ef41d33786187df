//! Drawdowns: how far values are below an earlier one.

use crate::definitions::{CLOSE, VALUE, period};
use crate::{
    map,
    registry::{Definition, Parity, Source},
    window,
};

pub(super) const MAXDRAWDOWN: Definition = Definition {
    name: "maxdrawdown",
    group: "Risk Measures",
    summary: "Maximum drawdown: the largest fall from a value of the window to a later one, as a share of the earlier, 0 if \
              nothing fell; NULL where a value of the window is not above 0.",
    formula: "largest 1 - x[j] / x[i] with n > i >= j >= 0",
    inputs: &[CLOSE],
    params: &[period("timeperiod", 252, 2, "rows in the window")],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::Published(
        "Magdon-Ismail and Atiya 2004, Maximum Drawdown, Risk Magazine 17(10); empyrical's max_drawdown with the other sign",
    ),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| vec![window::drawdown(graph, inputs[0], params.period(0))],
};

pub(super) const ULCER: Definition = Definition {
    name: "ulcer",
    group: "Risk Measures",
    summary: "Ulcer index (Martin 1987): root of the mean squared distance from the highest value of the last timeperiod rows, \
              in percent of it, over timeperiod rows.",
    formula: "sqrt(mean((100 (x - highest(x, n)) / highest(x, n))^2, n))",
    inputs: &[CLOSE],
    params: &[period(
        "timeperiod",
        14,
        1,
        "rows in the window of the highest value, and of the mean",
    )],
    outputs: VALUE,
    parity: Parity::Scaled(1e-14),
    source: Source::Published(
        "Martin and McCann 1989, The Investor's Guide to Fidelity Funds; StockCharts ChartSchool, Ulcer Index",
    ),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let highest = window::highest(graph, inputs[0], params.period(0));
        let [square] = graph.map(SquaredDistance, [inputs[0], highest], []);
        let mean = window::mean(graph, square, params.period(0));
        graph.map(Root, [mean], []).to_vec()
    },
};

map! {
    /// Square of the distance from the highest value, in percent of it.
    SquaredDistance: [value, highest], [] => 1 {
        let distance = 100.0 * ((value - highest) / highest);
        [distance * distance]
    }
}

map! {
    /// Square root.
    Root: [mean], [] => 1 { [mean.sqrt()] }
}

//! Volatility from the four prices of a bar.

use crate::definitions::{CLOSE, HIGH, LOW, OPEN, VALUE, period};
use crate::{
    elementary::ln,
    map,
    registry::{Definition, Param, ParamKind, Parity, Source},
    window,
};

/// What turns the volatility of a row into that of a year.
pub(in crate::definitions) const ANNUALIZATION: Param = Param {
    name: "annualization",
    kind: ParamKind::Real,
    default: 252.0,
    min: 0.0,
    max: 3e37,
    doc: "rows of a year; 1 leaves the figure of a row",
};

pub(super) const ROGERSSATCHELL: Definition = Definition {
    name: "rogerssatchell",
    group: "Volatility Indicators",
    summary: "Rogers-Satchell volatility (1991): root of the mean of ln(high / close) \
              ln(high / open) + ln(low / close) ln(low / open), which a drift of the \
              price leaves as it is, times the root of annualization.",
    formula: "sqrt(annualization mean(ln(high / close) ln(high / open) + ln(low / close) ln(low / open), n)); 0 where \
              that mean is below 0",
    inputs: &[OPEN, HIGH, LOW, CLOSE],
    params: &[
        period("timeperiod", 10, 1, "rows in the window"),
        ANNUALIZATION,
    ],
    outputs: VALUE,
    parity: Parity::Scaled(1e-11),
    source: Source::TaLib("ROGERSSATCHELL"),
    version: 2,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let [variance] = graph.map(Variance, [inputs[0], inputs[1], inputs[2], inputs[3]], []);
        let total = window::sum(graph, variance, params.period(0));
        let k = [params.period(0) as f64, params.real(1).sqrt()];
        graph.map(Root, [total], k).to_vec()
    },
};

map! {
    /// Variance of a bar; none if a price is not above 0.
    Variance: [open, high, low, close], [] => 1 {
        let above = ln(high / close) * ln(high / open);
        let below = ln(low / close) * ln(low / open);
        let prices = (open > 0.0) & (high > 0.0) & (low > 0.0) & (close > 0.0);
        [if prices { above + below } else { 0.0 }]
    }
}

map! {
    /// Root of the mean, times a factor; 0 if rounding, or bars whose high is not the highest, left less.
    Root: [total], [count, factor] => 1 {
        [if total <= 0.0 { 0.0 } else { factor * (total / count).sqrt() }]
    }
}

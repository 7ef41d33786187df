//! Return per risk over a window of simple returns.

use crate::definitions::{CLOSE, VALUE, factor, period, volatility::ANNUALIZATION};
use crate::{
    map,
    registry::{Definition, Parity, Source},
    window::{self, divide},
};

pub(super) const SHARPE: Definition = Definition {
    name: "sharpe",
    group: "Risk Measures",
    summary: "Sharpe ratio (1994): mean of the returns beyond the risk-free one over their standard deviation (of the sample), \
              times the root of annualization; NULL where all returns of the window are the same.",
    formula: "(mean(r, n) - riskfree) / s * sqrt(annualization), with r = x / x[1] - 1, s = sqrt(sum((r - mean)^2) / \
              (n - 1)) over the n returns",
    inputs: &[CLOSE],
    params: &[
        period("timeperiod", 126, 2, "returns in the window"),
        factor("riskfree", 0.0, "risk-free return of a row"),
        ANNUALIZATION,
    ],
    outputs: VALUE,
    parity: Parity::Scaled(1e-12),
    source: Source::Published(
        "Sharpe 1994, The Sharpe Ratio, Journal of Portfolio Management 21(1); empyrical's sharpe_ratio",
    ),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let [gain] = graph.map(Return, [inputs[0], inputs[0].lag(1)], []);
        let moments = window::moments(graph, gain, params.period(0));
        let count = params.period(0) as f64;
        let k = [count, 1.0 / count, params.real(1), params.real(2).sqrt()];
        let parts = [moments.newest, moments.offset, moments.squares];
        graph.map(Sharpe, parts, k).to_vec()
    },
};

pub(super) const SORTINO: Definition = Definition {
    name: "sortino",
    group: "Risk Measures",
    summary: "Sortino ratio (Sortino and Price 1994): mean of the returns beyond the required one over the root of the mean \
              square of those below it, times the root of annualization; NULL where no return of the window is below.",
    formula: "mean(r - required, n) / sqrt(mean(min(r - required, 0)^2, n)) * sqrt(annualization), with r = x / x[1] - \
              1",
    inputs: &[CLOSE],
    params: &[
        period("timeperiod", 126, 2, "returns in the window"),
        factor("required", 0.0, "required return of a row"),
        ANNUALIZATION,
    ],
    outputs: VALUE,
    parity: Parity::Scaled(1e-12),
    source: Source::Published(
        "Sortino and Price 1994, Performance Measurement in a Downside Risk Framework, Journal of Investing 3(3); \
         empyrical's sortino_ratio",
    ),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let [gain] = graph.map(Return, [inputs[0], inputs[0].lag(1)], []);
        let [beyond, square] = graph.map(Beyond, [gain], [params.real(1)]);
        let beyond = window::mean(graph, beyond, params.period(0));
        let square = window::mean(graph, square, params.period(0));
        graph
            .map(Sortino, [beyond, square], [params.real(2).sqrt()])
            .to_vec()
    },
};

map! {
    /// Simple return.
    Return: [now, before], [] => 1 { [(now - before) / before] }
}

map! {
    /// Mean beyond the risk-free return over the deviation of the sample.
    Sharpe: [newest, offset, squares], [count, reciprocal, free, factor] => 1 {
        let mean = newest + divide(offset, count, reciprocal);
        let deviation = (squares / (count - 1.0)).sqrt();
        [if squares > 0.0 { factor * ((mean - free) / deviation) } else { f64::NAN }]
    }
}

map! {
    /// What is beyond the required return, and the square of what is below.
    Beyond: [gain], [required] => 2 {
        let beyond = gain - required;
        [beyond, if beyond < 0.0 { beyond * beyond } else { 0.0 }]
    }
}

map! {
    /// Mean over the deviation of what is below.
    Sortino: [beyond, square], [factor] => 1 {
        [if square > 0.0 { factor * (beyond / square.sqrt()) } else { f64::NAN }]
    }
}

//! Volatility from the ranges of bars, without and with the gaps between them.

use super::rogerssatchell::{ANNUALIZATION, Variance};
use crate::definitions::{CLOSE, HIGH, LOW, OPEN, VALUE, period};
use crate::{
    elementary::ln,
    map,
    registry::{Definition, Parity, Source},
    window,
};

pub(super) const PARKINSON: Definition = Definition {
    name: "parkinson",
    group: "Volatility Indicators",
    summary: "Parkinson's volatility (1980): root of the mean of ln(high / low) squared over 4 ln 2, times the root of \
              annualization; NULL where a price of the window is not above 0.",
    formula: "sqrt(annualization mean(ln(high / low)^2, n) / (4 ln 2))",
    inputs: &[HIGH, LOW],
    params: &[
        period("timeperiod", 10, 1, "rows in the window"),
        ANNUALIZATION,
    ],
    outputs: VALUE,
    parity: Parity::Scaled(1e-14),
    source: Source::Published(
        "Parkinson 1980, The Extreme Value Method for Estimating the Variance of the Rate of Return, Journal of Business \
         53(1)",
    ),
    version: 2,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let [square] = graph.map(SquaredRange, [inputs[0], inputs[1]], []);
        let variance = window::mean(graph, square, params.period(0));
        let factor = params.real(1) / (4.0 * std::f64::consts::LN_2);
        graph.map(Root, [variance], [factor]).to_vec()
    },
};

pub(super) const GARMANKLASS: Definition = Definition {
    name: "garmanklass",
    group: "Volatility Indicators",
    summary: "Garman-Klass volatility (1980): root of the mean of ln(high / low) squared over 2, less 2 ln 2 - 1 times ln(close \
              / open) squared, times the root of annualization; NULL where a price of the window is not above 0.",
    formula: "sqrt(annualization mean(0.5 ln(high / low)^2 - (2 ln 2 - 1) ln(close / open)^2, n))",
    inputs: &[OPEN, HIGH, LOW, CLOSE],
    params: &[
        period("timeperiod", 10, 1, "rows in the window"),
        ANNUALIZATION,
    ],
    outputs: VALUE,
    parity: Parity::Scaled(1e-13),
    source: Source::Published(
        "Garman and Klass 1980, On the Estimation of Security Price Volatilities from Historical Data, Journal of Business \
         53(1)",
    ),
    version: 2,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let [square] = graph.map(
            GarmanKlass,
            [inputs[0], inputs[1], inputs[2], inputs[3]],
            [],
        );
        let variance = window::mean(graph, square, params.period(0));
        graph.map(Root, [variance], [params.real(1)]).to_vec()
    },
};

pub(super) const YANGZHANG: Definition = Definition {
    name: "yangzhang",
    group: "Volatility Indicators",
    summary: "Yang-Zhang volatility (2000): root of the variance of the gaps from close to open, plus k of that from open to \
              close, plus 1 - k of Rogers and Satchell's, times the root of annualization; NULL where a price of the window \
              is not above 0.",
    formula: "sqrt(annualization (V(ln(open / close[1])) + k V(ln(close / open)) + (1 - k) RS)), with V = variance of \
              the n values with n - 1, RS = mean(ln(high / close) ln(high / open) + ln(low / close) ln(low / open), \
              n), k = 0.34 / (1.34 + (n + 1) / (n - 1))",
    inputs: &[OPEN, HIGH, LOW, CLOSE],
    params: &[
        period("timeperiod", 10, 2, "rows in the window"),
        ANNUALIZATION,
    ],
    outputs: VALUE,
    parity: Parity::Scaled(1e-13),
    source: Source::Published(
        "Yang and Zhang 2000, Drift-Independent Volatility Estimation Based on High, Low, Open, and Close Prices, Journal of \
         Business 73(3)",
    ),
    version: 2,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let rows = params.period(0);
        let count = rows as f64;
        let [open, high, low, close] = [inputs[0], inputs[1], inputs[2], inputs[3]];
        let [gap] = graph.map(LogRatio, [open, close.lag(1)], []);
        let [day] = graph.map(LogRatio, [close, open], []);
        let of_gaps = window::moments(graph, gap, rows).squares;
        let of_days = window::moments(graph, day, rows).squares;
        let [inside] = graph.map(Variance, [open, high, low, close], []);
        let inside = window::mean(graph, inside, rows);
        let share = 0.34 / (1.34 + (count + 1.0) / (count - 1.0));
        let k = [count - 1.0, share];
        let [variance] = graph.map(YangZhang, [of_gaps, of_days, inside], k);
        graph.map(Root, [variance], [params.real(1)]).to_vec()
    },
};

map! {
    /// Square of the logarithm of high over low.
    SquaredRange: [high, low], [] => 1 {
        let range = ln(high / low);
        [if low > 0.0 { range * range } else { f64::NAN }]
    }
}

map! {
    /// Variance of a bar.
    GarmanKlass: [open, high, low, close], [] => 1 {
        let (range, day) = (ln(high / low), ln(close / open));
        let variance = 0.5 * range * range - (2.0 * std::f64::consts::LN_2 - 1.0) * day * day;
        [if (low > 0.0) & (open > 0.0) { variance } else { f64::NAN }]
    }
}

map! {
    /// Logarithm of a quotient of prices.
    LogRatio: [now, before], [] => 1 {
        let ratio = ln(now / before);
        [if before > 0.0 { ratio } else { f64::NAN }]
    }
}

map! {
    /// Variance of a row, from the squares of gaps and days, both of one row more, and the mean of what is inside.
    YangZhang: [of_gaps, of_days, inside], [count, share] => 1 {
        [of_gaps / count + share * (of_days / count) + (1.0 - share) * inside]
    }
}

map! {
    /// Root of the variance times a factor; 0 if bars whose high is not the highest left less.
    Root: [variance], [factor] => 1 {
        [if variance < 0.0 { 0.0 } else { (factor * variance).sqrt() }]
    }
}

//! Volume weighted average price since a session or an anchor began, with bands.

use crate::definitions::{CLOSE, HIGH, LOW, SESSION, VOLUME, factor, real};
use crate::{
    Params,
    graph::{Graph, Series},
    prices,
    registry::{Definition, Input, Output, Param, Parity, Source},
    scan::Scan,
};

const PARAMS: &[Param] = &[Param {
    min: 0.0,
    ..factor(
        "nbdev",
        1.0,
        "standard deviations from the price to the bands",
    )
}];
const OUTPUTS: &[Output] = &[real("vwap"), real("upper"), real("lower")];

pub(super) const SVWAP: Definition = Definition {
    name: "svwap",
    group: "Volume Indicators",
    summary: "Volume weighted average price of the session: mean typical price since the session began, weighted by volume, \
              and bands at multiples of the weighted standard deviation; a session begins where the session input changes, \
              and has no price while it has no volume.",
    formula: "vwap = sum(TP volume) / sum(volume) over the rows of the session so far; upper and lower = vwap +- nbdev \
              sqrt(sum(volume (TP - vwap)^2) / sum(volume))",
    inputs: &[HIGH, LOW, CLOSE, VOLUME, SESSION],
    params: PARAMS,
    outputs: OUTPUTS,
    parity: Parity::Scaled(1e-12),
    source: Source::Published(
        "Berkowitz, Logue and Noser 1988, The Total Cost of Transactions on the NYSE, Journal of Finance 43(1), for the \
         price; bands as TradingView's ta.vwap draws them",
    ),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| since(graph, Since::<false>, inputs, params),
};

pub(super) const AVWAP: Definition = Definition {
    name: "avwap",
    group: "Volume Indicators",
    summary: "Anchored volume weighted average price (Shannon): mean typical price since the last row whose anchor input is \
              not 0, that row included, weighted by volume, and bands at multiples of the weighted standard deviation; NULL \
              before the first anchor and while there is no volume.",
    formula: "vwap = sum(TP volume) / sum(volume) over the rows since the last anchor; upper and lower = vwap +- nbdev \
              sqrt(sum(volume (TP - vwap)^2) / sum(volume))",
    inputs: &[HIGH, LOW, CLOSE, VOLUME, Input { name: "anchor" }],
    params: PARAMS,
    outputs: OUTPUTS,
    parity: Parity::Scaled(1e-12),
    source: Source::Published(
        "Shannon 2022, Maximum Trading Gains with Anchored VWAP; bands as TradingView's ta.vwap draws them",
    ),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| since(graph, Since::<true>, inputs, params),
};

fn since<const ANCHORED: bool>(
    graph: &mut Graph,
    since: Since<ANCHORED>,
    inputs: &[Series],
    params: &Params,
) -> Vec<Series> {
    let price = prices::typical(graph, inputs[0], inputs[1], inputs[2]);
    let inputs = [price, inputs[3], inputs[4]];
    graph.scan(since, inputs, [params.real(0)], 0).to_vec()
}

/// Memory: the mark of the session, or whether there was an anchor; turnover and volume; the first price, the weighted mean
/// of the distances from it, and the weighted sum of squared distances from that mean (West 1979). The sum has positive
/// terms only, and the price level is in none of them.
struct Since<const ANCHORED: bool>;

impl<const ANCHORED: bool> Scan<3, 3, 6, 1> for Since<ANCHORED> {
    #[inline(always)]
    fn step(
        [mark, turnover, volume, first, mean, squares]: &mut [f64; 6],
        row: u64,
        [price, traded, now]: [f64; 3],
        [width]: [f64; 1],
    ) -> [f64; 3] {
        let begins = if ANCHORED {
            now != 0.0
        } else {
            row == 0 || now != *mark
        };
        if begins {
            (*turnover, *volume, *first, *mean, *squares) = (0.0, 0.0, price, 0.0, 0.0);
            *mark = if ANCHORED { 1.0 } else { now };
        }
        let before = *volume;
        *turnover += price * traded;
        *volume += traded;
        if *volume <= 0.0 || (ANCHORED && *mark == 0.0) {
            return [f64::NAN; 3];
        }
        let distance = price - *first - *mean;
        *mean += traded / *volume * distance;
        *squares += before / *volume * traded * distance * distance;
        let (middle, band) = (*turnover / *volume, width * (*squares / *volume).sqrt());
        [middle, middle + band, middle - band]
    }
}

//! Moving averages that indicators build on.

use crate::{
    graph::{Graph, Series},
    params::MaType,
    recurrence::Seed,
    window,
};

/// Exponential moving average, `2 / (period + 1)`, begun with the mean of the first `period` values after `skip`.
///
/// The weights are formed and the products rounded as TA-Lib 0.8.3 does, so the bits are the same.
pub fn ema(graph: &mut Graph, input: Series, period: usize, skip: usize) -> Series {
    if period == 1 {
        return input;
    }
    let ratio = (period - 1) as f64 / (period + 1) as f64;
    let take = 1.0 - ratio;
    let keep = if ratio < 0.5 { 1.0 - take } else { ratio };
    graph.recurrence(input, keep, take, Seed::Mean { skip, period })
}

/// Wilder's moving average, `1 / period`, begun with the mean of the first `period` values.
pub fn rma(graph: &mut Graph, input: Series, period: usize) -> Series {
    if period == 1 {
        return input;
    }
    let keep = (period - 1) as f64 / period as f64;
    graph.recurrence(input, keep, 1.0 - keep, Seed::Mean { skip: 0, period })
}

/// The moving average that a `matype` parameter chose.
pub fn moving_average(graph: &mut Graph, input: Series, period: usize, kind: MaType) -> Series {
    match kind {
        MaType::Sma => window::mean(graph, input, period),
        MaType::Ema => ema(graph, input, period, 0),
    }
}

//! Moving averages that indicators build on.

mod adaptive;
mod cycle;
pub mod dominant;

pub use adaptive::{kama, vidya};
pub use cycle::mama;
pub(crate) use cycle::{DEGREES, push};
pub use dominant::trend_line;

use crate::{
    graph::{Graph, Series},
    map,
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
    let (keep, take) = ema_weights(period);
    graph.recurrence(input, keep, take, Seed::Mean { skip, period })
}

/// Exponential moving average, begun with the first value.
pub fn ema_from_first(graph: &mut Graph, input: Series, period: usize) -> Series {
    let (keep, take) = ema_weights(period);
    graph.recurrence(input, keep, take, Seed::First(input))
}

/// Weights of the average before and of the new value.
fn ema_weights(period: usize) -> (f64, f64) {
    let ratio = (period - 1) as f64 / (period + 1) as f64;
    let take = 1.0 - ratio;
    (if ratio < 0.5 { 1.0 - take } else { ratio }, take)
}

/// Wilder's moving average, `1 / period`, begun with the mean of the first `period` values.
pub fn rma(graph: &mut Graph, input: Series, period: usize) -> Series {
    rma_after(graph, input, period, 0)
}

/// Wilder's moving average, begun with the mean of the first `period` values after `skip`.
pub fn rma_after(graph: &mut Graph, input: Series, period: usize, skip: usize) -> Series {
    if period == 1 {
        return input;
    }
    let keep = (period - 1) as f64 / period as f64;
    graph.recurrence(input, keep, 1.0 - keep, Seed::Mean { skip, period })
}

/// Double exponential moving average: twice the EMA minus its EMA.
pub fn dema(graph: &mut Graph, input: Series, period: usize) -> Series {
    if period == 1 {
        return input;
    }
    let once = ema(graph, input, period, 0);
    let twice = ema(graph, once, period, 0);
    let [dema] = graph.map(TwiceMinus, [once, twice], []);
    dema
}

/// Triple exponential moving average: three times the EMA minus three times its EMA plus the EMA of that.
pub fn tema(graph: &mut Graph, input: Series, period: usize) -> Series {
    if period == 1 {
        return input;
    }
    let once = ema(graph, input, period, 0);
    let twice = ema(graph, once, period, 0);
    let thrice = ema(graph, twice, period, 0);
    let [tema] = graph.map(Tema, [once, twice, thrice], []);
    tema
}

/// Triangular moving average: the mean of means, whose lengths add up to `period + 1`.
pub fn trima(graph: &mut Graph, input: Series, period: usize) -> Series {
    let half = period.div_ceil(2);
    let inner = window::mean(graph, input, period + 1 - half);
    window::mean(graph, inner, half)
}

/// Tillson's T3: six EMAs, one of the other, of which the last four are combined by the volume factor.
pub fn t3(graph: &mut Graph, input: Series, period: usize, factor: f64) -> Series {
    if period == 1 {
        return input;
    }
    let take = 2.0 / (period as f64 + 1.0);
    let seed = Seed::Mean { skip: 0, period };
    let mut averages = [input; 6];
    let mut last = input;
    for average in &mut averages {
        last = graph.recurrence(last, 1.0 - take, take, seed);
        *average = last;
    }
    let square = factor * factor;
    let of_sixth = -(square * factor);
    let of_fifth = 3.0 * (square - of_sixth);
    let of_fourth = -6.0 * square - 3.0 * (factor - of_sixth);
    let of_third = 3f64.mul_add(square, 3f64.mul_add(factor, 1.0) - of_sixth);
    let [_, _, third, fourth, fifth, sixth] = averages;
    let weights = [of_third, of_fourth, of_fifth, of_sixth];
    let [t3] = graph.map(WeightedSum, [third, fourth, fifth, sixth], weights);
    t3
}

/// Hull's moving average: over the root of the period, the WMA of twice the WMA of half the period minus the WMA of all.
pub fn hma(graph: &mut Graph, input: Series, period: usize) -> Series {
    if period == 1 {
        return input;
    }
    let half = window::weighted_mean(graph, input, period / 2);
    let whole = window::weighted_mean(graph, input, period);
    let [ahead] = graph.map(TwiceMinus, [half, whole], []);
    window::weighted_mean(graph, ahead, period.isqrt())
}

/// Zero-lag EMA (Ehlers and Way): the EMA of the values, each plus its rise over half the period.
pub fn zlema(graph: &mut Graph, input: Series, period: usize) -> Series {
    let lag = (period - 1) / 2;
    let [ahead] = graph.map(TwiceMinus, [input, input.lag(lag)], []);
    ema(graph, ahead, period, 0)
}

/// Arnaud Legoux's moving average: weights of a bell curve around `offset`, 0 for the oldest and 1 for the newest row of
/// the window, whose width is the window over `sigma`.
pub fn alma(graph: &mut Graph, input: Series, period: usize, sigma: f64, offset: f64) -> Series {
    if period == 1 {
        return input;
    }
    let middle = (offset * (period - 1) as f64).floor();
    let width = period as f64 / sigma;
    let spread = 2.0 * width * width;
    let bell = |row: usize| {
        let distance = row as f64 - middle;
        (-(distance * distance) / spread).exp()
    };
    let weights: Vec<f64> = (0..period).map(bell).collect();
    let total = weights.iter().fold(0.0, |total, weight| total + weight);
    graph.weighted(input, weights.into_iter().map(|w| w / total).collect())
}

/// Rows before the first value of a moving average.
pub fn lookback(period: usize, kind: MaType) -> usize {
    let mut graph = Graph::new(1);
    let average = moving_average(&mut graph, Graph::input(0), period, kind);
    graph.warm_up(average)
}

/// The moving average that a `matype` parameter chose. Over one row, each is the row itself.
pub fn moving_average(graph: &mut Graph, input: Series, period: usize, kind: MaType) -> Series {
    if period == 1 {
        return input;
    }
    match kind {
        MaType::Sma => window::mean(graph, input, period),
        MaType::Ema => ema(graph, input, period, 0),
        MaType::Wma => window::weighted_mean(graph, input, period),
        MaType::Dema => dema(graph, input, period),
        MaType::Tema => tema(graph, input, period),
        MaType::Trima => trima(graph, input, period),
        MaType::Kama => kama(graph, input, period),
        MaType::Mama => {
            let [mama, _] = mama(graph, input, 0.5, 0.05);
            mama
        }
        MaType::T3 => t3(graph, input, period, 0.7),
        MaType::Hma => hma(graph, input, period),
        MaType::Disabled => input,
        MaType::Zlema => zlema(graph, input, period),
        MaType::Rma => rma(graph, input, period),
        // Chande's proportion of 12 to 9.
        MaType::Vidya => vidya(graph, input, period, (3 * period + 2) / 4),
        MaType::Alma => alma(graph, input, period, 6.0, 0.85),
    }
}

map! {
    /// Twice the first minus the second.
    TwiceMinus: [a, b], [] => 1 { [2.0 * a - b] }
}

map! {
    /// An EMA, its EMA, and the EMA of that.
    Tema: [once, twice, thrice], [] => 1 { [thrice + (3.0 * once - 3.0 * twice)] }
}

map! {
    /// Four values by their weights, added from the last on.
    WeightedSum: [a, b, c, d], [of_a, of_b, of_c, of_d] => 1 {
        [of_a.mul_add(a, of_b.mul_add(b, of_d.mul_add(d, of_c * c)))]
    }
}

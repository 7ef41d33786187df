//! Hurst exponent by rescaled ranges.
//!
//! The parts of a window are counted from its newest row, so the part before one of so many rows is what that one was so
//! many rows ago: each length needs one rescaled range for a row, and the mean over all parts is a tree.

use crate::definitions::{CLOSE, VALUE, period};
use crate::{
    elementary::ln,
    graph::{Graph, Series},
    map,
    registry::{Definition, Param, Parity, Source},
    rolling::Rolling,
    window,
};

/// Fewest changes of a part.
const SHORTEST: usize = 8;

pub(super) const HURST: Definition = Definition {
    name: "hurst",
    group: "Statistic Functions",
    summary: "Hurst exponent (Hurst 1951, Mandelbrot and Wallis 1969) of the last timeperiod logarithmic changes: slope of the \
              line through the logarithms of mean rescaled range and length, where the changes are taken as 1, 2, 4 and so on \
              parts of at least 8; above 0.5 for a series that trends, below for one that turns back, and NULL for one that \
              does not move.",
    formula: "slope of the least-squares line through the points (ln m, ln RS(m)), m = n / 1, n / 2, n / 4 ... down to \
              8, rounded down; RS(m) = mean over the parts of m changes, of those that vary, of (max C - min C) / S; C \
              = running totals of y - mean(y) in the part, S = standard deviation (population) of y in it; y = ln(x / \
              x[1])",
    inputs: &[CLOSE],
    params: &[Param {
        max: 10_000.0,
        ..period(
            "timeperiod",
            128,
            16,
            "changes in the window; a power of two is cut without a rest",
        )
    }],
    outputs: VALUE,
    parity: Parity::Absolute(1e-9),
    source: Source::Published(
        "Mandelbrot and Wallis 1969, Robustness of the Rescaled Range R/S, Water Resources Research 5(5); Peters 1994, Fractal \
         Market Analysis, chapter 4; nolds.hurst_rs with these lengths and without corrections",
    ),
    version: 2,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let rows = params.period(0);
        let [change] = graph.map(LogChange, [inputs[0], inputs[0].lag(1)], []);
        let mut sums = point(graph, change, rows, 0);
        for power in 1.. {
            if rows >> power < SHORTEST {
                break;
            }
            let more = point(graph, change, rows, power);
            let both = std::array::from_fn(|i| [sums, more][i / SUMS][i % SUMS]);
            sums = graph.map(Plus, both, []);
        }
        graph.map(Slope, sums, []).to_vec()
    },
};

/// Sums that a line is laid with: the number of points, x, y, x squared and x times y.
const SUMS: usize = 5;

/// The point of the length that the window has when it is halved so often, if anything moved in it.
fn point(graph: &mut Graph, change: Series, rows: usize, halvings: usize) -> [Series; SUMS] {
    let length = rows >> halvings;
    let mean = window::mean(graph, change, length);
    let row = [mean, change];
    let [ratio] = graph.rolling(RescaledRange, [change], row, length, [length as f64]);
    let [mut total, mut count] = graph.map(Counted, [ratio], []);
    for power in 0..halvings {
        let lag = length << power;
        let parts = [total, count, total.lag(lag), count.lag(lag)];
        [total, count] = graph.map(BothParts, parts, []);
    }
    graph.map(Point, [total, count], [ln(length as f64)])
}

map! {
    /// Logarithm of a quotient of prices.
    LogChange: [now, before], [] => 1 { [ln(now / before)] }
}

/// Range of the running total of distances from the mean, over their standard deviation; -1 where nothing differs. The total
/// runs from the newest row back, which turns its sign and leaves its range, and ends at zero, where both begin.
struct RescaledRange;

impl Rolling<1, 2, 5, 1, 1> for RescaledRange {
    const PART: usize = usize::MAX;

    #[inline(always)]
    fn add(
        [total, low, high, squares, differing]: [f64; 5],
        [x]: [f64; 1],
        _: f64,
        [mean, newest]: [f64; 2],
        _: [f64; 1],
    ) -> [f64; 5] {
        let distance = x - mean;
        let total = total + distance;
        [
            total,
            if total < low { total } else { low },
            if total > high { total } else { high },
            squares + distance * distance,
            if x == newest { differing } else { 1.0 },
        ]
    }

    #[inline(always)]
    fn end(
        [_, low, high, squares, differing]: [f64; 5],
        _: [f64; 2],
        [count]: [f64; 1],
    ) -> [f64; 1] {
        let ratio = (high - low) / (squares / count).sqrt();
        [if differing == 0.0 { -1.0 } else { ratio }]
    }
}

map! {
    /// A ratio counts once, none does not; NaN stays what it is.
    Counted: [ratio], [] => 2 {
        let none = ratio < 0.0;
        [if none { 0.0 } else { ratio }, if none { 0.0 } else { 1.0 }]
    }
}

map! {
    /// Sum and number of the ratios of two neighbours.
    BothParts: [total, count, older_total, older_count], [] => 2 { [total + older_total, count + older_count] }
}

map! {
    /// What a point adds to the sums: the logarithms of a length and of its mean ratio.
    Point: [total, count], [x] => 5 {
        let y = ln(total / count);
        let some = count > 0.0;
        let of = |value: f64| if some { value } else { 0.0 };
        [of(1.0), of(x), of(y), of(x * x), of(x * y)]
    }
}

map! {
    /// Sums of both.
    Plus: [n, x, y, xx, xy, more_n, more_x, more_y, more_xx, more_xy], [] => 5 {
        [n + more_n, x + more_x, y + more_y, xx + more_xx, xy + more_xy]
    }
}

map! {
    /// Slope of the least-squares line; NaN for less than two points.
    Slope: [n, x, y, xx, xy], [] => 1 {
        let slope = (n * xy - x * y) / (n * xx - x * x);
        [if n > 1.0 { slope } else { f64::NAN }]
    }
}

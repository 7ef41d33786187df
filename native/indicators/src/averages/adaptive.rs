//! Averages whose weight follows the market: Kaufman's and Chande's.

use crate::{
    graph::{Graph, Series},
    map,
    scan::Scan,
    window,
};

/// Kaufman's adaptive moving average: an EMA between 2 and 30 rows, the faster the straighter the way of the last `period`
/// rows.
pub fn kama(graph: &mut Graph, input: Series, period: usize) -> Series {
    if period == 1 {
        return input;
    }
    let [step] = graph.map(Distance, [input, input.lag(1)], []);
    let way = window::sum(graph, step, period);
    let slowest = 2.0 / (30.0 + 1.0);
    let range = 2.0 / (2.0 + 1.0) - slowest;
    let k = [range, slowest];
    let [weight] = graph.map(KamaWeight, [input, input.lag(period), way], k);
    let [kama] = graph.scan(Approach, [input, input.lag(1), weight], [], 0);
    kama
}

/// Chande's variable index dynamic average: an EMA of `period` rows whose weight is multiplied by the size of the momentum
/// oscillator over `momentum` rows.
pub fn vidya(graph: &mut Graph, input: Series, period: usize, momentum: usize) -> Series {
    if period == 1 {
        return input;
    }
    let alpha = 2.0 / (period + 1) as f64;
    let [up, down] = graph.map(UpAndDown, [input, input.lag(1)], []);
    // Up to the first full window the oscillator is that of all rows so far.
    let warm_up = [alpha, momentum as f64];
    let [begin] = graph.scan(VidyaWarmUp, [input, input.lag(1), up, down], warm_up, 0);
    let up = window::sum(graph, up, momentum);
    let down = window::sum(graph, down, momentum);
    let [weight] = graph.map(VidyaWeight, [up, down], [alpha]);
    let [vidya] = graph.scan(Continue, [input, begin, weight], [], 0);
    vidya
}

map! {
    /// How far two values are from each other.
    Distance: [a, b], [] => 1 { [(a - b).abs()] }
}

map! {
    /// Squared weight between the slowest and the fastest: how much of the way led somewhere.
    KamaWeight: [now, before, way], [range, slowest] => 1 {
        let gain = now - before;
        let share = (gain / way).abs();
        let straight = (way <= 0.0) | (way <= gain) | (share > 1.0);
        let share = if straight { 1.0 } else { share };
        let weight = share.mul_add(range, slowest);
        [weight * weight]
    }
}

map! {
    /// Rise and fall since the row before, both positive.
    UpAndDown: [now, before], [] => 2 {
        let change = now - before;
        let up = (change + change.abs()) * 0.5;
        [up, up - change]
    }
}

/// The weight of a row, from the sums of rises and falls.
#[inline(always)]
fn vidya_weight(up: f64, down: f64, alpha: f64) -> f64 {
    let total = up + down;
    if total > 0.0 {
        alpha * ((100.0 * (up - down) / total).abs() / 100.0)
    } else {
        0.0
    }
}

map! {
    /// Weight from the sums of rises and falls.
    VidyaWeight: [up, down], [alpha] => 1 { [vidya_weight(up, down, alpha)] }
}

/// An average that goes the given share of the way to each value; it begins at the value before the first.
struct Approach;

impl Scan<3, 1, 1, 0> for Approach {
    #[inline(always)]
    fn step(
        [average]: &mut [f64; 1],
        row: u64,
        [x, before, weight]: [f64; 3],
        _: [f64; 0],
    ) -> [f64; 1] {
        if row == 0 {
            *average = before;
        }
        *average = (x - *average).mul_add(weight, *average);
        [*average]
    }
}

/// The first rows of a VIDYA, with sums over all rows so far; later it stands still.
struct VidyaWarmUp;

impl Scan<4, 1, 3, 2> for VidyaWarmUp {
    #[inline(always)]
    fn step(
        [average, ups, downs]: &mut [f64; 3],
        row: u64,
        [x, before, up, down]: [f64; 4],
        [alpha, rows]: [f64; 2],
    ) -> [f64; 1] {
        if row == 0 {
            *average = before;
        }
        if row < rows as u64 {
            *ups += up;
            *downs += down;
            let weight = vidya_weight(*ups, *downs, alpha);
            *average = (x - *average).mul_add(weight, *average);
        }
        [*average]
    }
}

/// As [`Approach`], begun with the value of another average.
struct Continue;

impl Scan<3, 1, 1, 0> for Continue {
    #[inline(always)]
    fn step(
        [average]: &mut [f64; 1],
        row: u64,
        [x, begin, weight]: [f64; 3],
        _: [f64; 0],
    ) -> [f64; 1] {
        *average = if row == 0 {
            begin
        } else {
            (x - *average).mul_add(weight, *average)
        };
        [*average]
    }
}

//! Mean and sum of squared deviations of a window, without cancellation.
//!
//! A block keeps `offset`, the sum of its values minus its newest value, and `squares`, the sum of squared deviations from
//! its own mean. Both have the scale of the window's spread, so the price level cannot cancel, and merging adds positive
//! terms only (Chan, Golub and LeVeque 1979).

use super::{blocks, divide};
use crate::{
    graph::{Graph, Series},
    map::Map,
};

/// Moments of the last `period` rows; turned into results by the map of the definition.
#[derive(Debug, Clone, Copy)]
pub struct Moments {
    /// The newest value.
    pub newest: Series,
    /// Sum of the values, each minus the newest.
    pub offset: Series,
    /// Sum of squared deviations from the mean.
    pub squares: Series,
    /// Number of rows.
    pub period: usize,
}

/// Mean and standard deviation (of the population) from moments, for maps.
#[inline(always)]
pub fn mean_and_deviation(
    newest: f64,
    offset: f64,
    squares: f64,
    count: f64,
    reciprocal: f64,
) -> (f64, f64) {
    (
        newest + divide(offset, count, reciprocal),
        divide(squares, count, reciprocal).sqrt(),
    )
}

/// Moments of `N` single values, newest first.
struct Leaf<const N: usize>;

impl<const N: usize> Map<N, 2, 0> for Leaf<N> {
    #[inline(always)]
    fn at(x: [f64; N], _: [f64; 0]) -> [f64; 2] {
        let (mut offset, mut squares) = (0.0, 0.0);
        for n in 1..N {
            let count = n as f64;
            let step = x[n] - x[0];
            let gap = offset * (1.0 / count) - step;
            squares = (gap * (count / (count + 1.0))).mul_add(gap, squares);
            offset += step;
        }
        [offset, squares]
    }
}

/// Merges blocks, newest first. Inputs per block: newest value, offset, squares. Constants per merge: reciprocal of the
/// rows so far, reciprocal of the block's rows, the block's rows, and the weight of the squared gap.
macro_rules! merge {
    ($name:ident, $blocks:literal, $inputs:literal, $constants:literal) => {
        struct $name;

        impl Map<$inputs, 2, $constants> for $name {
            #[inline(always)]
            fn at(x: [f64; $inputs], k: [f64; $constants]) -> [f64; 2] {
                let (mut offset, mut squares) = (x[1], x[2]);
                for block in 1..$blocks {
                    let [newest, its_offset, its_squares] =
                        [x[3 * block], x[3 * block + 1], x[3 * block + 2]];
                    let at = 4 * (block - 1);
                    let step = k[at + 2].mul_add(newest - x[0], its_offset);
                    let gap = offset * k[at] - step * k[at + 1];
                    squares = (gap * k[at + 3]).mul_add(gap, squares + its_squares);
                    offset += step;
                }
                [offset, squares]
            }
        }
    };
}
merge!(Merge2, 2, 6, 4);
merge!(Merge3, 3, 9, 8);
merge!(Merge4, 4, 12, 12);
merge!(Merge5, 5, 15, 16);

/// Most blocks that one map merges.
const MERGED: usize = 5;

/// A block of the window: its moments and its place.
#[derive(Clone, Copy)]
struct Block {
    newest: Series,
    offset: Series,
    squares: Series,
    length: usize,
}

impl Block {
    fn lag(self, rows: usize) -> Self {
        Self {
            newest: self.newest.lag(rows),
            offset: self.offset.lag(rows),
            squares: self.squares.lag(rows),
            length: self.length,
        }
    }
}

/// Moments of the last `period` values; at least two.
pub fn moments(graph: &mut Graph, input: Series, period: usize) -> Moments {
    let mut parts: Vec<Block> = Vec::new();
    let mut singles = 0;
    for (lag, length) in blocks(period, MERGED + 2) {
        if length == 1 {
            singles += 1;
        } else {
            if parts.is_empty() && singles > 0 {
                parts.push(leaf(graph, input, singles));
            }
            parts.push(block(graph, input, length).lag(lag));
        }
    }
    if parts.is_empty() {
        parts.push(leaf(graph, input, singles));
    }
    while parts.len() > MERGED {
        let front = merge(graph, &parts[..4]);
        parts.splice(..4, [front]);
    }
    let Block {
        newest,
        offset,
        squares,
        ..
    } = merge(graph, &parts);
    Moments {
        newest,
        offset,
        squares,
        period,
    }
}

/// The newest `length` values, one to seven.
fn leaf(graph: &mut Graph, input: Series, length: usize) -> Block {
    macro_rules! of {
        ($n:literal) => {
            graph.map(Leaf::<$n>, std::array::from_fn(|i| input.lag(i)), [])
        };
    }
    let [offset, squares] = match length {
        1 => of!(1),
        2 => of!(2),
        3 => of!(3),
        4 => of!(4),
        5 => of!(5),
        6 => of!(6),
        _ => of!(7),
    };
    Block {
        newest: input,
        offset,
        squares,
        length,
    }
}

/// Blocks whose length is a power of four, at least four.
fn block(graph: &mut Graph, input: Series, length: usize) -> Block {
    if length == 4 {
        return leaf(graph, input, 4);
    }
    let part = length / 4;
    let quarter = block(graph, input, part);
    merge(
        graph,
        &[
            quarter,
            quarter.lag(part),
            quarter.lag(2 * part),
            quarter.lag(3 * part),
        ],
    )
}

fn merge(graph: &mut Graph, parts: &[Block]) -> Block {
    let series: Vec<Series> = parts
        .iter()
        .flat_map(|part| [part.newest, part.offset, part.squares])
        .collect();
    let mut constants = Vec::new();
    let mut rows = 0;
    for part in parts {
        if rows > 0 {
            let (before, here) = (rows as f64, part.length as f64);
            constants.extend([
                1.0 / before,
                1.0 / here,
                here,
                before * here / (before + here),
            ]);
        }
        rows += part.length;
    }
    macro_rules! with {
        ($map:ident) => {
            graph.map(
                $map,
                std::array::from_fn(|i| series[i]),
                std::array::from_fn(|i| constants[i]),
            )
        };
    }
    let [offset, squares] = match parts.len() {
        1 => return parts[0],
        2 => with!(Merge2),
        3 => with!(Merge3),
        4 => with!(Merge4),
        _ => with!(Merge5),
    };
    Block {
        newest: parts[0].newest,
        offset,
        squares,
        length: rows,
    }
}

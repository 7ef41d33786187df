//! Products of matrices, for training.
//!
//! The right factor is packed once, column block by column block, and then serves many left factors: an LSTM multiplies by the
//! same weights at every step, so packing would otherwise be a good part of the work. The left factor is read where it
//! lies. A tile of a few rows and four registers of columns keeps its sums in registers while it runs over the inner size,
//! and the inner size is cut so that a block of the right factor stays in the first cache.
//!
//! As in the kernels for scoring, each sum has one order with fused multiply-adds, so results have the same bits on every
//! processor.

use super::Kernel;
use super::vector::{Lanes, Vector};
use financelake_indicators::simd::Level;

/// Registers of columns that a tile has at most.
const WIDTH: usize = 4;
/// The most that is summed up in registers before it goes to memory: a block of so many rows, of 64 columns at most,
/// stays in the first cache. It decides the order of no sum: what was summed up is where the next block begins.
const DEPTH: usize = 128;

/// A matrix in row-major memory, `rows` by `columns`; a transposed one is read the other way round.
#[derive(Clone, Copy)]
pub(crate) struct Matrix<'a> {
    values: &'a [f32],
    rows: usize,
    columns: usize,
    row_step: usize,
    column_step: usize,
}

impl<'a> Matrix<'a> {
    pub(crate) fn new(values: &'a [f32], rows: usize, columns: usize) -> Self {
        assert_eq!(values.len(), rows * columns, "a matrix has all its values");
        Self {
            values,
            rows,
            columns,
            row_step: columns,
            column_step: 1,
        }
    }

    pub(crate) fn transposed(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            row_step: self.column_step,
            column_step: self.row_step,
            ..self
        }
    }
}

/// The right factor of products: per block of columns, row after row, with zeros where the last block is not full.
#[derive(Debug)]
pub(crate) struct Packed {
    kernel: Kernel,
    rows: usize,
    columns: usize,
    values: Vec<f32>,
}

impl Packed {
    pub(crate) fn new(matrix: Matrix<'_>) -> Self {
        Self::at(Kernel::new(Level::detect()), matrix)
    }

    /// For the kernels of a level.
    pub(crate) fn at(kernel: Kernel, matrix: Matrix<'_>) -> Self {
        let mut packed = Self {
            kernel,
            rows: 0,
            columns: 0,
            values: Vec::new(),
        };
        packed.fill(matrix);
        packed
    }

    /// Takes another matrix, in the memory that is there.
    pub(crate) fn fill(&mut self, matrix: Matrix<'_>) {
        let Matrix {
            rows,
            columns,
            row_step,
            column_step,
            values,
        } = matrix;
        (self.rows, self.columns) = (rows, columns);
        let width = WIDTH * self.kernel.lanes();
        self.values.clear();
        self.values.reserve(rows * columns.next_multiple_of(width));
        for first in (0..columns).step_by(width) {
            let count = width.min(columns - first);
            for row in 0..rows {
                let at = row * row_step + first * column_step;
                if column_step == 1 {
                    self.values.extend_from_slice(&values[at..at + count]);
                } else {
                    let strided = values[at..].iter().step_by(column_step);
                    self.values.extend(strided.take(count));
                }
                self.values.resize(self.values.len() + width - count, 0.0);
            }
        }
    }
}

/// `result += a * b`; the result is row-major.
///
/// # Panics
/// When the shapes do not fit.
pub(crate) fn multiply(a: Matrix<'_>, b: &Packed, result: &mut [f32]) {
    assert_eq!(a.columns, b.rows, "the inner sizes are equal");
    assert_eq!(result.len(), a.rows * b.columns, "the result has its size");
    // SAFETY: `Kernel` is made from levels that the processor has only. The factors have rows times columns values at their
    // steps, as `Matrix::new` and `Packed::fill` saw to, and the result its own, as checked here.
    unsafe {
        match b.kernel.0 {
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => x86::avx512(&a, b, result),
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => x86::avx2(&a, b, result),
            _ => run::<Lanes<8>>(&a, b, result),
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{__m256, __m512};

    use super::{Matrix, Packed, run};

    /// With AVX2 and FMA.
    ///
    /// # Safety
    /// As for [`run`].
    #[target_feature(enable = "avx2,fma,bmi1,bmi2")]
    pub(super) unsafe fn avx2(a: &Matrix<'_>, b: &Packed, result: &mut [f32]) {
        // SAFETY: the caller's promise.
        unsafe { run::<__m256>(a, b, result) }
    }

    /// With AVX-512.
    ///
    /// # Safety
    /// As for [`run`].
    #[target_feature(enable = "avx2,fma,bmi1,bmi2,avx512f,avx512vl,avx512dq,avx512bw")]
    pub(super) unsafe fn avx512(a: &Matrix<'_>, b: &Packed, result: &mut [f32]) {
        // SAFETY: the caller's promise.
        unsafe { run::<__m512>(a, b, result) }
    }
}

/// A part of a product: some rows of a left factor, a block of a right one, and where the sums go.
struct Block {
    a: *const f32,
    row_step: usize,
    column_step: usize,
    b: *const f32,
    depth: usize,
    result: *mut f32,
    /// From row to row of the result.
    stride: usize,
    /// Columns that the result has here.
    columns: usize,
}

/// Runs over the inner size in pieces, over the blocks of columns, and over the rows.
///
/// # Safety
/// The processor has the register's instructions, the right factor is packed for it, and the sizes fit.
#[inline(always)]
unsafe fn run<V: Vector>(a: &Matrix<'_>, b: &Packed, result: &mut [f32]) {
    let width = WIDTH * V::LANES;
    for from in (0..b.rows).step_by(DEPTH) {
        for first in (0..b.columns).step_by(width) {
            // SAFETY: both places are inside, since `from` and `first` are below the sizes.
            let block = unsafe {
                Block {
                    a: a.values.as_ptr().add(from * a.column_step),
                    row_step: a.row_step,
                    column_step: a.column_step,
                    b: b.values.as_ptr().add(first * b.rows + from * width),
                    depth: DEPTH.min(b.rows - from),
                    result: result.as_mut_ptr().add(first),
                    stride: b.columns,
                    columns: width.min(b.columns - first),
                }
            };
            // SAFETY: the block is one of the product's.
            unsafe {
                match block.columns.div_ceil(V::LANES) {
                    1 => rows::<V, 1>(block, a.rows),
                    2 => rows::<V, 2>(block, a.rows),
                    3 => rows::<V, 3>(block, a.rows),
                    _ => rows::<V, WIDTH>(block, a.rows),
                }
            }
        }
    }
}

#[inline(always)]
unsafe fn rows<V: Vector, const C: usize>(mut block: Block, count: usize) {
    let mut row = 0;
    while row < count {
        let taken = V::ROWS.min(count - row);
        // SAFETY: the rows are below `count`.
        unsafe {
            match taken {
                1 => tile::<V, 1, C>(&block),
                2 => tile::<V, 2, C>(&block),
                3 => tile::<V, 3, C>(&block),
                4 => tile::<V, 4, C>(&block),
                5 => tile::<V, 5, C>(&block),
                _ => tile::<V, 6, C>(&block),
            }
            row += taken;
            if row < count {
                block.a = block.a.add(taken * block.row_step);
                block.result = block.result.add(taken * block.stride);
            }
        }
    }
}

/// `R` rows and `C` registers of columns.
#[inline(always)]
unsafe fn tile<V: Vector, const R: usize, const C: usize>(block: &Block) {
    let width = WIDTH * V::LANES;
    let full = block.columns >= C * V::LANES;
    // SAFETY: each row has `depth` values at its step, the block of the right factor `depth` rows of `width`, the result
    // `columns` values in each of its rows; what reaches behind them goes through memory of its own.
    unsafe {
        let mut sums = [[V::splat(0.0); C]; R];
        // The columns that are there, where the last register is not full.
        let mut edge = [0.0_f32; 64];
        for (r, sums) in sums.iter_mut().enumerate() {
            let at = block.result.add(r * block.stride);
            let from = if full {
                at.cast_const()
            } else {
                std::ptr::copy_nonoverlapping(at, edge.as_mut_ptr(), block.columns);
                edge.as_ptr()
            };
            for (c, sum) in sums.iter_mut().enumerate() {
                *sum = V::load(from.add(c * V::LANES));
            }
        }
        let mut b = block.b;
        for k in 0..block.depth {
            let mut columns = [V::splat(0.0); C];
            for (c, column) in columns.iter_mut().enumerate() {
                *column = V::load(b.add(c * V::LANES));
            }
            for (r, sums) in sums.iter_mut().enumerate() {
                let value = *block.a.add(r * block.row_step + k * block.column_step);
                let value = V::splat(value);
                for c in 0..C {
                    sums[c] = columns[c].fma(value, sums[c]);
                }
            }
            b = b.add(width);
        }
        for (r, sums) in sums.iter().enumerate() {
            let at = block.result.add(r * block.stride);
            let to = if full { at } else { edge.as_mut_ptr() };
            for (c, sum) in sums.iter().enumerate() {
                sum.store(to.add(c * V::LANES));
            }
            if !full {
                std::ptr::copy_nonoverlapping(edge.as_ptr(), at, block.columns);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    fn numbers(count: usize, random: &mut Random) -> Vec<f32> {
        (0..count).map(|_| random.uniform(-1.0, 1.0)).collect()
    }

    /// All shapes around the sizes of tiles and blocks, both factors either way round, against sums in double precision.
    #[test]
    fn products_are_those_of_the_definition_and_have_the_same_bits_at_every_level() {
        let mut random = Random::of(5, 0);
        let sizes = [1, 2, 3, 6, 7, 13, 16, 31, 64, 65, 130];
        for case in 0..300 {
            let mut size = || sizes[random.below(sizes.len())];
            let (m, k, n) = (size(), size(), size() + case % 3);
            let (left, right) = (numbers(m * k, &mut random), numbers(k * n, &mut random));
            let before = numbers(m * n, &mut random);
            let a = match case % 2 {
                0 => Matrix::new(&left, m, k),
                _ => Matrix::new(&left, k, m).transposed(),
            };
            let b = match case % 5 {
                0 => Matrix::new(&right, n, k).transposed(),
                _ => Matrix::new(&right, k, n),
            };
            let levels = [Level::Portable, Level::Avx2, Level::Avx512];
            let results = levels.map(|level| {
                let mut result = before.clone();
                multiply(a, &Packed::at(Kernel::new(level), b), &mut result);
                result
            });
            let bits = |values: &[f32]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&results[0]), bits(&results[1]), "{m} {k} {n}");
            assert_eq!(bits(&results[0]), bits(&results[2]), "{m} {k} {n}");
            for row in 0..m {
                for column in 0..n {
                    let at = |m: &Matrix<'_>, row, column| {
                        f64::from(m.values[row * m.row_step + column * m.column_step])
                    };
                    let sum: f64 = (0..k).map(|i| at(&a, row, i) * at(&b, i, column)).sum();
                    let wanted = sum + f64::from(before[row * n + column]);
                    let found = f64::from(results[2][row * n + column]);
                    assert!(
                        (found - wanted).abs() < 1e-5,
                        "{m} {k} {n}: {found} {wanted}"
                    );
                }
            }
        }
    }
}

//! The body of the kernels, for any register.

use super::vector::{Lanes, Vector};
use super::{Layer, Scratch};
use crate::weights::GATES;

/// What goes through the layers.
pub(super) struct Pass<'a> {
    pub(super) layers: &'a [Layer; 2],
    pub(super) window: usize,
    pub(super) features: &'a [f32],
    pub(super) starts: &'a [usize],
}

/// For every processor.
///
/// # Safety
/// As for [`run`].
pub(super) unsafe fn portable(pass: &Pass<'_>, scratch: &mut Scratch) {
    // SAFETY: the caller's promise.
    unsafe { run::<Lanes<8>>(pass, scratch) }
}

#[cfg(target_arch = "x86_64")]
pub(super) mod x86 {
    use std::arch::x86_64::{__m256, __m512};

    use super::{Pass, Scratch, run};

    /// With AVX2 and FMA.
    ///
    /// # Safety
    /// As for [`run`].
    #[target_feature(enable = "avx2,fma,bmi1,bmi2")]
    pub(in super::super) unsafe fn avx2(pass: &Pass<'_>, scratch: &mut Scratch) {
        // SAFETY: the caller's promise.
        unsafe { run::<__m256>(pass, scratch) }
    }

    /// With AVX-512.
    ///
    /// # Safety
    /// As for [`run`].
    #[target_feature(enable = "avx2,fma,bmi1,bmi2,avx512f,avx512vl,avx512dq,avx512bw")]
    pub(in super::super) unsafe fn avx512(pass: &Pass<'_>, scratch: &mut Scratch) {
        // SAFETY: the caller's promise.
        unsafe { run::<__m512>(pass, scratch) }
    }
}

/// Runs all rows through all steps; the results are the hidden values of the second layer.
///
/// # Safety
/// The processor has the register's instructions; windows lie in the features; layers are packed for the register; the
/// scratch is that of the layers.
#[inline(always)]
unsafe fn run<V: Vector>(pass: &Pass<'_>, scratch: &mut Scratch) {
    let [first, second] = pass.layers;
    let rows = pass.starts.len();
    for (cells, layer) in scratch.cells.iter_mut().zip(pass.layers) {
        cells[..rows * layer.stride].fill(0.0);
    }
    let [cells1, cells2] = scratch.cells.each_mut().map(|cells| cells.as_mut_ptr());
    let [hidden1, hidden2] = scratch
        .hidden
        .each_mut()
        .map(|pair| pair.each_mut().map(|values| values.as_mut_ptr()));
    let features = pass.features.as_ptr();
    for step in 0..pass.window {
        let (old, new) = (step & 1, (step + 1) & 1);
        let before = |hidden: [*mut f32; 2]| {
            if step == 0 {
                std::ptr::null()
            } else {
                hidden[old].cast_const()
            }
        };
        // SAFETY: the windows lie in the features, and every row has its place in the states. Reads of one step are from
        // `old`, or of the first layer's `new` after it was written.
        unsafe {
            advance::<V>(
                first,
                rows,
                |row| features.add(pass.starts[row] + step * first.inputs),
                before(hidden1),
                cells1,
                hidden1[new],
            );
            advance::<V>(
                second,
                rows,
                |row| hidden1[new].add(row * first.stride).cast_const(),
                before(hidden2),
                cells2,
                hidden2[new],
            );
        }
    }
}

/// One step of one layer. Units are the outer loop, so that their weights stay in the first cache while the rows pass.
#[inline(always)]
unsafe fn advance<V: Vector>(
    layer: &Layer,
    rows: usize,
    input: impl Fn(usize) -> *const f32,
    old: *const f32,
    cells: *mut f32,
    new: *mut f32,
) {
    let blocks = layer.stride / V::LANES;
    if rows == 1 {
        // A single row has too few sums to keep the processor busy; so two blocks of units go together.
        for block in (0..blocks).step_by(2) {
            // SAFETY: the blocks are those of the layer, the row is the only one.
            unsafe {
                match blocks - block {
                    1 => single::<V, 1>(layer, block, input(0), old, cells, new),
                    _ => single::<V, 2>(layer, block, input(0), old, cells, new),
                }
            }
        }
        return;
    }
    for block in 0..blocks {
        let mut row = 0;
        while row < rows {
            let count = V::ROWS.min(rows - row);
            // SAFETY: the rows are below `rows`, the block is one of the layer's.
            unsafe {
                match count {
                    1 => tile::<V, 1>(layer, block, row, &input, old, cells, new),
                    2 => tile::<V, 2>(layer, block, row, &input, old, cells, new),
                    3 => tile::<V, 3>(layer, block, row, &input, old, cells, new),
                    4 => tile::<V, 4>(layer, block, row, &input, old, cells, new),
                    5 => tile::<V, 5>(layer, block, row, &input, old, cells, new),
                    _ => tile::<V, 6>(layer, block, row, &input, old, cells, new),
                }
            }
            row += count;
        }
    }
}

/// A register of units for `R` rows, from the gate sums to the new hidden values.
#[inline(always)]
unsafe fn tile<V: Vector, const R: usize>(
    layer: &Layer,
    block: usize,
    row: usize,
    input: &impl Fn(usize) -> *const f32,
    old: *const f32,
    cells: *mut f32,
    new: *mut f32,
) {
    let tile = GATES * V::LANES;
    let (inputs, units, stride) = (layer.inputs, layer.units, layer.stride);
    // SAFETY: the packed layer has a bias tile and `inputs + units` weight tiles per block; rows and states are the
    // caller's promise.
    unsafe {
        let bias = layer.bias.as_ptr().add(block * tile);
        let weights = layer.weights.as_ptr().add(block * tile * (inputs + units));
        let mut sums = [[V::splat(0.0); GATES]; R];
        for sums in &mut sums {
            for (gate, sum) in sums.iter_mut().enumerate() {
                *sum = V::load(bias.add(gate * V::LANES));
            }
        }
        let mut from = [std::ptr::null(); R];
        for (r, from) in from.iter_mut().enumerate() {
            *from = input(row + r);
        }
        accumulate::<V, R>(&mut sums, weights, &from, inputs);
        if !old.is_null() {
            for (r, from) in from.iter_mut().enumerate() {
                *from = old.add((row + r) * stride);
            }
            accumulate::<V, R>(&mut sums, weights.add(inputs * tile), &from, units);
        }
        for (r, sums) in sums.iter().enumerate() {
            let at = (row + r) * stride + block * V::LANES;
            let (cell, hidden) = update(sums, V::load(cells.add(at)));
            cell.store(cells.add(at));
            hidden.store(new.add(at));
        }
    }
}

/// `B` registers of units for the only row.
#[inline(always)]
unsafe fn single<V: Vector, const B: usize>(
    layer: &Layer,
    block: usize,
    input: *const f32,
    old: *const f32,
    cells: *mut f32,
    new: *mut f32,
) {
    let tile = GATES * V::LANES;
    let size = tile * (layer.inputs + layer.units);
    // SAFETY: as for `tile`.
    unsafe {
        let bias = layer.bias.as_ptr().add(block * tile);
        let weights = layer.weights.as_ptr().add(block * size);
        let mut sums = [[V::splat(0.0); GATES]; B];
        for (b, sums) in sums.iter_mut().enumerate() {
            for (gate, sum) in sums.iter_mut().enumerate() {
                *sum = V::load(bias.add(b * tile + gate * V::LANES));
            }
        }
        accumulate_blocks::<V, B>(&mut sums, weights, size, input, layer.inputs);
        if !old.is_null() {
            let weights = weights.add(layer.inputs * tile);
            accumulate_blocks::<V, B>(&mut sums, weights, size, old, layer.units);
        }
        for (b, sums) in sums.iter().enumerate() {
            let at = (block + b) * V::LANES;
            let (cell, hidden) = update(sums, V::load(cells.add(at)));
            cell.store(cells.add(at));
            hidden.store(new.add(at));
        }
    }
}

/// Adds the products of `count` values of a row with the weights of `B` blocks, which are `size` apart.
#[inline(always)]
unsafe fn accumulate_blocks<V: Vector, const B: usize>(
    sums: &mut [[V; GATES]; B],
    mut weights: *const f32,
    size: usize,
    from: *const f32,
    count: usize,
) {
    for k in 0..count {
        // SAFETY: the row has `count` values, and each of them a tile of weights per block.
        unsafe {
            let value = V::splat(*from.add(k));
            for (b, sums) in sums.iter_mut().enumerate() {
                for (gate, sum) in sums.iter_mut().enumerate() {
                    let weights = V::load(weights.add(b * size + gate * V::LANES));
                    *sum = weights.fma(value, *sum);
                }
            }
            weights = weights.add(GATES * V::LANES);
        }
    }
}

/// Adds the products of `count` values of each row with their weights, one value after the other.
#[inline(always)]
unsafe fn accumulate<V: Vector, const R: usize>(
    sums: &mut [[V; GATES]; R],
    mut weights: *const f32,
    from: &[*const f32; R],
    count: usize,
) {
    for k in 0..count {
        // SAFETY: each row has `count` values, and each of them a tile of weights.
        unsafe {
            let tile = [
                V::load(weights),
                V::load(weights.add(V::LANES)),
                V::load(weights.add(2 * V::LANES)),
                V::load(weights.add(3 * V::LANES)),
            ];
            for r in 0..R {
                let value = V::splat(*from[r].add(k));
                for gate in 0..GATES {
                    sums[r][gate] = tile[gate].fma(value, sums[r][gate]);
                }
            }
            weights = weights.add(GATES * V::LANES);
        }
    }
}

/// The new cell and hidden value of the sums of input, forget, cell and output gate, which packing has scaled to be the powers
/// of two that are needed ([`SCALES`](super::SCALES)); with two divisions: `c' = (c (1+i)(1+g) + (1-g)(1+f)) / ((1+i)(1+g)(1+f))` and `h = (1-e) / ((1+o)(1+e))`, where i, f and o stand for `e^-x`
/// of their sums, g for `e^-2x`, and e for `e^-2c'`.
#[inline(always)]
unsafe fn update<V: Vector>(sums: &[V; GATES], cell: V) -> (V, V) {
    // SAFETY: the caller's promise about the processor.
    unsafe {
        let one = V::splat(1.0);
        let [input, forget, candidate, output] =
            [exp2(sums[0]), exp2(sums[1]), exp2(sums[2]), exp2(sums[3])];
        let kept = one.add(input).mul(one.add(candidate));
        let forgotten = one.add(forget);
        let sum = cell.fma(kept, one.sub(candidate).mul(forgotten));
        let cell = sum.div(kept.mul(forgotten));
        let shown = exp2(cell.mul(V::splat(-2.0 * std::f32::consts::LOG2_E)));
        let hidden = one.sub(shown).div(one.add(output).mul(one.add(shown)));
        (cell, hidden)
    }
}

/// `2^x` with a relative error below 2e-7; `x` beyond +-40 counts as +-40, which keeps products of three finite.
#[inline(always)]
pub(super) unsafe fn exp2<V: Vector>(x: V) -> V {
    /// Adding it rounds to a whole number, which then stands in the lowest bits.
    const WHOLE: f32 = 12_582_912.0;
    /// A polynomial for `2^r`, `r` from -0.5 to 0.5, highest power first.
    #[allow(clippy::approx_constant, reason = "fitted, so not quite ln 2")]
    const POWERS: [f32; 6] = [
        1.326_472_7e-3,
        9.671_513e-3,
        5.550_733_6e-2,
        2.402_224_2e-1,
        6.931_47e-1,
        1.0,
    ];
    // SAFETY: the caller's promise about the processor.
    unsafe {
        let x = x.min(V::splat(40.0)).max(V::splat(-40.0));
        let shifted = x.add(V::splat(WHOLE));
        let rest = x.sub(shifted.sub(V::splat(WHOLE)));
        let mut power = V::splat(POWERS[0]);
        for factor in &POWERS[1..] {
            power = power.fma(rest, V::splat(*factor));
        }
        power.raise(shifted)
    }
}

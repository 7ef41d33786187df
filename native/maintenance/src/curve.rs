//! Curves through a grid: they order cells so that neighbours on the curve are neighbours in the grid.

/// Bits of a coordinate; four columns still fit in a key.
pub(crate) const BITS: u32 = 14;

/// The place of a cell on the Z-order curve: the bits of its coordinates in turn, the first column's first.
pub(crate) fn zorder(cell: &[u32]) -> u64 {
    let mut key = 0;
    for bit in (0..BITS).rev() {
        for coordinate in cell {
            key = key << 1 | u64::from(coordinate >> bit & 1);
        }
    }
    key
}

/// The place of a cell on the Hilbert curve, after J. Skilling, "Programming the Hilbert curve", AIP Conference
/// Proceedings 707 (2004).
pub(crate) fn hilbert(cell: &[u32]) -> u64 {
    let mut x = cell.to_vec();
    let Some(last) = x.len().checked_sub(1) else {
        return 0;
    };
    let mut bit = 1 << (BITS - 1);
    while bit > 1 {
        let low = bit - 1;
        for index in 0..x.len() {
            if x[index] & bit != 0 {
                x[0] ^= low;
            } else {
                let flip = (x[0] ^ x[index]) & low;
                x[0] ^= flip;
                x[index] ^= flip;
            }
        }
        bit >>= 1;
    }
    for index in 1..x.len() {
        x[index] ^= x[index - 1];
    }
    let mut parity = 0;
    let mut bit = 1 << (BITS - 1);
    while bit > 1 {
        if x[last] & bit != 0 {
            parity ^= bit - 1;
        }
        bit >>= 1;
    }
    x.iter_mut().for_each(|coordinate| *coordinate ^= parity);
    zorder(&x)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every cell of a corner of the grid, in the order of a curve; the corner is one piece of it.
    fn walk(curve: fn(&[u32]) -> u64, columns: usize, side: u32) -> Vec<Vec<u32>> {
        let mut cells = vec![vec![]];
        for _ in 0..columns {
            cells = cells
                .into_iter()
                .flat_map(|cell: Vec<u32>| {
                    (0..side).map(move |next| [cell.clone(), vec![next]].concat())
                })
                .collect();
        }
        cells.sort_by_key(|cell| curve(cell));
        cells
    }

    #[test]
    fn hilbert_goes_from_neighbour_to_neighbour() {
        for (columns, side) in [(2, 32), (3, 8), (4, 4)] {
            let cells = walk(hilbert, columns, side);
            for pair in cells.windows(2) {
                let steps: u32 = pair[0]
                    .iter()
                    .zip(&pair[1])
                    .map(|(a, b)| a.abs_diff(*b))
                    .sum();
                assert_eq!(steps, 1, "{pair:?}");
            }
        }
        assert_eq!(walk(hilbert, 1, 16), walk(zorder, 1, 16));
    }

    #[test]
    fn zorder_takes_bits_in_turn() {
        assert_eq!(walk(zorder, 2, 2), [[0, 0], [0, 1], [1, 0], [1, 1]]);
        assert_eq!(zorder(&[0b10, 0b01]), 0b1001);
        let largest = (1 << BITS) - 1;
        assert_eq!(zorder(&[largest; 4]), (1 << (4 * BITS)) - 1);
    }
}

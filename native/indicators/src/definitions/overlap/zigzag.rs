//! Zigzag.

use crate::definitions::{HIGH, LOW, factor, period, real, whole};
use crate::{
    registry::{Definition, Param, Parity, Source},
    scan::Scan,
};

pub(super) const ZIGZAG: Definition = Definition {
    name: "zigzag",
    group: "Overlap Studies",
    summary: "Zigzag: the extreme of the running leg, which turns after a move by sensitivity percent; trend 1 or -1, and the row of the extreme, counted from 0.",
    formula: "while falling, zig_zag = the lowest low of the leg and pivot_idx its row; the leg turns, trend = 1, \
              where high >= zig_zag (1 + sensitivity / 100) and mintrendlength rows have passed since; rising the same \
              upside down; begins falling at the first low",
    inputs: &[HIGH, LOW],
    params: &[
        Param {
            min: 0.0,
            max: 100.0,
            ..factor("sensitivity", 5.0, "move that turns the leg, in percent")
        },
        period(
            "mintrendlength",
            1,
            1,
            "rows after an extreme before the leg can turn",
        ),
    ],
    outputs: &[real("zig_zag"), whole("trend"), whole("pivot_idx")],
    parity: Parity::Bits,
    source: Source::TaLib("ZIGZAG"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let share = params.real(0) / 100.0;
        let rows = params.period(1);
        let k = [1.0 + share, 1.0 - share, rows as f64];
        graph.scan(Zigzag, [inputs[0], inputs[1]], k, rows).to_vec()
    },
};

/// Memory: the trend, the extreme of the leg, and the rows since.
struct Zigzag;

impl Scan<2, 3, 3, 3> for Zigzag {
    #[inline(always)]
    fn step(
        [trend, extreme, since]: &mut [f64; 3],
        row: u64,
        [high, low]: [f64; 2],
        [up, down, rows]: [f64; 3],
    ) -> [f64; 3] {
        if row == 0 {
            (*trend, *extreme, *since) = (-1.0, low, 0.0);
            return [*extreme, *trend, 0.0];
        }
        *since += 1.0;
        let falling = *trend < 0.0;
        let turns = if falling {
            high >= *extreme * up
        } else {
            low <= *extreme * down
        };
        let further = if falling {
            low <= *extreme
        } else {
            high >= *extreme
        };
        if turns && *since >= rows {
            *trend = -*trend;
            *extreme = if falling { high } else { low };
            *since = 0.0;
        } else if further {
            *extreme = if falling { low } else { high };
            *since = 0.0;
        }
        [*extreme, *trend, row as f64 - *since]
    }
}

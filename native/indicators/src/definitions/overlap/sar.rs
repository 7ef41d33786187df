//! Wilder's parabolic stop and reverse.

use crate::definitions::{HIGH, LOW, VALUE, factor};
use crate::{
    graph::{Graph, Series},
    registry::{Definition, Param, Parity, Source},
    scan::Scan,
};

/// A factor that is not negative.
const fn positive(name: &'static str, default: f64, doc: &'static str) -> Param {
    Param {
        min: 0.0,
        ..factor(name, default, doc)
    }
}

pub(super) const SAR: Definition = Definition {
    name: "sar",
    group: "Overlap Studies",
    summary: "Parabolic stop and reverse (Wilder 1978): a stop that follows the trend, the faster the longer it lasts.",
    formula: "long: stop = stop[1] + af (ep - stop[1]), not above the lows of the two rows before; ep = highest high \
              since the trend began, af grows from acceleration by acceleration with each new ep up to maximum; where \
              low <= stop it turns: stop = ep, not below high and high[1]; short the same upside down; begins short \
              where low fell more than high rose",
    inputs: &[HIGH, LOW],
    params: &[
        positive(
            "acceleration",
            0.02,
            "first share of the way to the extreme, and its growth with each new extreme",
        ),
        positive("maximum", 0.2, "largest share"),
    ],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("SAR"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let (step, most) = (params.real(0), params.real(1));
        let speed = [step, step, most];
        vec![stop(graph, inputs, 0.0, 0.0, [speed, speed], 1.0)]
    },
};

pub(super) const SAREXT: Definition = Definition {
    name: "sarext",
    group: "Overlap Studies",
    summary: "Parabolic stop and reverse with its own speeds for long and short: negative in a falling trend.",
    formula: "as ta_sar, with af of its own for long and short, a first stop of abs(startvalue), short where that is \
              negative, and on a turn a stop moved away by offsetonreverse times itself; short stops are negative",
    inputs: &[HIGH, LOW],
    params: &[
        factor(
            "startvalue",
            0.0,
            "first stop, negative to begin short; 0 lets the first two rows decide",
        ),
        positive(
            "offsetonreverse",
            0.0,
            "share of the stop by which it is moved away when the trend turns",
        ),
        positive(
            "accelerationinitlong",
            0.02,
            "first share of the way to the extreme, long",
        ),
        positive(
            "accelerationlong",
            0.02,
            "growth of the share with each new high",
        ),
        positive("accelerationmaxlong", 0.2, "largest share, long"),
        positive(
            "accelerationinitshort",
            0.02,
            "first share of the way to the extreme, short",
        ),
        positive(
            "accelerationshort",
            0.02,
            "growth of the share with each new low",
        ),
        positive("accelerationmaxshort", 0.2, "largest share, short"),
    ],
    outputs: VALUE,
    parity: Parity::Bits,
    source: Source::TaLib("SAREXT"),
    version: 1,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let long = [params.real(2), params.real(3), params.real(4)];
        let short = [params.real(5), params.real(6), params.real(7)];
        let (start, offset) = (params.real(0), params.real(1));
        vec![stop(graph, inputs, start, offset, [long, short], -1.0)]
    },
};

/// The stop; `speeds` are first share, growth and largest share, long and short; a short stop is multiplied by `sign`.
fn stop(
    graph: &mut Graph,
    inputs: &[Series],
    start: f64,
    offset: f64,
    speeds: [[f64; 3]; 2],
    sign: f64,
) -> Series {
    let [long, short] =
        speeds.map(|[first, growth, most]| [first.min(most), growth.min(most), most]);
    let k = [
        start, offset, long[0], long[1], long[2], short[0], short[1], short[2], sign,
    ];
    let (high, low) = (inputs[0], inputs[1]);
    let [stop] = graph.scan(Stop, [high, low, high.lag(1), low.lag(1)], k, 0);
    stop
}

/// Memory: whether the trend is falling, the stop of the next row, the extreme of the trend, and the share.
struct Stop;

impl Scan<4, 1, 4, 9> for Stop {
    const INTERLEAVED: bool = false;

    #[inline(always)]
    fn step(
        [falling, stop, extreme, share]: &mut [f64; 4],
        row: u64,
        [high, low, high_before, low_before]: [f64; 4],
        [
            start,
            offset,
            long,
            longer,
            longest,
            short,
            shorter,
            shortest,
            sign,
        ]: [f64; 9],
    ) -> [f64; 1] {
        let (mut high_before, mut low_before) = (high_before, low_before);
        if row == 0 {
            let (up, down) = (high - high_before, low_before - low);
            let begins_short = if start == 0.0 {
                down > 0.0 && up < down
            } else {
                start < 0.0
            };
            *falling = f64::from(u8::from(begins_short));
            *extreme = if begins_short { low } else { high };
            *share = if begins_short { short } else { long };
            *stop = match (start == 0.0, begins_short) {
                (false, _) => start.abs(),
                (true, true) => high_before,
                (true, false) => low_before,
            };
            // The first stop may lie inside the row before.
            (high_before, low_before) = (high, low);
        }
        let above = |stop: f64| {
            let stop = if stop < high_before {
                high_before
            } else {
                stop
            };
            if stop < high { high } else { stop }
        };
        let below = |stop: f64| {
            let stop = if stop > low_before { low_before } else { stop };
            if stop > low { low } else { stop }
        };
        let follow = |share: f64, extreme: f64, stop: f64| share.mul_add(extreme - stop, stop);
        let value;
        if *falling == 0.0 {
            if low <= *stop {
                let turned = above(*extreme);
                let turned = if offset == 0.0 {
                    turned
                } else {
                    turned + turned * offset
                };
                value = sign * turned;
                (*falling, *share, *extreme) = (1.0, short, low);
                *stop = above(follow(short, low, turned));
            } else {
                value = *stop;
                if high > *extreme {
                    *extreme = high;
                    *share = (*share + longer).min(longest);
                }
                *stop = below(follow(*share, *extreme, *stop));
            }
        } else if high >= *stop {
            let turned = below(*extreme);
            let turned = if offset == 0.0 {
                turned
            } else {
                turned - turned * offset
            };
            value = turned;
            (*falling, *share, *extreme) = (0.0, long, high);
            *stop = below(follow(long, high, turned));
        } else {
            value = sign * *stop;
            if low < *extreme {
                *extreme = low;
                *share = (*share + shorter).min(shortest);
            }
            *stop = above(follow(*share, *extreme, *stop));
        }
        [value]
    }
}

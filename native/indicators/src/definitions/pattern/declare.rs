//! How a pattern of candles is written down.

use super::settings::Setting;
use crate::{
    definitions::{CLOSE, HIGH, LOW, OPEN},
    graph::{Graph, Series},
    map::Map,
    registry::{Input, Param, ParamKind},
};

pub(super) const INPUTS: &[Input] = &[OPEN, HIGH, LOW, CLOSE];

/// How far a candle reaches into an earlier body.
pub(super) const fn penetration(default: f64) -> Param {
    Param {
        name: "penetration",
        kind: ParamKind::Real,
        default,
        min: 0.0,
        max: 3e37,
        doc: "how deep the body must be entered, as a share of its length",
    }
}

/// Adds the map of a pattern: candles, oldest first, then the means of settings at rows back.
pub(super) fn build<M, const I: usize, const K: usize>(
    graph: &mut Graph,
    map: M,
    inputs: &[Series],
    candles: usize,
    means: &[(Setting, usize)],
    constants: [f64; K],
) -> Vec<Series>
where
    M: Map<I, 1, K>,
{
    let mut series = Vec::with_capacity(I);
    for lag in (0..candles).rev() {
        series.extend(inputs.iter().map(|input| input.lag(lag)));
    }
    for (setting, lag) in means {
        series.push(setting.mean(graph, inputs, *lag));
    }
    graph
        .map(map, std::array::from_fn(|i| series[i]), constants)
        .to_vec()
}

/// Declares a pattern as a definition with its own map:
/// `CONSTANT = "name": "summary"; formula "rule"; [candles, oldest first], [threshold = SETTING(candle)] => value`, with the number of
/// rows `held back` and the default of its `penetration` where it has them. In the value the candles are `Candle`s and
/// the thresholds numbers. Conditions are joined by `&` and `|`, which do not branch.
macro_rules! pattern {
    (
        $constant:ident = $name:literal: $summary:literal;
        formula $formula:literal;
        $(held back $rows:literal,)?
        $(penetration $depth:ident = $default:literal,)?
        [$($candle:ident),+], [$($mean:ident = $setting:ident($of:ident)),*] => $value:expr
    ) => {
        pub(super) const $constant: $crate::registry::Definition = {
            use $crate::{definitions::pattern::{candle::Candle, declare}, map::Map, registry::{Definition, Parity, Source}};

            const CANDLES: usize = <[&str]>::len(&[$(stringify!($candle)),+]);
            const MEANS: usize = <[&str]>::len(&[$(stringify!($mean)),*]);
            const DEPTHS: usize = <[&str]>::len(&[$(stringify!($depth))?]);

            struct Pattern;

            impl Map<{ 4 * CANDLES + MEANS }, 1, DEPTHS> for Pattern {
                #[inline(always)]
                fn at(x: [f64; 4 * CANDLES + MEANS], [$($depth)?]: [f64; DEPTHS]) -> [f64; 1] {
                    let [$($candle),+]: [Candle; CANDLES] =
                        std::array::from_fn(|n| Candle::of(&x, 4 * n));
                    let [$($mean),*]: [f64; MEANS] = std::array::from_fn(|n| x[4 * CANDLES + n]);
                    $(let $mean = $setting.threshold($mean);)*
                    [$value]
                }
            }

            Definition {
                name: $name,
                group: "Pattern Recognition",
                summary: $summary,
                formula: $formula,
                inputs: declare::INPUTS,
                params: &[$(declare::penetration($default))?],
                outputs: $crate::definitions::PATTERN,
                parity: if MEANS == 0 { Parity::Bits } else { Parity::Windowed(0.0) },
                source: Source::TaLib(stringify!($constant)),
                version: 1,
                short: true,
                held_back: 0 $(+ $rows)?,
                build: |graph, inputs, params| {
                    let [$($candle),+]: [usize; CANDLES] =
                        std::array::from_fn(|n| CANDLES - 1 - n);
                    // A candle without a threshold of its own is not looked up here.
                    let _ = [$($candle),+];
                    let means = [$(($setting, $of)),*];
                    let constants = std::array::from_fn(|n| params.real(n));
                    declare::build(graph, Pattern, inputs, CANDLES, &means, constants)
                },
            }
        };
    };
}
pub(super) use pattern;

//! The indicators, one folder per group and one file per family. [`ALL`] is the only list of them.

mod cycle;
mod momentum;
mod operator;
mod overlap;
mod pattern;
mod pivot;
mod price;
mod risk;
mod statistic;
mod transform;
mod volatility;
mod volume;

use std::sync::LazyLock;

use crate::registry::{Definition, Input, Output, OutputKind, Param, ParamKind};

/// All indicators, by name. The groups are TA-Lib's, and Pivot Points and Risk Measures.
pub static ALL: LazyLock<Vec<Definition>> = LazyLock::new(|| {
    let groups = [
        cycle::ALL,
        momentum::ALL,
        operator::ALL,
        overlap::ALL,
        pattern::ALL,
        pivot::ALL,
        price::ALL,
        risk::ALL,
        statistic::ALL,
        transform::ALL,
        volatility::ALL,
        volume::ALL,
    ];
    let mut all = groups.concat();
    all.sort_by_key(|definition| definition.name);
    all
});

const OPEN: Input = Input { name: "open" };
const HIGH: Input = Input { name: "high" };
const LOW: Input = Input { name: "low" };
const CLOSE: Input = Input { name: "close" };
const VOLUME: Input = Input { name: "volume" };
/// A number that changes where a session begins.
const SESSION: Input = Input { name: "session" };
/// Two series of the same kind, in TA-Lib's order.
const REALS: &[Input] = &[Input { name: "real0" }, Input { name: "real1" }];

/// The only output of a function that has one.
const VALUE: &[Output] = &[real("value")];
const PATTERN: &[Output] = &[Output {
    name: "value",
    kind: OutputKind::Integer,
}];

const fn real(name: &'static str) -> Output {
    Output {
        name,
        kind: OutputKind::Real,
    }
}

const fn whole(name: &'static str) -> Output {
    Output {
        name,
        kind: OutputKind::Integer,
    }
}

/// A number of rows; TA-Lib's periods end at 100,000.
const fn period(name: &'static str, default: u32, min: u32, doc: &'static str) -> Param {
    Param {
        name,
        kind: ParamKind::Integer,
        default: default as f64,
        min: min as f64,
        max: 100_000.0,
        doc,
    }
}

/// A factor in TA-Lib's range of real parameters.
const fn factor(name: &'static str, default: f64, doc: &'static str) -> Param {
    Param {
        name,
        kind: ParamKind::Real,
        default,
        min: -3e37,
        max: 3e37,
        doc,
    }
}

/// A moving average: its name, the code of its default, and what it averages.
macro_rules! ma_type {
    ($name:literal, $default:literal, $doc:literal) => {
        crate::registry::Param {
            name: $name,
            kind: crate::registry::ParamKind::MaType,
            default: $default as f64,
            min: 0.0,
            max: crate::MaType::LAST_CODE as f64,
            doc: concat!(
                $doc,
                ": 0 = SMA, 1 = EMA, 2 = WMA, 3 = DEMA, 4 = TEMA, 5 = TRIMA, 6 = KAMA, 7 = MAMA, 8 = T3, 9 = HMA, \
                 10 = DISABLED, 11 = DEFAULT, 12 = ZLEMA, 13 = RMA, 14 = VIDYA, 15 = ALMA"
            ),
        }
    };
}
use ma_type;

//! Math transforms: a function of each value by itself.
//!
//! None is offered without prefix: SQL has functions of these names.

use super::{CLOSE, Definition, VALUE};
use crate::{
    elementary,
    elementary::{Cos, Sin, Tan},
    map,
    registry::{Parity, Source},
};

/// TA-Lib's are the platform's, which differ in their last digit from one platform to the next.
const NEAR: Parity = Parity::Relative(f64::EPSILON);
/// Its hyperbolic functions are known to be off by two units in the last place themselves.
const HYPERBOLIC: Parity = Parity::Relative(3.0 * f64::EPSILON);

macro_rules! transform {
    ($constant:ident, $map:ident, $name:literal, $summary:literal, $formula:literal, $parity:expr) => {
        const $constant: Definition = Definition {
            name: $name,
            group: "Math Transform",
            summary: $summary,
            formula: $formula,
            inputs: &[CLOSE],
            params: &[],
            outputs: VALUE,
            parity: $parity,
            source: Source::TaLib(stringify!($constant)),
            version: match $parity {
                Parity::Bits => 1,
                _ => 2,
            },
            short: false,
            held_back: 0,
            build: |graph, inputs, _| graph.map($map, [inputs[0]], []).to_vec(),
        };
    };
    ($constant:ident, $map:ident, $name:literal, $summary:literal, $formula:literal, $parity:expr, $function:path) => {
        map! {
            #[doc = $summary]
            $map: [x], [] => 1 { [$function(x)] }
        }

        transform!($constant, $map, $name, $summary, $formula, $parity);
    };
}

transform!(
    ACOS,
    Acos,
    "acos",
    "Arc cosine, in radians; NULL outside -1 to 1.",
    "acos(x)",
    NEAR,
    elementary::acos
);
transform!(
    ASIN,
    Asin,
    "asin",
    "Arc sine, in radians; NULL outside -1 to 1.",
    "asin(x)",
    NEAR,
    elementary::asin
);
transform!(
    ATAN,
    Atan,
    "atan",
    "Arc tangent, in radians.",
    "atan(x)",
    NEAR,
    elementary::atan
);
transform!(
    CEIL,
    Ceil,
    "ceil",
    "The smallest whole number that is not below the value.",
    "ceil(x)",
    Parity::Bits,
    f64::ceil
);
transform!(
    COS,
    Cos,
    "cos",
    "Cosine of an angle in radians.",
    "cos(x)",
    NEAR
);
transform!(
    COSH,
    Cosh,
    "cosh",
    "Hyperbolic cosine; NULL where it is too large.",
    "(e^x + e^-x) / 2",
    HYPERBOLIC,
    elementary::cosh
);
transform!(
    EXP,
    Exp,
    "exp",
    "Euler's number to the power of the value; NULL where it is too large.",
    "e^x",
    NEAR,
    elementary::exp
);
transform!(
    FLOOR,
    Floor,
    "floor",
    "The largest whole number that is not above the value.",
    "floor(x)",
    Parity::Bits,
    f64::floor
);
transform!(
    LN,
    Ln,
    "ln",
    "Natural logarithm; NULL unless the value is positive.",
    "ln(x)",
    NEAR,
    elementary::ln
);
transform!(
    LOG10,
    Log10,
    "log10",
    "Logarithm to the base of 10; NULL unless the value is positive.",
    "log10(x)",
    NEAR,
    elementary::log10
);
transform!(
    SIN,
    Sin,
    "sin",
    "Sine of an angle in radians.",
    "sin(x)",
    NEAR
);
transform!(
    SINH,
    Sinh,
    "sinh",
    "Hyperbolic sine; NULL where it is too large.",
    "(e^x - e^-x) / 2",
    HYPERBOLIC,
    elementary::sinh
);
transform!(
    SQRT,
    Sqrt,
    "sqrt",
    "Square root; NULL for a negative value.",
    "sqrt(x)",
    Parity::Bits,
    f64::sqrt
);
transform!(
    TAN,
    Tan,
    "tan",
    "Tangent of an angle in radians.",
    "tan(x)",
    NEAR
);
transform!(
    TANH,
    Tanh,
    "tanh",
    "Hyperbolic tangent, between -1 and 1.",
    "(e^x - e^-x) / (e^x + e^-x)",
    HYPERBOLIC,
    elementary::tanh
);

pub(super) const ALL: &[Definition] = &[
    ACOS, ASIN, ATAN, CEIL, COS, COSH, EXP, FLOOR, LN, LOG10, SIN, SINH, SQRT, TAN, TANH,
];

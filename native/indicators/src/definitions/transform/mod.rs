//! Math transforms: a function of each value by itself. The functions are the platform's, as TA-Lib's are.
//!
//! None is offered without prefix: SQL has functions of these names.

use super::{CLOSE, Definition, VALUE};
use crate::{
    map,
    registry::{Parity, Source},
};

macro_rules! transform {
    ($constant:ident, $map:ident, $name:literal, $summary:literal, $formula:literal, $function:path) => {
        map! {
            #[doc = $summary]
            $map: [x], [] => 1 { [$function(x)] }
        }

        const $constant: Definition = Definition {
            name: $name,
            group: "Math Transform",
            summary: $summary,
            formula: $formula,
            inputs: &[CLOSE],
            params: &[],
            outputs: VALUE,
            parity: Parity::Bits,
            source: Source::TaLib(stringify!($constant)),
            version: 1,
            short: false,
            held_back: 0,
            build: |graph, inputs, _| graph.map($map, [inputs[0]], []).to_vec(),
        };
    };
}

transform!(
    ACOS,
    Acos,
    "acos",
    "Arc cosine, in radians; NULL outside -1 to 1.",
    "acos(x)",
    f64::acos
);
transform!(
    ASIN,
    Asin,
    "asin",
    "Arc sine, in radians; NULL outside -1 to 1.",
    "asin(x)",
    f64::asin
);
transform!(
    ATAN,
    Atan,
    "atan",
    "Arc tangent, in radians.",
    "atan(x)",
    f64::atan
);
transform!(
    CEIL,
    Ceil,
    "ceil",
    "The smallest whole number that is not below the value.",
    "ceil(x)",
    f64::ceil
);
transform!(
    COS,
    Cos,
    "cos",
    "Cosine of an angle in radians.",
    "cos(x)",
    f64::cos
);
transform!(
    COSH,
    Cosh,
    "cosh",
    "Hyperbolic cosine; NULL where it is too large.",
    "(e^x + e^-x) / 2",
    f64::cosh
);
transform!(
    EXP,
    Exp,
    "exp",
    "Euler's number to the power of the value; NULL where it is too large.",
    "e^x",
    f64::exp
);
transform!(
    FLOOR,
    Floor,
    "floor",
    "The largest whole number that is not above the value.",
    "floor(x)",
    f64::floor
);
transform!(
    LN,
    Ln,
    "ln",
    "Natural logarithm; NULL unless the value is positive.",
    "ln(x)",
    f64::ln
);
transform!(
    LOG10,
    Log10,
    "log10",
    "Logarithm to the base of 10; NULL unless the value is positive.",
    "log10(x)",
    f64::log10
);
transform!(
    SIN,
    Sin,
    "sin",
    "Sine of an angle in radians.",
    "sin(x)",
    f64::sin
);
transform!(
    SINH,
    Sinh,
    "sinh",
    "Hyperbolic sine; NULL where it is too large.",
    "(e^x - e^-x) / 2",
    f64::sinh
);
transform!(
    SQRT,
    Sqrt,
    "sqrt",
    "Square root; NULL for a negative value.",
    "sqrt(x)",
    f64::sqrt
);
transform!(
    TAN,
    Tan,
    "tan",
    "Tangent of an angle in radians.",
    "tan(x)",
    f64::tan
);
transform!(
    TANH,
    Tanh,
    "tanh",
    "Hyperbolic tangent, between -1 and 1.",
    "(e^x - e^-x) / (e^x + e^-x)",
    f64::tanh
);

pub(super) const ALL: &[Definition] = &[
    ACOS, ASIN, ATAN, CEIL, COS, COSH, EXP, FLOOR, LN, LOG10, SIN, SINH, SQRT, TAN, TANH,
];

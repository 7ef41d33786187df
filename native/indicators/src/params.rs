//! Parameters of a call, resolved against the definition: defaults filled in, kinds and ranges checked once.

use crate::{
    Error,
    registry::{Definition, Param, ParamKind},
};

/// Moving averages that a `matype` parameter can choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MaType {
    /// Simple.
    Sma,
    /// Exponential.
    Ema,
}

/// TA-Lib's moving-average types by code.
const MA_NAMES: [&str; 16] = [
    "SMA", "EMA", "WMA", "DEMA", "TEMA", "TRIMA", "KAMA", "MAMA", "T3", "HMA", "DISABLED",
    "DEFAULT", "ZLEMA", "RMA", "VIDYA", "ALMA",
];

/// Checked parameters, in the order of the definition.
#[derive(Debug, Clone, PartialEq)]
pub struct Params(Vec<f64>);

impl Params {
    /// Fills in defaults from the right and checks each value.
    ///
    /// # Errors
    /// Too many parameters, a value that is out of range or not whole, a moving-average type that is not available.
    pub fn resolve(definition: &Definition, given: &[f64]) -> Result<Self, Error> {
        if given.len() > definition.params.len() {
            let names: Vec<_> = definition.params.iter().map(|param| param.name).collect();
            return Err(Error::TooManyParameters {
                function: definition.name,
                expected: definition.params.len(),
                names: if names.is_empty() {
                    "none".into()
                } else {
                    names.join(", ")
                },
                given: given.len(),
            });
        }
        let resolved =
            definition
                .params
                .iter()
                .enumerate()
                .map(|(index, param)| match given.get(index) {
                    Some(&value) => check(definition.name, param, value).map(|()| value),
                    None => Ok(param.default),
                });
        resolved.collect::<Result<_, _>>().map(Self)
    }

    /// All values.
    pub fn values(&self) -> &[f64] {
        &self.0
    }

    /// The whole number at this place.
    pub fn period(&self, index: usize) -> usize {
        self.0[index] as usize
    }

    /// The real number at this place.
    pub fn real(&self, index: usize) -> f64 {
        self.0[index]
    }

    /// The moving average at this place.
    pub fn ma_type(&self, index: usize) -> MaType {
        if self.0[index] == 0.0 {
            MaType::Sma
        } else {
            MaType::Ema
        }
    }
}

fn check(function: &'static str, param: &Param, given: f64) -> Result<(), Error> {
    let Param {
        name: parameter,
        min,
        max,
        ..
    } = *param;
    if param.kind != ParamKind::Real && given.is_finite() && given.fract() != 0.0 {
        return Err(Error::ParameterNotWhole {
            function,
            parameter,
            given,
            min,
            max,
        });
    }
    if (min..=max).contains(&given) {
        return Ok(());
    }
    if param.kind == ParamKind::MaType && given >= 0.0 && (given as usize) < MA_NAMES.len() {
        let name = MA_NAMES[given as usize];
        return Err(Error::MovingAverage {
            function,
            parameter,
            given,
            name,
        });
    }
    Err(Error::ParameterRange {
        function,
        parameter,
        given,
        min,
        max,
    })
}

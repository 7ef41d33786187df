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
    /// Linearly weighted.
    Wma,
    /// Double exponential.
    Dema,
    /// Triple exponential.
    Tema,
    /// Triangular.
    Trima,
    /// Kaufman's adaptive.
    Kama,
    /// MESA adaptive, with its default limits.
    Mama,
    /// Tillson's T3, with its default factor.
    T3,
    /// Hull's.
    Hma,
    /// None: the values as they are.
    Disabled,
    /// Zero-lag exponential.
    Zlema,
    /// Wilder's.
    Rma,
    /// Chande's variable index dynamic average.
    Vidya,
    /// Arnaud Legoux's, with its default curve.
    Alma,
}

/// TA-Lib's codes 0, 1, 2 and so on. Its `DEFAULT`, 11, is filled in by [`Params::resolve`], unless it is a default itself.
const MA_TYPES: [MaType; 16] = [
    MaType::Sma,
    MaType::Ema,
    MaType::Wma,
    MaType::Dema,
    MaType::Tema,
    MaType::Trima,
    MaType::Kama,
    MaType::Mama,
    MaType::T3,
    MaType::Hma,
    MaType::Disabled,
    MaType::Sma,
    MaType::Zlema,
    MaType::Rma,
    MaType::Vidya,
    MaType::Alma,
];

impl MaType {
    /// The largest code.
    pub(crate) const LAST_CODE: usize = MA_TYPES.len() - 1;
}

/// Checked parameters, in the order of the definition.
#[derive(Debug, Clone, PartialEq)]
pub struct Params(Vec<f64>);

impl Params {
    /// Fills in defaults from the right and checks each value.
    ///
    /// # Errors
    /// Too many parameters, a value that is out of range, not whole, not even or larger than the next.
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
                    Some(&value) => {
                        // DEFAULT chooses the default of the parameter.
                        let chosen = param.kind == ParamKind::MaType && value == 11.0;
                        check(definition.name, param, value)
                            .map(|()| if chosen { param.default } else { value })
                    }
                    None => Ok(param.default),
                });
        let resolved = resolved.collect::<Result<Vec<_>, _>>()?;
        let pairs = definition.params.windows(2).zip(resolved.windows(2));
        for (params, values) in pairs {
            if params[0].kind == ParamKind::AtMostNext && values[0] > values[1] {
                return Err(Error::ParameterOrder {
                    function: definition.name,
                    parameter: params[0].name,
                    given: values[0],
                    next: params[1].name,
                    next_given: values[1],
                });
            }
        }
        Ok(Self(resolved))
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
        MA_TYPES[self.0[index] as usize]
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
    if param.kind == ParamKind::Even && given.is_finite() && given % 2.0 != 0.0 {
        return Err(Error::ParameterNotEven {
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
    Err(Error::ParameterRange {
        function,
        parameter,
        given,
        min,
        max,
    })
}

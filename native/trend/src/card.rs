//! What a model is about: its inputs, their scaling, and what its classes mean.

use serde::{Deserialize, Serialize};

use crate::{Error, LARGEST_SCALED, Result, Sizes};

/// The version of the format that this crate writes and reads.
const FORMAT: u32 = 1;
/// Limits that keep a hostile file from asking for much memory or time.
const MOST_FEATURES: usize = 256;
const LONGEST_WINDOW: usize = 2048;
const MOST_UNITS: usize = 1024;

/// The description inside a model file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// Version of this format.
    pub format: u32,
    /// Rows of a window.
    pub window: usize,
    /// Sizes of the layers.
    pub sizes: Sizes,
    /// The columns of a row, in order.
    pub features: Vec<Feature>,
    /// What is predicted.
    pub labels: Labels,
    /// How and on what it was trained, for people and reports: versions, data, metrics.
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    pub training: serde_json::Value,
}

/// A column of a row: a column of the bars, or an indicator over them, min-max scaled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feature {
    /// Its name.
    pub name: String,
    /// The indicator's name in the registry; without it the feature is the column of its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// The columns that the indicator reads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<String>,
    /// The indicator's parameters; omitted ones on the right take their defaults.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub params: Vec<f64>,
    /// Which of the indicator's outputs, where it has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// The value that becomes 0.
    #[serde(default)]
    pub min: f64,
    /// The value that becomes 1.
    #[serde(default = "one")]
    pub max: f64,
}

fn one() -> f64 {
    1.0
}

/// How a row is labelled: by the return from its close to that `horizon` bars later.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Labels {
    /// Bars ahead.
    pub horizon: usize,
    /// The return that separates up and down from neutral.
    pub threshold: Threshold,
}

/// The smallest return that counts as a move.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum Threshold {
    /// The same for every row, such as 0.01 for one percent.
    Fixed(f64),
    /// `times` the standard deviation of the last `bars` one-bar returns, times the square root of the horizon.
    Volatility {
        /// How many returns.
        bars: usize,
        /// The factor.
        times: f64,
    },
}

impl Default for Labels {
    /// Five bars, half of the volatility of the last twenty.
    fn default() -> Self {
        Self {
            horizon: 5,
            threshold: Threshold::Volatility {
                bars: 20,
                times: 0.5,
            },
        }
    }
}

impl Labels {
    /// Checks the values against what they can be.
    ///
    /// # Errors
    /// The first that cannot be.
    pub fn check(&self) -> Result<()> {
        let refuse = |text: String| Err(Error::card(text));
        if !(1..=1000).contains(&self.horizon) {
            return refuse(format!("horizon is {}; write 1 to 1000 bars", self.horizon));
        }
        match self.threshold {
            Threshold::Fixed(value) if !(0.0..10.0).contains(&value) => refuse(format!(
                "the fixed threshold is {value}; write a return from 0 to 10, such as 0.01"
            )),
            Threshold::Volatility { bars, times }
                if !((2..=1000).contains(&bars) && (0.0..=100.0).contains(&times)) =>
            {
                refuse(format!(
                    "the threshold takes {times} times the volatility of {bars} bars; write 2 to 1000 bars and a factor from 0 to 100"
                ))
            }
            _ => Ok(()),
        }
    }
}

impl Card {
    /// A card of this format.
    pub fn new(window: usize, sizes: Sizes, features: Vec<Feature>, labels: Labels) -> Self {
        Self {
            format: FORMAT,
            window,
            sizes,
            features,
            labels,
            training: serde_json::Value::Null,
        }
    }

    /// Reads and checks a card.
    ///
    /// # Errors
    /// JSON of another shape, another format, values that cannot be.
    pub fn parse(json: &str) -> Result<Self> {
        let card: Self =
            serde_json::from_str(json).map_err(|error| Error::card(error.to_string()))?;
        card.check()?;
        Ok(card)
    }

    /// Checks the values against what they can be.
    ///
    /// # Errors
    /// The first that cannot be.
    pub fn check(&self) -> Result<()> {
        let refuse = |text: String| Err(Error::card(text));
        if self.format != FORMAT {
            return refuse(format!(
                "it has format {}, this version reads format {FORMAT}",
                self.format
            ));
        }
        if !(1..=LONGEST_WINDOW).contains(&self.window) {
            return refuse(format!(
                "window is {}; it must be 1 to {LONGEST_WINDOW} rows",
                self.window
            ));
        }
        let Sizes {
            units: [first, second],
            dense,
        } = self.sizes;
        for (name, size) in [("units", first), ("units", second), ("dense", dense)] {
            if !(1..=MOST_UNITS).contains(&size) {
                return refuse(format!("{name} is {size}; it must be 1 to {MOST_UNITS}"));
            }
        }
        if !(1..=MOST_FEATURES).contains(&self.features.len()) {
            return refuse(format!(
                "it has {} features; it must have 1 to {MOST_FEATURES}",
                self.features.len()
            ));
        }
        for (index, feature) in self.features.iter().enumerate() {
            feature.check()?;
            if self.features[..index]
                .iter()
                .any(|f| f.name == feature.name)
            {
                return refuse(format!("two features are called '{}'", feature.name));
            }
        }
        self.labels.check()
    }
}

impl Feature {
    /// A column of the bars.
    pub fn column(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            function: None,
            inputs: Vec::new(),
            params: Vec::new(),
            output: None,
            min: 0.0,
            max: 1.0,
        }
    }

    /// What the network sees of a value; 0 to 1 within the range that training saw.
    #[inline]
    pub(crate) fn scaled(&self, value: f64) -> f32 {
        let width = self.max - self.min;
        if width == 0.0 {
            return 0.0;
        }
        ((value - self.min) / width).clamp(-LARGEST_SCALED, LARGEST_SCALED) as f32
    }

    fn check(&self) -> Result<()> {
        let refuse = |text: String| Err(Error::card(format!("feature '{}': {text}", self.name)));
        if self.name.is_empty() || self.name.len() > 128 {
            return refuse("a name has 1 to 128 bytes".into());
        }
        let width = self.max - self.min;
        if !(self.min.is_finite() && self.max.is_finite() && width.is_finite() && width >= 0.0) {
            return refuse(format!(
                "its range is {} to {}, which is none",
                self.min, self.max
            ));
        }
        let Some(function) = &self.function else {
            return if self.inputs.is_empty() && self.params.is_empty() && self.output.is_none() {
                Ok(())
            } else {
                refuse("it has inputs, params or an output but no function".into())
            };
        };
        let definition = financelake_indicators::registry::find(function)
            .map_err(|error| Error::card(format!("feature '{}': {error}", self.name)))?;
        if definition.inputs.len() != self.inputs.len() {
            return refuse(format!(
                "{function} takes {} inputs, not {}",
                definition.inputs.len(),
                self.inputs.len()
            ));
        }
        financelake_indicators::Params::resolve(definition, &self.params)
            .map_err(|error| Error::card(format!("feature '{}': {error}", self.name)))?;
        let names = || {
            let names: Vec<_> = definition
                .outputs
                .iter()
                .map(|output| output.name)
                .collect();
            names.join(", ")
        };
        match &self.output {
            None if definition.outputs.len() == 1 => Ok(()),
            None => refuse(format!(
                "{function} has several outputs: name one of {}",
                names()
            )),
            Some(output) if definition.outputs.iter().any(|o| o.name == output) => Ok(()),
            Some(output) => refuse(format!(
                "{function} has no output '{output}'; it has {}",
                names()
            )),
        }
    }
}

//! Trend prediction: an LSTM classifier over windows of feature rows, trained and scored in Rust.
//!
//! A row of features goes in per bar; the class of the return over the next bars comes out: 0 down, 1 up, 2 neutral, with
//! a probability of each. The network is LSTM, LSTM, dense with ReLU, dense with softmax ([`Weights`]). A [`Model`] is one
//! safetensors file: the tensors under PyTorch's names, and a [`Card`] in its metadata that says what the features are, how
//! they are scaled, and what was predicted.
//!
//! * [`TrendExecutor`] takes rows in batches and forms the windows itself: ten numbers per row cross a boundary, not 600.
//! * [`Scorer`] scores windows that were formed elsewhere. Both give the same bits, on every processor.
//! * [`Dataset`] makes labels, a split without leaks and the scaling out of rows; [`Trainer`] trains on it.
//! * [`Scores`] says how good predictions were.
//! * [`anomaly`] finds bars that stand out of those before them.
//!
//! Pure: no I/O. `unsafe` is in [`simd`] only.
#![deny(unsafe_code)]

pub mod anomaly;
mod card;
mod dataset;
mod error;
mod executor;
#[cfg(test)]
mod golden;
mod init;
mod keras;
mod model;
mod network;
mod onnx;
mod random;
mod scores;
mod simd;
mod train;
mod weights;

pub use card::{Card, Feature, Labels, Threshold};
pub use dataset::{Dataset, Label, Part, Rows, Sample};
pub use error::{Error, Result};
pub use executor::{Outputs, TrendExecutor};
pub use init::Initialisation;
pub use model::{Model, Scorer};
pub use scores::{ClassScores, Scores};
pub use train::{Epoch, Settings, Trainer};
pub use weights::{Sizes, Weights};

/// Number of classes.
pub const CLASSES: usize = 3;
/// The class of a falling price.
pub const DOWN: usize = 0;
/// The class of a rising price.
pub const UP: usize = 1;
/// The class of neither.
pub const NEUTRAL: usize = 2;

/// What a scaled feature is at most, far outside of the range that training saw: it keeps sums finite.
pub(crate) const LARGEST_SCALED: f64 = 1e6;

/// The class of the largest probability; of equal ones the first.
pub fn class_of(probabilities: &[f32; CLASSES]) -> usize {
    let mut best = 0;
    for class in 1..CLASSES {
        if probabilities[class] > probabilities[best] {
            best = class;
        }
    }
    best
}

//! Training: forwards and backwards through the network in mini-batches, Adam, early stopping.
//!
//! Written out rather than left to a framework: the network is fixed, its derivative is two pages, and so training runs
//! wherever scoring does, with no library of hundreds of megabytes and no threads of its own. Tests compare it with PyTorch.

mod adam;
mod cell;
mod layer;
mod pass;

use serde::{Deserialize, Serialize};

use crate::network::Network;
use crate::random::Random;
use crate::{
    CLASSES, Card, Dataset, Error, Initialisation, Labels, Model, Part, Result, Scores, Sizes,
    Weights,
};
use adam::Adam;
pub(crate) use pass::Pass;

/// How to train.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Most passes over the samples for training.
    pub epochs: u32,
    /// Samples of a step.
    pub batch: usize,
    /// Adam's step size.
    pub learning_rate: f64,
    /// Share of the values between the layers that a step leaves out.
    pub dropout: f64,
    /// Epochs without a better validation loss after which training ends; 0: never.
    pub patience: u32,
    /// Decides initial parameters, the order of samples, and what dropout leaves out.
    pub seed: u64,
    /// Rule for the initial parameters.
    pub initialisation: Initialisation,
    /// Whether a class counts the more the rarer it is.
    pub class_weights: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            epochs: 100,
            batch: 64,
            learning_rate: 1e-3,
            dropout: 0.2,
            patience: 10,
            seed: 1,
            initialisation: Initialisation::Keras,
            class_weights: false,
        }
    }
}

impl Settings {
    fn check(&self) -> Result<()> {
        let refuse = |text: String| Err(Error::argument(text));
        if !(1..=100_000).contains(&self.epochs) {
            return refuse(format!("epochs is {}; write 1 to 100000", self.epochs));
        }
        if !(1..=65_536).contains(&self.batch) {
            return refuse(format!("batch is {}; write 1 to 65536", self.batch));
        }
        if !(self.learning_rate > 0.0 && self.learning_rate <= 1.0) {
            let given = self.learning_rate;
            return refuse(format!(
                "learning_rate is {given}; write more than 0, at most 1"
            ));
        }
        if !(0.0..1.0).contains(&self.dropout) {
            return refuse(format!("dropout is {}; write 0 to below 1", self.dropout));
        }
        Ok(())
    }
}

/// What an epoch came to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// Its number, from 1.
    pub number: u32,
    /// Mean loss of its steps, dropout included.
    pub loss: f64,
    /// Loss over the samples for validation, absent without any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation_loss: Option<f64>,
    /// Share of right predictions among them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation_accuracy: Option<f64>,
    /// The epoch whose parameters are kept.
    pub best: u32,
    /// Whether training has ended.
    pub finished: bool,
}

/// A training under way. It advances an epoch per call, so that the caller can tell of it, save it, or leave.
#[derive(Debug)]
pub struct Trainer {
    dataset: Dataset,
    labels: Labels,
    settings: Settings,
    class_weights: [f32; CLASSES],
    weights: Weights,
    adam: Adam,
    best: Weights,
    best_loss: f64,
    best_epoch: u32,
    epochs: Vec<Epoch>,
    pass: Pass,
}

impl Trainer {
    /// A training from initial parameters.
    ///
    /// # Errors
    /// Settings or sizes that cannot be.
    pub fn new(dataset: Dataset, sizes: Sizes, labels: Labels, settings: Settings) -> Result<Self> {
        settings.check()?;
        let (features, window) = (dataset.features.clone(), dataset.window);
        Card::new(window, sizes, features, labels).check()?;
        let weights = settings
            .initialisation
            .weights(dataset.features.len(), sizes, settings.seed);
        Ok(Self {
            pass: Pass::new(&weights, window),
            adam: Adam::new(weights.values().len()),
            class_weights: class_weights(&dataset, settings.class_weights),
            best: weights.clone(),
            best_loss: f64::INFINITY,
            best_epoch: 0,
            epochs: Vec::new(),
            weights,
            dataset,
            labels,
            settings,
        })
    }

    /// The samples.
    pub fn dataset(&self) -> &Dataset {
        &self.dataset
    }

    /// The epochs so far.
    pub fn epochs(&self) -> &[Epoch] {
        &self.epochs
    }

    /// Whether training has ended.
    pub fn finished(&self) -> bool {
        self.epochs.last().is_some_and(|epoch| epoch.finished)
    }

    /// Trains for one more epoch.
    ///
    /// # Errors
    /// When training has ended, or the loss is no number any more.
    pub fn epoch(&mut self) -> Result<Epoch> {
        if self.finished() {
            return Err(Error::argument("this training has ended"));
        }
        let number = self.epochs.len() as u32 + 1;
        let mut random = Random::of(self.settings.seed, u64::from(number));
        let samples = self.dataset.samples(Part::Training);
        let mut order: Vec<usize> = (0..samples.len()).collect();
        random.shuffle(&mut order);
        let mut total = 0.0;
        for batch in order.chunks(self.settings.batch) {
            let starts: Vec<usize> = batch.iter().map(|&index| samples[index].start).collect();
            let classes: Vec<usize> = batch.iter().map(|&index| samples[index].class).collect();
            let loss = self.pass.gradients(
                &self.weights,
                &self.dataset.values,
                &starts,
                &classes,
                &self.class_weights,
                Some((self.settings.dropout, &mut random)),
            );
            if self.settings.initialisation == Initialisation::Keras {
                // One bias per gate: with two, which get the same gradient, Adam would move their sum twice as far.
                self.pass.clear_hidden_bias();
            }
            self.adam.step(
                self.weights.values_mut(),
                self.pass.gradient(),
                self.settings.learning_rate,
            );
            total += f64::from(loss) * batch.len() as f64;
        }
        let loss = total / order.len() as f64;
        if !loss.is_finite() {
            return Err(Error::argument(format!(
                "the loss of epoch {number} is no number: a smaller learning_rate than {} may help",
                self.settings.learning_rate
            )));
        }
        let validation = self.scores_with(&self.weights, Part::Validation);
        let decisive = validation.as_ref().and_then(|v| v.log_loss).unwrap_or(loss);
        if decisive < self.best_loss {
            self.best_loss = decisive;
            self.best_epoch = number;
            self.best.clone_from(&self.weights);
        }
        let patience = self.settings.patience;
        let stale = patience > 0 && number - self.best_epoch >= patience;
        let epoch = Epoch {
            number,
            loss,
            validation_loss: validation.as_ref().and_then(|scores| scores.log_loss),
            validation_accuracy: validation.as_ref().map(|scores| scores.accuracy),
            best: self.best_epoch,
            finished: stale || number == self.settings.epochs,
        };
        self.epochs.push(epoch);
        Ok(epoch)
    }

    /// The model file with the best parameters so far; `training` goes into its card.
    ///
    /// # Errors
    /// Never for what a training made.
    pub fn model(&self, training: serde_json::Value) -> Result<Vec<u8>> {
        let mut card = Card::new(
            self.dataset.window,
            self.weights.sizes(),
            self.dataset.features.clone(),
            self.labels,
        );
        card.training = training;
        Model::write(&card, &self.best)
    }

    /// The scores of the best parameters so far over a part, if it has samples.
    pub fn scores(&self, part: Part) -> Option<Scores> {
        self.scores_with(&self.best, part)
    }

    /// Probabilities of the samples of a part, by the best parameters so far.
    pub fn probabilities(&self, part: Part) -> Vec<[f32; CLASSES]> {
        self.probabilities_with(&self.best, part)
    }

    fn probabilities_with(&self, weights: &Weights, part: Part) -> Vec<[f32; CLASSES]> {
        let network = Network::new(weights, self.dataset.window);
        let starts: Vec<usize> = self.dataset.samples(part).iter().map(|s| s.start).collect();
        let mut results = vec![[0.0; CLASSES]; starts.len()];
        let mut scratch = network.scratch();
        network.score(&self.dataset.values, &starts, &mut scratch, |index, p| {
            results[index] = p;
        });
        results
    }

    fn scores_with(&self, weights: &Weights, part: Part) -> Option<Scores> {
        let samples = self.dataset.samples(part);
        let pairs: Vec<_> = samples
            .iter()
            .map(|sample| sample.class)
            .zip(self.probabilities_with(weights, part))
            .collect();
        (!pairs.is_empty()).then(|| Scores::of_probabilities(&pairs))
    }

    /// The training as bytes, to go on from later: parameters, Adam's moments, the epochs so far. The samples are not in it.
    pub fn save(&self) -> Vec<u8> {
        let state = State {
            settings: self.settings,
            samples: self.dataset.samples(Part::Training).len(),
            epochs: self.epochs.clone(),
            best_loss: self.best_loss.is_finite().then_some(self.best_loss),
            steps: self.adam.steps(),
        };
        let json = serde_json::to_vec(&state).unwrap_or_default();
        let mut bytes = (json.len() as u64).to_le_bytes().to_vec();
        bytes.extend(json);
        for values in self.numbers() {
            bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        }
        bytes
    }

    /// Goes on from saved bytes: the same data, sizes and settings then give the same parameters as without a break.
    ///
    /// # Errors
    /// Bytes that are damaged, or of a training with other sizes, settings or samples; nothing changes then.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<()> {
        let refuse = |text: &str| Error::State(text.to_owned());
        let cut = || refuse("it is cut off");
        let (length, rest) = bytes.split_first_chunk::<8>().ok_or_else(cut)?;
        let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| cut())?;
        let (json, rest) = rest.split_at_checked(length).ok_or_else(cut)?;
        let state: State =
            serde_json::from_slice(json).map_err(|error| refuse(&error.to_string()))?;
        let later = Settings {
            epochs: self.settings.epochs,
            patience: self.settings.patience,
            ..state.settings
        };
        if later != self.settings || state.samples != self.dataset.samples(Part::Training).len() {
            return Err(refuse("it is of a training with other settings or samples"));
        }
        let count = self.weights.values().len();
        let (numbers, odd) = rest.as_chunks::<4>();
        if !odd.is_empty() || numbers.len() != 4 * count {
            return Err(refuse("it is of a network of another size, or cut off"));
        }
        let numbers: Vec<f32> = numbers.iter().map(|v| f32::from_le_bytes(*v)).collect();
        if numbers.iter().any(|value| !value.is_finite()) {
            return Err(refuse("it holds values that are not finite"));
        }
        let part = |index: usize| &numbers[index * count..(index + 1) * count];
        self.weights.values_mut().copy_from_slice(part(0));
        self.best.values_mut().copy_from_slice(part(1));
        self.adam.restore(part(2), part(3), state.steps);
        self.best_loss = state.best_loss.unwrap_or(f64::INFINITY);
        self.best_epoch = state.epochs.last().map_or(0, |epoch| epoch.best);
        self.epochs = state.epochs;
        Ok(())
    }

    fn numbers(&self) -> [&[f32]; 4] {
        let [first, second] = self.adam.moments();
        [self.weights.values(), self.best.values(), first, second]
    }
}

/// What a saved training is about.
#[derive(Serialize, Deserialize)]
struct State {
    settings: Settings,
    samples: usize,
    epochs: Vec<Epoch>,
    best_loss: Option<f64>,
    steps: u64,
}

/// Ones, or weights that let every class count the same in sum.
fn class_weights(dataset: &Dataset, wanted: bool) -> [f32; CLASSES] {
    let mut weights = [1.0; CLASSES];
    if wanted {
        let samples = dataset.samples(Part::Training);
        for (class, weight) in weights.iter_mut().enumerate() {
            let count = samples
                .iter()
                .filter(|sample| sample.class == class)
                .count();
            *weight = samples.len() as f32 / (CLASSES * count.max(1)) as f32;
        }
    }
    weights
}

#[cfg(test)]
mod tests;

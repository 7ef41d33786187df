//! A model file, read and made ready for scoring.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};

use safetensors::SafeTensors;
use sha2::{Digest, Sha256};

use crate::keras;
use crate::network::Network;
use crate::simd::{BLOCK, Scratch};
use crate::{CLASSES, Card, Error, Result, Weights};

/// The entry of the file's metadata that holds the card.
pub(crate) const CARD: &str = "financelake.trend";
/// Larger files are no models of ours: the largest sizes that a card may have fit.
const MOST_BYTES: usize = 256 << 20;
/// A header of a dozen tensors and a card.
const MOST_HEADER_BYTES: u64 = 4 << 20;

/// A network with its card.
#[derive(Debug)]
pub struct Model {
    card: Card,
    weights: Weights,
    network: Network,
    digest: String,
}

impl Model {
    /// Reads a model file: safetensors with exactly the network's tensors and a card in its metadata.
    ///
    /// Python pickles and TorchScript are refused, as is every file that is not whole and sound: reading runs no code of
    /// the file and takes memory only for what the file really has.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn read(file: &[u8]) -> Result<Self> {
        let (metadata, tensors) = open(file)?;
        let card = metadata.get(CARD).ok_or_else(|| {
            Error::File(format!(
                "its metadata has no '{CARD}'; weights of other programs come in through `financelake model import`"
            ))
        })?;
        let card = Card::parse(card)?;
        let weights = Weights::read(&tensors, card.features.len(), card.sizes)?;
        Ok(Self::build(card, weights, digest(file)))
    }

    /// The model that is in memory already, for someone else with the same bytes, or a newly read one. It goes with its
    /// last user.
    ///
    /// # Errors
    /// As for [`read`](Self::read).
    pub fn shared(file: &[u8]) -> Result<Arc<Self>> {
        static MODELS: LazyLock<Mutex<HashMap<String, Weak<Model>>>> =
            LazyLock::new(Mutex::default);
        let key = digest(file);
        // Held while a model is read, so that tasks that start together read it once.
        let mut models = MODELS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(model) = models.get(&key).and_then(Weak::upgrade) {
            return Ok(model);
        }
        models.retain(|_, model| model.strong_count() > 0);
        let model = Arc::new(Self::read(file)?);
        models.insert(key, Arc::downgrade(&model));
        Ok(model)
    }

    /// Puts a model file together.
    ///
    /// # Errors
    /// A card that cannot be, or that is about another network than the weights.
    pub fn write(card: &Card, weights: &Weights) -> Result<Vec<u8>> {
        card.check()?;
        if card.features.len() != weights.features() || card.sizes != weights.sizes() {
            return Err(Error::card("it describes another network than the weights"));
        }
        let json = serde_json::to_string(card).map_err(|error| Error::card(error.to_string()))?;
        weights.write(CARD, json)
    }

    /// Makes a model file out of tensors that another program wrote as safetensors, under PyTorch's names or Keras'.
    ///
    /// # Errors
    /// What is wrong with the file or the card.
    pub fn import(card: &Card, file: &[u8]) -> Result<Vec<u8>> {
        card.check()?;
        let (_, tensors) = open(file)?;
        let features = card.features.len();
        let weights = if keras::is_from(&tensors) {
            keras::read(&tensors, features, card.sizes)?
        } else {
            Weights::read(&tensors, features, card.sizes)?
        };
        Self::write(card, &weights)
    }

    fn build(card: Card, weights: Weights, digest: String) -> Self {
        let network = Network::new(&weights, card.window);
        Self {
            card,
            weights,
            network,
            digest,
        }
    }

    /// The description.
    pub fn card(&self) -> &Card {
        &self.card
    }

    /// The parameters.
    pub fn weights(&self) -> &Weights {
        &self.weights
    }

    /// SHA-256 of the file, in hexadecimal digits.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    pub(crate) fn network(&self) -> &Network {
        &self.network
    }

    /// The scaled features of a row, or nothing if one of its values is not finite.
    pub(crate) fn scale(&self, row: impl Iterator<Item = f64>, into: &mut Vec<f32>) -> Option<()> {
        let before = into.len();
        for (feature, value) in self.card.features.iter().zip(row) {
            if !value.is_finite() {
                into.truncate(before);
                return None;
            }
            into.push(feature.scaled(value));
        }
        Some(())
    }
}

/// Scores windows that were formed elsewhere.
#[derive(Debug)]
pub struct Scorer {
    model: Arc<Model>,
    scratch: Scratch,
    scaled: Vec<f32>,
}

impl Scorer {
    /// A scorer of this model.
    pub fn new(model: Arc<Model>) -> Self {
        let scratch = model.network().scratch();
        Self {
            model,
            scratch,
            scaled: Vec::new(),
        }
    }

    /// The model.
    pub fn model(&self) -> &Arc<Model> {
        &self.model
    }

    /// Probabilities of windows: `features` holds one window after the other, each oldest row first, in the units of the
    /// bars. A window with a value that is not finite has none.
    ///
    /// # Errors
    /// A length that is not a number of windows.
    pub fn score(&mut self, features: &[f64]) -> Result<Vec<Option<[f32; CLASSES]>>> {
        let card = self.model.card();
        let (width, rows) = (card.features.len(), card.window);
        let size = width * rows;
        if !features.len().is_multiple_of(size) {
            return Err(Error::argument(format!(
                "{} values were given; a window of this model has {rows} rows of {width} features, {size} values",
                features.len()
            )));
        }
        let model = Arc::clone(&self.model);
        let mut results = vec![None; features.len() / size];
        let mut starts = Vec::with_capacity(BLOCK);
        let mut places = Vec::with_capacity(BLOCK);
        self.scaled.clear();
        let mut windows = features.chunks_exact(size).enumerate().peekable();
        while let Some((index, window)) = windows.next() {
            let start = self.scaled.len();
            let whole = window
                .chunks_exact(width)
                .all(|row| model.scale(row.iter().copied(), &mut self.scaled).is_some());
            if whole {
                starts.push(start);
                places.push(index);
            } else {
                self.scaled.truncate(start);
            }
            if starts.len() == BLOCK || windows.peek().is_none() {
                let scratch = &mut self.scratch;
                let place = |at: usize, p| results[places[at]] = Some(p);
                model.network().score(&self.scaled, &starts, scratch, place);
                self.scaled.clear();
                starts.clear();
                places.clear();
            }
        }
        Ok(results)
    }
}

type Opened<'a> = (HashMap<String, String>, SafeTensors<'a>);

fn open(file: &[u8]) -> Result<Opened<'_>> {
    let refuse = |text: &str| Err(Error::File(text.to_owned()));
    // The length of a header can begin with a pickle's first byte; the header itself begins with a brace.
    let pickle = file.starts_with(b"\x80") && file.get(8) != Some(&b'{');
    if file.starts_with(b"PK\x03\x04") || pickle {
        return refuse(
            "it is a pickle or TorchScript, which can run code when it is opened; save the state_dict with safetensors",
        );
    }
    if file.len() > MOST_BYTES {
        return refuse(&format!("{} bytes are more than a model has", file.len()));
    }
    match file
        .first_chunk::<8>()
        .map(|length| u64::from_le_bytes(*length))
    {
        None => return refuse("it is cut off"),
        Some(length) if length > MOST_HEADER_BYTES => {
            return refuse(&format!(
                "its header claims {length} bytes; this is no safetensors file of a model"
            ));
        }
        Some(_) => {}
    }
    let failed = |error: safetensors::SafeTensorError| Error::File(error.to_string());
    let (_, header) = SafeTensors::read_metadata(file).map_err(failed)?;
    let metadata = header
        .metadata()
        .iter()
        .flatten()
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    Ok((metadata, SafeTensors::deserialize(file).map_err(failed)?))
}

fn digest(file: &[u8]) -> String {
    Sha256::digest(file)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

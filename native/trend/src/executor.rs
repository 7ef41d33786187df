//! Rows in, predictions out: windows are formed here, group by group, batch by batch.

use std::sync::Arc;

use financelake_indicators::Batch;
use sha2::{Digest, Sha256};

use crate::simd::Scratch;
use crate::{CLASSES, Error, Model, Result, class_of};

const MAGIC: &[u8; 8] = b"FLTREND1";
const SUM_BYTES: usize = 8;

/// Scores each row of a group together with the rows before it. A row with a missing or non-finite value has no result and
/// does not enter the window; the first rows of a group have none either, until the window is full.
#[derive(Debug)]
pub struct TrendExecutor {
    model: Arc<Model>,
    scratch: Scratch,
    /// The scaled rows of the running group that later windows can still reach.
    held: Vec<f32>,
}

/// Where the results of a batch go: one value and one validity bit (least significant first) per row. Every row is written:
/// one without a result gets 0 and a cleared bit.
#[derive(Debug)]
pub struct Outputs<'a> {
    /// The most likely class.
    pub prediction: &'a mut [i32],
    /// The probability of each class.
    pub probabilities: [&'a mut [f32]; CLASSES],
    /// Validity of the prediction, then of each probability.
    pub validity: [&'a mut [u8]; CLASSES + 1],
}

impl TrendExecutor {
    /// An executor without history.
    pub fn new(model: Arc<Model>) -> Self {
        let scratch = model.network().scratch();
        Self {
            model,
            scratch,
            held: Vec::new(),
        }
    }

    /// The model.
    pub fn model(&self) -> &Arc<Model> {
        &self.model
    }

    /// Takes the next rows: a column per feature, in the order of the card.
    ///
    /// # Errors
    /// Columns or outputs of other numbers or lengths; nothing was written and the state is as before.
    pub fn run(&mut self, batch: &Batch<'_>, outputs: &mut Outputs<'_>) -> Result<()> {
        self.check(batch, outputs)?;
        let model = Arc::clone(&self.model);
        let (width, window) = (model.card().features.len(), model.card().window);
        let bytes = batch.rows.div_ceil(8);
        outputs.prediction[..batch.rows].fill(0);
        for values in &mut outputs.probabilities {
            values[..batch.rows].fill(0.0);
        }
        for bits in &mut outputs.validity {
            bits[..bytes].fill(0);
        }
        let mut group = self.held.len() / width;
        let mut borders = batch.starts.iter().peekable();
        let (mut starts, mut rows) = (Vec::new(), Vec::new());
        for row in 0..batch.rows {
            if borders.next_if(|&&start| start as usize == row).is_some() {
                group = 0;
            }
            let values = batch.columns.iter().map(|column| {
                let valid = column
                    .validity
                    .is_none_or(|bits| bits[row / 8] >> (row % 8) & 1 == 1);
                if valid { column.values[row] } else { f64::NAN }
            });
            if model.scale(values, &mut self.held).is_none() {
                continue;
            }
            group += 1;
            if group >= window {
                starts.push(self.held.len() - window * width);
                rows.push(row);
            }
        }
        model
            .network()
            .score(&self.held, &starts, &mut self.scratch, |index, p| {
                let row = rows[index];
                outputs.prediction[row] = class_of(&p) as i32;
                for (values, p) in outputs.probabilities.iter_mut().zip(p) {
                    values[row] = p;
                }
                for bits in &mut outputs.validity {
                    bits[row / 8] |= 1 << (row % 8);
                }
            });
        let kept = group.min(window - 1) * width;
        self.held.drain(..self.held.len() - kept);
        Ok(())
    }

    /// The most bytes that are kept between batches.
    pub fn memory(&self) -> usize {
        let card = self.model.card();
        card.window * card.features.len() * size_of::<f32>()
    }

    /// Forgets the history.
    pub fn reset(&mut self) {
        self.held.clear();
    }

    /// The state after the rows so far.
    pub fn save(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(self.model.digest().as_bytes());
        bytes.extend(self.held.iter().flat_map(|value| value.to_le_bytes()));
        let sum = Sha256::digest(&bytes);
        bytes.extend(&sum[..SUM_BYTES]);
        bytes
    }

    /// Goes on from a saved state of the same model.
    ///
    /// # Errors
    /// Bytes that are damaged or of another model; the state is as before.
    pub fn restore(&mut self, state: &[u8]) -> Result<()> {
        let refuse = |text: &str| Err(Error::State(text.to_owned()));
        let rest = match state.strip_prefix(MAGIC) {
            Some(rest) => rest,
            None => return refuse("these bytes are none of a trend model"),
        };
        let Some((body, sum)) = rest.split_last_chunk::<SUM_BYTES>() else {
            return refuse("it is cut off; replay the history");
        };
        if Sha256::digest(&state[..state.len() - SUM_BYTES])[..SUM_BYTES] != sum[..] {
            return refuse(
                "its checksum is wrong, so it was cut off or altered; replay the history",
            );
        }
        let digest = self.model.digest().as_bytes();
        let Some(values) = body.strip_prefix(digest) else {
            return refuse("it is of another model; replay the history with this one");
        };
        let card = self.model.card();
        let width = card.features.len() * size_of::<f32>();
        if !values.len().is_multiple_of(width) || values.len() / width >= card.window {
            return refuse("its length is not a number of rows below the window");
        }
        let (values, _) = values.as_chunks::<4>();
        self.held = values.iter().map(|v| f32::from_le_bytes(*v)).collect();
        Ok(())
    }

    fn check(&self, batch: &Batch<'_>, outputs: &Outputs<'_>) -> Result<()> {
        let refuse = |text: String| Err(Error::Argument(text));
        let (rows, features) = (batch.rows, self.model.card().features.len());
        if batch.columns.len() != features {
            return refuse(format!(
                "{} columns were given, the model has {features} features",
                batch.columns.len()
            ));
        }
        let bytes = rows.div_ceil(8);
        let columns = batch.columns.iter().all(|column| {
            column.values.len() >= rows && column.validity.is_none_or(|bits| bits.len() >= bytes)
        });
        let results = outputs.prediction.len() >= rows
            && outputs.probabilities.iter().all(|p| p.len() >= rows)
            && outputs.validity.iter().all(|bits| bits.len() >= bytes);
        if !columns || !results {
            return refuse(format!(
                "a column or a result is shorter than the {rows} rows"
            ));
        }
        let ascending = batch.starts.windows(2).all(|pair| pair[0] < pair[1]);
        let inside = batch
            .starts
            .last()
            .is_none_or(|&last| (last as usize) < rows);
        if !ascending || !inside {
            return refuse(format!(
                "the group starts are not ascending row numbers below {rows}"
            ));
        }
        Ok(())
    }
}

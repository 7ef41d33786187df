//! Indicators and trend models over the same rows, as one executor.

use financelake_indicators::{Batch, BlockExecutor, Call, Program};
use financelake_trend::{CLASSES, Model, Outputs, TrendExecutor};
use std::sync::Arc;

use crate::columns::{Executor, Kind, Values};
use crate::{Refusal, Result};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    columns: usize,
    calls: Vec<Call>,
    #[serde(default)]
    trends: Vec<TrendCall>,
}

/// A model over columns.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct TrendCall {
    /// Which of the models that came with the request.
    model: usize,
    /// The column of each feature.
    inputs: Vec<usize>,
}

/// A program of indicators and the models beside it. Outputs are those of the program, then four per model: the class as
/// `i32`, and the probabilities of down, up and neutral as `f32`.
#[derive(Debug)]
pub struct WindowExecutor {
    block: BlockExecutor,
    trends: Vec<(TrendExecutor, Vec<usize>)>,
}

fn parse(json: &str) -> Result<(Request, Program)> {
    let request: Request = serde_json::from_str(json).map_err(|error| {
        Refusal::argument(format!("the request is not as docs/ffi.md says: {error}"))
    })?;
    let program = Program::compile(&request.calls, request.columns)?;
    Ok((request, program))
}

/// The most bytes that an executor for this request keeps for the histories of its indicators.
///
/// # Errors
/// As for [`WindowExecutor::new`], without a look at models.
pub fn window_memory(json: &str) -> Result<usize> {
    Ok(parse(json)?.1.memory())
}

impl WindowExecutor {
    /// Compiles a request as [`program`](crate::program) does, with model calls beside the others:
    /// `"trends": [{"model": 0, "inputs": [0, 1]}]`. `models` are the model files that they name by index.
    ///
    /// # Errors
    /// JSON of another shape, what the program or a model refuses, an index that is none.
    pub fn new(json: &str, models: &[Vec<u8>]) -> Result<Self> {
        let (request, program) = parse(json)?;
        let models = models
            .iter()
            .map(|file| Model::shared(file))
            .collect::<financelake_trend::Result<Vec<_>>>()?;
        let mut trends = Vec::with_capacity(request.trends.len());
        for TrendCall { model, inputs } in request.trends {
            let model = models.get(model).ok_or_else(|| {
                Refusal::argument(format!(
                    "a call names model {model}, {} came with the request",
                    models.len()
                ))
            })?;
            let features = model.card().features.len();
            if inputs.len() != features || inputs.iter().any(|&input| input >= request.columns) {
                return Err(Refusal::argument(format!(
                    "the model has {features} features, the call the columns {inputs:?} of {}",
                    request.columns
                )));
            }
            trends.push((TrendExecutor::new(Arc::clone(model)), inputs));
        }
        Ok(Self {
            block: BlockExecutor::new(Arc::new(program)),
            trends,
        })
    }

    /// Forgets all rows.
    pub fn reset(&mut self) {
        self.block.reset();
        for (trend, _) in &mut self.trends {
            trend.reset();
        }
    }

    /// The state after the rows so far: the indicators', with the length of each behind it those of the models.
    pub fn save(&self) -> Vec<u8> {
        let mut bytes = self.block.save();
        for (trend, _) in &self.trends {
            let state = trend.save();
            bytes.extend(&state);
            bytes.extend((state.len() as u64).to_le_bytes());
        }
        bytes
    }

    /// Goes on from a saved state.
    ///
    /// # Errors
    /// Bytes that are damaged or of another request; the state is as before.
    pub fn restore(&mut self, state: &[u8]) -> Result<()> {
        let before = self.save();
        let outcome = self.load(state);
        if outcome.is_err() {
            self.load(&before)?;
        }
        outcome
    }

    fn load(&mut self, mut state: &[u8]) -> Result<()> {
        let cut = || Refusal::Trend(financelake_trend::Error::State("it is cut off".into()));
        for (trend, _) in self.trends.iter_mut().rev() {
            let (rest, length) = state.split_last_chunk::<8>().ok_or_else(cut)?;
            let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| cut())?;
            let at = rest.len().checked_sub(length).ok_or_else(cut)?;
            let (rest, own) = rest.split_at(at);
            trend.restore(own)?;
            state = rest;
        }
        Ok(self.block.restore(state)?)
    }
}

impl Executor for WindowExecutor {
    fn columns(&self) -> usize {
        self.block.columns()
    }

    fn kinds(&self) -> Vec<Kind> {
        const OF_A_MODEL: [Kind; CLASSES + 1] =
            [Kind::Integer, Kind::Single, Kind::Single, Kind::Single];
        let mut kinds = self.block.kinds();
        kinds.extend(self.trends.iter().flat_map(|_| OF_A_MODEL));
        kinds
    }

    fn run(&mut self, batch: &Batch<'_>, mut outputs: Vec<(Values<'_>, &mut [u8])>) -> Result<()> {
        let of_models = outputs.split_off(self.block.program().outputs().len());
        Executor::run(&mut self.block, batch, outputs)?;
        let mut of_models = of_models.into_iter();
        for (trend, inputs) in &mut self.trends {
            let columns: Vec<_> = inputs.iter().map(|&input| batch.columns[input]).collect();
            let four: Vec<_> = of_models.by_ref().take(CLASSES + 1).collect();
            let [
                (Values::Integer(prediction), bits),
                (Values::Single(down), bits_down),
                (Values::Single(up), bits_up),
                (Values::Single(neutral), bits_neutral),
            ] = <[_; CLASSES + 1]>::try_from(four)
                .map_err(|_| Refusal::argument("a model has four outputs"))?
            else {
                return Err(Refusal::argument("a model gives an i32 and three f32"));
            };
            let own = Batch {
                columns: &columns,
                ..*batch
            };
            let mut outputs = Outputs {
                prediction,
                probabilities: [down, up, neutral],
                validity: [bits, bits_down, bits_up, bits_neutral],
            };
            trend.run(&own, &mut outputs)?;
        }
        Ok(())
    }
}

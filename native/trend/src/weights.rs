//! The parameters of the network, and their form in a safetensors file.
//!
//! Names and layout are PyTorch's, so that its `load_state_dict` takes them: gates in the order input, forget, cell, output,
//! weights as `[4 * units, inputs]`, two bias vectors, which are added.

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use serde::{Deserialize, Serialize};

use crate::{CLASSES, Error, Result};

/// Gates of an LSTM cell.
pub(crate) const GATES: usize = 4;
/// Larger weights are a fault of the file: sums over them could leave the range of `f32`.
const LARGEST: f32 = 1e6;

/// Sizes of the layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sizes {
    /// Units of the two LSTM layers.
    pub units: [usize; 2],
    /// Units of the dense layer between them and the classes.
    pub dense: usize,
}

impl Default for Sizes {
    /// 128, 64 and 32.
    fn default() -> Self {
        Self {
            units: [128, 64],
            dense: 32,
        }
    }
}

/// A tensor's place among all parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tensor {
    pub(crate) name: &'static str,
    pub(crate) shape: Vec<usize>,
    pub(crate) from: usize,
}

impl Tensor {
    pub(crate) fn len(&self) -> usize {
        self.shape.iter().product()
    }
}

/// The tensors of one LSTM layer: places in the list of [`tensors`].
pub(crate) const LSTM: [usize; 2] = [0, 4];
pub(crate) const INPUT_WEIGHTS: usize = 0;
pub(crate) const HIDDEN_WEIGHTS: usize = 1;
pub(crate) const INPUT_BIAS: usize = 2;
pub(crate) const HIDDEN_BIAS: usize = 3;
pub(crate) const DENSE: [usize; 2] = [8, 10];

/// All tensors of a network, one behind the other.
pub(crate) fn tensors(features: usize, sizes: Sizes) -> Vec<Tensor> {
    let Sizes {
        units: [first, second],
        dense,
    } = sizes;
    let mut from = 0;
    let mut tensor = |name, shape: &[usize]| {
        let tensor = Tensor {
            name,
            shape: shape.to_vec(),
            from,
        };
        from += tensor.len();
        tensor
    };
    vec![
        tensor("l1.weight_ih_l0", &[GATES * first, features]),
        tensor("l1.weight_hh_l0", &[GATES * first, first]),
        tensor("l1.bias_ih_l0", &[GATES * first]),
        tensor("l1.bias_hh_l0", &[GATES * first]),
        tensor("l2.weight_ih_l0", &[GATES * second, first]),
        tensor("l2.weight_hh_l0", &[GATES * second, second]),
        tensor("l2.bias_ih_l0", &[GATES * second]),
        tensor("l2.bias_hh_l0", &[GATES * second]),
        tensor("fc1.weight", &[dense, second]),
        tensor("fc1.bias", &[dense]),
        tensor("fc2.weight", &[CLASSES, dense]),
        tensor("fc2.bias", &[CLASSES]),
    ]
}

/// All parameters of a network.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    features: usize,
    sizes: Sizes,
    tensors: Vec<Tensor>,
    values: Vec<f32>,
}

impl Weights {
    /// A network whose parameters are all zero.
    pub fn zero(features: usize, sizes: Sizes) -> Self {
        let tensors = tensors(features, sizes);
        let count = tensors.iter().map(Tensor::len).sum();
        Self {
            features,
            sizes,
            tensors,
            values: vec![0.0; count],
        }
    }

    /// Values of a row.
    pub fn features(&self) -> usize {
        self.features
    }

    /// Sizes of the layers.
    pub fn sizes(&self) -> Sizes {
        self.sizes
    }

    /// All values, in the order of the tensors.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    pub(crate) fn values_mut(&mut self) -> &mut [f32] {
        &mut self.values
    }

    #[cfg(test)]
    pub(crate) fn tensors(&self) -> &[Tensor] {
        &self.tensors
    }

    /// The values of a tensor.
    pub(crate) fn tensor(&self, index: usize) -> &[f32] {
        let tensor = &self.tensors[index];
        &self.values[tensor.from..tensor.from + tensor.len()]
    }

    pub(crate) fn tensor_mut(&mut self, index: usize) -> &mut [f32] {
        let tensor = &self.tensors[index];
        &mut self.values[tensor.from..tensor.from + tensor.len()]
    }

    pub(crate) fn named_mut(&mut self, name: &str) -> Option<&mut [f32]> {
        let index = self.tensors.iter().position(|tensor| tensor.name == name)?;
        Some(self.tensor_mut(index))
    }

    /// Reads the tensors of a file, which must be those of the network and no others.
    pub(crate) fn read(file: &SafeTensors<'_>, features: usize, sizes: Sizes) -> Result<Self> {
        let mut weights = Self::zero(features, sizes);
        if let Some(other) = file
            .names()
            .into_iter()
            .find(|name| weights.tensors.iter().all(|tensor| tensor.name != *name))
        {
            return Err(refusal(other, "the network has none of this name"));
        }
        for index in 0..weights.tensors.len() {
            let Tensor { name, shape, .. } = weights.tensors[index].clone();
            let found = values(file, name, &shape)?;
            weights.tensor_mut(index).copy_from_slice(&found);
        }
        Ok(weights)
    }

    /// The file with these tensors and the metadata.
    pub(crate) fn write(&self, key: &str, metadata: String) -> Result<Vec<u8>> {
        let bytes: Vec<u8> = self.values.iter().flat_map(|v| v.to_le_bytes()).collect();
        let mut views = Vec::with_capacity(self.tensors.len());
        for tensor in &self.tensors {
            let data = &bytes[tensor.from * 4..(tensor.from + tensor.len()) * 4];
            let view = TensorView::new(Dtype::F32, tensor.shape.clone(), data)
                .map_err(|error| Error::File(error.to_string()))?;
            views.push((tensor.name, view));
        }
        let metadata = [(key.to_owned(), metadata)].into_iter().collect();
        safetensors::serialize(views, Some(metadata))
            .map_err(|error| Error::File(error.to_string()))
    }
}

/// The values of a tensor that has this shape.
pub(crate) fn values(file: &SafeTensors<'_>, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
    let found = file
        .tensor(name)
        .map_err(|_| refusal(name, "it is missing"))?;
    if found.dtype() != Dtype::F32 {
        let given = found.dtype();
        return Err(refusal(name, &format!("it holds {given:?}, not F32")));
    }
    if found.shape() != shape {
        let given = found.shape();
        return Err(refusal(
            name,
            &format!("its shape is {given:?}, the network's is {shape:?}"),
        ));
    }
    let (numbers, _) = found.data().as_chunks::<4>();
    let values: Vec<f32> = numbers.iter().map(|v| f32::from_le_bytes(*v)).collect();
    match values
        .iter()
        .find(|value| !(-LARGEST..=LARGEST).contains(*value))
    {
        None => Ok(values),
        Some(value) => Err(refusal(
            name,
            &format!("it holds {value}; weights are finite, at most {LARGEST:e}"),
        )),
    }
}

pub(crate) fn refusal(name: &str, problem: &str) -> Error {
    // A name comes from the file: show no more of it than of a name.
    Error::Tensor {
        name: name.chars().take(64).collect(),
        problem: problem.to_owned(),
    }
}

//! Weights that Keras trained, under the names and in the layout that it has for them.
//!
//! `kernel` and `recurrent_kernel` are `[inputs, 4 * units]`, the transposed of PyTorch's; the gates have the same order; there
//! is one bias, so PyTorch's second one is zero.

use safetensors::SafeTensors;

use crate::weights::{GATES, refusal, values};
use crate::{CLASSES, Error, Result, Sizes, Weights};

/// Whether a file has Keras' names.
pub(crate) fn is_from(file: &SafeTensors<'_>) -> bool {
    file.names().iter().any(|name| name.ends_with(".kernel"))
}

/// Reads `l1` and `l2`, the LSTM layers, and `fc1` and `fc2`, the dense ones, which must be all of the file.
pub(crate) fn read(file: &SafeTensors<'_>, features: usize, sizes: Sizes) -> Result<Weights> {
    let [first, second] = sizes.units;
    let dense = sizes.dense;
    // Keras' name and shape, PyTorch's name.
    let tensors = [
        (
            "l1.kernel",
            vec![features, GATES * first],
            "l1.weight_ih_l0",
        ),
        (
            "l1.recurrent_kernel",
            vec![first, GATES * first],
            "l1.weight_hh_l0",
        ),
        ("l1.bias", vec![GATES * first], "l1.bias_ih_l0"),
        ("l2.kernel", vec![first, GATES * second], "l2.weight_ih_l0"),
        (
            "l2.recurrent_kernel",
            vec![second, GATES * second],
            "l2.weight_hh_l0",
        ),
        ("l2.bias", vec![GATES * second], "l2.bias_ih_l0"),
        ("fc1.kernel", vec![second, dense], "fc1.weight"),
        ("fc1.bias", vec![dense], "fc1.bias"),
        ("fc2.kernel", vec![dense, CLASSES], "fc2.weight"),
        ("fc2.bias", vec![CLASSES], "fc2.bias"),
    ];
    let known = |name: &str| tensors.iter().any(|(keras, ..)| *keras == name);
    if let Some(other) = file.names().into_iter().find(|name| !known(name)) {
        return Err(refusal(other, "a network of Keras has none of this name"));
    }
    let mut weights = Weights::zero(features, sizes);
    for (name, shape, own) in tensors {
        let found = values(file, name, &shape)?;
        let place = weights.named_mut(own).ok_or_else(|| Error::argument(own))?;
        match shape[..] {
            [rows, columns] => {
                for (index, value) in place.iter_mut().enumerate() {
                    *value = found[index % rows * columns + index / rows];
                }
            }
            _ => place.copy_from_slice(&found),
        }
    }
    Ok(weights)
}

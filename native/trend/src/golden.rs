//! The network against PyTorch, Keras and ONNX Runtime: numbers that `tests/golden/generate.py` and `interchange.py` wrote once.

use safetensors::SafeTensors;

use crate::network::Network;
use crate::train::Pass;
use crate::{Card, Model, Scorer, Sizes, Weights};

const SMALL: &[u8] = include_bytes!("../tests/golden/network.safetensors");
const KERAS: &[u8] = include_bytes!("../tests/golden/keras.safetensors");
const KERAS_CARD: &str = include_str!("../tests/golden/keras.json");
const KERAS_RESULTS: &[u8] = include_bytes!("../tests/golden/keras_results.safetensors");
const KERAS_ONNX: &[u8] = include_bytes!("../tests/golden/keras.onnx");
const FULL: &[u8] = include_bytes!("../tests/golden/full.safetensors");

fn singles(file: &SafeTensors<'_>, name: &str) -> Vec<f32> {
    let (values, _) = file.tensor(name).unwrap().data().as_chunks::<4>();
    values
        .iter()
        .map(|bytes| f32::from_le_bytes(*bytes))
        .collect()
}

fn doubles(file: &SafeTensors<'_>, name: &str) -> Vec<f64> {
    let (values, _) = file.tensor(name).unwrap().data().as_chunks::<8>();
    values
        .iter()
        .map(|bytes| f64::from_le_bytes(*bytes))
        .collect()
}

fn small() -> (SafeTensors<'static>, Weights) {
    let file = SafeTensors::deserialize(SMALL).unwrap();
    let sizes = Sizes {
        units: [12, 7],
        dense: 6,
    };
    let mut weights = Weights::zero(5, sizes);
    for index in 0..weights.tensors().len() {
        let values = singles(&file, weights.tensors()[index].name);
        weights.tensor_mut(index).copy_from_slice(&values);
    }
    (file, weights)
}

/// The largest distance of probabilities to PyTorch's in double precision.
fn distance(weights: &Weights, window: usize, x: &[f32], wanted: &[f64]) -> f64 {
    let network = Network::new(weights, window);
    let size = window * weights.features();
    let starts: Vec<usize> = (0..x.len() / size).map(|index| index * size).collect();
    let mut worst = 0.0_f64;
    network.score(x, &starts, &mut network.scratch(), |index, p| {
        for (class, p) in p.into_iter().enumerate() {
            worst = worst.max((f64::from(p) - wanted[index * 3 + class]).abs());
        }
    });
    worst
}

#[test]
fn a_small_network_gives_pytorchs_probabilities() {
    let (file, weights) = small();
    let worst = distance(&weights, 9, &singles(&file, "x"), &doubles(&file, "p"));
    assert!(worst < 2e-6, "{worst:e}");
}

#[test]
fn the_full_network_gives_pytorchs_probabilities() {
    let mut state = 1_u64;
    let mut take = |count: usize, scale: f32| -> Vec<f32> {
        (0..count)
            .map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                ((state >> 40) as f64 / f64::from(1 << 23) - 1.0) as f32 * scale
            })
            .collect()
    };
    let mut weights = Weights::zero(10, Sizes::default());
    for index in 0..weights.tensors().len() {
        let tensor = weights.tensors()[index].clone();
        let scale = if tensor.name.starts_with('l') {
            0.25
        } else {
            0.5
        };
        weights
            .tensor_mut(index)
            .copy_from_slice(&take(tensor.len(), scale));
    }
    let x = take(64 * 60 * 10, 2.0);
    let file = SafeTensors::deserialize(FULL).unwrap();
    let worst = distance(&weights, 60, &x, &doubles(&file, "p"));
    assert!(worst < 2e-6, "{worst:e}");
}

#[test]
fn loss_and_gradients_are_pytorchs() {
    let (file, weights) = small();
    let (x, y) = (singles(&file, "x"), file.tensor("y").unwrap());
    let (y, _) = y.data().as_chunks::<4>();
    let classes: Vec<usize> = y.iter().map(|v| i32::from_le_bytes(*v) as usize).collect();
    let starts: Vec<usize> = (0..classes.len()).map(|index| index * 45).collect();
    let mut pass = Pass::new(&weights, 9);
    let loss = pass.gradients(&weights, &x, &starts, &classes, &[1.0; 3], None);
    let wanted = doubles(&file, "loss")[0];
    assert!((f64::from(loss) - wanted).abs() < 1e-6, "{loss} {wanted}");
    for tensor in weights.tensors() {
        let wanted = doubles(&file, &format!("{}.grad", tensor.name));
        let own = &pass.gradient()[tensor.from..tensor.from + tensor.len()];
        assert!(
            wanted.iter().any(|value| value.abs() > 1e-4),
            "{}",
            tensor.name
        );
        for (own, wanted) in own.iter().zip(wanted) {
            assert!(
                (f64::from(*own) - wanted).abs() < 1e-6,
                "{}: {own} {wanted}",
                tensor.name
            );
        }
    }
}

fn keras() -> Model {
    let card = Card::parse(KERAS_CARD).unwrap();
    Model::read(&Model::import(&card, KERAS).unwrap()).unwrap()
}

#[test]
fn weights_of_keras_give_its_probabilities() {
    let results = SafeTensors::deserialize(KERAS_RESULTS).unwrap();
    let (x, wanted) = (doubles(&results, "x"), doubles(&results, "p"));
    let scores = Scorer::new(keras().into()).score(&x).unwrap();
    assert_eq!(scores.len(), 20);
    for (p, wanted) in scores.iter().zip(wanted.as_chunks::<3>().0) {
        for (p, wanted) in p.unwrap().iter().zip(wanted) {
            assert!((f64::from(*p) - wanted).abs() < 2e-6, "{p} {wanted}");
        }
    }
}

#[test]
fn weights_of_keras_are_checked() {
    let card = Card::parse(KERAS_CARD).unwrap();
    let mut wider = card.clone();
    wider.sizes.dense = 5;
    let told = Model::import(&wider, KERAS).unwrap_err().to_string();
    assert_eq!(
        told,
        "tensor 'fc1.kernel': its shape is [5, 4], the network's is [5, 5]"
    );
    let mut bytes = KERAS.to_vec();
    let at = bytes
        .windows(8)
        .position(|name| name == b"fc2.bias")
        .unwrap();
    bytes[at + 2] = b'3';
    let told = Model::import(&card, &bytes).unwrap_err().to_string();
    assert_eq!(
        told,
        "tensor 'fc3.bias': a network of Keras has none of this name"
    );
}

#[test]
fn a_header_whose_length_begins_like_a_pickle_is_none() {
    let card = Card::parse(KERAS_CARD).unwrap();
    let file = Model::import(&card, KERAS).unwrap();
    assert_eq!(file[0], 0x80, "this model happens to be such a file");
}

/// The file that ONNX Runtime gave Keras' results with, when it was written.
#[test]
fn the_graph_is_the_one_that_onnx_runtime_agreed_with() {
    assert!(keras().to_onnx().unwrap() == KERAS_ONNX);
}

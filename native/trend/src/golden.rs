//! The network against PyTorch: numbers that `tests/golden/generate.py` wrote once.

use safetensors::SafeTensors;

use crate::network::Network;
use crate::train::Pass;
use crate::{Sizes, Weights};

const SMALL: &[u8] = include_bytes!("../tests/golden/network.safetensors");
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

use super::*;
use crate::Feature;

fn random_windows(count: usize, window: usize, width: usize) -> (Vec<f64>, Vec<i32>) {
    let mut random = Random::of(3, 0);
    let values: Vec<f64> = (0..count * window * width).map(|_| random.unit()).collect();
    // The class is a simple property of the window: whether its first feature grows.
    let classes = values
        .chunks_exact(window * width)
        .map(|w| {
            let mean = |rows: std::ops::Range<usize>| {
                rows.clone().map(|r| w[r * width]).sum::<f64>() / rows.len() as f64
            };
            let change = mean(window / 2..window) - mean(0..window / 2);
            if change > 0.1 {
                1
            } else if change < -0.1 {
                0
            } else {
                2
            }
        })
        .collect();
    (values, classes)
}

fn small(settings: Settings, count: usize) -> Trainer {
    let features = vec![Feature::column("a"), Feature::column("b")];
    let (values, classes) = random_windows(count, 6, 2);
    let validation: Vec<bool> = (0..count).map(|index| index % 4 == 3).collect();
    let dataset = Dataset::of_windows(&values, &classes, &validation, 6, features).unwrap();
    let sizes = Sizes {
        units: [12, 8],
        dense: 6,
    };
    Trainer::new(dataset, sizes, Labels::default(), settings).unwrap()
}

/// The gradient of the loss against its change along the gradient, with dropout and weights of classes.
#[test]
fn gradients_are_those_of_the_loss() {
    let mut trainer = small(
        Settings {
            initialisation: Initialisation::PyTorch,
            ..Settings::default()
        },
        64,
    );
    let starts: Vec<usize> = (0..16).map(|index| index * 12).collect();
    let classes: Vec<usize> = (0..16).map(|index| index % 3).collect();
    let (values, weights) = (trainer.dataset.values.clone(), trainer.weights.clone());
    let mut loss = |weights: &Weights, random: &mut Random| {
        let dropout = Some((0.3, random));
        let class_weights = [1.0, 2.0, 0.5];
        let pass = &mut trainer.pass;
        let loss = pass.gradients(weights, &values, &starts, &classes, &class_weights, dropout);
        (f64::from(loss), pass.gradient().to_vec())
    };
    let (_, gradient) = loss(&weights, &mut Random::of(7, 0));
    for tensor in weights.tensors().to_vec() {
        let part = tensor.from..tensor.from + tensor.len();
        // Along its own gradient the loss changes by the gradient's square.
        let square: f64 = gradient[part.clone()]
            .iter()
            .map(|&g| f64::from(g).powi(2))
            .sum();
        let step = 1e-3 / square;
        let mut moved = |by: f64| {
            let mut weights = weights.clone();
            let values = weights.values_mut()[part.clone()].iter_mut();
            values
                .zip(&gradient[part.clone()])
                .for_each(|(value, g)| *value += (by * f64::from(*g)) as f32);
            loss(&weights, &mut Random::of(7, 0)).0
        };
        let slope = (moved(step) - moved(-step)) / (2.0 * step);
        assert!(
            (slope / square - 1.0).abs() < 0.06,
            "{}: {slope} {square}",
            tensor.name
        );
    }
}

#[test]
fn a_tiny_set_is_learnt_by_heart() {
    let mut trainer = small(
        Settings {
            dropout: 0.0,
            patience: 0,
            batch: 8,
            learning_rate: 1e-2,
            epochs: 120,
            ..Settings::default()
        },
        32,
    );
    while !trainer.finished() {
        trainer.epoch().unwrap();
    }
    let last = trainer.epochs().last().unwrap();
    assert!(last.loss < 0.05, "{last:?}");
}

#[test]
fn a_signal_is_learnt_and_training_stops_when_it_does_not_help_any_more() {
    let mut trainer = small(
        Settings {
            learning_rate: 5e-3,
            patience: 5,
            ..Settings::default()
        },
        1200,
    );
    while !trainer.finished() {
        trainer.epoch().unwrap();
    }
    let scores = trainer.scores(Part::Validation).unwrap();
    assert!(scores.accuracy > 0.7, "{scores:?}");
    let epochs = trainer.epochs();
    let last = epochs.last().unwrap();
    assert!(
        last.number == 100 || last.number - last.best == 5,
        "{last:?}"
    );
    let best = epochs[last.best as usize - 1].validation_loss;
    assert!(epochs.iter().all(|epoch| epoch.validation_loss >= best));
    assert_eq!(scores.log_loss, best, "the best parameters are kept");
    assert!(trainer.epoch().is_err());
}

#[test]
fn a_training_goes_on_where_it_was_saved() {
    let settings = Settings {
        epochs: 5,
        ..Settings::default()
    };
    let mut whole = small(settings, 100);
    let mut saved = Vec::new();
    while !whole.finished() {
        if whole.epochs().len() == 2 {
            saved = whole.save();
        }
        whole.epoch().unwrap();
    }
    let mut resumed = small(settings, 100);
    resumed.restore(&saved).unwrap();
    while !resumed.finished() {
        resumed.epoch().unwrap();
    }
    assert_eq!(resumed.epochs(), whole.epochs());
    let file = |trainer: &Trainer| trainer.model(serde_json::Value::Null).unwrap();
    assert_eq!(file(&resumed), file(&whole));

    let mut other = small(
        Settings {
            seed: 2,
            ..settings
        },
        100,
    );
    let before = other.save();
    for state in [&saved[..], &saved[..saved.len() - 1], &[], &before[..9]] {
        assert!(matches!(other.restore(state), Err(Error::State(_))));
        assert_eq!(other.save(), before);
    }
}

//! How good predictions were.

use serde::Serialize;

use crate::{CLASSES, class_of};

/// Bins of the calibration table.
const BINS: usize = 10;

/// Predictions counted against what came.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Scores {
    /// How many.
    pub count: u64,
    /// Rows that came as class `i` and were predicted as class `j`.
    pub confusion: [[u64; CLASSES]; CLASSES],
    /// Share of right predictions.
    pub accuracy: f64,
    /// Mean of the negative logarithm of the probability of what came; absent where there were no probabilities.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_loss: Option<f64>,
    /// Per class, in the order of the classes.
    pub classes: [ClassScores; CLASSES],
    /// Mean of the classes' F1.
    pub macro_f1: f64,
    /// Per tenth of the probability of the predicted class: count, mean probability, share of right predictions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub calibration: Vec<(u64, f64, f64)>,
    /// Mean distance between probability and share of right predictions, weighted by count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calibration_error: Option<f64>,
}

/// Quality of one class; 0 where nothing is to divide by.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct ClassScores {
    /// Share of the predictions of the class that were right.
    pub precision: f64,
    /// Share of the rows of the class that were predicted.
    pub recall: f64,
    /// Harmonic mean of both.
    pub f1: f64,
}

impl Scores {
    /// Scores of classes alone, as (came, predicted).
    pub fn of_classes(pairs: impl IntoIterator<Item = (usize, usize)>) -> Self {
        let mut scores = Self::default();
        for (came, predicted) in pairs {
            scores.confusion[came][predicted] += 1;
        }
        let confusion = &scores.confusion;
        scores.count = confusion.iter().flatten().sum();
        let right: u64 = (0..CLASSES).map(|class| confusion[class][class]).sum();
        scores.accuracy = share(right, scores.count);
        for class in 0..CLASSES {
            let hit = confusion[class][class];
            let predicted: u64 = confusion.iter().map(|row| row[class]).sum();
            let came: u64 = confusion[class].iter().sum();
            let (precision, recall) = (share(hit, predicted), share(hit, came));
            let f1 = if hit == 0 {
                0.0
            } else {
                2.0 * precision * recall / (precision + recall)
            };
            scores.classes[class] = ClassScores {
                precision,
                recall,
                f1,
            };
        }
        scores.macro_f1 = scores.classes.iter().map(|class| class.f1).sum::<f64>() / CLASSES as f64;
        scores
    }

    /// Scores of probabilities, as (came, probabilities).
    pub fn of_probabilities(pairs: &[(usize, [f32; CLASSES])]) -> Self {
        let mut scores = Self::of_classes(pairs.iter().map(|(came, p)| (*came, class_of(p))));
        if pairs.is_empty() {
            return scores;
        }
        let mut bins = [(0_u64, 0.0, 0_u64); BINS];
        let mut loss = 0.0;
        for (came, p) in pairs {
            let predicted = class_of(p);
            let sure = f64::from(p[predicted]);
            let bin = &mut bins[((sure * BINS as f64) as usize).min(BINS - 1)];
            *bin = (
                bin.0 + 1,
                bin.1 + sure,
                bin.2 + u64::from(predicted == *came),
            );
            loss -= f64::from(p[*came]).max(f64::MIN_POSITIVE).ln();
        }
        let count = pairs.len() as f64;
        scores.log_loss = Some(loss / count);
        scores.calibration = bins
            .iter()
            .map(|&(n, sure, right)| {
                (
                    n,
                    if n == 0 { 0.0 } else { sure / n as f64 },
                    share(right, n),
                )
            })
            .collect();
        let distance = |&(n, sure, right): &(u64, f64, f64)| n as f64 * (sure - right).abs();
        scores.calibration_error =
            Some(scores.calibration.iter().map(distance).sum::<f64>() / count);
        scores
    }
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_of_a_small_table() {
        // Counted by hand: two of four right; class 0 predicted three times, once rightly.
        let scores = Scores::of_classes([(0, 0), (1, 0), (1, 1), (2, 0)]);
        assert_eq!(scores.accuracy, 0.5);
        assert_eq!(scores.classes[0].precision, 1.0 / 3.0);
        assert_eq!(scores.classes[0].recall, 1.0);
        assert_eq!(scores.classes[0].f1, 0.5);
        assert_eq!(scores.classes[2], ClassScores::default());
        assert_eq!(scores.macro_f1, (0.5 + 2.0 / 3.0) / 3.0);
    }

    #[test]
    fn calibration_compares_probability_and_frequency() {
        let sure = |came| (came, [0.75, 0.125, 0.125]);
        let scores = Scores::of_probabilities(&[sure(0), sure(0), sure(0), sure(1)]);
        assert_eq!(scores.calibration[7], (4, 0.75, 0.75));
        assert_eq!(scores.calibration_error, Some(0.0));
        let wanted = -(3.0 * 0.75_f64.ln() + 0.125_f64.ln()) / 4.0;
        assert!((scores.log_loss.unwrap() - wanted).abs() < 1e-9);
    }
}

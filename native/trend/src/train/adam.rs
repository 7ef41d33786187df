//! Adam (Kingma and Ba, 2015), with Keras' constants.

use financelake_indicators::simd::{Level, Work};

const FIRST: f64 = 0.9;
const SECOND: f64 = 0.999;
const EPSILON: f32 = 1e-7;

/// The moments of all parameters.
#[derive(Debug, Clone)]
pub(super) struct Adam {
    first: Vec<f32>,
    second: Vec<f32>,
    steps: u64,
}

impl Adam {
    pub(super) fn new(parameters: usize) -> Self {
        Self {
            first: vec![0.0; parameters],
            second: vec![0.0; parameters],
            steps: 0,
        }
    }

    /// Moves the parameters against the gradient.
    pub(super) fn step(&mut self, values: &mut [f32], gradient: &[f32], rate: f64) {
        self.steps += 1;
        let steps = self.steps as f64;
        let rate = rate * (1.0 - SECOND.powf(steps)).sqrt() / (1.0 - FIRST.powf(steps));
        Level::detect().run(Step {
            values,
            gradient,
            first: &mut self.first,
            second: &mut self.second,
            rate: rate as f32,
        });
    }

    pub(super) fn steps(&self) -> u64 {
        self.steps
    }

    pub(super) fn moments(&self) -> [&[f32]; 2] {
        [&self.first, &self.second]
    }

    pub(super) fn restore(&mut self, first: &[f32], second: &[f32], steps: u64) {
        self.first.copy_from_slice(first);
        self.second.copy_from_slice(second);
        self.steps = steps;
    }
}

struct Step<'a> {
    values: &'a mut [f32],
    gradient: &'a [f32],
    first: &'a mut [f32],
    second: &'a mut [f32],
    rate: f32,
}

impl Work for Step<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let (keep1, keep2) = (FIRST as f32, SECOND as f32);
        let moments = self.first.iter_mut().zip(self.second.iter_mut());
        let parameters = self.values.iter_mut().zip(self.gradient);
        for ((value, &gradient), (first, second)) in parameters.zip(moments) {
            *first += (1.0 - keep1) * (gradient - *first);
            *second += (1.0 - keep2) * (gradient * gradient - *second);
            *value -= self.rate * *first / (second.sqrt() + EPSILON);
        }
    }
}

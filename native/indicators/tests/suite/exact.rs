//! Double-double arithmetic (Dekker 1971): 106 bits, enough to call a `f64` result right or wrong.

/// The unevaluated sum of two numbers, the second below half a unit in the last place of the first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Exact(f64, f64);

impl Exact {
    pub(crate) const ZERO: Self = Self(0.0, 0.0);

    /// The sum of two numbers without error.
    fn sum(a: f64, b: f64) -> Self {
        let sum = a + b;
        let of_b = sum - a;
        Self(sum, (a - (sum - of_b)) + (b - of_b))
    }

    pub(crate) fn plus(self, other: f64) -> Self {
        let Self(high, low) = Self::sum(self.0, other);
        Self::sum(high, low + self.1)
    }

    /// The product of two numbers without error.
    pub(crate) fn product(a: f64, b: f64) -> Self {
        let high = a * b;
        Self(high, a.mul_add(b, -high))
    }

    pub(crate) fn minus(self, other: Self) -> Self {
        let Self(high, low) = Self::sum(self.0, -other.0);
        Self::sum(high, low + (self.1 - other.1))
    }

    pub(crate) fn squared(self) -> Self {
        let high = self.0 * self.0;
        let low = self.0.mul_add(self.0, -high) + 2.0 * self.0 * self.1;
        Self::sum(high, low)
    }

    pub(crate) fn times(self, factor: f64) -> Self {
        let high = self.0 * factor;
        let low = self.0.mul_add(factor, -high) + self.1 * factor;
        Self::sum(high, low)
    }

    pub(crate) fn over(self, divisor: f64) -> Self {
        let quotient = self.0 / divisor;
        let rest = (-quotient).mul_add(divisor, self.0) + self.1;
        Self::sum(quotient, rest / divisor)
    }

    pub(crate) fn add(self, other: Self) -> Self {
        self.plus(other.0).plus(other.1)
    }

    /// The nearest `f64`.
    pub(crate) fn value(self) -> f64 {
        self.0
    }
}

impl From<f64> for Exact {
    fn from(value: f64) -> Self {
        Self(value, 0.0)
    }
}

pub(crate) fn sum(window: &[f64]) -> Exact {
    window.iter().fold(Exact::ZERO, |sum, &x| sum.plus(x))
}

pub(crate) fn mean(window: &[f64]) -> Exact {
    sum(window).over(window.len() as f64)
}

/// Standard deviation of the population.
pub(crate) fn deviation(window: &[f64]) -> f64 {
    let mean = mean(window);
    let squares = window.iter().fold(Exact::ZERO, |sum, &x| {
        sum.add(Exact::from(x).minus(mean).squared())
    });
    squares.over(window.len() as f64).value().sqrt()
}

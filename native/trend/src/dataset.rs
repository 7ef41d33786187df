//! From rows to samples: labels, a split by time in which nothing leaks, and the scaling.

use crate::{CLASSES, DOWN, Error, Feature, Labels, NEUTRAL, Result, Threshold, UP};

/// The rows of all series, as they come: the close and the features of each bar, series after series, in order.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    features: usize,
    starts: Vec<usize>,
    close: Vec<f64>,
    values: Vec<f64>,
}

/// A part of the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What the parameters are fitted to.
    Training,
    /// What decides when to stop.
    Validation,
    /// What nothing was decided by.
    Test,
}

/// A window and what came after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// Where the window begins among the scaled values.
    pub(crate) start: usize,
    /// Its last row, of all rows that were put in.
    pub row: usize,
    /// The class of the return that followed.
    pub class: usize,
    /// The class of the return over the same number of bars before, which is all that "it goes on as it went" needs.
    pub before: usize,
}

/// What a row is labelled with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label {
    /// The class of the return over the horizon.
    pub class: usize,
    /// How many rows later that was known.
    pub ahead: usize,
    /// The class of the return over as many bars before, neutral at the start of a series.
    pub before: usize,
}

/// Scaled values and the samples over them.
#[derive(Debug, Clone)]
pub struct Dataset {
    pub(crate) features: Vec<Feature>,
    pub(crate) window: usize,
    pub(crate) values: Vec<f32>,
    samples: [Vec<Sample>; 3],
}

impl Rows {
    /// No rows yet, of this many features.
    pub fn new(features: usize) -> Self {
        Self {
            features,
            ..Self::default()
        }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.close.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.close.is_empty()
    }

    /// Adds a row: whether it begins a series, its close, its features; NaN for what is missing.
    ///
    /// # Errors
    /// Another number of features.
    pub fn push(&mut self, begins: bool, close: f64, features: &[f64]) -> Result<()> {
        if features.len() != self.features {
            return Err(Error::argument(format!(
                "a row has {} features, {} were expected",
                features.len(),
                self.features
            )));
        }
        if begins || self.close.is_empty() {
            self.starts.push(self.close.len());
        }
        self.close.push(close);
        self.values.extend(features);
        Ok(())
    }

    fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.features..(row + 1) * self.features]
    }
}

impl Labels {
    /// The label of each row of one series by its closes; nothing where a close is missing or not positive, where too few
    /// returns came before, and where the horizon has not passed.
    ///
    /// Bars are counted over the rows with a close.
    pub fn of(&self, close: &[f64]) -> Vec<Option<Label>> {
        let bars_at: Vec<usize> = (0..close.len())
            .filter(|&row| close[row].is_finite() && close[row] > 0.0)
            .collect();
        let returns: Vec<f64> = bars_at
            .windows(2)
            .map(|pair| close[pair[1]] / close[pair[0]] - 1.0)
            .collect();
        let mut labels = vec![None; close.len()];
        for (bar, &row) in bars_at.iter().enumerate() {
            let Some(&later) = bars_at.get(bar + self.horizon) else {
                break;
            };
            let threshold = match self.threshold {
                Threshold::Fixed(value) => value,
                Threshold::Volatility { bars, times } => {
                    let Some(first) = bar.checked_sub(bars) else {
                        continue;
                    };
                    times * deviation(&returns[first..bar]) * (self.horizon as f64).sqrt()
                }
            };
            let class = |moved: f64| {
                if moved > threshold {
                    UP
                } else if moved < -threshold {
                    DOWN
                } else {
                    NEUTRAL
                }
            };
            let earlier = bar.checked_sub(self.horizon).map(|bar| close[bars_at[bar]]);
            labels[row] = Some(Label {
                class: class(close[later] / close[row] - 1.0),
                ahead: later - row,
                before: earlier.map_or(NEUTRAL, |earlier| class(close[row] / earlier - 1.0)),
            });
        }
        labels
    }
}

/// The sample standard deviation.
fn deviation(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
    (squares / (count - 1.0)).sqrt()
}

impl Dataset {
    /// Makes samples of rows.
    ///
    /// Each series is cut by time: its first 70 percent are for training, the next 20 for validation, the rest for tests.
    /// A sample belongs to a part only if its whole window and the bar that labels it lie there, so between the last sample
    /// of one part and the first of the next there are a window and a horizon, and no part knows of another. The features'
    /// ranges are those of the rows for training.
    ///
    /// # Errors
    /// Rows of another number of features, or without a sample for training.
    pub fn of_rows(
        rows: &Rows,
        window: usize,
        features: Vec<Feature>,
        labels: &Labels,
    ) -> Result<Self> {
        labels.check()?;
        if features.len() != rows.features || window == 0 {
            return Err(Error::argument(format!(
                "the rows have {} features, the model {}",
                rows.features,
                features.len()
            )));
        }
        let series: Vec<_> = rows
            .starts
            .iter()
            .zip(rows.starts.iter().skip(1).chain([&rows.close.len()]))
            .map(|(&from, &to)| from..to)
            .collect();
        let ends = |series: &std::ops::Range<usize>| {
            let count = series.len();
            [count * 7 / 10, count * 9 / 10, count].map(|end| series.start + end)
        };
        let usable = |row: usize| rows.row(row).iter().all(|value| value.is_finite());
        let known = series.iter().flat_map(|s| s.start..ends(s)[0]);
        let features = fitted(
            features,
            known.filter(|&row| usable(row)).map(|row| rows.row(row)),
        )?;
        let mut dataset = Self {
            features,
            window,
            values: Vec::new(),
            samples: Default::default(),
        };
        for series in series {
            let classes = labels.of(&rows.close[series.clone()]);
            let ends = ends(&series);
            let mut taken = Vec::new();
            for row in series.clone().filter(|&row| usable(row)) {
                taken.push(row);
                dataset.push_row(rows.row(row));
                let (Some(label), Some(first)) =
                    (classes[row - series.start], taken.len().checked_sub(window))
                else {
                    continue;
                };
                let part = |row: usize| ends.iter().position(|&end| row < end);
                let (from, to) = (part(taken[first]), part(row + label.ahead));
                if let (Some(from), Some(to)) = (from, to)
                    && from == to
                {
                    let start = dataset.values.len() - window * dataset.features.len();
                    dataset.samples[from].push(Sample {
                        start,
                        row,
                        class: label.class,
                        before: label.before,
                    });
                }
            }
        }
        dataset.checked()
    }

    /// Makes samples of windows that were formed elsewhere: `values` holds them one behind the other, `classes` their
    /// classes, and `validation` tells those that decide when to stop. A window with a value that is not finite is left
    /// out. The features' ranges are those of the windows for training.
    ///
    /// # Errors
    /// Lengths that do not fit, a class that is none, no window for training.
    pub fn of_windows(
        values: &[f64],
        classes: &[i32],
        validation: &[bool],
        window: usize,
        features: Vec<Feature>,
    ) -> Result<Self> {
        let (width, count) = (features.len(), classes.len());
        if values.len() != count * window * width || validation.len() != count || window == 0 {
            return Err(Error::argument(format!(
                "{count} windows of {window} rows of {width} features have {} values, {} were given",
                count * window * width,
                values.len()
            )));
        }
        if let Some(class) = classes
            .iter()
            .find(|&&class| !(0..CLASSES as i32).contains(&class))
        {
            return Err(Error::argument(format!(
                "a label is {class}; write 0 for down, 1 for up, 2 for neutral"
            )));
        }
        let windows = || values.chunks_exact(window * width).enumerate();
        let usable = |values: &[f64]| values.iter().all(|value| value.is_finite());
        let known = windows()
            .filter(|(index, values)| !validation[*index] && usable(values))
            .flat_map(|(_, values)| values.chunks_exact(width));
        let mut dataset = Self {
            features: fitted(features, known)?,
            window,
            values: Vec::new(),
            samples: Default::default(),
        };
        for (row, values) in windows().filter(|(_, values)| usable(values)) {
            let start = dataset.values.len();
            values
                .chunks_exact(width)
                .for_each(|row| dataset.push_row(row));
            let sample = Sample {
                start,
                row,
                class: classes[row] as usize,
                before: NEUTRAL,
            };
            dataset.samples[usize::from(validation[row])].push(sample);
        }
        dataset.checked()
    }

    fn push_row(&mut self, row: &[f64]) {
        let scaled = self.features.iter().zip(row).map(|(f, v)| f.scaled(*v));
        self.values.extend(scaled);
    }

    fn checked(self) -> Result<Self> {
        if self.samples(Part::Training).is_empty() {
            return Err(Error::argument(format!(
                "no window of {} complete rows with a label is left for training; give longer series, or features with shorter periods",
                self.window
            )));
        }
        Ok(self)
    }

    /// The scaled features of a sample's last row.
    pub fn last_row(&self, sample: &Sample) -> &[f32] {
        let width = self.features.len();
        let end = sample.start + self.window * width;
        &self.values[end - width..end]
    }

    /// The samples of a part, in the order of the rows.
    pub fn samples(&self, part: Part) -> &[Sample] {
        &self.samples[part as usize]
    }

    /// The features with their ranges.
    pub fn features(&self) -> &[Feature] {
        &self.features
    }
}

/// The features with the ranges of these rows.
fn fitted<'a>(
    mut features: Vec<Feature>,
    rows: impl Iterator<Item = &'a [f64]>,
) -> Result<Vec<Feature>> {
    let mut ranges = vec![(f64::INFINITY, f64::NEG_INFINITY); features.len()];
    for row in rows {
        for ((low, high), value) in ranges.iter_mut().zip(row) {
            *low = low.min(*value);
            *high = high.max(*value);
        }
    }
    for (feature, (low, high)) in features.iter_mut().zip(ranges) {
        if !(high - low).is_finite() {
            return Err(Error::argument(format!(
                "feature '{}' has no complete row to learn its range from, or a range that is too large",
                feature.name
            )));
        }
        (feature.min, feature.max) = (low, high);
    }
    Ok(features)
}

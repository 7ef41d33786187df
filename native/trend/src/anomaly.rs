//! Bars that stand out of the bars before them, with the reason.
//!
//! Each rule compares a bar with what the bars before it lead one to expect; the bar itself is never part of that. Medians and
//! their deviations are used rather than means, so that one anomaly does not hide the next.

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// Turns a median absolute deviation into a standard deviation, for normal values.
const NORMAL: f64 = 1.4826;
/// The same for a mean absolute deviation.
const NORMAL_MEAN: f64 = 1.2533;
/// Deviations of returns below a basis point count as one: a price that hardly moved makes no move an anomaly.
const LEAST_DEVIATION: f64 = 1e-4;
/// The same for the logarithm of volume.
const LEAST_VOLUME_DEVIATION: f64 = 0.05;

/// What stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The return since the bar before is far from the median of the returns before.
    Return,
    /// The volume is far above the median of the volumes before.
    Volume,
    /// More time has passed since the bar before than between the bars before.
    Gap,
    /// The close has not changed for many bars; told once, when that is noticed.
    Stale,
    /// The close is outside a band around the mean of the closes before.
    Band,
}

/// How far is far. A threshold of 0 turns a rule off.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Thresholds {
    /// Bars that are looked back at.
    pub bars: usize,
    /// Robust standard deviations of a return.
    pub returns: f64,
    /// Robust standard deviations of the logarithm of volume.
    pub volume: f64,
    /// Multiples of the median time between bars.
    pub gap: f64,
    /// Bars with the same close.
    pub stale: usize,
    /// Standard deviations of the last 20 closes.
    pub band: f64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self::of("equity")
    }
}

impl Thresholds {
    /// The defaults of an asset class: crypto moves in jumps, yields and reference rates stand still at times.
    pub fn of(asset_class: &str) -> Self {
        let equity = Self {
            bars: 60,
            returns: 8.0,
            volume: 6.0,
            gap: 7.0,
            stale: 5,
            band: 5.0,
        };
        match asset_class {
            "crypto" => Self {
                returns: 12.0,
                band: 6.0,
                ..equity
            },
            "bond_yield" | "fx_reference" | "fx" => Self {
                volume: 0.0,
                stale: 10,
                ..equity
            },
            _ => equity,
        }
    }

    fn check(&self) -> Result<()> {
        let positive = [self.returns, self.volume, self.gap, self.band];
        if positive.iter().all(|value| (0.0..1e6).contains(value))
            && (10..=5000).contains(&self.bars)
        {
            return Ok(());
        }
        Err(Error::argument(format!(
            "thresholds are {self:?}; write 10 to 5000 bars, and thresholds from 0 (off) to a million"
        )))
    }
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Anomaly {
    /// The row of the bar.
    pub row: usize,
    /// What stands out.
    pub kind: Kind,
    /// The value: a return, a volume, seconds, a number of bars, a close.
    pub value: f64,
    /// What was expected of it.
    pub expected: f64,
    /// How far it is off, in the unit of the threshold.
    pub score: f64,
    /// The threshold that was passed.
    pub threshold: f64,
    /// All that in a sentence.
    pub explanation: String,
}

/// The bars of one series, in order.
#[derive(Debug, Clone, Copy)]
pub struct Bars<'a> {
    /// Times in microseconds.
    pub ts: &'a [i64],
    /// Closes, NaN for what is missing.
    pub close: &'a [f64],
    /// Volumes, NaN for what is missing.
    pub volume: &'a [f64],
}

/// Finds what stands out. A rule is silent until half of its bars are there.
///
/// # Errors
/// Columns of different lengths, thresholds that cannot be.
pub fn find(bars: &Bars<'_>, thresholds: &Thresholds) -> Result<Vec<Anomaly>> {
    thresholds.check()?;
    let rows = bars.ts.len();
    if bars.close.len() != rows || bars.volume.len() != rows {
        return Err(Error::argument(format!(
            "{rows} times, {} closes and {} volumes are not the same rows",
            bars.close.len(),
            bars.volume.len()
        )));
    }
    let usable = |&row: &usize| bars.close[row].is_finite() && bars.close[row] != 0.0;
    let known: Vec<usize> = (0..rows).filter(usable).collect();
    let mut found = Vec::new();
    let mut returns = Past::new(thresholds.bars);
    let mut volumes = Past::new(thresholds.bars);
    let mut spacings = Past::new(thresholds.bars);
    let mut closes = Past::new(20);
    let mut same = 1;
    for (index, &row) in known.iter().enumerate() {
        let close = bars.close[row];
        if let Some(before) = index.checked_sub(1).map(|index| known[index]) {
            let moved = close / bars.close[before] - 1.0;
            found.extend(returned(&returns, row, moved, thresholds.returns));
            returns.push(moved);
            let seconds = (bars.ts[row] - bars.ts[before]) as f64 / 1e6;
            found.extend(gap(&spacings, row, seconds, thresholds.gap));
            spacings.push(seconds);
            same = if close == bars.close[before] {
                same + 1
            } else {
                1
            };
            if same == thresholds.stale && thresholds.stale > 1 {
                found.push(stale(row, same, close));
            }
        }
        found.extend(band(&closes, row, close, thresholds.band));
        closes.push(close);
        let volume = bars.volume[row];
        if volume > 0.0 && volume.is_finite() {
            found.extend(spike(&volumes, row, volume, thresholds.volume));
            volumes.push(volume.ln());
        }
    }
    Ok(found)
}

fn returned(past: &Past, row: usize, value: f64, threshold: f64) -> Option<Anomaly> {
    let (expected, deviation) = past.robust(threshold, LEAST_DEVIATION)?;
    let score = (value - expected).abs() / deviation;
    (score > threshold).then(|| Anomaly {
        row,
        kind: Kind::Return,
        value,
        expected,
        score,
        threshold,
        explanation: format!(
            "the price moved {:+.2} %, {score:.1} robust deviations from the usual {:+.2} %",
            value * 100.0,
            expected * 100.0
        ),
    })
}

fn spike(past: &Past, row: usize, value: f64, threshold: f64) -> Option<Anomaly> {
    let (usual, deviation) = past.robust(threshold, LEAST_VOLUME_DEVIATION)?;
    let score = (value.ln() - usual) / deviation;
    let expected = usual.exp();
    (score > threshold).then(|| Anomaly {
        row,
        kind: Kind::Volume,
        value,
        expected,
        score,
        threshold,
        explanation: format!(
            "the volume is {:.1} times the usual {expected:.0}, {score:.1} robust deviations above",
            value / expected
        ),
    })
}

fn gap(past: &Past, row: usize, value: f64, threshold: f64) -> Option<Anomaly> {
    let expected = past.median(threshold)?;
    let score = value / expected;
    (expected > 0.0 && score > threshold).then(|| Anomaly {
        row,
        kind: Kind::Gap,
        value,
        expected,
        score,
        threshold,
        explanation: format!(
            "{:.2} hours passed since the bar before, {score:.1} times the usual {:.2}",
            value / 3600.0,
            expected / 3600.0
        ),
    })
}

fn stale(row: usize, same: usize, close: f64) -> Anomaly {
    Anomaly {
        row,
        kind: Kind::Stale,
        value: same as f64,
        expected: 1.0,
        score: same as f64,
        threshold: same as f64,
        explanation: format!("the close has been {close} for {same} bars"),
    }
}

fn band(past: &Past, row: usize, value: f64, threshold: f64) -> Option<Anomaly> {
    let (expected, deviation) = past.normal(threshold)?;
    let score = (value - expected).abs() / deviation;
    (score > threshold).then(|| Anomaly {
        row,
        kind: Kind::Band,
        value,
        expected,
        score,
        threshold,
        explanation: format!(
            "the close {value} is {score:.1} standard deviations from the mean {expected:.4} of the last 20"
        ),
    })
}

/// The last values of a series.
struct Past {
    values: std::collections::VecDeque<f64>,
    most: usize,
}

impl Past {
    fn new(most: usize) -> Self {
        Self {
            values: std::collections::VecDeque::with_capacity(most),
            most,
        }
    }

    fn push(&mut self, value: f64) {
        if self.values.len() == self.most {
            self.values.pop_front();
        }
        self.values.push_back(value);
    }

    /// Whether a rule with this threshold has enough to go by.
    fn speaks(&self, threshold: f64) -> bool {
        threshold > 0.0 && self.values.len() * 2 >= self.most
    }

    fn median(&self, threshold: f64) -> Option<f64> {
        self.speaks(threshold)
            .then(|| median(self.values.iter().copied().collect()))
    }

    /// The median, and the median absolute deviation on the scale of a standard deviation.
    fn robust(&self, threshold: f64, least: f64) -> Option<(f64, f64)> {
        let middle = self.median(threshold)?;
        let distances: Vec<f64> = self.values.iter().map(|v| (v - middle).abs()).collect();
        let mean = distances.iter().sum::<f64>() / distances.len() as f64;
        // Where more than half of the values are the same, the mean of the distances says more (Iglewicz and Hoaglin, 1993).
        let spread = match NORMAL * median(distances) {
            deviation if deviation > least => deviation,
            _ => NORMAL_MEAN * mean,
        };
        Some((middle, spread.max(least)))
    }

    /// Mean and standard deviation, if the values differ.
    fn normal(&self, threshold: f64) -> Option<(f64, f64)> {
        if !self.speaks(threshold) {
            return None;
        }
        let count = self.values.len() as f64;
        let mean = self.values.iter().sum::<f64>() / count;
        let squares: f64 = self.values.iter().map(|v| (v - mean) * (v - mean)).sum();
        let deviation = (squares / (count - 1.0)).sqrt();
        // A share of the mean, so that rounding is no deviation.
        (deviation > mean.abs() * LEAST_DEVIATION).then_some((mean, deviation))
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    let middle = values.len() / 2;
    let (_, upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    *upper
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    const DAY: i64 = 86_400_000_000;

    /// Times, closes, volumes, and what was put in.
    type Walk = (Vec<i64>, Vec<f64>, Vec<f64>, Vec<(usize, Kind)>);

    /// A random walk with changing volatility, and anomalies put into it: their rows and kinds.
    fn walk(seed: u64) -> Walk {
        let mut random = Random::of(seed, 1);
        let (mut ts, mut close, mut volume) = (vec![0], vec![100.0], vec![1e6]);
        let mut injected = Vec::new();
        for row in 1..3000_usize {
            let calm = 0.01 * (1.0 + 0.5 * (row as f64 / 200.0).sin());
            let mut moved = calm * random.normal();
            let mut traded = (13.8 + 0.3 * random.normal()).exp();
            // Five of seven days, and now and then a holiday.
            let mut next = ts[row - 1] + if row % 5 == 0 { 3 * DAY } else { DAY };
            if row > 100 {
                match row % 400 {
                    50 => {
                        moved = 0.25 * if random.unit() < 0.5 { -1.0 } else { 1.0 };
                        injected.push((row, Kind::Return));
                    }
                    150 => {
                        traded *= 30.0;
                        injected.push((row, Kind::Volume));
                    }
                    250 => {
                        next += 20 * DAY;
                        injected.push((row, Kind::Gap));
                    }
                    350..354 => moved = 0.0,
                    _ => {}
                }
                if row % 400 == 353 {
                    injected.push((row, Kind::Stale));
                }
            }
            ts.push(next);
            close.push(close[row - 1] * (1.0 + moved));
            volume.push(traded);
        }
        (ts, close, volume, injected)
    }

    #[test]
    fn injected_anomalies_are_found_and_little_else() {
        let (mut hits, mut misses, mut others) = (0, 0, 0);
        for seed in 0..8 {
            let (ts, close, volume, injected) = walk(seed);
            let bars = Bars {
                ts: &ts,
                close: &close,
                volume: &volume,
            };
            let found = find(&bars, &Thresholds::default()).unwrap();
            let found: Vec<_> = found.iter().map(|a| (a.row, a.kind)).collect();
            hits += injected.iter().filter(|one| found.contains(one)).count();
            misses += injected.iter().filter(|one| !found.contains(one)).count();
            // A jump is outside the band, too, and moves the band for a while.
            let explained = |(row, kind): &(usize, Kind)| {
                injected.contains(&(*row, *kind)) || *kind == Kind::Band && row % 400 < 75
            };
            others += found.iter().filter(|one| !explained(one)).count();
        }
        let (recall, precision) = (
            hits as f64 / (hits + misses) as f64,
            hits as f64 / (hits + others) as f64,
        );
        assert!(
            recall > 0.99,
            "recall {recall}, {misses} of {} missed",
            hits + misses
        );
        assert!(
            precision > 0.95,
            "precision {precision}, {others} others beside {hits}"
        );
    }

    #[test]
    fn thresholds_and_columns_are_checked() {
        let bars = Bars {
            ts: &[0],
            close: &[1.0],
            volume: &[],
        };
        let error = find(&bars, &Thresholds::default()).unwrap_err().to_string();
        assert!(error.contains("not the same rows"), "{error}");
        let wrong = Thresholds {
            returns: f64::NAN,
            ..Thresholds::default()
        };
        assert!(
            find(&bars, &wrong)
                .unwrap_err()
                .to_string()
                .contains("10 to 5000")
        );
    }

    #[test]
    fn a_finding_says_what_it_is() {
        let close: Vec<f64> = (0..70)
            .map(|row| {
                if row == 69 {
                    150.0
                } else {
                    100.0 + f64::from(row % 2)
                }
            })
            .collect();
        let ts: Vec<i64> = (0..70).map(|row| row * DAY).collect();
        let bars = Bars {
            ts: &ts,
            close: &close,
            volume: &[f64::NAN; 70],
        };
        let found = find(&bars, &Thresholds::default()).unwrap();
        assert_eq!(found[0].kind, Kind::Return);
        assert_eq!(found[0].row, 69);
        assert!(
            found[0].explanation.starts_with("the price moved +50.00 %"),
            "{found:?}"
        );
        assert_eq!(found[1].kind, Kind::Band);
    }
}

//! Which of several rows with one key stays.
//!
//! The key is (series, ts, seq). The highest revision wins. Within one revision the first arrival
//! stands: a later identical row is a repeat and is dropped, a differing one is a conflict and is
//! refused as `duplicate_conflict`. "Identical" compares what the row says about the market, not how
//! it was delivered: a resend under a new event id, or with more unknown fields, is a repeat.
//!
//! Every decision looks only at the rows of its key, in their order of arrival, and each revision is
//! settled by itself; so batches may be cut anywhere as long as the stored rows take part again.

use crate::record::{AssetClass, Record, Region};

/// What a row says about the market: equal content makes a repeat.
#[derive(Clone, Debug, PartialEq)]
pub struct Content {
    /// Open, high, low and close.
    pub prices: [f64; 4],
    /// Volume, if any.
    pub volume: Option<f64>,
    /// Whether only the close was given.
    pub closes_only: bool,
    /// Region.
    pub region: Region,
    /// Asset class.
    pub asset_class: AssetClass,
    /// Currency, if known.
    pub currency: Option<String>,
}

impl From<&Record<'_>> for Content {
    fn from(record: &Record<'_>) -> Self {
        Self {
            prices: [record.open, record.high, record.low, record.close],
            volume: record.volume,
            closes_only: record.closes_only,
            region: record.region,
            asset_class: record.asset_class,
            currency: record.currency.as_deref().map(str::to_owned),
        }
    }
}

/// A row as far as deduplication looks at it. `K` is its key, `C` its content.
#[derive(Clone, Debug, PartialEq)]
pub struct Row<K, C> {
    /// (series, ts, seq) in any comparable form.
    pub key: K,
    /// Correction number.
    pub revision: i64,
    /// What is compared.
    pub content: C,
}

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It stands for its key.
    Keep,
    /// A row of a higher revision stands instead.
    Superseded,
    /// The same row of the same revision came before: dropped.
    Repeat,
    /// A differing row of the same revision came before: refused.
    Conflict,
}

impl Decision {
    /// The decision's name in tables and test vectors.
    pub fn as_str(self) -> &'static str {
        match self {
            Decision::Keep => "keep",
            Decision::Superseded => "superseded",
            Decision::Repeat => "repeat",
            Decision::Conflict => "duplicate_conflict",
        }
    }
}

/// Decides every row. The rows are sorted so that those of one key are neighbours, in their order of
/// arrival; the result has one decision per row, in the same order.
pub fn decide<K: PartialEq, C: PartialEq>(rows: &[Row<K, C>]) -> Vec<Decision> {
    let mut decisions = Vec::with_capacity(rows.len());
    for group in rows.chunk_by(|one, next| one.key == next.key) {
        let highest = group
            .iter()
            .map(|row| row.revision)
            .max()
            .unwrap_or_default();
        // The first arrival of each revision; a key rarely has more than two.
        let mut firsts: Vec<&Row<K, C>> = Vec::new();
        for row in group {
            decisions.push(
                match firsts.iter().find(|first| first.revision == row.revision) {
                    Some(first) if first.content == row.content => Decision::Repeat,
                    Some(_) => Decision::Conflict,
                    None => {
                        firsts.push(row);
                        if row.revision == highest {
                            Decision::Keep
                        } else {
                            Decision::Superseded
                        }
                    }
                },
            );
        }
    }
    decisions
}

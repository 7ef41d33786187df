//! The smallest and the largest value of a column, as the log says them.
//!
//! A bound may be wider than the values but never narrower: texts are cut to [`PREFIX`] characters, times to
//! milliseconds, both outwards.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::temporal_conversions::{
    date32_to_datetime, timestamp_ms_to_datetime, timestamp_us_to_datetime,
};
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type, TimestampMicrosecondType, TimestampNanosecondType,
};
use arrow_schema::{DataType, TimeUnit};
use serde_json::Value;

/// Characters of a text that a bound keeps, as delta-spark has it.
pub(crate) const PREFIX: usize = 32;
/// Digits that a number of JSON keeps in every reader.
const EXACT_DIGITS: u8 = 15;

/// The bounds of one column.
#[derive(Clone, Debug)]
pub(crate) struct Bounds {
    low: Scalar,
    high: Scalar,
}

/// A value that has an order. Times, days and decimals are whole numbers.
#[derive(Clone, Debug)]
enum Scalar {
    Whole(i128),
    Float(f64),
    /// Cut to one character more than a bound keeps.
    Text(String),
}

impl Scalar {
    fn less(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Whole(one), Self::Whole(other)) => one < other,
            (Self::Float(one), Self::Float(other)) => one.total_cmp(other).is_lt(),
            (Self::Text(one), Self::Text(other)) => one < other,
            _ => false,
        }
    }
}

impl Bounds {
    /// Those of a column that has an order and a value.
    pub(crate) fn of(column: &dyn Array) -> Option<Self> {
        match column.data_type() {
            DataType::Int8 => whole::<Int8Type>(column),
            DataType::Int16 => whole::<Int16Type>(column),
            DataType::Int32 => whole::<Int32Type>(column),
            DataType::Int64 => whole::<Int64Type>(column),
            DataType::Date32 => whole::<Date32Type>(column),
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                whole::<TimestampMicrosecondType>(column)
            }
            DataType::Decimal128(precision, _) if *precision <= EXACT_DIGITS => {
                whole::<Decimal128Type>(column)
            }
            DataType::Float32 => float::<Float32Type>(column),
            DataType::Float64 => float::<Float64Type>(column),
            DataType::Utf8 => {
                let values = column.as_string::<i32>().iter().flatten();
                let (low, high) = values.fold(None, |bounds: Option<(&str, &str)>, value| {
                    Some(bounds.map_or((value, value), |(low, high)| {
                        (low.min(value), high.max(value))
                    }))
                })?;
                let cut = |text: &str| Scalar::Text(text.chars().take(PREFIX + 1).collect());
                Some(Self {
                    low: cut(low),
                    high: cut(high),
                })
            }
            _ => None,
        }
    }

    /// Those of the values of both.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            low: if other.low.less(&self.low) {
                other.low
            } else {
                self.low
            },
            high: if self.high.less(&other.high) {
                other.high
            } else {
                self.high
            },
        }
    }

    /// The bounds as JSON has them; either may be left out.
    pub(crate) fn render(&self, data_type: &DataType) -> Option<(Option<Value>, Option<Value>)> {
        match (&self.low, &self.high) {
            // JSON has no NaN and no infinity; nothing is then said.
            (Scalar::Float(low), Scalar::Float(high)) => (low.is_finite() && high.is_finite())
                .then(|| (Some((*low).into()), Some((*high).into()))),
            (Scalar::Text(low), Scalar::Text(high)) => Some((
                Some(low.chars().take(PREFIX).collect::<String>().into()),
                upper_bound(high),
            )),
            (Scalar::Whole(low), Scalar::Whole(high)) => Some(match data_type {
                DataType::Date32 => (day(*low), day(*high)),
                DataType::Timestamp(_, zone) => {
                    let up = high.div_euclid(1000) + i128::from(high.rem_euclid(1000) > 0);
                    (
                        instant(low.div_euclid(1000), zone.is_some()),
                        instant(up, zone.is_some()),
                    )
                }
                DataType::Decimal128(_, scale) => (decimal(*low, *scale), decimal(*high, *scale)),
                _ => (
                    i64::try_from(*low).ok().map(Value::from),
                    i64::try_from(*high).ok().map(Value::from),
                ),
            }),
            _ => None,
        }
    }
}

/// A bound that is stored as a typed value, as JSON has it, without a loss; `None` where there is no such text.
pub(crate) fn typed(column: &dyn Array, row: usize) -> Option<Value> {
    let instant = |micros: i64, zoned: bool| {
        let text = timestamp_us_to_datetime(micros)?.format("%Y-%m-%dT%H:%M:%S%.6f");
        Some(format!("{text}{}", if zoned { "Z" } else { "" }).into())
    };
    match column.data_type() {
        DataType::Timestamp(TimeUnit::Microsecond, zone) => {
            let micros = column.as_primitive::<TimestampMicrosecondType>().value(row);
            return instant(micros, zone.is_some());
        }
        // Spark's INT96, which is an instant always.
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            let nanos = column.as_primitive::<TimestampNanosecondType>().value(row);
            return instant(nanos.div_euclid(1000), true);
        }
        _ => {}
    }
    let column = column.slice(row, 1);
    Bounds::of(&*column)?.render(column.data_type())?.0
}

fn whole<T: ArrowPrimitiveType<Native: Into<i128> + PartialOrd>>(
    column: &dyn Array,
) -> Option<Bounds> {
    let (low, high) = extremes::<T>(column, |a, b| a < b)?;
    Some(Bounds {
        low: Scalar::Whole(low.into()),
        high: Scalar::Whole(high.into()),
    })
}

fn float<T: ArrowPrimitiveType<Native: Into<f64>>>(column: &dyn Array) -> Option<Bounds> {
    let (low, high) = extremes::<T>(column, |a, b| a.into().total_cmp(&b.into()).is_lt())?;
    Some(Bounds {
        low: Scalar::Float(low.into()),
        high: Scalar::Float(high.into()),
    })
}

fn extremes<T: ArrowPrimitiveType>(
    column: &dyn Array,
    less: impl Fn(T::Native, T::Native) -> bool,
) -> Option<(T::Native, T::Native)> {
    let values = column.as_primitive::<T>().iter().flatten();
    values.fold(None, |bounds, value| match bounds {
        None => Some((value, value)),
        Some((low, high)) => Some((
            if less(value, low) { value } else { low },
            if less(high, value) { value } else { high },
        )),
    })
}

/// A text that is not below `value` and about [`PREFIX`] characters long, if there is one.
fn upper_bound(value: &str) -> Option<Value> {
    match value.char_indices().nth(PREFIX) {
        None => Some(value.into()),
        // Whatever follows is below the last character that exists, unless it begins with that one.
        Some((end, next)) => {
            (next != char::MAX).then(|| format!("{}{}", &value[..end], char::MAX).into())
        }
    }
}

fn day(days: i128) -> Option<Value> {
    let date = date32_to_datetime(i32::try_from(days).ok()?)?.date();
    Some(date.format("%Y-%m-%d").to_string().into())
}

/// A time; one without a zone has no Z at its end.
fn instant(millis: i128, zoned: bool) -> Option<Value> {
    let instant = timestamp_ms_to_datetime(i64::try_from(millis).ok()?)?;
    let text = instant.format("%Y-%m-%dT%H:%M:%S%.3f").to_string();
    Some(if zoned {
        format!("{text}Z").into()
    } else {
        text.into()
    })
}

/// A decimal of few digits, whose nearest floating point number is written with the same ones.
fn decimal(unscaled: i128, scale: i8) -> Option<Value> {
    let text = format!("{unscaled}e{}", -i32::from(scale));
    Some(text.parse::<f64>().ok()?.into())
}

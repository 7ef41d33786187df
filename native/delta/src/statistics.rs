//! What the log says about the values of a file, so that readers can skip it.
//!
//! Numbers, days, times and texts have the smallest and the largest value; every column outside a list has
//! its number of NULLs. A bound may be wider than the values but never narrower: texts are cut to
//! [`PREFIX`] characters, times to milliseconds, both outwards.

use arrow_array::cast::AsArray;
use arrow_array::temporal_conversions::date32_to_datetime;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Float64Type, Int32Type, Int64Type, TimestampMicrosecondType,
};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, TimeUnit};
use serde_json::{Map, Value, json};

/// Characters of a text that a bound keeps, as delta-spark has it.
const PREFIX: usize = 32;

/// The statistics of the rows in Delta's JSON.
pub(crate) fn of(batch: &RecordBatch) -> String {
    let (mut least, mut greatest, mut nulls) = (Map::new(), Map::new(), Map::new());
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        let name = field.name();
        if field.data_type().is_nested() {
            continue;
        }
        nulls.insert(name.clone(), column.null_count().into());
        if let Some((low, high)) = bounds(&**column) {
            least.extend(low.map(|value| (name.clone(), value)));
            greatest.extend(high.map(|value| (name.clone(), value)));
        }
    }
    json!({
        "numRecords": batch.num_rows(),
        "minValues": least,
        "maxValues": greatest,
        "nullCount": nulls,
    })
    .to_string()
}

/// The bounds of a column; either may be left out.
fn bounds(column: &dyn Array) -> Option<(Option<Value>, Option<Value>)> {
    match column.data_type() {
        DataType::Int32 => extremes::<Int32Type>(column, |a, b| a < b)
            .map(|(low, high)| (Some(low.into()), Some(high.into()))),
        DataType::Int64 => extremes::<Int64Type>(column, |a, b| a < b)
            .map(|(low, high)| (Some(low.into()), Some(high.into()))),
        DataType::Float64 => {
            let (low, high) = extremes::<Float64Type>(column, |a, b| a.total_cmp(&b).is_lt())?;
            // JSON has no NaN and no infinity; nothing is then said.
            (low.is_finite() && high.is_finite()).then(|| (Some(low.into()), Some(high.into())))
        }
        DataType::Date32 => {
            let (low, high) = extremes::<Date32Type>(column, |a, b| a < b)?;
            Some((day(low), day(high)))
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            let (low, high) = extremes::<TimestampMicrosecondType>(column, |a, b| a < b)?;
            Some((
                instant(low.div_euclid(1000)),
                instant(high.div_euclid(1000) + i64::from(high.rem_euclid(1000) > 0)),
            ))
        }
        DataType::Utf8 => {
            let values = column.as_string::<i32>().iter().flatten();
            let (low, high) = values.fold(None, |bounds: Option<(&str, &str)>, value| {
                Some(bounds.map_or((value, value), |(low, high)| {
                    (low.min(value), high.max(value))
                }))
            })?;
            Some((
                Some(low.chars().take(PREFIX).collect::<String>().into()),
                upper_bound(high),
            ))
        }
        _ => None,
    }
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

fn day(days: i32) -> Option<Value> {
    let date = date32_to_datetime(days)?.date();
    Some(date.format("%Y-%m-%d").to_string().into())
}

fn instant(millis: i64) -> Option<Value> {
    let instant = arrow_array::temporal_conversions::timestamp_ms_to_datetime(millis)?;
    Some(instant.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{
        ArrayRef, Date32Array, Float64Array, Int64Array, StringArray, TimestampMicrosecondArray,
    };
    use std::sync::Arc;

    fn statistics(columns: Vec<(&str, ArrayRef)>) -> Value {
        serde_json::from_str(&of(&RecordBatch::try_from_iter(columns).unwrap())).unwrap()
    }

    #[test]
    fn bounds_and_nulls_of_each_type() {
        let found = statistics(vec![
            (
                "long",
                Arc::new(Int64Array::from(vec![Some(7), None, Some(-3)])),
            ),
            (
                "double",
                Arc::new(Float64Array::from(vec![0.5, -1e300, 2.0])),
            ),
            (
                "day",
                Arc::new(Date32Array::from(vec![Some(-1), Some(19_000), None])),
            ),
            ("text", Arc::new(StringArray::from(vec!["b", "a", "ç"]))),
            ("nothing", Arc::new(Int64Array::from(vec![None; 3]))),
        ]);
        assert_eq!(found["numRecords"], 3);
        assert_eq!(
            found["minValues"],
            json!({"long": -3, "double": -1e300, "day": "1969-12-31", "text": "a"})
        );
        assert_eq!(
            found["maxValues"],
            json!({"long": 7, "double": 2.0, "day": "2022-01-08", "text": "ç"})
        );
        assert_eq!(
            found["nullCount"],
            json!({"long": 1, "double": 0, "day": 1, "text": 0, "nothing": 3})
        );
    }

    #[test]
    fn times_are_cut_outwards_before_1970_too() {
        for (micros, low, high) in [
            (
                1_500,
                "1970-01-01T00:00:00.001Z",
                "1970-01-01T00:00:00.002Z",
            ),
            (-1, "1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00.000Z"),
            (
                2_000,
                "1970-01-01T00:00:00.002Z",
                "1970-01-01T00:00:00.002Z",
            ),
        ] {
            let column = TimestampMicrosecondArray::from(vec![micros]).with_timezone("UTC");
            let found = statistics(vec![("ts", Arc::new(column))]);
            assert_eq!(
                (&found["minValues"]["ts"], &found["maxValues"]["ts"]),
                (&low.into(), &high.into())
            );
        }
    }

    #[test]
    fn long_texts_stay_inside_their_bounds() {
        let long = "é".repeat(40);
        let found = statistics(vec![(
            "text",
            Arc::new(StringArray::from(vec![long.as_str()])),
        )]);
        let (low, high) = (
            found["minValues"]["text"].as_str().unwrap(),
            found["maxValues"]["text"].as_str().unwrap(),
        );
        assert!(
            low <= long.as_str() && long.as_str() <= high && high.chars().count() == PREFIX + 1
        );
        let last = char::MAX.to_string().repeat(40);
        let found = statistics(vec![(
            "text",
            Arc::new(StringArray::from(vec![last.as_str()])),
        )]);
        assert_eq!(found["maxValues"], json!({}), "no short text is above it");
    }

    #[test]
    fn no_bound_is_given_for_what_json_cannot_say() {
        let found = statistics(vec![(
            "double",
            Arc::new(Float64Array::from(vec![1.0, f64::NAN])),
        )]);
        assert_eq!(found["minValues"], json!({}));
    }
}

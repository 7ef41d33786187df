//! What the log says about the values of a file, so that readers can skip it.
//!
//! Numbers, days, times and texts have the smallest and the largest value; every column outside a list has
//! its number of NULLs.

use crate::bounds::Bounds;
use crate::error::Result;
use crate::gate;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_buffer::NullBuffer;
use arrow_schema::DataType;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Columns that have statistics unless the table says otherwise.
const INDEXED: usize = 32;

/// The statistics of the rows in Delta's JSON.
pub(crate) fn of(batch: &RecordBatch) -> String {
    let mut statistics = Statistics::default();
    statistics.update(batch);
    statistics.finish()
}

/// Statistics of a file while its rows pass by.
#[derive(Clone, Debug, Default)]
pub struct Statistics {
    rows: usize,
    leaves: BTreeMap<Vec<String>, Leaf>,
    /// The columns that have statistics; all when it is `None`.
    indexed: Option<BTreeSet<Vec<String>>>,
}

/// What is known of one column, or of one field in a structure.
#[derive(Clone, Debug)]
struct Leaf {
    data_type: DataType,
    nulls: usize,
    bounds: Option<Bounds>,
}

impl Statistics {
    /// For the columns that the table's properties choose.
    ///
    /// # Errors
    /// When the schema cannot be read.
    pub fn of_table(
        schema: &str,
        partitions: &[String],
        properties: &BTreeMap<String, String>,
    ) -> Result<Self> {
        Ok(Self {
            indexed: Some(chosen(schema, partitions, properties)?),
            ..Self::default()
        })
    }

    /// Rows so far.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Takes rows in; every batch has the same columns.
    pub fn update(&mut self, batch: &RecordBatch) {
        self.rows += batch.num_rows();
        for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
            self.leaf(&mut vec![field.name().clone()], column, None);
        }
    }

    /// Whether something of the column is to be known.
    pub fn has(&self, column: &str) -> bool {
        let indexed = self.indexed.as_ref();
        indexed.is_none_or(|all| {
            all.iter()
                .any(|path| path.first().is_some_and(|name| name == column))
        })
    }

    /// Takes in what somebody else found out about a column: smallest and largest values of parts of it, and how many are
    /// NULL in all.
    pub fn take(&mut self, column: &str, low: &ArrayRef, high: &ArrayRef, nulls: usize) {
        let leaf = Leaf {
            data_type: low.data_type().clone(),
            nulls,
            bounds: Bounds::of(&**low)
                .zip(Bounds::of(&**high))
                .map(|(low, high)| low.and(high)),
        };
        self.leaves.insert(vec![column.to_owned()], leaf);
    }

    fn leaf(&mut self, path: &mut Vec<String>, column: &ArrayRef, above: Option<&NullBuffer>) {
        let nulls = NullBuffer::union(above, column.nulls());
        if let DataType::Struct(fields) = column.data_type() {
            for (field, column) in fields.iter().zip(column.as_struct().columns()) {
                path.push(field.name().clone());
                self.leaf(path, column, nulls.as_ref());
                path.pop();
            }
            return;
        }
        let listed = self
            .indexed
            .as_ref()
            .is_none_or(|indexed| indexed.contains(path));
        if column.data_type().is_nested() || !listed {
            return;
        }
        let leaf = self.leaves.entry(path.clone()).or_insert_with(|| Leaf {
            data_type: column.data_type().clone(),
            nulls: 0,
            bounds: None,
        });
        leaf.nulls += nulls.map_or(0, |nulls| nulls.null_count());
        if let Some(bounds) = Bounds::of(&**column) {
            leaf.bounds = Some(match leaf.bounds.take() {
                None => bounds,
                Some(so_far) => so_far.and(bounds),
            });
        }
    }

    /// The statistics in Delta's JSON.
    pub fn finish(&self) -> String {
        let (mut least, mut greatest, mut nulls) = (Map::new(), Map::new(), Map::new());
        for (path, leaf) in &self.leaves {
            put(&mut nulls, path, Some(leaf.nulls.into()));
            if let Some(bounds) = &leaf.bounds
                && let Some((low, high)) = bounds.render(&leaf.data_type)
            {
                put(&mut least, path, low);
                put(&mut greatest, path, high);
            }
        }
        json!({
            "numRecords": self.rows,
            "minValues": least,
            "maxValues": greatest,
            "nullCount": nulls,
        })
        .to_string()
    }
}

/// The paths of the columns that have statistics: those that the table's properties choose.
pub(crate) fn chosen(
    schema: &str,
    partitions: &[String],
    properties: &BTreeMap<String, String>,
) -> Result<BTreeSet<Vec<String>>> {
    let mut all = Vec::new();
    for field in gate::fields(schema)? {
        if !partitions.iter().any(|name| field["name"] == name.as_str()) {
            leaves_of(&field, &mut Vec::new(), &mut all);
        }
    }
    let listed = properties
        .get("delta.dataSkippingStatsColumns")
        .map(|list| names(list));
    let count = properties.get("delta.dataSkippingNumIndexedCols");
    match (listed, count.and_then(|count| count.parse::<i64>().ok())) {
        (Some(listed), _) => all.retain(|leaf| listed.iter().any(|name| leaf.starts_with(name))),
        (None, count) => {
            // -1 is all of them.
            let count = count.map_or(Some(INDEXED), |count| usize::try_from(count).ok());
            all.truncate(count.unwrap_or(usize::MAX));
        }
    }
    Ok(all.into_iter().collect())
}

/// Puts a value where its path says, inside of objects that are made on the way.
fn put(object: &mut Map<String, Value>, path: &[String], value: Option<Value>) {
    let (Some(value), Some((first, rest))) = (value, path.split_first()) else {
        return;
    };
    if rest.is_empty() {
        object.insert(first.clone(), value);
    } else if let Value::Object(inner) = object.entry(first.clone()).or_insert_with(|| json!({})) {
        put(inner, rest, Some(value));
    }
}

/// The leaves of a field in Delta's JSON, in their order; lists and maps are leaves too.
fn leaves_of(field: &Value, path: &mut Vec<String>, all: &mut Vec<Vec<String>>) {
    path.push(field["name"].as_str().unwrap_or_default().to_owned());
    match field["type"]["fields"].as_array() {
        Some(fields) => fields.iter().for_each(|field| leaves_of(field, path, all)),
        None => all.push(path.clone()),
    }
    path.pop();
}

/// Names with commas between, whose parts are separated by dots and may stand in backticks.
fn names(list: &str) -> Vec<Vec<String>> {
    let mut names = vec![vec![String::new()]];
    let mut quoted = false;
    for character in list.chars() {
        let Some(name) = names.last_mut() else { break };
        match character {
            '`' => quoted = !quoted,
            ',' if !quoted => names.push(vec![String::new()]),
            '.' if !quoted => name.push(String::new()),
            ' ' if !quoted => {}
            other => {
                if let Some(part) = name.last_mut() {
                    part.push(other);
                }
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounds::PREFIX;
    use arrow_array::{
        Date32Array, Decimal128Array, Float64Array, Int64Array, StringArray, StructArray,
        TimestampMicrosecondArray,
    };
    use arrow_schema::Field;
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
    fn batches_add_up_and_structures_are_entered() {
        let batch = |days: Vec<Option<i32>>, name: &str, cents: i128| {
            let inner: ArrayRef = Arc::new(Date32Array::from(days));
            let rows = inner.len();
            let outer = StructArray::from(vec![(
                Arc::new(Field::new("day", DataType::Date32, true)),
                inner,
            )]);
            let cents = Decimal128Array::from(vec![cents; rows])
                .with_precision_and_scale(10, 2)
                .unwrap();
            RecordBatch::try_from_iter([
                ("of", Arc::new(outer) as ArrayRef),
                (
                    "name",
                    Arc::new(StringArray::from(vec![name; rows])) as ArrayRef,
                ),
                ("price", Arc::new(cents) as ArrayRef),
            ])
            .unwrap()
        };
        let mut statistics = Statistics::default();
        statistics.update(&batch(vec![Some(3), None], "m", 1999));
        statistics.update(&batch(vec![Some(1)], "z", -5));
        let found: Value = serde_json::from_str(&statistics.finish()).unwrap();
        assert_eq!(
            found,
            json!({
                "numRecords": 3,
                "minValues": {"of": {"day": "1970-01-02"}, "name": "m", "price": -0.05},
                "maxValues": {"of": {"day": "1970-01-04"}, "name": "z", "price": 19.99},
                "nullCount": {"of": {"day": 1}, "name": 0, "price": 0},
            })
        );
    }

    #[test]
    fn the_table_chooses_the_columns() {
        let schema = r#"{"type":"struct","fields":[{"name":"p","type":"long"},{"name":"a","type":"long"},
            {"name":"s","type":{"type":"struct","fields":[{"name":"b","type":"long"},{"name":"c","type":"long"}]}}]}"#;
        let indexed = |key: &str, value: &str| {
            let properties = [(key.to_owned(), value.to_owned())].into();
            let found = Statistics::of_table(schema, &["p".to_owned()], &properties).unwrap();
            found
                .indexed
                .unwrap()
                .into_iter()
                .map(|leaf| leaf.join("."))
                .collect::<Vec<_>>()
        };
        let count = "delta.dataSkippingNumIndexedCols";
        assert_eq!(indexed("other", "1"), ["a", "s.b", "s.c"]);
        assert_eq!(indexed(count, "2"), ["a", "s.b"]);
        assert_eq!(indexed(count, "-1"), ["a", "s.b", "s.c"]);
        assert_eq!(
            indexed("delta.dataSkippingStatsColumns", "s, `x.y`"),
            ["s.b", "s.c"]
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

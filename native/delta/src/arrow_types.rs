//! Delta's columns as Arrow types, in the form that Parquet files of Spark have.

use crate::error::{Error, Result};
use crate::gate;
use arrow_schema::{DataType, Field, Fields, Schema, TimeUnit};
use serde_json::Value;
use std::sync::Arc;

/// The columns of a schema in Delta's JSON. All may be NULL, as Spark writes them.
///
/// # Errors
/// [`Error::Unsupported`] for a column of a type that is not known, by its name.
pub fn arrow_schema(schema: &str) -> Result<Schema> {
    let fields = gate::fields(schema)?;
    Ok(Schema::new(structure(&fields, "")?))
}

fn structure(fields: &[Value], within: &str) -> Result<Fields> {
    let fields = fields.iter().map(|field| {
        let name = field["name"].as_str().unwrap_or_default();
        let path = if within.is_empty() {
            name.to_owned()
        } else {
            format!("{within}.{name}")
        };
        Ok(Field::new(name, data_type(&field["type"], &path)?, true))
    });
    fields.collect::<Result<Vec<_>>>().map(Fields::from)
}

fn data_type(delta: &Value, path: &str) -> Result<DataType> {
    let unknown = || Error::Unsupported(format!("its column {path} has the type {delta}"));
    if let Some(name) = delta.as_str() {
        return Ok(match name {
            "string" => DataType::Utf8,
            "long" => DataType::Int64,
            "integer" => DataType::Int32,
            "short" => DataType::Int16,
            "byte" => DataType::Int8,
            "float" => DataType::Float32,
            "double" => DataType::Float64,
            "boolean" => DataType::Boolean,
            "binary" => DataType::Binary,
            "date" => DataType::Date32,
            "timestamp" => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            "timestamp_ntz" => DataType::Timestamp(TimeUnit::Microsecond, None),
            other => decimal(other).ok_or_else(unknown)?,
        });
    }
    let child = |key: &str| data_type(&delta[key], path);
    Ok(match delta["type"].as_str() {
        Some("struct") => {
            let fields = delta["fields"].as_array().ok_or_else(unknown)?;
            DataType::Struct(structure(fields, path)?)
        }
        Some("array") => {
            DataType::List(Arc::new(Field::new("element", child("elementType")?, true)))
        }
        Some("map") => {
            let entries = Fields::from(vec![
                Field::new("key", child("keyType")?, false),
                Field::new("value", child("valueType")?, true),
            ]);
            DataType::Map(
                Arc::new(Field::new("key_value", DataType::Struct(entries), false)),
                false,
            )
        }
        _ => return Err(unknown()),
    })
}

/// `decimal(10,2)`
fn decimal(name: &str) -> Option<DataType> {
    let inner = name.strip_prefix("decimal(")?.strip_suffix(')')?;
    let (precision, scale) = inner.split_once(',')?;
    Some(DataType::Decimal128(
        precision.trim().parse().ok()?,
        scale.trim().parse().ok()?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema_json;

    #[test]
    fn a_schema_comes_back() {
        let text = r#"{"type":"struct","fields":[
            {"name":"a","type":"long","nullable":true,"metadata":{}},
            {"name":"b","type":{"type":"array","elementType":{"type":"struct","fields":[
                {"name":"c","type":"timestamp","nullable":true,"metadata":{}}]},"containsNull":true},
             "nullable":true,"metadata":{}}]}"#;
        let back: Value =
            serde_json::from_str(&schema_json(&arrow_schema(text).unwrap()).unwrap()).unwrap();
        assert_eq!(back, serde_json::from_str::<Value>(text).unwrap());
        assert_eq!(
            decimal("decimal(38,18)"),
            Some(DataType::Decimal128(38, 18))
        );
    }

    #[test]
    fn an_unknown_type_is_named_with_its_column() {
        let text = r#"{"type":"struct","fields":[{"name":"a","type":{"type":"struct","fields":[
            {"name":"v","type":"variant","nullable":true,"metadata":{}}]},"nullable":true,"metadata":{}}]}"#;
        let error = arrow_schema(text).unwrap_err().to_string();
        assert!(
            error.contains("column a.v") && error.contains("variant"),
            "{error}"
        );
    }
}

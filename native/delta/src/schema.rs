//! Columns as Delta spells them.

use crate::error::{Error, Result};
use crate::gate;
use arrow_schema::{DataType, Field, Fields, Schema, TimeUnit};
use serde_json::{Value, json};

/// The schema in Delta's (and Spark's) JSON.
///
/// # Errors
/// A column of a type that no table of this project has.
pub fn schema_json(schema: &Schema) -> Result<String> {
    Ok(structure(schema.fields())?.to_string())
}

fn structure(fields: &Fields) -> Result<Value> {
    let fields = fields
        .iter()
        .map(|field| self::field(field))
        .collect::<Result<Vec<_>>>()?;
    Ok(json!({"type": "struct", "fields": fields}))
}

fn field(field: &Field) -> Result<Value> {
    Ok(json!({
        "name": field.name(),
        "type": data_type(field.data_type())?,
        "nullable": field.is_nullable(),
        "metadata": {},
    }))
}

fn data_type(data_type: &DataType) -> Result<Value> {
    let primitive = match data_type {
        DataType::Utf8 => "string",
        DataType::Binary => "binary",
        DataType::Int32 => "integer",
        DataType::Int64 => "long",
        DataType::Float64 => "double",
        DataType::Boolean => "boolean",
        DataType::Date32 => "date",
        DataType::Timestamp(TimeUnit::Microsecond, Some(zone)) if &**zone == "UTC" => "timestamp",
        DataType::Struct(fields) => return structure(fields),
        DataType::List(element) => {
            return Ok(json!({
                "type": "array",
                "elementType": self::data_type(element.data_type())?,
                "containsNull": element.is_nullable(),
            }));
        }
        other => {
            return Err(Error::Unsupported(format!(
                "no Delta type is chosen for {other}"
            )));
        }
    };
    Ok(primitive.into())
}

/// Checks that rows of `wanted` fit a table whose schema is `found`: it has every column with the same
/// type, and what it has besides may be NULL.
pub(crate) fn check_fits(wanted: &Schema, found: &str) -> Result<()> {
    let found = gate::fields(found)?;
    for field in wanted.fields() {
        let (name, wanted) = (field.name(), data_type(field.data_type())?);
        match found.iter().find(|column| column["name"] == name.as_str()) {
            None => {
                return Err(Error::Mismatch(format!(
                    "it has no column {name}, of type {wanted}; add it"
                )));
            }
            Some(column) if column["type"] != wanted => {
                let found = &column["type"];
                return Err(Error::Mismatch(format!(
                    "its column {name} is {found}, not {wanted}"
                )));
            }
            Some(_) => {}
        }
    }
    match found.iter().find(|column| column["nullable"] != true) {
        Some(column) => Err(Error::Mismatch(format!(
            "its column {} may not be NULL",
            column["name"]
        ))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(fields: Vec<Field>) -> Schema {
        Schema::new(fields)
    }

    #[test]
    fn columns_that_do_not_fit_are_named() {
        let wanted = schema(vec![Field::new("a", DataType::Int64, true)]);
        let table = |fields: &str| format!(r#"{{"type":"struct","fields":[{fields}]}}"#);
        let a = r#"{"name":"a","type":"long","nullable":true,"metadata":{}}"#;
        let b = r#"{"name":"b","type":"string","nullable":true,"metadata":{}}"#;
        check_fits(&wanted, &table(a)).unwrap();
        check_fits(&wanted, &table(&format!("{b},{a}"))).unwrap();
        for (fields, word) in [
            (b.to_owned(), "no column a"),
            (
                a.replace("long", "integer"),
                "column a is \"integer\", not \"long\"",
            ),
            (
                format!("{a},{}", b.replace("true", "false")),
                "\"b\" may not be NULL",
            ),
        ] {
            let error = check_fits(&wanted, &table(&fields))
                .unwrap_err()
                .to_string();
            assert!(error.contains(word), "{error}");
        }
    }
}

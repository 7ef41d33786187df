//! Which tables may be appended to: the table features that plain added files honour, and all others refused by
//! name. What is not known is refused.

use crate::action::{Metadata, Protocol};
use crate::error::{Error, Result};
use serde_json::Value;

/// Writer features for which appending whole files, with statistics, does all that they ask.
const HONOURED: [&str; 9] = [
    "appendOnly",
    // Enforced through the schema and the properties, which are looked at below.
    "invariants",
    "checkConstraints",
    "generatedColumns",
    "columnMapping",
    "identityColumns",
    // Appended files are their own change feed, and have no deleted rows.
    "changeDataFeed",
    "deletionVectors",
    "vacuumProtocolCheck",
];

/// Properties that ask something of a writer that appends, with the value that asks nothing.
const PROPERTIES: [(&str, &str, &str); 5] = [
    ("delta.columnMapping.mode", "none", "column mapping"),
    ("delta.enableRowTracking", "false", "row tracking"),
    (
        "delta.enableInCommitTimestamps",
        "false",
        "in-commit timestamps",
    ),
    (
        "delta.enableIcebergCompatV1",
        "false",
        "Iceberg compatibility",
    ),
    (
        "delta.enableIcebergCompatV2",
        "false",
        "Iceberg compatibility",
    ),
];

/// Keys of a column's metadata that ask a writer to check or to compute values.
const COLUMN_KEYS: [(&str, &str); 4] = [
    ("delta.invariants", "an invariant"),
    ("delta.generationExpression", "a generated value"),
    ("delta.identity.start", "an identity value"),
    ("CURRENT_DEFAULT", "a default value"),
];

/// Checks that the table may be appended to.
pub(crate) fn check(protocol: &Protocol, metadata: &Metadata) -> Result<()> {
    let refuse = |reason: String| Err(Error::Unsupported(reason));
    let (reader, writer) = (protocol.min_reader_version, protocol.min_writer_version);
    if reader > 3 || writer > 7 {
        return refuse(format!(
            "its protocol is reader {reader}, writer {writer}; known are up to 3 and 7"
        ));
    }
    let features = protocol.writer_features.iter().flatten();
    if let Some(feature) = features
        .into_iter()
        .find(|name| !HONOURED.contains(&name.as_str()))
    {
        return refuse(format!("it has the table feature {feature}"));
    }
    if metadata.format.provider != "parquet" {
        return refuse(format!(
            "its files are {}, not parquet",
            metadata.format.provider
        ));
    }
    for (key, harmless, what) in PROPERTIES {
        if let Some(value) = metadata
            .configuration
            .get(key)
            .filter(|value| *value != harmless)
        {
            return refuse(format!("{what} is on ({key}={value})"));
        }
    }
    // Readers then forget transaction identifiers, and with them what was written already.
    let retention = "delta.setTransactionRetentionDuration";
    if let Some(value) = metadata.configuration.get(retention) {
        return refuse(format!(
            "{retention}={value} lets it forget what was written; unset the property"
        ));
    }
    let constraint = metadata
        .configuration
        .keys()
        .find(|key| key.starts_with("delta.constraints."));
    if let Some(key) = constraint {
        return refuse(format!("rows would have to be checked against {key}"));
    }
    for field in fields(&metadata.schema_string)? {
        let name = field["name"].as_str().unwrap_or_default();
        for (key, what) in COLUMN_KEYS {
            if field["metadata"].get(key).is_some() {
                return refuse(format!("column {name} has {what}"));
            }
        }
    }
    Ok(())
}

/// The fields of a schema in Delta's JSON.
pub(crate) fn fields(schema: &str) -> Result<Vec<Value>> {
    let damaged =
        |problem: &dyn std::fmt::Display| Error::Damaged(format!("schemaString: {problem}"));
    let parsed: Value = serde_json::from_str(schema).map_err(|error| damaged(&error))?;
    match parsed.get("fields") {
        Some(Value::Array(fields)) => Ok(fields.clone()),
        _ => Err(damaged(&"it has no list of fields")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn protocol(features: &[&str]) -> Protocol {
        Protocol {
            min_reader_version: 1,
            min_writer_version: 7,
            reader_features: None,
            writer_features: Some(features.iter().map(|name| (*name).to_owned()).collect()),
        }
    }

    fn metadata(column: &str, properties: &[(&str, &str)]) -> Metadata {
        Metadata {
            id: "1".to_owned(),
            format: Default::default(),
            schema_string: format!(
                r#"{{"type":"struct","fields":[{{"name":"a","type":"long","nullable":true,"metadata":{column}}}]}}"#
            ),
            partition_columns: Vec::new(),
            configuration: properties
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
            created_time: None,
        }
    }

    #[test]
    fn what_cannot_be_honoured_is_refused_by_name() {
        for feature in [
            "rowTracking",
            "inCommitTimestamp",
            "clustering",
            "v2Checkpoint",
            "somethingNew",
        ] {
            let error =
                check(&protocol(&["appendOnly", feature]), &metadata("{}", &[])).unwrap_err();
            assert!(error.to_string().contains(feature), "{error}");
        }
        for (column, properties, word) in [
            (
                r#"{"delta.invariants":"x"}"#,
                vec![],
                "column a has an invariant",
            ),
            (r#"{"delta.generationExpression":"x"}"#, vec![], "generated"),
            (
                "{}",
                vec![("delta.constraints.positive", "a > 0")],
                "delta.constraints.positive",
            ),
            (
                "{}",
                vec![("delta.columnMapping.mode", "name")],
                "column mapping",
            ),
            (
                "{}",
                vec![("delta.setTransactionRetentionDuration", "interval 7 days")],
                "unset",
            ),
        ] {
            let error = check(&protocol(&[]), &metadata(column, &properties)).unwrap_err();
            assert!(error.to_string().contains(word), "{error}");
        }
        let newer = Protocol {
            min_writer_version: 8,
            ..protocol(&[])
        };
        assert!(
            check(&newer, &metadata("{}", &[]))
                .unwrap_err()
                .to_string()
                .contains("writer 8")
        );
    }

    #[test]
    fn plain_tables_pass() {
        let properties = [
            ("delta.columnMapping.mode", "none"),
            ("delta.enableChangeDataFeed", "true"),
            ("delta.logRetentionDuration", "interval 30 days"),
        ];
        let features = [
            "appendOnly",
            "invariants",
            "changeDataFeed",
            "deletionVectors",
        ];
        check(&protocol(&features), &metadata("{}", &properties)).unwrap();
    }
}

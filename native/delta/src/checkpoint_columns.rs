//! The columns of a checkpoint of the first kind: one structure for each kind of action, with the fields that the
//! protocol gives it there.

use arrow_schema::{DataType, Field, Fields};
use std::sync::Arc;

pub(crate) const PROTOCOL: &str = "protocol";
pub(crate) const METADATA: &str = "metaData";
pub(crate) const TRANSACTION: &str = "txn";
pub(crate) const DOMAIN: &str = "domainMetadata";
pub(crate) const ADD: &str = "add";
pub(crate) const REMOVE: &str = "remove";

/// Every kind of action with its fields, all of which may be NULL.
pub(crate) fn fields() -> Vec<(&'static str, Fields)> {
    use DataType::{Boolean, Int32, Int64, Utf8};
    let vector = || {
        DataType::Struct(structure([
            ("storageType", Utf8),
            ("pathOrInlineDv", Utf8),
            ("offset", Int32),
            ("sizeInBytes", Int32),
            ("cardinality", Int64),
            ("maxRowIndex", Int64),
        ]))
    };
    vec![
        (
            TRANSACTION,
            structure([("appId", Utf8), ("version", Int64), ("lastUpdated", Int64)]),
        ),
        (
            ADD,
            structure([
                ("path", Utf8),
                ("partitionValues", texts_by_name()),
                ("size", Int64),
                ("modificationTime", Int64),
                ("dataChange", Boolean),
                ("tags", texts_by_name()),
                ("deletionVector", vector()),
                ("baseRowId", Int64),
                ("defaultRowCommitVersion", Int64),
                ("clusteringProvider", Utf8),
                ("stats", Utf8),
            ]),
        ),
        (
            REMOVE,
            structure([
                ("path", Utf8),
                ("deletionTimestamp", Int64),
                ("dataChange", Boolean),
                ("extendedFileMetadata", Boolean),
                ("partitionValues", texts_by_name()),
                ("size", Int64),
                ("deletionVector", vector()),
                ("baseRowId", Int64),
                ("defaultRowCommitVersion", Int64),
            ]),
        ),
        (
            METADATA,
            structure([
                ("id", Utf8),
                ("name", Utf8),
                ("description", Utf8),
                (
                    "format",
                    DataType::Struct(structure([
                        ("provider", Utf8),
                        ("options", texts_by_name()),
                    ])),
                ),
                ("schemaString", Utf8),
                ("partitionColumns", texts()),
                ("configuration", texts_by_name()),
                ("createdTime", Int64),
            ]),
        ),
        (
            PROTOCOL,
            structure([
                ("minReaderVersion", Int32),
                ("minWriterVersion", Int32),
                ("readerFeatures", texts()),
                ("writerFeatures", texts()),
            ]),
        ),
        (
            DOMAIN,
            structure([
                ("domain", Utf8),
                ("configuration", Utf8),
                ("removed", Boolean),
            ]),
        ),
    ]
}

fn structure<const N: usize>(fields: [(&str, DataType); N]) -> Fields {
    fields
        .into_iter()
        .map(|(name, of)| Field::new(name, of, true))
        .collect()
}

fn texts() -> DataType {
    DataType::List(Arc::new(Field::new("element", DataType::Utf8, true)))
}

fn texts_by_name() -> DataType {
    let entries = vec![
        Field::new("key", DataType::Utf8, false),
        Field::new("value", DataType::Utf8, true),
    ];
    let entries = Field::new("key_value", DataType::Struct(entries.into()), false);
    DataType::Map(Arc::new(entries), false)
}

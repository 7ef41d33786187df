//! `_last_checkpoint`: where readers begin to look. A hint, with a checksum over its canonical form.

use crate::error::Result;
use crate::log::{self, last_checkpoint_path};
use financelake_storage::object_store::{ObjectStore, ObjectStoreExt};
use md5::{Digest, Md5};
use serde_json::{Value, json};

/// What is said about the newest checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LastCheckpoint {
    pub(crate) version: i64,
    /// Its actions.
    pub(crate) size: u64,
    pub(crate) size_in_bytes: u64,
    pub(crate) num_of_add_files: u64,
}

impl LastCheckpoint {
    fn render(self) -> String {
        let mut hint = json!({
            "version": self.version,
            "size": self.size,
            "sizeInBytes": self.size_in_bytes,
            "numOfAddFiles": self.num_of_add_files,
        });
        let checksum = checksum(&hint);
        hint["checksum"] = checksum.into();
        hint.to_string()
    }

    /// Tells readers, unless they know of this or a newer checkpoint already.
    pub(crate) async fn publish(self, store: &dyn ObjectStore) -> Result<()> {
        let path = last_checkpoint_path();
        let known = log::read(store, &path).await?;
        // A hint that cannot be read is none.
        let known: Option<Value> = known.and_then(|text| serde_json::from_slice(&text).ok());
        if known.and_then(|known| known["version"].as_i64()) < Some(self.version) {
            store.put(&path, self.render().into()).await?;
        }
        Ok(())
    }
}

/// The protocol's checksum of an object: MD5 over its leaves, each with its path, in the order of the paths.
fn checksum(object: &Value) -> String {
    let mut leaves = Vec::new();
    if let Value::Object(fields) = object {
        for (name, value) in fields.iter().filter(|(name, _)| *name != "checksum") {
            flatten(text(name), value, &mut leaves);
        }
    }
    leaves.sort_unstable();
    let digest = Md5::digest(leaves.join(","));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn flatten(path: String, value: &Value, leaves: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                flatten(format!("{path}+{}", text(name)), value, leaves);
            }
        }
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                flatten(format!("{path}+{index}"), value, leaves);
            }
        }
        Value::String(value) => leaves.push(format!("{path}={}", text(value))),
        other => leaves.push(format!("{path}={other}")),
    }
}

/// A text with all but the unreserved characters of URLs escaped, in quotes.
fn text(value: &str) -> String {
    let mut text = String::from('"');
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_the_protocols_example() {
        let example = json!({
            "k0": "'v 0'",
            "checksum": "adsaskfljadfkjadfkj",
            "k1": {"k2": 2, "k3": ["v3", [1, 2], {"k4": "v4", "k5": ["v5", "v6", "v7"]}]},
        });
        assert_eq!(checksum(&example), "6a92d155a59bf2eecbd4b4ec7fd1f875");
    }
}

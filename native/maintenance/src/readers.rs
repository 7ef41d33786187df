//! Streaming queries that read a table: where they are, by their checkpoint folders.
//!
//! A reader that comes back goes on at its position and opens the files of every commit from there on, also of those
//! whose files left the table since.

use crate::error::Result;
use financelake_storage::object_store::path::Path;
use financelake_storage::object_store::{ObjectStore, ObjectStoreExt};
use serde::{Deserialize, Serialize};

/// A query's position in a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reader {
    /// The folder of its checkpoint.
    pub query: String,
    /// The version that it reads next, or again.
    pub version: i64,
    /// Whether it still reads the table as it was at that version, and not only what came since.
    pub snapshot: bool,
}

/// An offset of Delta's source.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Offset {
    reservoir_id: String,
    reservoir_version: i64,
    #[serde(default)]
    is_starting_version: bool,
}

/// Where the queries of the lake that has the table at `<lake>/<layer>/<table>` keep their checkpoints.
pub fn checkpoints_beside(table: &str) -> Option<String> {
    let lake = table.trim_end_matches('/').rsplitn(3, '/').nth(2)?;
    (!lake.is_empty() && !lake.ends_with([':', '/'])).then(|| format!("{lake}/_checkpoints"))
}

/// The queries with a checkpoint below the store's root that read the table.
///
/// # Errors
/// When a checkpoint cannot be read: then nobody knows what it still needs.
pub async fn readers(checkpoints: &dyn ObjectStore, table: &str) -> Result<Vec<Reader>> {
    let mut found = Vec::new();
    let queries = checkpoints.list_with_delimiter(None).await?.common_prefixes;
    for folder in queries {
        found.extend(positions(checkpoints, &folder, table).await?);
    }
    found.sort_by(|one, other| (one.version, &one.query).cmp(&(other.version, &other.query)));
    Ok(found)
}

/// The positions of one query: one for each of its sources that is the table.
async fn positions(store: &dyn ObjectStore, query: &Path, table: &str) -> Result<Vec<Reader>> {
    let name = query.filename().unwrap_or_default().to_owned();
    let offsets = numbers(store, &query.clone().join("offsets")).await?;
    let done = numbers(store, &query.clone().join("commits")).await?;
    // A batch that began and did not end is read again, so what counts is the end of the last one that did.
    let last = done.last().copied().filter(|batch| offsets.contains(batch));
    let Some(batch) = last.or(offsets.first().copied()) else {
        return Ok(Vec::new());
    };
    let path = query.clone().join("offsets").join(batch.to_string());
    let content = store.get(&path).await?.bytes().await?;
    let text = String::from_utf8_lossy(&content);
    let mine = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Offset>(line).ok())
        .filter(|offset| offset.reservoir_id == table);
    let readers = mine.map(|offset| Reader {
        query: name.clone(),
        version: offset.reservoir_version,
        snapshot: offset.is_starting_version,
    });
    Ok(readers.collect())
}

/// The files of a folder whose names are numbers, in order.
async fn numbers(store: &dyn ObjectStore, folder: &Path) -> Result<Vec<u64>> {
    let files = store.list_with_delimiter(Some(folder)).await?.objects;
    let names = files.iter().filter_map(|file| file.location.filename());
    let mut numbers: Vec<u64> = names.filter_map(|name| name.parse().ok()).collect();
    numbers.sort_unstable();
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lake_is_two_folders_up() {
        let found = |table| checkpoints_beside(table);
        assert_eq!(
            found("/data/lake/silver/bars").as_deref(),
            Some("/data/lake/_checkpoints")
        );
        assert_eq!(
            found("hdfs://n:9000/lake/silver/bars/").as_deref(),
            Some("hdfs://n:9000/lake/_checkpoints")
        );
        assert_eq!(
            found("hdfs://n:9000/silver/bars").as_deref(),
            Some("hdfs://n:9000/_checkpoints")
        );
        for table in ["/bars", "/silver/bars", "hdfs://n:9000/bars"] {
            assert_eq!(found(table), None, "{table}");
        }
    }
}

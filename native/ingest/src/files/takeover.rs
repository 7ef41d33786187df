//! What is looked at in the storage when a partition is taken over, beside its chain.

use crate::error::{Error, Result};
use crate::files::chain;
use crate::rows::micros;
use financelake_storage::object_store::path::Path;
use financelake_storage::object_store::{self, ObjectStore, ObjectStoreExt};
use financelake_storage::{StorageOptions, open};
use futures::TryStreamExt;
use std::collections::HashMap;
use std::time::SystemTime;

/// Files that nobody finished are removed after these seconds, which are far more than a commit may take.
const ORPHANS_LIVE: i64 = 24 * 3600;

/// Refuses a folder in or below that of a Delta table: files there would be rows to those who list it, and none to those
/// who read its log. The store's root is the location.
pub(crate) async fn refuse_delta(
    (store, options): (&dyn ObjectStore, &StorageOptions),
    location: &str,
    topic_folder: &str,
) -> Result<()> {
    let base = location.trim_end_matches('/');
    let refused = |folder: &str| {
        Error::Config(format!(
            "{base}/{topic_folder}: {folder} is a Delta table, whose folder is no place for plain files; change \
             topics.dir, or write delivery.target=delta"
        ))
    };
    let mut inside = String::new();
    for part in topic_folder.split('/') {
        inside.push_str(part);
        if has_log(store, &chain::parse(&format!("{inside}/_delta_log"))?).await? {
            return Err(refused(&format!("{base}/{inside}")));
        }
        inside.push('/');
    }
    // Up from the location, which has folders above it that its own store does not see.
    let root = base.find("://").map_or(0, |scheme| scheme + 3);
    let mut folder = base;
    loop {
        let above = open(folder, options)?;
        if has_log(&*above, &Path::from("_delta_log")).await? {
            return Err(refused(folder));
        }
        match folder[root..].rfind('/') {
            Some(slash) if slash > 0 => folder = &folder[..root + slash],
            _ => return Ok(()),
        }
    }
}

async fn has_log(store: &dyn ObjectStore, path: &Path) -> Result<bool> {
    match store.list_with_delimiter(Some(path)).await {
        Ok(listed) => Ok(!(listed.objects.is_empty() && listed.common_prefixes.is_empty())),
        Err(object_store::Error::NotFound { .. }) => Ok(false),
        Err(error) => Err(chain::failed(path, error)),
    }
}

/// The first offsets behind the files of a topic, by partition, as their names say: where another program's files, such
/// as those of Confluent's sink, are gone on with.
pub(crate) async fn ends_of_files(
    store: &dyn ObjectStore,
    folder: &str,
    topic: &str,
) -> Result<HashMap<i32, i64>> {
    let folder = chain::parse(folder)?;
    let mut files = store.list(Some(&folder));
    let mut ends: HashMap<i32, i64> = HashMap::new();
    let failed = |error| chain::failed(&folder, error);
    while let Some(file) = files.try_next().await.map_err(failed)? {
        let name = file.location.filename().unwrap_or_default();
        if let Some((partition, last)) = offsets_of(name, topic) {
            let end = ends.entry(partition).or_default();
            *end = (*end).max(last + 1);
        }
    }
    Ok(ends)
}

/// Removes what tasks left behind that died before their commit.
pub(crate) async fn remove_orphans(store: &dyn ObjectStore, folder: &str) -> Result<()> {
    let path = chain::parse(folder)?;
    let found: Vec<_> = store
        .list(Some(&path))
        .try_collect()
        .await
        .map_err(|error| chain::failed(&path, error))?;
    let now = micros(SystemTime::now()) / 1_000_000;
    for file in found {
        if now - file.last_modified.timestamp() > ORPHANS_LIVE {
            // The next owner tries again.
            let _ = store.delete(&file.location).await;
        }
    }
    Ok(())
}

/// Partition and last offset in the name of a file: `topic+partition+first+last.format`.
fn offsets_of(name: &str, topic: &str) -> Option<(i32, i64)> {
    let rest = name.strip_prefix(topic)?.strip_prefix('+')?;
    let (numbers, _) = rest.split_once('.')?;
    let mut numbers = numbers.split('+');
    let (partition, first, last) = (numbers.next()?, numbers.next()?, numbers.next()?);
    let first: i64 = first.parse().ok()?;
    let last: i64 = last.parse().ok()?;
    if numbers.next().is_some() || first > last {
        return None;
    }
    Some((partition.parse().ok()?, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_how_far_a_partition_is() {
        assert_eq!(
            offsets_of("a+b+3+0000000010+0000000019.avro", "a+b"),
            Some((3, 19))
        );
        assert_eq!(offsets_of("t+0+0+0.snappy.parquet", "t"), Some((0, 0)));
        for other in [
            "t+0+5+4.json",
            "t+0+1.json",
            "t+x+1+2.json",
            "u+0+1+2.json",
            "t+0+1+2+3.json",
            "t+0+1+2",
        ] {
            assert_eq!(offsets_of(other, "t"), None, "{other}");
        }
    }
}

//! The last entry of a lake's table `_metrics`, which the streaming job writes.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use financelake_delta::{FileEntry, TableLog};
use financelake_storage::object_store::ObjectStoreExt;
use financelake_storage::{StorageOptions, open};
use parquet::file::reader::FileReader;
use parquet::file::serialized_reader::SerializedFileReader;
use parquet::record::{Field, Row};
use tokio::runtime::Builder;
use tokio::time::timeout;

/// Everything that was written at one time.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Last {
    /// Microseconds since 1970.
    at: i64,
    /// Metric, table or query, value.
    pub(super) values: Vec<(String, String, f64)>,
}

impl Last {
    /// How many seconds ago it was.
    pub(super) fn age(&self) -> u64 {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        now.as_secs()
            .saturating_sub((self.at / 1_000_000).unsigned_abs())
    }

    /// Takes a row of the table; a later time replaces an earlier one.
    fn take(&mut self, row: &Row) {
        let (mut at, mut metric, mut subject, mut value) = (None, None, None, None);
        for (name, field) in row.get_column_iter() {
            match (name.as_str(), field) {
                ("at", Field::TimestampMicros(micros)) => at = Some(*micros),
                // Where Spark is set to its older form.
                ("at", Field::TimestampMillis(millis)) => at = Some(millis * 1000),
                ("metric", Field::Str(text)) => metric = Some(text),
                ("subject", Field::Str(text)) => subject = Some(text),
                ("value", Field::Double(number)) => value = Some(*number),
                _ => {}
            }
        }
        if let (Some(at), Some(metric), Some(subject), Some(value)) = (at, metric, subject, value)
            && at >= self.at
        {
            if at > self.at {
                self.at = at;
                self.values.clear();
            }
            self.values.push((metric.clone(), subject.clone(), value));
        }
    }
}

/// Reads it, within a time; nothing if there is no such table.
///
/// # Errors
/// Why it cannot be read.
pub(super) fn last(lake: &str, patience: Duration) -> Result<Option<Last>, String> {
    let location = if lake.contains("://") {
        lake.to_owned()
    } else {
        let path = Path::new(lake).canonicalize();
        let path = path.map_err(|error| format!("'{lake}': {error}"))?;
        path.to_str().ok_or("the path is not UTF-8")?.to_owned()
    };
    let location = format!("{}/_metrics", location.trim_end_matches('/'));
    if !location.contains("://") && !Path::new(&location).is_dir() {
        return Ok(None);
    }
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let found = runtime.block_on(async {
        let waited = timeout(patience, read(&location)).await;
        waited.unwrap_or_else(|_| Err(format!("no answer within {} s", patience.as_secs())))
    });
    // A storage that is away would be waited for.
    runtime.shutdown_background();
    found
}

async fn read(location: &str) -> Result<Option<Last>, String> {
    let store = open(location, &StorageOptions::default()).map_err(|error| error.to_string())?;
    let table = TableLog::open(Arc::clone(&store))
        .await
        .map_err(|error| error.to_string())?;
    let Some(table) = table else {
        return Ok(None);
    };
    let newest = |entry: &&FileEntry| {
        let statistics = entry.statistics().unwrap_or_default();
        let last = statistics
            .max_values
            .get("at")
            .and_then(|at| at.as_str())
            .map(str::to_owned);
        (last, entry.time)
    };
    let mut last = Last::default();
    if let Some(entry) = table.state().files().max_by_key(newest) {
        let path = entry.location().map_err(|error| error.to_string())?;
        let bytes = store.get(&path).await.map_err(|error| error.to_string())?;
        let bytes = bytes.bytes().await.map_err(|error| error.to_string())?;
        let reader = SerializedFileReader::new(bytes).map_err(|error| error.to_string())?;
        for row in reader
            .get_row_iter(None)
            .map_err(|error| error.to_string())?
        {
            last.take(&row.map_err(|error| error.to_string())?);
        }
    }
    Ok(Some(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(at: i64, subject: &str, value: f64) -> Row {
        Row::new(vec![
            ("at".to_owned(), Field::TimestampMicros(at)),
            ("metric".to_owned(), Field::Str("version".to_owned())),
            ("subject".to_owned(), Field::Str(subject.to_owned())),
            ("reason".to_owned(), Field::Null),
            ("value".to_owned(), Field::Double(value)),
        ])
    }

    #[test]
    fn the_latest_time_counts_with_all_its_values() {
        let mut last = Last::default();
        for (at, subject, value) in [(5, "a", 1.0), (7, "b", 2.0), (6, "c", 3.0), (7, "d", 4.0)] {
            last.take(&row(at, subject, value));
        }
        let subjects: Vec<&str> = last.values.iter().map(|entry| entry.1.as_str()).collect();
        assert_eq!((last.at, subjects), (7, vec!["b", "d"]));
    }

    #[test]
    fn a_lake_without_the_table_has_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let lake = folder.path().to_str().unwrap();
        assert_eq!(last(lake, Duration::from_secs(5)), Ok(None));
        assert!(last("/none", Duration::from_secs(5)).is_err());
    }
}

//! Rows in an order: the same rows, in files that look-ups on each column can skip.

#[allow(dead_code, reason = "shared with suites that need more of it")]
mod common;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use common::{actions, live, local, opened};
use financelake_delta::{Append, Compression, EncodedFile, Table, TableSpec, encode};
use financelake_maintenance::{
    Error, Order, Policy, Strategy, Written, assign, optimize, plan, prepare, rewrite,
};
use financelake_storage::object_store::ObjectStoreExt;
use financelake_storage::object_store::path::Path;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::num::NonZeroUsize;
use std::sync::Arc;
use tempfile::TempDir;

const ROWS: usize = 20_000;
const FILES: usize = 5;

/// Numbers without a pattern, the same ones each time.
fn numbers(seed: u64) -> impl Iterator<Item = u64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    })
}

async fn append(folder: &TempDir, seed: u64) {
    let column = |seed| -> ArrayRef {
        Arc::new(Int64Array::from_iter(numbers(seed).take(ROWS).map(
            |number| (number % 50 != 0).then_some((number % 100_000) as i64),
        )))
    };
    let batch =
        RecordBatch::try_from_iter([("a", column(2 * seed + 1)), ("b", column(2 * seed + 2))])
            .unwrap();
    let EncodedFile { file, content } =
        encode(&batch, &[("day", "1".to_owned())], Compression::Snappy).unwrap();
    let store = local(folder);
    store
        .put(&Path::from(file.path.as_str()), content.into())
        .await
        .unwrap();
    let fields = ["a", "b", "day"].map(|name| {
        Field::new(
            name,
            if name == "day" {
                DataType::Utf8
            } else {
                DataType::Int64
            },
            true,
        )
    });
    let spec = TableSpec {
        schema: Schema::new(fields.to_vec()),
        partitions: vec!["day".to_owned()],
        properties: [].into(),
    };
    let mut table = Table::open_or_create(store, spec).await.unwrap();
    table
        .append(&Append::new(vec![file], vec![]))
        .await
        .unwrap();
}

async fn table() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for seed in 0..FILES as u64 {
        append(&folder, seed).await;
    }
    folder
}

type Row = (Option<i64>, Option<i64>);

fn read(folder: &TempDir, path: &str) -> Vec<Row> {
    let file = std::fs::File::open(folder.path().join(path)).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file)
        .unwrap()
        .build()
        .unwrap();
    let mut rows = Vec::new();
    for batch in reader {
        let batch = batch.unwrap();
        let (a, b) = (batch.column(0), batch.column(1));
        rows.extend(
            a.as_primitive::<Int64Type>()
                .iter()
                .zip(b.as_primitive::<Int64Type>()),
        );
    }
    rows
}

fn order(strategy: Strategy, columns: &[&str]) -> Order {
    Order {
        columns: columns.iter().map(|name| (*name).to_owned()).collect(),
        strategy,
    }
}

fn policy(strategy: Strategy) -> Policy {
    Policy {
        order: Some(order(strategy, &["a", "b"])),
        ..Policy::default()
    }
}

/// The files that a rewrite makes with this much memory, about 90 kB each.
async fn rewritten(folder: &TempDir, strategy: Strategy, memory: usize) -> Written {
    let table = opened(folder).await;
    let plan = plan(table.state(), &policy(strategy), None).unwrap();
    let mut work = assign(&plan, table.state()).unwrap();
    assert_eq!(work.len(), 1);
    work[0].memory_bytes = memory;
    work[0].target_bytes = 90_000;
    rewrite(table.store(), &work[0]).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn linear_order_is_exact_whether_or_not_the_rows_fit_in_memory() {
    let folder = table().await;
    let mut expected: Vec<Row> = live(&folder)
        .keys()
        .flat_map(|path| read(&folder, path))
        .collect();
    expected.sort();
    for memory in [100_000, 1 << 20, 1 << 30] {
        let written = rewritten(&folder, Strategy::Linear, memory).await;
        assert!(written.files.len() > 5, "{}", written.files.len());
        let found: Vec<Row> = written
            .files
            .iter()
            .flat_map(|file| read(&folder, &file.path))
            .collect();
        assert_eq!(written.rows as usize, ROWS * FILES);
        assert!(
            found == expected,
            "the rows are the same, and in order, with {memory} bytes"
        );
    }
}

/// The share of the files that a look-up of one value reads, by their bounds.
fn share(folder: &TempDir, written: &Written, column: fn(&Row) -> Option<i64>) -> f64 {
    let bounds: Vec<(i64, i64)> = written
        .files
        .iter()
        .map(|file| {
            let values: Vec<i64> = read(folder, &file.path).iter().filter_map(column).collect();
            (*values.iter().min().unwrap(), *values.iter().max().unwrap())
        })
        .collect();
    let hits: usize = (0..100_000)
        .step_by(1000)
        .map(|value| {
            bounds
                .iter()
                .filter(|(low, high)| (low..=high).contains(&&value))
                .count()
        })
        .sum();
    hits as f64 / 100.0 / bounds.len() as f64
}

#[tokio::test(flavor = "multi_thread")]
async fn curves_let_look_ups_on_every_column_skip_files() {
    let folder = table().await;
    let mut all: Vec<Row> = live(&folder)
        .keys()
        .flat_map(|path| read(&folder, path))
        .collect();
    all.sort();
    let mut shares = Vec::new();
    for strategy in [Strategy::Linear, Strategy::Zorder, Strategy::Hilbert] {
        let written = rewritten(&folder, strategy, 400_000).await;
        let mut rows: Vec<Row> = written
            .files
            .iter()
            .flat_map(|file| read(&folder, &file.path))
            .collect();
        rows.sort();
        assert!(rows == all);
        shares.push((
            share(&folder, &written, |row| row.0),
            share(&folder, &written, |row| row.1),
        ));
    }
    let [linear, zorder, hilbert] = shares[..] else {
        panic!()
    };
    assert!(linear.0 < 0.2 && linear.1 > 0.95, "{linear:?}");
    assert!(zorder.0 < 0.5 && zorder.1 < 0.5, "{zorder:?}");
    assert!(hilbert.0 < 0.45 && hilbert.1 < 0.45, "{hilbert:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_in_order_are_left_alone() {
    let folder = table().await;
    let run = async || {
        let mut table = opened(&folder).await;
        let policy = policy(Strategy::Hilbert);
        let plan = prepare(&table, &policy).unwrap();
        optimize(&mut table, &policy, plan, NonZeroUsize::MIN)
            .await
            .unwrap()
    };
    assert_eq!(run().await.files_removed, FILES as u64);
    let add = live(&folder).into_values().next().unwrap();
    assert_eq!(add["tags"]["financelake.order"], "hilbert(a,b)");
    let information = actions(&folder)
        .into_iter()
        .rfind(|action| action.get("commitInfo").is_some());
    assert_eq!(
        information.unwrap()["commitInfo"]["operationParameters"]["zOrderBy"],
        r#"["a","b"]"#
    );
    assert_eq!(run().await.version, None);
    append(&folder, 99).await;
    assert_eq!(
        run().await.files_removed,
        2,
        "the new one, and the one that is small still"
    );
    assert_eq!(
        live(&folder)
            .keys()
            .flat_map(|path| read(&folder, path))
            .count(),
        ROWS * (FILES + 1)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_makes_no_sense_is_refused() {
    let folder = table().await;
    let table = opened(&folder).await;
    for (columns, word) in [
        (vec!["day"], "names folders"),
        (vec!["a", "x"], "no column x"),
        (vec!["a", "a"], "twice"),
        (vec![], "from 1 to 4"),
    ] {
        let policy = Policy {
            order: Some(order(Strategy::Linear, &columns)),
            ..Policy::default()
        };
        match prepare(&table, &policy) {
            Err(Error::Argument(text)) => assert!(text.contains(word), "{text}"),
            other => panic!("{other:?}"),
        }
    }
}

//! The native side of `scripts/bench.sh trend`: measures what it is asked for, so that the peers, which Python runs, can take
//! turns with it.
//!
//!     financelake-bench-trend MODEL
//!
//! A line of the standard input is a question, a line of the standard output its answer in JSON. Times are CPU seconds of
//! this thread, the best of the runs that fit into SECONDS, at least three.
//!
//! * `peak SECONDS`: fused multiply-adds per level of the processor, as operations per second
//! * `score BATCH SECONDS`: seconds per window of a call with so many windows
//! * `rows COUNT SECONDS`: seconds per row of one series, windows formed here
//! * `train SECONDS`: seconds per window of epochs with the default settings

mod peak;

use std::error::Error;
use std::io::{self, BufRead, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use financelake_indicators::{Batch, Column};
use financelake_trend::{
    Dataset, Labels, Model, Outputs, Scorer, Settings, Trainer, TrendExecutor,
};
use serde_json::{Value, json};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// CPU seconds of this thread.
fn cpu_seconds() -> f64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the place for the answer is ours.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// The shortest of the runs that fit into a time, at least three after one that warms up.
fn best(seconds: f64, mut run: impl FnMut()) -> f64 {
    run();
    let (start, limit) = (Instant::now(), Duration::from_secs_f64(seconds));
    let (mut shortest, mut runs) = (f64::INFINITY, 0);
    while runs < 3 || start.elapsed() < limit {
        let before = cpu_seconds();
        run();
        shortest = shortest.min(cpu_seconds() - before);
        runs += 1;
    }
    shortest
}

/// Values that fill the range of the features.
fn values(count: usize) -> Vec<f64> {
    (0..count).map(|index| (index as f64 * 0.7).sin()).collect()
}

fn score(model: &Arc<Model>, batch: usize, seconds: f64) -> Result<f64> {
    let card = model.card();
    let windows = values(batch * card.window * card.features.len());
    let mut scorer = Scorer::new(Arc::clone(model));
    scorer.score(&windows)?;
    Ok(best(seconds, || {
        std::hint::black_box(scorer.score(&windows).expect("whole windows"));
    }) / batch as f64)
}

fn rows(model: &Arc<Model>, rows: usize, seconds: f64) -> f64 {
    let columns: Vec<Vec<f64>> = model.card().features.iter().map(|_| values(rows)).collect();
    let columns: Vec<Column<'_>> = columns
        .iter()
        .map(|values| Column {
            values,
            validity: None,
        })
        .collect();
    let mut executor = TrendExecutor::new(Arc::clone(model));
    let (mut prediction, mut p) = (vec![0; rows], vec![vec![0.0; rows]; 3]);
    let mut bits = vec![vec![0; rows.div_ceil(8)]; 4];
    best(seconds, || {
        let [down, up, neutral] = p.as_mut_slice() else {
            unreachable!("three columns")
        };
        let [a, b, c, d] = bits.as_mut_slice() else {
            unreachable!("four columns")
        };
        let mut outputs = Outputs {
            prediction: &mut prediction,
            probabilities: [down, up, neutral],
            validity: [a, b, c, d],
        };
        let batch = Batch {
            rows,
            columns: &columns,
            starts: &[0],
        };
        executor
            .run(&batch, &mut outputs)
            .expect("columns of the model");
    }) / rows as f64
}

fn train(model: &Model, seconds: f64) -> Result<f64> {
    let card = model.card();
    let count = 20 * Settings::default().batch;
    let dataset = Dataset::of_windows(
        &values(count * card.window * card.features.len()),
        &(0..count)
            .map(|index| (index % 3) as i32)
            .collect::<Vec<_>>(),
        &vec![false; count],
        card.window,
        card.features.clone(),
    )?;
    let settings = Settings {
        patience: 0,
        epochs: 100_000,
        ..Settings::default()
    };
    let mut trainer = Trainer::new(dataset, card.sizes, Labels::default(), settings)?;
    Ok(best(seconds, || {
        trainer.epoch().expect("another epoch");
    }) / count as f64)
}

fn answer(model: &Arc<Model>, question: &str) -> Result<Value> {
    let words: Vec<&str> = question.split_whitespace().collect();
    Ok(match words[..] {
        ["peak", seconds] => peak::levels(seconds.parse()?),
        ["score", batch, seconds] => json!(score(model, batch.parse()?, seconds.parse()?)?),
        ["rows", count, seconds] => json!(rows(model, count.parse()?, seconds.parse()?)),
        ["train", seconds] => json!(train(model, seconds.parse()?)?),
        _ => return Err(format!("'{question}' is no question").into()),
    })
}

fn main() -> Result<()> {
    let path = std::env::args()
        .nth(1)
        .ok_or("usage: financelake-bench-trend MODEL")?;
    let model = Arc::new(Model::read(&std::fs::read(Path::new(&path))?)?);
    for question in io::stdin().lock().lines() {
        println!("{}", answer(&model, &question?)?);
        io::stdout().flush()?;
    }
    Ok(())
}

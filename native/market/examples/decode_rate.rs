//! Records per second that one core decodes, checks and lays out as columns.
//!
//! Time is the thread's own processor time where the system tells it (Linux), so that other work on
//! the machine does not count.
//!
//! `cargo run --release -p financelake-market --example decode_rate [seconds]` prints one line per
//! format: the good JSON quotes of the faulty-record set, and daily bars as CSV. For JSON it prints
//! beside it, from the same run, how often `serde_json` parses the same quotes into its own values,
//! with no check and no columns.

use std::hint::black_box;
use std::time::Instant;

use financelake_market::{ColumnBatch, Format, Parser, ParserConfig};

const RECEIVED: i64 = 1_796_083_200_000_000;
const BATCH: usize = 4096;

fn main() {
    let seconds = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(3.0);
    let reference = include_str!("../../../data/reference/instruments.csv").to_owned();
    let set = include_bytes!("../tests/dirty/stock_ticks.jsonl");
    let json = ParserConfig {
        reference: reference.clone(),
        ..ParserConfig::default()
    };
    let quotes: Vec<&[u8]> = set.split(|byte| *byte == b'\n').take(25).collect();
    report("json", &json, &quotes, seconds);

    let columns = "symbol,region,asset_class,ts,open,high,low,close,volume,source";
    let csv = ParserConfig {
        reference,
        format: Format::Csv,
        columns: columns.split(',').map(str::to_owned).collect(),
        freq: Some("1d".to_owned()),
        ..ParserConfig::default()
    };
    let bars: Vec<String> = (0..500)
        .map(|day| {
            let date = format!("20{:02}-{:02}-{:02}", day % 24, day % 12 + 1, day % 28 + 1);
            format!("AAPL,US,equity,{date},118.56,132.06,118.5,130.31,9616100,wiki")
        })
        .collect();
    let bars: Vec<&[u8]> = bars.iter().map(String::as_bytes).collect();
    report("csv", &csv, &bars, seconds);
}

fn report(name: &str, config: &ParserConfig, records: &[&[u8]], seconds: f64) {
    let parser = match Parser::new(config) {
        Ok(parser) => parser,
        Err(error) => panic!("{error}"),
    };
    let mut block = Vec::new();
    let (mut ours, mut peer) = (Tally::default(), Tally::default());
    let started = Instant::now();
    // The two take turns, so that whatever else the machine does meets both.
    while started.elapsed().as_secs_f64() < seconds {
        ours.time(|| {
            let mut batch = ColumnBatch::with_capacity(BATCH);
            for record in records.iter().cycle().take(BATCH) {
                let outcome = parser.parse(black_box(record), RECEIVED);
                if let Err(error) = batch.push(&outcome, RECEIVED) {
                    panic!("{error}");
                }
            }
            assert_eq!(batch.accepted(), BATCH, "the records are good ones");
            block.resize(batch.layout().1, 0);
            batch.write(&mut block);
            black_box(&block);
        });
        if config.format == Format::Json {
            peer.time(|| {
                for record in records.iter().cycle().take(BATCH) {
                    let value = serde_json::from_slice::<serde_json::Value>(black_box(record));
                    assert!(black_box(value).is_ok());
                }
            });
        }
    }
    let bytes: usize = records.iter().map(|record| record.len()).sum();
    let megabytes = ours.rate() * bytes as f64 / records.len() as f64;
    print!(
        "{name}: {:.2} M records/s, {megabytes:.0} MB/s",
        ours.rate()
    );
    if peer.batches > 0 {
        let ratio = ours.rate() / peer.rate();
        print!(
            "; serde_json values, parse only: {:.2} M/s, ratio {ratio:.2}",
            peer.rate()
        );
    }
    println!();
}

#[derive(Default)]
struct Tally {
    batches: usize,
    seconds: f64,
}

impl Tally {
    fn time(&mut self, work: impl FnOnce()) {
        let (started, busy) = (Instant::now(), busy_seconds());
        work();
        let wall = started.elapsed().as_secs_f64();
        self.seconds += busy_seconds()
            .zip(busy)
            .map_or(wall, |(now, before)| now - before);
        self.batches += 1;
    }

    /// Million records per second.
    fn rate(&self) -> f64 {
        (self.batches * BATCH) as f64 / self.seconds / 1e6
    }
}

/// Processor time of this thread so far.
fn busy_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: f64 = text.split(' ').next()?.parse().ok()?;
    Some(nanoseconds / 1e9)
}

//! Records per second that one core decodes, checks and lays out as columns.
//!
//! `cargo run --release -p financelake-market --example decode_rate [seconds]` prints one line per
//! format: the good JSON quotes of the faulty-record set, and daily bars as CSV.

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
    let (mut rows, mut bytes, mut accepted) = (0_usize, 0_usize, 0_usize);
    let mut block = Vec::new();
    let started = Instant::now();
    while started.elapsed().as_secs_f64() < seconds {
        let mut batch = ColumnBatch::default();
        for record in records.iter().cycle().take(BATCH) {
            bytes += record.len();
            if let Err(error) = batch.push(&parser.parse(black_box(record), RECEIVED), RECEIVED) {
                panic!("{error}");
            }
        }
        block.resize(batch.layout().1, 0);
        batch.write(&mut block);
        black_box(&block);
        rows += batch.rows();
        accepted += batch.accepted();
    }
    let elapsed = started.elapsed().as_secs_f64();
    let rate = rows as f64 / elapsed / 1e6;
    let megabytes = bytes as f64 / elapsed / 1e6;
    let share = 100.0 * accepted as f64 / rows as f64;
    println!("{name}: {rate:.2} M records/s, {megabytes:.0} MB/s, {share:.0} % accepted");
}

//! The shipped data files: all rows are decided, and just those that the manifest announces are
//! refused.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use common::{RECEIVED, parser, reference, root, text};
use financelake_market::{Format, Outcome, Parser, ParserConfig};
use serde::Deserialize;

#[derive(Deserialize)]
struct Manifest {
    files: Vec<DataFile>,
}

#[derive(Deserialize)]
struct DataFile {
    file: String,
    freq: String,
    source: String,
    adjustment: String,
    closes_only: bool,
    columns: Vec<String>,
    rows: usize,
    refused: BTreeMap<String, usize>,
    symbols: BTreeSet<String>,
    regions: BTreeSet<String>,
    asset_classes: BTreeSet<String>,
}

fn manifest() -> Manifest {
    serde_json::from_str(&text("data/market/MANIFEST.json")).expect("a manifest")
}

impl DataFile {
    fn parser(&self) -> Parser {
        parser(ParserConfig {
            reference: reference(),
            format: Format::Csv,
            columns: self.columns.clone(),
            freq: Some(self.freq.clone()),
            source: Some(self.source.clone()),
            adjustment: Some(self.adjustment.clone()),
            closes_only: self.closes_only,
            closes_only_sources: Vec::new(),
        })
    }

    fn lines(&self) -> String {
        let bytes = std::fs::read(root("data/market").join(&self.file)).expect("a data file");
        let mut text = String::new();
        flate2::read::GzDecoder::new(&*bytes)
            .read_to_string(&mut text)
            .expect("gzipped UTF-8");
        let (header, rows) = text.split_once('\n').expect("a header");
        assert_eq!(header, self.columns.join(","), "{}", self.file);
        rows.to_owned()
    }
}

#[test]
fn just_the_announced_rows_are_refused() {
    let (mut rows, mut refused_rows) = (0, 0);
    let mut series_of_files: BTreeMap<String, &str> = BTreeMap::new();
    let manifest = manifest();
    for file in &manifest.files {
        let parser = file.parser();
        let lines = file.lines();
        let mut refused: BTreeMap<String, usize> = BTreeMap::new();
        let (mut symbols, mut regions, mut classes) =
            <(BTreeSet<_>, BTreeSet<_>, BTreeSet<_>)>::default();
        let mut count = 0;
        for line in lines.lines() {
            count += 1;
            match parser.parse(line.as_bytes(), RECEIVED) {
                Outcome::Accepted(record) => {
                    symbols.insert(record.symbol.to_string());
                    regions.insert(record.region.as_str().to_owned());
                    classes.insert(record.asset_class.as_str().to_owned());
                    assert_eq!(record.closes_only, file.closes_only, "{line}");
                    assert_eq!(record.source, file.source, "{line}");
                    assert!(record.currency.is_some(), "{line}");
                    assert_eq!(record.extra, None, "{line}");
                    let owner = series_of_files.entry(record.series()).or_insert(&file.file);
                    assert_eq!(*owner, file.file, "one series in two files: {line}");
                }
                Outcome::Refused(refusal) => {
                    *refused.entry(refusal.reason.code().to_owned()).or_default() += 1;
                }
                Outcome::Blank => panic!("{}: a blank line", file.file),
            }
        }
        assert_eq!(refused, file.refused, "{}", file.file);
        assert_eq!(count, file.rows, "{}", file.file);
        assert_eq!(symbols, file.symbols, "{}", file.file);
        assert_eq!(regions, file.regions, "{}", file.file);
        assert_eq!(classes, file.asset_classes, "{}", file.file);
        rows += count;
        refused_rows += refused.values().sum::<usize>();
    }
    assert_eq!((rows, refused_rows), (529_333, 391));
}

#[test]
fn the_reference_knows_every_instrument_of_the_data() {
    let reference = financelake_market::Reference::from_csv(&reference()).expect("the reference");
    for file in manifest().files {
        for symbol in &file.symbols {
            let known = reference.find(symbol);
            assert!(
                known.iter().any(
                    |entry| file.asset_classes.contains(entry.asset_class.as_str())
                        && file.regions.contains(entry.region.as_str())
                        && !entry.name.is_empty()
                        && !entry.exchange.is_empty()
                ),
                "{symbol} of {}",
                file.file
            );
        }
    }
}

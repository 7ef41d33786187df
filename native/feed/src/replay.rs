//! Real bars and ticks from files, in the order in which they happened.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use financelake_market::MICROS_PER_DAY;
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::message::{Message, Next, Source};
use crate::rows::{FileRows, FileSettings};

/// What the times of replayed events are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Times {
    /// Those of the file.
    #[default]
    Kept,
    /// Moved by whole days, so that the last event is of the last 24 hours; days keep their hours.
    Now,
}

impl Times {
    fn name(self) -> &'static str {
        match self {
            Self::Kept => "as they are",
            Self::Now => "moved to now",
        }
    }
}

/// How files are replayed.
#[derive(Clone, Debug, Default)]
pub struct ReplayOptions {
    /// Names of the files in the folder; all that its manifest declares where there is none.
    pub files: Vec<String>,
    /// What their times become.
    pub times: Times,
}

/// The rows of files by the time of their events; at the same time, in the order of files and lines.
pub struct Replay {
    files: Vec<FileRows>,
    order: Vec<(i64, u32, u32)>,
    next: usize,
    moved: i64,
    identity: String,
}

#[derive(Deserialize)]
struct Manifest {
    files: Vec<FileSettings>,
}

impl Replay {
    /// Files of a folder with a `MANIFEST.json`.
    ///
    /// # Errors
    /// If the manifest or a file cannot be read, or a name is not in it.
    pub fn folder(folder: &Path, options: &ReplayOptions) -> Result<Self> {
        let path = folder.join("MANIFEST.json");
        if !path.is_file() {
            return Err(Error::Usage(format!(
                "there is no '{}', which says how to read the files of this folder",
                path.display()
            )));
        }
        let text = std::fs::read_to_string(&path).map_err(Error::file(&path))?;
        let manifest: Manifest = serde_json::from_str(&text)
            .map_err(|error| Error::Usage(format!("{}: {error}", path.display())))?;
        let wanted =
            |entry: &&FileSettings| options.files.is_empty() || options.files.contains(&entry.file);
        let chosen: Vec<&FileSettings> = manifest.files.iter().filter(wanted).collect();
        if let Some(unknown) = options
            .files
            .iter()
            .find(|name| !chosen.iter().any(|entry| entry.file == **name))
        {
            return Err(Error::Usage(format!(
                "{} declares no file '{unknown}'",
                path.display()
            )));
        }
        let files = chosen
            .iter()
            .map(|entry| FileRows::read(&folder.join(&entry.file), entry))
            .collect::<Result<Vec<_>>>()?;
        let names: Vec<&str> = chosen.iter().map(|entry| entry.file.as_str()).collect();
        Ok(Self::rows(files, options.times, &names.join(", ")))
    }

    /// Rows of files that were read.
    pub fn rows(files: Vec<FileRows>, times: Times, names: &str) -> Self {
        let mut order: Vec<(i64, u32, u32)> = files
            .iter()
            .enumerate()
            .flat_map(|(place, file)| {
                (0..file.len()).map(move |row| (file.event(row), place as u32, row as u32))
            })
            .collect();
        order.sort_unstable();
        let moved = match (times, order.last()) {
            (Times::Now, Some((last, ..))) => {
                (now() - last).div_euclid(MICROS_PER_DAY) * MICROS_PER_DAY
            }
            _ => 0,
        };
        Self {
            identity: format!("replay of {names}, times {}", times.name()),
            files,
            order,
            next: 0,
            moved,
        }
    }

    /// How many records there are.
    pub fn records(&self) -> usize {
        self.order.len()
    }
}

fn now() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

impl Source for Replay {
    fn next(&mut self, message: &mut Message) -> Result<Next> {
        let Some(&(_, file, row)) = self.order.get(self.next) else {
            return Ok(Next::End);
        };
        self.next += 1;
        self.files[file as usize].write(row as usize, self.moved, message);
        Ok(Next::Record)
    }

    fn identity(&self) -> String {
        self.identity.clone()
    }

    fn skip(&mut self, records: u64) -> Result<()> {
        let left = self.order.len() - self.next;
        self.next += usize::try_from(records).unwrap_or(left).min(left);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use financelake_market::{Moment, Outcome, Parser, ParserConfig, parse_instant};

    use super::*;

    fn market() -> &'static Path {
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/market"))
    }

    fn options(files: &[&str], times: Times) -> ReplayOptions {
        ReplayOptions {
            files: files.iter().map(|name| (*name).to_owned()).collect(),
            times,
        }
    }

    /// The smaller files of the shipped data, which are of every kind, decided as a topic's records are.
    #[test]
    fn the_rules_decide_replayed_rows_as_they_decide_the_files() {
        let text = std::fs::read_to_string(market().join("MANIFEST.json")).unwrap();
        let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
        let files = manifest["files"].as_array().unwrap();
        let closes_only = files.iter().filter(|file| file["closes_only"] == true);
        let reference = market().join("../reference/instruments.csv");
        let parser = Parser::new(&ParserConfig {
            reference: std::fs::read_to_string(reference).unwrap(),
            closes_only_sources: closes_only
                .map(|file| file["source"].as_str().unwrap().to_owned())
                .collect(),
            ..ParserConfig::default()
        })
        .unwrap();
        let small = files
            .iter()
            .filter(|file| file["rows"].as_u64().unwrap() < 20_000);
        for file in small {
            let name = file["file"].as_str().unwrap();
            let mut source = Replay::folder(market(), &options(&[name], Times::Kept)).unwrap();
            let mut message = Message::default();
            let (mut rows, mut refused) = (0, std::collections::BTreeMap::new());
            while source.next(&mut message).unwrap() == Next::Record {
                rows += 1;
                if let Outcome::Refused(refusal) = parser.parse(&message.value, now()) {
                    *refused.entry(refusal.reason.code().to_owned()).or_insert(0) += 1;
                }
            }
            assert_eq!(file["rows"], rows, "{name}");
            assert_eq!(file["refused"], serde_json::json!(refused), "{name}");
        }
    }

    #[test]
    fn events_come_in_order_and_can_be_moved_to_today() {
        let names = ["us_equity_1m_aapl.csv.gz", "us_equity_1h_aapl.csv.gz"];
        let mut source = Replay::folder(market(), &options(&names, Times::Now)).unwrap();
        assert_eq!(source.records(), 2382 + 3479);
        let mut message = Message::default();
        let mut last = i64::MIN;
        while source.next(&mut message).unwrap() == Next::Record {
            let record: serde_json::Value = serde_json::from_slice(&message.value).unwrap();
            let ts = parse_instant(record["ts"].as_str().unwrap());
            let event = message.event.unwrap();
            assert_eq!(ts, Ok(Moment::Instant(event)));
            assert!(event >= last);
            last = event;
        }
        assert!((now() - MICROS_PER_DAY..=now()).contains(&last));
    }

    #[test]
    fn skipping_is_as_reading() {
        let wanted = options(&["us_equity_1m_aapl.csv.gz"], Times::Kept);
        let (mut one, mut other) = (
            Replay::folder(market(), &wanted).unwrap(),
            Replay::folder(market(), &wanted).unwrap(),
        );
        let (mut a, mut b) = (Message::default(), Message::default());
        for _ in 0..101 {
            one.next(&mut a).unwrap();
        }
        other.skip(100).unwrap();
        other.next(&mut b).unwrap();
        assert_eq!(a, b);
        other.skip(u64::MAX).unwrap();
        assert_eq!(other.next(&mut b).unwrap(), Next::End);
    }

    #[test]
    fn an_unknown_file_is_named() {
        let refused = Replay::folder(market(), &options(&["x.csv"], Times::Kept))
            .err()
            .unwrap();
        assert!(
            refused.to_string().contains("declares no file 'x.csv'"),
            "{refused}"
        );
    }
}

//! `financelake produce`: market records into Kafka.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use financelake_feed::{
    Counters, Error, Feed, FileRows, FileSettings, Interval, Lines, Pace, Parquet, Producer,
    ProducerConfig, Replay, ReplayOptions, Source, Synthetic, SyntheticOptions, Times, YAHOO_URL,
    Yahoo, YahooOptions, run as feed, serve,
};
use signal_hook::consts::{SIGINT, SIGTERM};

use crate::failure::Failure;

/// Options of every source.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    source: Origin,
    /// Brokers
    #[arg(
        long,
        global = true,
        env = "KAFKA_BOOTSTRAP_SERVERS",
        default_value = "localhost:9092",
        value_name = "HOST:PORT,..."
    )]
    bootstrap_servers: String,
    /// Topic of market records
    #[arg(
        long,
        global = true,
        env = "KAFKA_TOPIC",
        default_value = "data_stock",
        value_name = "NAME"
    )]
    topic: String,
    /// Topic of bond yields
    #[arg(
        long,
        global = true,
        env = "KAFKA_BOND_TOPIC",
        default_value = "data_bond",
        value_name = "NAME"
    )]
    bond_topic: String,
    /// Records a second; as fast as the broker takes them if it is left out
    #[arg(long, global = true, value_name = "N", value_parser = above_zero, conflicts_with = "speed")]
    rate: Option<f64>,
    /// Keep the events as far apart as they were, this many times as fast
    #[arg(long, global = true, value_name = "FACTOR", value_parser = above_zero)]
    speed: Option<f64>,
    /// Stop after so many records of the source
    #[arg(long, global = true, value_name = "N")]
    records: Option<u64>,
    /// Keep in this file how far the source was sent, and go on from there
    #[arg(long, global = true, value_name = "FILE")]
    position: Option<PathBuf>,
    /// Send in transactions of this id, which readers of committed records see whole
    #[arg(long, global = true, value_name = "ID")]
    transactional_id: Option<String>,
    /// A setting of librdkafka
    #[arg(long, global = true, value_name = "KEY=VALUE", value_parser = setting)]
    set: Vec<(String, String)>,
    /// Answer Prometheus at this address
    #[arg(long, global = true, value_name = "HOST:PORT")]
    metrics: Option<String>,
    /// Seconds between two lines of progress
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 10.0, value_parser = above_zero)]
    progress: f64,
    /// Seconds that the broker may take to answer at the beginning, and to take the last records
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 30.0, value_parser = above_zero)]
    timeout: f64,
}

#[derive(clap::Subcommand)]
enum Origin {
    /// Real bars and ticks from the files of a folder, in the order of their events
    Replay {
        /// Folder with a MANIFEST.json
        #[arg(long, value_name = "FOLDER", default_value = "data/market")]
        data: PathBuf,
        /// Only these files of the folder
        #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
        files: Vec<String>,
        /// Times of the events: as they are, or moved by whole days up to now
        #[arg(long, value_enum, default_value_t = TimesArgument::Kept)]
        times: TimesArgument,
    },
    /// Made-up one-minute bars without end, the same for the same options
    Synthetic {
        /// How many symbols
        #[arg(long, value_name = "N", default_value_t = 100)]
        symbols: u32,
        /// What decides the numbers
        #[arg(long, value_name = "N", default_value_t = 1)]
        seed: u64,
        /// The first minute
        #[arg(long, value_name = "INSTANT", default_value = "2024-01-02T00:00:00Z")]
        start: String,
    },
    /// A file of bars with a header line
    Csv {
        /// The file, gzipped or not
        file: PathBuf,
        #[command(flatten)]
        unsaid: Unsaid,
    },
    /// Parquet files of bars, with a column `symbol`
    Parquet {
        /// The files
        #[arg(required = true)]
        files: Vec<PathBuf>,
        #[command(flatten)]
        unsaid: Unsaid,
    },
    /// Bars of Yahoo's chart API as they are finished, until it is stopped
    Yahoo {
        /// Symbols as Yahoo spells them
        #[arg(
            long,
            value_name = "SYMBOL,...",
            value_delimiter = ',',
            required = true
        )]
        symbols: Vec<String>,
        /// Length of the bars: 1m, 5m, 15m, 30m, 1h or 1d
        #[arg(long, value_name = "FREQ", default_value = "1m")]
        interval: Interval,
        /// How many days back bars go where there is no position
        #[arg(long, value_name = "DAYS", default_value_t = 1.0, value_parser = above_zero)]
        history: f64,
        /// Requests a minute at most
        #[arg(long, value_name = "N", default_value_t = 60.0, value_parser = above_zero)]
        requests: f64,
        /// How often a request that failed is tried again at once; later it is anyway
        #[arg(long, value_name = "N", default_value_t = 5)]
        retries: u32,
        /// Where the API is
        #[arg(long, value_name = "ADDRESS", default_value = YAHOO_URL)]
        url: String,
    },
    /// Lines of JSON from files, as they are
    Jsonl {
        /// The files, gzipped or not
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Lines of JSON from the standard input, as they are
    Stdin,
}

/// What is known about rows beside them.
#[derive(clap::Args)]
struct Unsaid {
    /// freq of rows that do not say
    #[arg(long, value_name = "FREQ")]
    freq: Option<String>,
    /// source of rows that do not say
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// adjustment of rows that do not say
    #[arg(long, value_name = "KIND")]
    adjustment: Option<String>,
}

impl Unsaid {
    fn settings(&self) -> FileSettings {
        FileSettings {
            freq: self.freq.clone(),
            source: self.source.clone(),
            adjustment: self.adjustment.clone(),
            ..FileSettings::default()
        }
    }
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum TimesArgument {
    Kept,
    Now,
}

fn above_zero(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number > 0.0 && number.is_finite() => Ok(number),
        _ => Err("write a number above 0".to_owned()),
    }
}

fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write key=value".to_owned()),
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // A second signal ends the process at once, should the broker be gone for good.
        signal_hook::flag::register_conditional_shutdown(signal, 1, Arc::clone(&stop))?;
        signal_hook::flag::register(signal, Arc::clone(&stop))?;
    }
    let mut source = open(&arguments.source)?;
    let counters = Arc::new(Counters::default());
    if let Some(address) = &arguments.metrics {
        println!("metrics at http://{}/metrics", serve(address, &counters)?);
    }
    let limit = Duration::from_secs_f64(arguments.timeout);
    let mut producer = Producer::connect(config(arguments), Arc::clone(&counters), limit)?;
    println!(
        "{} to {} at {}",
        source.identity(),
        arguments.topic,
        arguments.bootstrap_servers
    );
    let start = Instant::now();
    let plan = Feed {
        pace: match (arguments.rate, arguments.speed) {
            (Some(rate), _) => Pace::Rate(rate),
            (_, Some(speed)) => Pace::Speed(speed),
            _ => Pace::Free,
        },
        records: arguments.records,
        position: arguments.position.as_deref(),
        progress_every: Duration::from_secs_f64(arguments.progress),
        flush_limit: limit,
    };
    let done = feed(&plan, source.as_mut(), &mut producer, &stop, |_, _| {
        println!("{}", line(&counters, start));
    });
    let ended = if stop.load(Ordering::Relaxed) {
        "stopped"
    } else {
        "finished"
    };
    println!("{ended}: {}", line(&counters, start));
    println!("{} records of the source are delivered", done?);
    Ok(())
}

fn open(origin: &Origin) -> Result<Box<dyn Source>, Error> {
    Ok(match origin {
        Origin::Replay { data, files, times } => {
            let options = ReplayOptions {
                files: files.clone(),
                times: match times {
                    TimesArgument::Kept => Times::Kept,
                    TimesArgument::Now => Times::Now,
                },
            };
            Box::new(Replay::folder(data, &options)?)
        }
        Origin::Synthetic {
            symbols,
            seed,
            start,
        } => Box::new(Synthetic::new(SyntheticOptions {
            symbols: *symbols,
            seed: *seed,
            start: start.clone(),
        })?),
        Origin::Csv { file, unsaid } => {
            let rows = FileRows::read(file, &unsaid.settings())?;
            Box::new(Replay::rows(
                vec![rows],
                Times::Kept,
                &file.display().to_string(),
            ))
        }
        Origin::Parquet { files, unsaid } => Box::new(Parquet::files(files, unsaid.settings())?),
        Origin::Yahoo {
            symbols,
            interval,
            history,
            requests,
            retries,
            url,
        } => Box::new(Yahoo::new(YahooOptions {
            symbols: symbols.clone(),
            interval: *interval,
            history: *history,
            per_minute: *requests,
            retries: *retries,
            url: url.clone(),
        })?),
        Origin::Jsonl { files } => Box::new(Lines::files(files)?),
        Origin::Stdin => Box::new(Lines::stdin()),
    })
}

fn config(arguments: &Arguments) -> ProducerConfig {
    ProducerConfig {
        brokers: arguments.bootstrap_servers.clone(),
        topic: arguments.topic.clone(),
        bond_topic: arguments.bond_topic.clone(),
        transactional_id: arguments.transactional_id.clone(),
        settings: arguments.set.iter().cloned().collect::<BTreeMap<_, _>>(),
    }
}

/// What was done so far, in a line.
fn line(counters: &Counters, start: Instant) -> String {
    let seconds = start.elapsed().as_secs_f64();
    let read = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
    let (sent, delivered) = (read(&counters.sent), read(&counters.delivered));
    format!(
        "{sent} sent, {delivered} delivered, {} failed, {:.1} MB, {:.0} records/s, queue full {} times, {seconds:.1} s",
        read(&counters.failed),
        read(&counters.bytes) as f64 / 1e6,
        delivered as f64 / seconds.max(1e-3),
        read(&counters.waits)
    )
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Usage(text) => Self::Usage(text),
            Error::File { ref source, .. } if source.kind() == ErrorKind::NotFound => {
                Self::Usage(error.to_string())
            }
            other => Self::Io(io::Error::other(other)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_is_a_wrong_argument_and_a_broken_one_is_not() {
        let file = |kind: ErrorKind| {
            Failure::from(Error::File {
                path: "bars.csv".into(),
                source: kind.into(),
            })
        };
        assert!(
            matches!(file(ErrorKind::NotFound), Failure::Usage(text) if text.starts_with("bars.csv: "))
        );
        assert!(matches!(file(ErrorKind::InvalidData), Failure::Io(_)));
    }
}

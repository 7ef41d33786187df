//! `financelake status`: what `start_services.sh` has running here, how fresh its tables are, and its last errors.

use std::collections::BTreeMap;
use std::env;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::failure::Failure;

mod kept;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Folder with the logs and PID files of start_services.sh
    #[arg(long, env = "LOG_DIR", value_name = "FOLDER", default_value = "log")]
    log: PathBuf,
    /// Where the consumer answers Prometheus; the port is that of METRICS_PORT if it is left out
    #[arg(long, value_name = "HOST:PORT")]
    metrics: Option<String>,
    /// The lake, whose table _metrics is read where the consumer does not answer; the one of HDFS_PORT here if it is left out
    #[arg(long, env = "LAKE_PATH", value_name = "PATH")]
    lake: Option<String>,
}

/// How much of the end of a log is searched for errors.
const TAIL: u64 = 256 << 10;
const PATIENCE: Duration = Duration::from_secs(3);

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    if !arguments.log.is_dir() {
        return Err(Failure::Usage(format!(
            "there is no folder '{}': name the one that start_services.sh writes its logs to",
            arguments.log.display()
        )));
    }
    let port = env::var("METRICS_PORT").unwrap_or_else(|_| "9464".to_owned());
    let address = arguments
        .metrics
        .clone()
        .unwrap_or_else(|| format!("127.0.0.1:{port}"));
    let mut out = io::stdout().lock();
    let parts = parts(&arguments.log)?;
    writeln!(out, "{:<30} {:<11} {:>8}  state", "part", "process", "pid")?;
    for (part, process) in &parts {
        let state = if process.lives() { "running" } else { "ended" };
        writeln!(
            out,
            "{part:<30} {:<11} {:>8}  {state}",
            process.name, process.pid
        )?;
    }
    if parts.is_empty() {
        writeln!(out, "nothing runs")?;
    }
    match ask(&address) {
        Ok(text) => tables(&Samples::parse(&text), &mut out)?,
        Err(error) => {
            writeln!(out, "\nthe consumer does not answer at {address}: {error}")?;
            let port = env::var("HDFS_PORT").unwrap_or_else(|_| "9000".to_owned());
            let lake = arguments.lake.clone();
            let lake = lake.unwrap_or_else(|| format!("hdfs://127.0.0.1:{port}/financelake-data"));
            match kept::last(&lake, PATIENCE) {
                Ok(Some(last)) => {
                    writeln!(out, "what {lake}/_metrics had last, {} s ago:", last.age())?;
                    tables(&Samples::of(&last), &mut out)?;
                }
                Ok(None) => writeln!(out, "{lake} has no _metrics yet")?,
                Err(why) => writeln!(out, "{lake}/_metrics cannot be read: {why}")?,
            }
        }
    }
    errors(&arguments.log, &mut out)?;
    Ok(())
}

/// A process of a PID file.
struct Process {
    pid: u32,
    start: String,
    name: String,
}

impl Process {
    /// Whether it is the very one that was started: ids are given again.
    fn lives(&self) -> bool {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid)).unwrap_or_default();
        // The name, in parentheses, may hold blanks; the start is the 20th field after it.
        let rest = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
        rest.split(' ').nth(19) == Some(self.start.as_str())
    }
}

fn parts(folder: &Path) -> io::Result<Vec<(String, Process)>> {
    let mut found = Vec::new();
    for path in files(folder, "pid")? {
        let part = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        for line in fs::read_to_string(&path)?.lines() {
            let mut fields = line.split(' ').map(str::to_owned);
            let (pid, start, name) = (fields.next(), fields.next(), fields.next());
            if let (Some(Ok(pid)), Some(start)) = (pid.map(|text| text.parse()), start) {
                let name = name.unwrap_or_default();
                found.push((part.clone(), Process { pid, start, name }));
            }
        }
    }
    Ok(found)
}

fn files(folder: &Path, ending: &str) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path()));
    let mut found: Vec<PathBuf> = entries
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect();
    found.sort();
    Ok(found)
}

/// What Prometheus would be told.
fn ask(address: &str) -> io::Result<String> {
    let place = address.to_socket_addrs()?.next();
    let place = place.ok_or_else(|| io::Error::other("this is no address"))?;
    let mut stream = TcpStream::connect_timeout(&place, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(b"GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    Ok(text)
}

/// Values of an answer by the metric's name and its one label.
struct Samples(BTreeMap<String, BTreeMap<String, f64>>);

impl Samples {
    fn parse(text: &str) -> Self {
        let mut samples = Self(BTreeMap::new());
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let found = line.split_once('{').and_then(|(name, rest)| {
                let (labels, value) = rest.split_once("} ")?;
                let label = labels.split('"').nth(1)?;
                Some((name, label, value.trim().parse::<f64>().ok()?))
            });
            if let Some((name, label, value)) = found {
                samples.add(name.trim_start_matches("financelake_stream_"), label, value);
            }
        }
        samples
    }

    /// Those of the lake.
    fn of(kept: &kept::Last) -> Self {
        let mut samples = Self(BTreeMap::new());
        for (metric, subject, value) in &kept.values {
            samples.add(metric, subject, *value);
        }
        samples
    }

    /// Values of one subject are of several reasons, and count together.
    fn add(&mut self, metric: &str, subject: &str, value: f64) {
        let subjects = self.0.entry(metric.to_owned()).or_default();
        *subjects.entry(subject.to_owned()).or_default() += value;
    }

    fn get(&self, name: &str, label: &str) -> Option<f64> {
        self.0.get(name)?.get(label).copied()
    }
}

fn tables(samples: &Samples, out: &mut impl Write) -> io::Result<()> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs_f64();
    writeln!(
        out,
        "\n{:<26} {:>8} {:>13} {:>13} {:>9} {:>8} {:>8}",
        "table", "version", "rows written", "last commit", "lag", "refused", "late"
    )?;
    let known = samples.0.get("version").into_iter().flatten();
    for (table, version) in known {
        let rows = samples.get("rows_total", table).unwrap_or_default();
        let ago = now
            - samples
                .get("last_commit_timestamp_seconds", table)
                .unwrap_or(now);
        let shown = |metric| {
            samples
                .get(metric, table)
                .map_or(String::new(), |value| format!("{value:.0}"))
        };
        let (lag, refused, late) = (
            shown("lag_records"),
            shown("refused_total"),
            shown("late_rows_total"),
        );
        writeln!(
            out,
            "{}",
            format!(
                "{table:<26} {version:>8.0} {rows:>13.0} {:>13} {lag:>9} {refused:>8} {late:>8}",
                format!("{ago:.0} s ago")
            )
            .trim_end()
        )?;
    }
    Ok(())
}

fn errors(folder: &Path, out: &mut impl Write) -> io::Result<()> {
    let mut found = Vec::new();
    for path in files(folder, "log")? {
        let text = tail(&path)?;
        let last = text.lines().rev().find(|line| is_error(line));
        if let Some(line) = last {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            found.push((name, line.chars().take(160).collect::<String>()));
        }
    }
    if !found.is_empty() {
        writeln!(out, "\nlast errors")?;
    }
    for (name, line) in found {
        writeln!(out, "{name}: {line}")?;
    }
    Ok(())
}

/// Servers log a level; our own programs begin a line with their name.
fn is_error(line: &str) -> bool {
    let own = ["MedallionStream: ", "financelake: "];
    line.contains(" ERROR ")
        || line.contains(" FATAL ")
        || own.iter().any(|name| line.starts_with(name))
}

fn tail(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_become_a_table() {
        let samples = Samples::parse(
            "HTTP/1.1 200 OK\r\n\r\n# HELP x y.\n\
             financelake_stream_version{table=\"bronze/stock_data\"} 4\n\
             financelake_stream_rows_total{table=\"bronze/stock_data\"} 1200\n\
             financelake_stream_lag_records{query=\"bronze/stock_data\"} 17\n\
             financelake_stream_refused_total{table=\"bronze/stock_data\",reason=\"a\"} 2\n\
             financelake_stream_refused_total{table=\"bronze/stock_data\",reason=\"b\"} 3\n",
        );
        let mut out = Vec::new();
        tables(&samples, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let line = text
            .lines()
            .last()
            .unwrap()
            .split_whitespace()
            .collect::<Vec<_>>();
        assert_eq!(
            line,
            ["bronze/stock_data", "4", "1200", "0", "s", "ago", "17", "5"]
        );
    }

    #[test]
    fn a_process_with_another_start_time_is_another_one() {
        let stat = fs::read_to_string("/proc/self/stat").unwrap();
        let start = stat
            .rsplit_once(") ")
            .unwrap()
            .1
            .split(' ')
            .nth(19)
            .unwrap()
            .to_owned();
        let mut process = Process {
            pid: std::process::id(),
            start,
            name: String::new(),
        };
        assert!(process.lives());
        process.start.push('1');
        assert!(!process.lives());
    }

    #[test]
    fn errors_are_told_from_words() {
        assert!(is_error("2026-01-01 00:00:00,000 ERROR kafka.Kafka: gone"));
        assert!(is_error("financelake: a record was not delivered: x"));
        assert!(!is_error("0 failed, no ERRORS"));
    }
}

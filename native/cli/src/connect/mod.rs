//! `financelake connect`: connectors of a Kafka Connect cluster, through its REST interface.
//!
//! Exit codes: 2 when the file or an argument is wrong, 1 when the cluster refuses, cannot be reached, or runs the
//! connector with a failure.

mod file;
mod rest;

use crate::failure::Failure;
use file::ConnectorFile;
use rest::Rest;
use serde_json::{Value, json};
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// The connector that this project has.
const CLASS: &str = "io.financelake.connect.HdfsSinkConnector";
/// How many times in a row tasks have to be found running.
const SETTLED: u32 = 4;
/// How often a cluster is asked again.
const PAUSE: Duration = Duration::from_millis(500);

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Check a configuration on a worker; prints all errors, or where a record would go
    Validate(Deployed),
    /// Check a configuration, make or change the connector, and wait until its tasks run
    Deploy(Deploy),
    /// Show a connector and its tasks
    Status(Named),
    /// Show how far a connector is in each partition
    Offsets(Named),
    /// Stop a connector, move partitions forward, and start it again
    Reset(Reset),
}

#[derive(clap::Args)]
struct Cluster {
    /// Address of a worker's REST interface
    #[arg(long, value_name = "URL", default_value = "http://localhost:8083")]
    url: String,
    /// Seconds to wait for the cluster
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    wait: u64,
}

impl Cluster {
    fn rest(&self) -> Result<Rest, Failure> {
        Rest::new(&self.url)
    }

    fn end(&self) -> Instant {
        Instant::now() + Duration::from_secs(self.wait)
    }
}

#[derive(clap::Args)]
pub(crate) struct Deployed {
    /// JSON file: an object of keys, or one with "name" and "config"
    file: PathBuf,
    /// Name of the connector; default: the one in the file
    #[arg(long)]
    name: Option<String>,
    /// Take a configuration of Confluent's HDFS sink, with its connector.class changed to this project's
    #[arg(long)]
    adopt: bool,
    #[command(flatten)]
    cluster: Cluster,
}

#[derive(clap::Args)]
pub(crate) struct Deploy {
    #[command(flatten)]
    deployed: Deployed,
}

#[derive(clap::Args)]
pub(crate) struct Named {
    /// Name of the connector
    name: String,
    /// Print the worker's JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    cluster: Cluster,
}

#[derive(clap::Args)]
pub(crate) struct Reset {
    /// Name of the connector
    name: String,
    /// Partition and its new offset, such as data_stock:0=1000; may be given again
    #[arg(long = "to", value_name = "TOPIC:PARTITION=OFFSET", required = true)]
    to: Vec<String>,
    #[command(flatten)]
    cluster: Cluster,
}

pub(crate) fn run(command: &Command) -> Result<u8, Failure> {
    match command {
        Command::Validate(deployed) => validate(deployed).map(|_| ())?,
        Command::Deploy(deploy) => self::deploy(&deploy.deployed)?,
        Command::Status(named) => return status(named),
        Command::Offsets(named) => offsets(named)?,
        Command::Reset(reset) => self::reset(reset)?,
    }
    Ok(0)
}

/// Checks the file on a worker that has the connector.
fn validate(deployed: &Deployed) -> Result<(Rest, ConnectorFile), Failure> {
    let file = ConnectorFile::read(&deployed.file, deployed.name.as_deref(), deployed.adopt)?;
    let rest = deployed.cluster.rest()?;
    let class = file.class();
    let end = deployed.cluster.end();
    // A worker that starts answers before it has found its plug-ins.
    rest.until(end, || {
        let plugins = rest.get("/connector-plugins")?;
        let found = plugins.as_array().is_some_and(|plugins| plugins.iter().any(|plugin| plugin["class"] == class));
        Ok(found.then_some(()))
    })
    .map_err(|failure| match failure {
        Failure::Cluster(problem) if problem.is_empty() => Failure::Cluster(format!(
            "the worker at {} has no {class}; unpack financelake-kafka-connect.zip into a folder of its plugin.path and \
             restart it",
            deployed.cluster.url
        )),
        other => other,
    })?;
    let name = class.rsplit('.').next().unwrap_or(class);
    let answer = rest.put(
        &format!("/connector-plugins/{name}/config/validate"),
        &file.config_with_name(),
    )?;
    let mut problems = Vec::new();
    let configs = answer["configs"].as_array().cloned().unwrap_or_default();
    for config in &configs {
        let value = &config["value"];
        for error in value["errors"].as_array().into_iter().flatten() {
            problems.push(error.as_str().unwrap_or_default().to_owned());
        }
    }
    if !problems.is_empty() {
        let count = problems.len();
        return Err(Failure::Cluster(format!(
            "{}: {count} {} wrong\n  {}",
            deployed.file.display(),
            if count == 1 { "value is" } else { "values are" },
            problems.join("\n  ")
        )));
    }
    let sample = configs
        .iter()
        .find(|config| config["value"]["name"] == "sample.path");
    let sample = sample
        .and_then(|config| config["value"]["value"].as_str())
        .unwrap_or("?");
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{} is valid; a record of now would go to {sample}",
        deployed.file.display()
    )?;
    Ok((rest, file))
}

fn deploy(deployed: &Deployed) -> Result<(), Failure> {
    let (rest, file) = validate(deployed)?;
    let end = deployed.cluster.end();
    let path = format!("/connectors/{}", rest::segment(&file.name));
    rest.put_until(end, &format!("{path}/config"), &file.config_with_name())?;
    let (mut shown, mut running_for) = (Value::Null, 0);
    let running = rest.until(end, || {
        let Some(status) = rest.get_if_there(&format!("{path}/status"))? else {
            return Ok(None);
        };
        shown = status;
        if let Some(trace) = failure(&shown) {
            return Err(Failure::Cluster(format!("{} fails: {trace}", file.name)));
        }
        let tasks = shown["tasks"].as_array().map_or(0, Vec::len);
        // A task that cannot read its topic fails a moment after its start.
        running_for = match states(&shown).iter().all(|state| state == "RUNNING") {
            true if tasks > 0 => running_for + 1,
            _ => 0,
        };
        Ok((running_for > SETTLED).then_some(tasks))
    });
    match running {
        Ok(tasks) => {
            writeln!(
                std::io::stdout().lock(),
                "{} runs with {tasks} tasks",
                file.name
            )?;
            Ok(())
        }
        Err(Failure::Cluster(problem)) if problem.is_empty() => Err(Failure::Cluster(format!(
            "{} does not run after {} s: {}",
            file.name,
            deployed.cluster.wait,
            states(&shown).join(", ")
        ))),
        Err(other) => Err(other),
    }
}

/// The states of the connector and its tasks.
fn states(status: &Value) -> Vec<String> {
    let tasks = status["tasks"].as_array().into_iter().flatten();
    let states = std::iter::once(&status["connector"])
        .chain(tasks)
        .map(|part| &part["state"]);
    states
        .filter_map(|state| state.as_str().map(str::to_owned))
        .collect()
}

/// The first line of the first failure.
fn failure(status: &Value) -> Option<String> {
    let tasks = status["tasks"].as_array().into_iter().flatten();
    let mut parts = std::iter::once(&status["connector"]).chain(tasks);
    let failed = parts.find(|part| part["state"] == "FAILED")?;
    let trace = failed["trace"].as_str().unwrap_or("without a trace");
    let mut causes = trace.lines().filter(|line| line.starts_with("Caused by: "));
    let told = causes
        .next_back()
        .map(|line| &line["Caused by: ".len()..])
        .or_else(|| trace.lines().next());
    told.map(str::to_owned)
}

fn status(named: &Named) -> Result<u8, Failure> {
    let rest = named.cluster.rest()?;
    let status = rest.get(&format!(
        "/connectors/{}/status",
        rest::segment(&named.name)
    ))?;
    let mut out = std::io::stdout().lock();
    if named.json {
        writeln!(out, "{status:#}")?;
    } else {
        let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
        let connector = &status["connector"];
        writeln!(
            out,
            "{}: {} on {}",
            named.name,
            text(&connector["state"]),
            text(&connector["worker_id"])
        )?;
        for task in status["tasks"].as_array().into_iter().flatten() {
            writeln!(
                out,
                "  task {}: {} on {}",
                task["id"],
                text(&task["state"]),
                text(&task["worker_id"])
            )?;
        }
        if let Some(trace) = failure(&status) {
            writeln!(out, "  {trace}")?;
        }
    }
    Ok(u8::from(
        states(&status).iter().any(|state| state == "FAILED"),
    ))
}

fn offsets(named: &Named) -> Result<(), Failure> {
    let rest = named.cluster.rest()?;
    let offsets = rest.get(&format!(
        "/connectors/{}/offsets",
        rest::segment(&named.name)
    ))?;
    let mut out = std::io::stdout().lock();
    if named.json {
        writeln!(out, "{offsets:#}")?;
        return Ok(());
    }
    let mut rows: Vec<(String, i64, i64)> = offsets["offsets"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|entry| {
            let (partition, offset) = (&entry["partition"], &entry["offset"]["kafka_offset"]);
            let topic = partition["kafka_topic"].as_str().unwrap_or("?").to_owned();
            (
                topic,
                partition["kafka_partition"].as_i64().unwrap_or(-1),
                offset.as_i64().unwrap_or(-1),
            )
        })
        .collect();
    rows.sort();
    for (topic, partition, offset) in rows {
        writeln!(out, "{topic}:{partition}={offset}")?;
    }
    Ok(())
}

fn reset(reset: &Reset) -> Result<(), Failure> {
    let targets = reset
        .to
        .iter()
        .map(|text| target(text))
        .collect::<Result<Vec<_>, _>>()?;
    let rest = reset.cluster.rest()?;
    let path = format!("/connectors/{}", rest::segment(&reset.name));
    let end = reset.cluster.end();
    rest.send("PUT", &format!("{path}/stop"), None)?;
    let stopped = rest.until(end, || {
        let status = rest.get(&format!("{path}/status"))?;
        let tasks = status["tasks"].as_array().map_or(0, Vec::len);
        Ok((tasks == 0 && status["connector"]["state"] == "STOPPED").then_some(()))
    });
    let changed = stopped.and_then(|()| {
        if targets.is_empty() {
            rest.send("DELETE", &format!("{path}/offsets"), None)
        } else {
            rest.send(
                "PATCH",
                &format!("{path}/offsets"),
                Some(&json!({"offsets": targets})),
            )
        }
    });
    // It goes on in any case: a refusal changes nothing.
    rest.send("PUT", &format!("{path}/resume"), None)?;
    let answer = changed?;
    writeln!(
        std::io::stdout().lock(),
        "{}",
        answer["message"].as_str().unwrap_or("changed")
    )?;
    Ok(())
}

/// `topic:partition=offset` as Connect wants it.
fn target(text: &str) -> Result<Value, Failure> {
    let parts = || {
        let (place, offset) = text.rsplit_once('=')?;
        let (topic, partition) = place.rsplit_once(':')?;
        let (partition, offset): (i32, i64) = (partition.parse().ok()?, offset.parse().ok()?);
        (!topic.is_empty() && partition >= 0 && offset >= 0).then(|| {
            json!({
                "partition": {"kafka_topic": topic, "kafka_partition": partition},
                "offset": {"kafka_offset": offset},
            })
        })
    };
    parts().ok_or_else(|| {
        Failure::Usage(format!(
            "--to {text:?} is not of the form data_stock:0=1000"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_read_as_they_are_shown() {
        let wanted = json!({
            "partition": {"kafka_topic": "a:b", "kafka_partition": 3}, "offset": {"kafka_offset": 7},
        });
        assert_eq!(target("a:b:3=7").unwrap(), wanted);
        for wrong in ["", "a=7", "a:3", ":3=7", "a:-1=7", "a:3=-7", "a:x=7"] {
            assert!(target(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_failure_is_its_last_cause() {
        let status = json!({
            "connector": {"state": "RUNNING"},
            "tasks": [{"state": "RUNNING"}, {"state": "FAILED", "trace": "a: x\n\tat b\nCaused by: c: y\n\tat d\n"}],
        });
        assert_eq!(failure(&status).as_deref(), Some("c: y"));
        assert_eq!(states(&status), ["RUNNING", "RUNNING", "FAILED"]);
    }
}

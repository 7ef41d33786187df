//! `financelake quarantine`: the refused records of a lake. Delta tables are read by Spark, so this
//! starts the job `io.financelake.jobs.Quarantine`.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::failure::Failure;
use crate::spark;

const JOB: &str = "io.financelake.jobs.Quarantine";

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Count refused records by reason, with samples
    List(List),
    /// Decide refused records again, by the rules and the reference of today
    Replay(Replay),
}

#[derive(clap::Args)]
struct Records {
    /// Folder of the lake
    #[arg(long, value_name = "PATH")]
    lake: String,
    /// Only records refused for this reason
    #[arg(long, value_name = "CODE")]
    reason: Option<String>,
    /// stock_data or bond_data; both if it is left out
    #[arg(long, value_name = "NAME")]
    table: Option<String>,
    /// What goes to spark-submit, such as `-- --master yarn`
    #[arg(last = true, value_name = "SPARK-SUBMIT ARGUMENTS")]
    spark: Vec<OsString>,
}

#[derive(clap::Args)]
pub(crate) struct List {
    #[command(flatten)]
    records: Records,
    /// How many samples per reason
    #[arg(long, value_name = "N", default_value_t = 3)]
    limit: u32,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
pub(crate) struct Replay {
    #[command(flatten)]
    records: Records,
    /// Instruments reference to decide with; none if it is left out
    #[arg(long, value_name = "FILE")]
    reference: Option<PathBuf>,
}

pub(crate) fn run(command: &Command) -> Result<u8, Failure> {
    let (records, arguments) = job(command);
    spark::submit(JOB, &records.spark, &arguments)
}

/// The command's records, and the arguments of the job.
fn job(command: &Command) -> (&Records, Vec<OsString>) {
    let (name, records) = match command {
        Command::List(list) => ("list", &list.records),
        Command::Replay(replay) => ("replay", &replay.records),
    };
    let mut arguments: Vec<OsString> = vec![name.into()];
    let mut option = |name: &str, value: Option<OsString>| {
        if let Some(value) = value {
            // One argument, so that a value may begin with a dash.
            let mut argument = OsString::from(format!("--{name}="));
            argument.push(value);
            arguments.push(argument);
        }
    };
    option("lake", Some(records.lake.clone().into()));
    option("reason", records.reason.clone().map(Into::into));
    option("table", records.table.clone().map(Into::into));
    match command {
        Command::List(list) => {
            option("limit", Some(list.limit.to_string().into()));
            if list.json {
                arguments.push("--json".into());
            }
        }
        Command::Replay(replay) => option("reference", replay.reference.clone().map(Into::into)),
    }
    (records, arguments)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(subcommand)]
        command: Command,
    }

    fn arguments(line: &str) -> (Vec<OsString>, Vec<OsString>) {
        let line = Line::try_parse_from(line.split(' ')).unwrap();
        let (records, arguments) = job(&line.command);
        (records.spark.clone(), arguments)
    }

    #[test]
    fn options_reach_the_job_and_the_rest_reaches_spark_submit() {
        let (spark, job) = arguments("x list --lake a --reason zero_price --json -- --master yarn");
        assert_eq!(spark, ["--master", "yarn"]);
        assert_eq!(
            job,
            [
                "list",
                "--lake=a",
                "--reason=zero_price",
                "--limit=3",
                "--json"
            ]
        );
        let (spark, job) = arguments("x replay --lake a --table bond_data --reference r.csv");
        assert!(spark.is_empty());
        assert_eq!(
            job,
            [
                "replay",
                "--lake=a",
                "--table=bond_data",
                "--reference=r.csv"
            ]
        );
    }
}

//! `financelake table restore`

use std::io::{self, Write};

use financelake_maintenance::{RestorePlan, Target, plan_restore, restore};
use jiff::Timestamp;

use super::{Location, bytes};
use crate::failure::Failure;

#[derive(clap::Args)]
#[command(group = clap::ArgGroup::new("target").required(true))]
pub(crate) struct Arguments {
    #[command(flatten)]
    location: Location,
    /// The version to go back to
    #[arg(long, value_name = "N", group = "target", value_parser = clap::value_parser!(i64).range(0..))]
    version: Option<i64>,
    /// Go back to the newest version at this time, such as 2024-01-31T09:30:00Z
    #[arg(long, value_name = "INSTANT", group = "target", value_parser = instant)]
    timestamp: Option<Timestamp>,
    /// Print what would be done, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Compare every row with those of the older version, before and after
    #[arg(long, value_name = "WHAT", value_parser = ["rows"])]
    verify: Option<String>,
}

fn instant(text: &str) -> Result<Timestamp, String> {
    let form = |error| format!("{error}; write it like 2024-01-31T09:30:00Z");
    text.parse().map_err(form)
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let location = &arguments.location;
    let target = match (arguments.version, arguments.timestamp) {
        (Some(version), _) => Target::Version(version),
        (None, Some(time)) => Target::Time(time.as_millisecond()),
        (None, None) => {
            return Err(Failure::Usage(
                "write --version N or --timestamp INSTANT".to_owned(),
            ));
        }
    };
    location.runtime()?.block_on(async {
        let mut table = location.table().await?;
        let readers = location.readers(&table).await?;
        let plan = plan_restore(&table, target, &readers).await?;
        if arguments.dry_run {
            return location.print(&plan, |output| in_words(&plan, output));
        }
        let done = restore(
            &mut table,
            plan,
            arguments.verify.is_some(),
            location.threads(),
        )
        .await?;
        location.print(&done, |output| {
            in_words(&done.plan, output)?;
            if let Some(rows) = done.rows_verified {
                writeln!(
                    output,
                    "{rows} rows are those of version {}",
                    done.plan.version
                )?;
            }
            match done.version {
                Some(version) => writeln!(output, "version {version}: restored"),
                None => writeln!(output, "nothing to do: the table is as it was"),
            }
        })
    })
}

fn in_words(plan: &RestorePlan, output: &mut dyn Write) -> io::Result<()> {
    writeln!(
        output,
        "version {} as of version {}: {} files ({}) come back, {} ({}) leave{}",
        plan.current_version,
        plan.version,
        plan.files_restored,
        bytes(plan.bytes_restored),
        plan.files_removed,
        bytes(plan.bytes_removed),
        if plan.metadata_changes {
            "; columns or properties change"
        } else {
            ""
        }
    )?;
    for file in &plan.missing {
        writeln!(output, "  {}: {}", file.path, file.problem)?;
    }
    for position in &plan.positions {
        let then = position
            .then
            .map_or("not there".to_owned(), |then| format!("at {then}"));
        writeln!(
            output,
            "  {} stays at {}; it was {then}: what it brought since does not come again",
            position.application, position.current
        )?;
    }
    for reader in &plan.readers {
        writeln!(
            output,
            "  the query {} has read up to version {}: it will meet removed rows, and stop unless it skips changes",
            reader.query, reader.version
        )?;
    }
    Ok(())
}

//! `financelake table fsck`

use std::io;

use financelake_maintenance::{Depth, fsck, plan_repair, repair};

use super::Location;
use crate::failure::Failure;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    location: Location,
    /// Read every row as well, not only what the files say about themselves
    #[arg(long)]
    rows: bool,
    /// Print which missing files a repair would take out of the table
    #[arg(long)]
    repair: bool,
    /// Take them out, and give their rows up
    #[arg(long, requires = "repair")]
    accept_loss: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let location = &arguments.location;
    location.runtime()?.block_on(async {
        let mut table = location.table().await?;
        let depth = if arguments.rows { Depth::Rows } else { Depth::Footers };
        let check = fsck(&table, depth, location.threads()).await?;
        if arguments.repair {
            let plan = plan_repair(&table, &check)?;
            let plan = if arguments.accept_loss { repair(&mut table, plan).await? } else { plan };
            return location.print(&plan, |output| {
                for file in &plan.files {
                    writeln!(output, "{}: it is missing", file.path)?;
                }
                let (files, rows) = (plan.files.len(), plan.rows);
                match plan.version {
                    Some(version) => writeln!(output, "version {version}: {files} files with {rows} rows taken out"),
                    None if files == 0 => writeln!(output, "no file is missing"),
                    None => writeln!(output, "{files} files with {rows} rows would leave; --accept-loss does it"),
                }?;
                match plan.left_alone {
                    0 => Ok(()),
                    others => writeln!(output, "{others} files have other problems, which a repair leaves alone"),
                }
            });
        }
        location.print(&check, |output| {
            for finding in &check.findings {
                writeln!(output, "{}: {}", finding.path, finding.problem)?;
            }
            writeln!(
                output,
                "version {}: {} files, {} with a problem, {} rows in the others",
                check.version,
                check.files,
                check.findings.len(),
                check.rows
            )
        })?;
        match check.findings.len() {
            0 => Ok(()),
            count => Err(Failure::Io(io::Error::other(format!(
                "{count} files of the table are missing or damaged; RESTORE an older version, or bring them back"
            )))),
        }
    })
}

//! `financelake table fsck`

use std::io;

use financelake_maintenance::{Depth, fsck};

use super::Location;
use crate::failure::Failure;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    location: Location,
    /// Read every row as well, not only what the files say about themselves
    #[arg(long)]
    rows: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let location = &arguments.location;
    location.runtime()?.block_on(async {
        let table = location.table().await?;
        let depth = if arguments.rows { Depth::Rows } else { Depth::Footers };
        let check = fsck(&table, depth, location.threads()).await?;
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

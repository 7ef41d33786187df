//! `financelake table checkpoint`

use financelake_maintenance::{LogCare, checkpoint, expire_log};

use super::{Location, bytes};
use crate::failure::Failure;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    location: Location,
    /// Then delete files of the log that are older than the table's delta.logRetentionDuration and that no reader needs
    #[arg(long)]
    expire_logs: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let location = &arguments.location;
    location.runtime()?.block_on(async {
        let table = location.table().await?;
        let checkpoint = checkpoint(&table).await?;
        let expired = if arguments.expire_logs {
            Some(expire_log(&table, &location.readers(&table).await?).await?)
        } else {
            None
        };
        let care = LogCare { checkpoint, expired };
        location.print(&care, |output| {
            let LogCare { checkpoint, expired } = &care;
            writeln!(
                output,
                "version {}: a checkpoint {} ({}): {} files, {} tombstones, {} older ones forgotten",
                checkpoint.version,
                if checkpoint.existed { "was there" } else { "was written" },
                bytes(checkpoint.bytes),
                checkpoint.files,
                checkpoint.tombstones,
                checkpoint.expired_tombstones,
            )?;
            match expired {
                None => Ok(()),
                Some(expired) if expired.files == 0 => writeln!(output, "log: nothing is old enough to go"),
                Some(expired) => writeln!(
                    output,
                    "log: {} files ({}) deleted; versions from {} on can be read",
                    expired.files,
                    bytes(expired.bytes),
                    expired.from_version
                ),
            }
        })
    })
}

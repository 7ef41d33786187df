//! `financelake table recompute-stats`

use financelake_maintenance::recompute;

use super::Location;
use crate::failure::Failure;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    location: Location,
    /// Only files that may have rows which meet this, such as "date >= '2024-01-01'"
    #[arg(long = "where", value_name = "CONDITION")]
    condition: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let location = &arguments.location;
    location.runtime()?.block_on(async {
        let mut table = location.table().await?;
        let condition = arguments.condition.as_deref();
        let done = recompute(&mut table, condition, location.threads()).await?;
        location.print(&done, |output| match done.version {
            Some(version) => writeln!(
                output,
                "version {version}: {} of {} files have other statistics now",
                done.changed, done.files
            ),
            None => writeln!(
                output,
                "nothing to do: {} files have the right statistics",
                done.files
            ),
        })
    })
}

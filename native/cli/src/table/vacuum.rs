//! `financelake table vacuum`

use financelake_maintenance::{Sweep, VacuumPolicy, sweep, vacuum};

use super::{Location, bytes};
use crate::failure::Failure;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    location: Location,
    /// Keep what left the table for so long; as long as the table's properties say if it is left out
    #[arg(long, value_name = "HOURS")]
    retain_hours: Option<f64>,
    /// Confirm a retention that is shorter than the table's own
    #[arg(long, requires = "retain_hours")]
    unsafe_retention: bool,
    /// Print what would be deleted, and delete nothing
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let location = &arguments.location;
    location.runtime()?.block_on(async {
        let mut table = location.table().await?;
        let policy = VacuumPolicy {
            retain_hours: arguments.retain_hours,
            unsafe_retention: arguments.unsafe_retention,
            readers: location.readers(&table).await?,
        };
        let found = sweep(&table, &policy).await?;
        if arguments.dry_run {
            return location.print(&found, |output| {
                write!(output, "{}", in_words(&found, true))
            });
        }
        let done = vacuum(&mut table, &policy, found).await?;
        location.print(&done, |output| write!(output, "{}", in_words(&done, false)))
    })
}

fn in_words(sweep: &Sweep, dry: bool) -> String {
    let done = if dry {
        format!("{} files would be deleted", sweep.unreachable.len())
    } else {
        format!("{} files deleted", sweep.deleted)
    };
    let mut text = format!(
        "version {}: {done} ({}); kept: {} reachable, {} too young, {} of other kinds\n",
        sweep.version,
        bytes(sweep.bytes),
        sweep.reachable,
        sweep.young,
        sweep.foreign
    );
    if dry {
        for file in &sweep.unreachable {
            text.push_str(&format!("  {}\n", file.path));
        }
    }
    for path in &sweep.foreign_examples {
        text.push_str(&format!(
            "  not a file of the table, never touched: {path}\n"
        ));
    }
    if let Some(reader) = &sweep.slowest_reader {
        text.push_str(&format!(
            "  the query {} still reads from version {} on; what it needs is kept\n",
            reader.query, reader.version
        ));
    }
    text
}

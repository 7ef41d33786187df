//! `financelake table health`

use financelake_maintenance::health;
use serde_json::Value;

use super::Location;
use crate::failure::Failure;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    location: Location,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let location = &arguments.location;
    location.runtime()?.block_on(async {
        let table = location.table().await?;
        let health = health(&table, &location.readers(&table).await?).await?;
        location.print(&health, |output| {
            let Value::Object(fields) = serde_json::to_value(&health)? else {
                return Ok(());
            };
            for (name, value) in fields {
                writeln!(
                    output,
                    "{name:<26} {}",
                    value.as_str().map_or(value.to_string(), str::to_owned)
                )?;
            }
            Ok(())
        })
    })
}

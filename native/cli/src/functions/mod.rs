//! `financelake functions`: the registry for people, as JSON for generators, and what is measured of it.

mod history;

use std::{
    io::{self, Write},
    path::PathBuf,
};

use financelake_indicators::registry::{self, Definition};

use crate::failure::Failure;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Print the whole registry as JSON
    #[arg(long)]
    json: bool,
    /// Print as JSON how many earlier rows each function needs for the bits of the whole history, measured on the rows of
    /// this CSV file, `-` for the standard input, with a column per input name
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    history: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    if arguments.json {
        writeln!(out, "{}", registry::json())?;
    } else if let Some(file) = &arguments.history {
        let table = history::Table::read(file)?;
        writeln!(out, "{}", history::json(&table)?)?;
    } else {
        for definition in registry::definitions() {
            writeln!(out, "{}\n    {}", signature(definition), definition.summary)?;
        }
    }
    Ok(())
}

/// `rsi(close, timeperiod = 14)`.
fn signature(definition: &Definition) -> String {
    let inputs = definition.inputs.iter().map(|input| input.name.to_owned());
    let params = definition
        .params
        .iter()
        .map(|param| format!("{} = {}", param.name, param.default));
    format!(
        "{}({})",
        definition.name,
        inputs.chain(params).collect::<Vec<_>>().join(", ")
    )
}

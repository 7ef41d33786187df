//! `financelake functions`: the registry for people, as JSON for generators, or as the page of the documentation.

mod page;

use std::io::{self, Write};

use financelake_indicators::registry::{self, Definition};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Print the whole registry as JSON
    #[arg(long)]
    json: bool,
    /// Print the page docs/functions.md
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
}

pub(crate) fn run(arguments: &Arguments) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if arguments.json {
        return writeln!(out, "{}", registry::json());
    }
    if arguments.markdown {
        return page::write(&mut out);
    }
    for definition in registry::definitions() {
        writeln!(out, "{}\n    {}", signature(definition), definition.summary)?;
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

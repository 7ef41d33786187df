//! The `financelake` command. Exit codes: 0 done, 2 wrong arguments or missing path, 1 any later failure.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod connect;
mod failure;
mod functions;
mod model;
mod produce;
mod quarantine;
mod spark;
mod status;
mod table;
mod version;

use failure::Failure;

/// Tools for a lake of market data.
#[derive(Parser)]
#[command(name = "financelake", arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check, deploy and watch connectors of a Kafka Connect cluster
    #[command(subcommand)]
    Connect(connect::Command),
    /// List the technical indicators
    Functions(functions::Arguments),
    /// Send market records into Kafka
    Produce(Box<produce::Arguments>),
    /// List, inspect, promote and import the trend models of a lake
    #[command(subcommand)]
    Model(model::Command),
    /// Show the refused records of a lake, or decide them again
    #[command(subcommand)]
    Quarantine(quarantine::Command),
    /// Show what runs here, how fresh the tables are, and the last errors
    Status(status::Arguments),
    /// Maintain Delta tables: optimize, vacuum, health
    /// Maintain Delta tables: optimize, vacuum, fsck, health
    #[command(subcommand)]
    Table(table::Command),
    /// Print the version and the processor level that kernels use
    Version,
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(refusal) => {
            let asked_for_help = !refusal.use_stderr();
            // A closed pipe is no reason to fail.
            let _ = refusal.print();
            return if asked_for_help {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(2)
            };
        }
    };
    let done = match &arguments.command {
        Command::Connect(command) => connect::run(command),
        Command::Functions(arguments) => functions::run(arguments).map(|()| 0),
        Command::Produce(arguments) => produce::run(arguments).map(|()| 0),
        Command::Model(command) => model::run(command).map(|()| 0),
        Command::Quarantine(command) => quarantine::run(command),
        Command::Status(arguments) => status::run(arguments).map(|()| 0),
        Command::Table(command) => table::run(command).map(|()| 0),
        Command::Version => version::run().map_err(Failure::from).map(|()| 0),
    };
    match done {
        Ok(code) => ExitCode::from(code),
        Err(Failure::Io(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("financelake: {failure}");
            match failure {
                Failure::Usage(_) => ExitCode::from(2),
                Failure::Cluster(_) | Failure::Unreachable(_) | Failure::Io(_) => ExitCode::FAILURE,
            }
        }
    }
}

//! The `financelake` command. Exit codes: 0 done, 2 wrong arguments or missing path, 1 any later failure.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod functions;
mod version;

/// Tools for a lake of market data.
#[derive(Parser)]
#[command(name = "financelake", arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List the technical indicators
    Functions(functions::Arguments),
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
    let done = match arguments.command {
        Command::Functions(arguments) => functions::run(&arguments),
        Command::Version => version::run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("financelake: {error}");
            ExitCode::FAILURE
        }
    }
}

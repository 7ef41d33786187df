//! Times the indicator kernels against TA-Lib's C library, the `ta-lib` crate and `kand`: one run, one thread, data that
//! stays in the cache, exact modes only.
//!
//! Each sample is the CPU time of the thread for some million rows; the contenders of a function take turns, and the
//! median of their samples counts. Every peer's values are compared with ours before anything is timed.

mod contender;
mod data;
mod kand_crate;
mod own;
mod report;
mod talib_c;
mod talib_crate;

use std::{path::PathBuf, process::ExitCode};

use crate::{
    contender::{Contender, Outputs},
    data::{ROWS, SERIES},
    report::Row,
};

/// A function with the parameters that all contenders use, and how many times faster than the fastest peer it must be.
struct Function {
    name: &'static str,
    params: &'static [f64],
    target: f64,
}

const FUNCTIONS: [Function; 8] = [
    Function {
        name: "sma",
        params: &[20.0],
        target: 2.0,
    },
    Function {
        name: "ema",
        params: &[20.0],
        target: 2.0,
    },
    Function {
        name: "rsi",
        params: &[14.0],
        target: 2.0,
    },
    Function {
        name: "macd",
        params: &[12.0, 26.0, 9.0],
        target: 1.3,
    },
    Function {
        name: "bbands",
        params: &[20.0, 2.0, 2.0],
        target: 1.5,
    },
    Function {
        name: "atr",
        params: &[14.0],
        target: 1.8,
    },
    Function {
        name: "stoch",
        params: &[5.0, 3.0, 0.0, 3.0, 0.0],
        target: 4.0,
    },
    Function {
        name: "cdlengulfing",
        params: &[],
        target: 3.0,
    },
];

/// Samples per contender.
const SAMPLES: usize = 9;
/// Rows per sample.
const SAMPLE_ROWS: usize = 8_000_000;

struct Arguments {
    talib: PathBuf,
    machine: serde_json::Value,
    output: PathBuf,
    only: Vec<String>,
}

fn arguments() -> Result<Arguments, String> {
    let usage = "usage: financelake-bench-kernels LIBTALIB MACHINE_JSON OUTPUT [FUNCTION...]";
    let mut given = std::env::args().skip(1);
    let mut next = || given.next().ok_or(usage);
    let (talib, machine, output) = (next()?.into(), next()?, next()?.into());
    let machine = serde_json::from_str(&machine)
        .map_err(|error| format!("MACHINE_JSON: {error}\n{usage}"))?;
    let only: Vec<String> = given.collect();
    if let Some(unknown) = only
        .iter()
        .find(|&only| FUNCTIONS.iter().all(|f| f.name != only))
    {
        let names: Vec<_> = FUNCTIONS.iter().map(|function| function.name).collect();
        return Err(format!(
            "no function {unknown}; write some of {}",
            names.join(", ")
        ));
    }
    Ok(Arguments {
        talib,
        machine,
        output,
        only,
    })
}

fn main() -> ExitCode {
    match arguments().and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: Arguments) -> Result<(), String> {
    let bars = data::bars();
    let library = talib_c::TaLib::open(&arguments.talib)?;
    let mut rows = Vec::new();
    for function in &FUNCTIONS {
        if !arguments.only.is_empty() && !arguments.only.iter().any(|only| only == function.name) {
            continue;
        }
        let mut contenders = own::contenders(function, &bars);
        let owns = contenders.len();
        contenders.push(library.contender(function, &bars));
        contenders.push(talib_crate::contender(function, &bars));
        contenders.extend(kand_crate::contender(function, &bars));
        for contender in &mut contenders {
            contender.once();
        }
        let (own, others) = contenders.split_first().ok_or("no contender")?;
        for other in others {
            own.agrees_with(other)
                .map_err(|fault| format!("{}: {}: {fault}", function.name, other.name))?;
        }
        let nanoseconds = measure(&mut contenders);
        let row = Row::new(function, &contenders, &nanoseconds, owns);
        println!("{}", row.text());
        rows.push(row);
    }
    let summary = report::json(&rows, arguments.machine);
    std::fs::write(&arguments.output, format!("{summary:#}\n"))
        .map_err(|error| format!("{}: {error}", arguments.output.display()))?;
    let missed = rows.iter().filter(|row| !row.reached()).count();
    println!("{} of {} targets reached", rows.len() - missed, rows.len());
    Ok(())
}

/// Median nanoseconds per row of each contender.
fn measure(contenders: &mut [Contender<'_>]) -> Vec<f64> {
    let rounds = SAMPLE_ROWS / (SERIES * ROWS);
    let mut samples = vec![Vec::with_capacity(SAMPLES); contenders.len()];
    for _ in 0..SAMPLES {
        for (contender, samples) in contenders.iter_mut().zip(&mut samples) {
            samples.push(contender.nanoseconds_per_row(rounds));
        }
    }
    samples
        .into_iter()
        .map(|mut samples| {
            samples.sort_by(f64::total_cmp);
            samples[SAMPLES / 2]
        })
        .collect()
}

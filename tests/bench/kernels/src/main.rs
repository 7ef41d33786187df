//! Times the indicators against TA-Lib's C library, the `ta-lib` crate and `kand`: one run, one thread, exact modes only.
//!
//! Each sample is the CPU time of the thread for many rows; the contenders of a function take turns, and the median of
//! their samples counts. Every peer's values are compared with ours before anything is timed.

mod contender;
mod data;
mod kand_crate;
mod own;
mod report;
mod talib_c;
mod talib_crate;

use std::{path::PathBuf, process::ExitCode};

use financelake_indicators::{
    Params,
    registry::{self, Definition},
};
use serde_json::Value;

use crate::{contender::Contender, data::Bars, report::Row};

/// A function with the parameters that all contenders use, and how many times faster than the fastest peer it must be.
type Goal = (&'static str, &'static [f64], f64);

/// In the cache.
const KERNELS: [Goal; 8] = [
    ("sma", &[20.0], 2.0),
    ("ema", &[20.0], 2.0),
    ("rsi", &[14.0], 2.0),
    ("macd", &[12.0, 26.0, 9.0], 1.3),
    ("bbands", &[20.0, 2.0, 2.0, 0.0], 1.5),
    ("atr", &[14.0], 1.8),
    ("stoch", &[5.0, 3.0, 0.0, 3.0, 0.0], 4.0),
    ("cdlengulfing", &[], 3.0),
];

/// From memory.
const MEMORY: [Goal; 9] = [
    ("sma", &[20.0], 0.9),
    ("ema", &[20.0], 0.9),
    ("rsi", &[14.0], 0.9),
    ("macd", &[12.0, 26.0, 9.0], 0.9),
    ("bbands", &[20.0, 2.0, 2.0, 0.0], 0.9),
    ("atr", &[14.0], 0.9),
    ("stoch", &[5.0, 3.0, 0.0, 3.0, 0.0], 0.9),
    ("adx", &[14.0], 0.9),
    ("cdlengulfing", &[], 0.9),
];

/// How slow a function of the catalogue may be.
const SLOWEST: f64 = 0.8;

/// Series that stay in the cache together.
const CACHED: usize = 16;
/// Series that do not.
const MANY: usize = 10_000;
/// Series per batch, when they come from memory: a batch is what Spark's operator hands over.
const PER_BATCH: usize = 6;

struct Arguments {
    talib: PathBuf,
    machine: Value,
    part: String,
    output: PathBuf,
}

fn arguments() -> Result<Arguments, String> {
    let usage =
        "usage: financelake-bench-kernels LIBTALIB MACHINE_JSON kernels|catalogue|memory OUTPUT";
    let mut given = std::env::args().skip(1);
    let mut next = || given.next().ok_or(usage);
    let (talib, machine, part, output) = (next()?.into(), next()?, next()?, next()?.into());
    let machine = serde_json::from_str(&machine)
        .map_err(|error| format!("MACHINE_JSON: {error}\n{usage}"))?;
    Ok(Arguments {
        talib,
        machine,
        part,
        output,
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
    let library = talib_c::TaLib::open(&arguments.talib)?;
    let result = match arguments.part.as_str() {
        "kernels" => kernels(&library)?,
        "catalogue" => catalogue(&library)?,
        "memory" => memory(&library)?,
        other => {
            return Err(format!(
                "no part {other}; write kernels, catalogue or memory"
            ));
        }
    };
    let text = format!("{:#}\n", report::document(result, arguments.machine));
    std::fs::write(&arguments.output, text)
        .map_err(|error| format!("{}: {error}", arguments.output.display()))
}

/// The best-known functions in the cache, at the two best levels of the processor.
fn kernels(library: &talib_c::TaLib) -> Result<Value, String> {
    let bars = Bars::walks(CACHED);
    let mut rows = Vec::new();
    for (name, params, target) in KERNELS {
        let definition = registry::find(name).map_err(|error| error.to_string())?;
        let own = own::levels()
            .into_iter()
            .take(2)
            .map(|level| own::contender(definition, params, &bars, level, CACHED));
        let row = measure(
            definition,
            own.collect(),
            peers(library, definition, params, &bars),
            &bars,
            (9, 8_000_000),
        )?;
        let row = row.with_target(target);
        println!("{}", row.text());
        rows.push(row);
    }
    Ok(report::goals("kernels", CACHED, &rows))
}

/// Every function that a peer has, with its defaults, in the cache; then all of them in one program.
fn catalogue(library: &talib_c::TaLib) -> Result<Value, String> {
    let bars = Bars::walks(CACHED);
    let mut rows = Vec::new();
    for definition in registry::definitions() {
        let params = Params::resolve(definition, &[]).map_err(|error| error.to_string())?;
        let own = own::contender(definition, params.values(), &bars, own::levels()[0], CACHED);
        let peers = peers(library, definition, params.values(), &bars);
        if peers.is_empty() {
            continue;
        }
        let row = measure(definition, vec![own], peers, &bars, (7, 400_000))?;
        println!("{}", row.text());
        rows.push(row);
    }
    let pass = one_pass(&bars);
    let result = report::catalogue(CACHED, &rows, SLOWEST, pass);
    println!("{}", report::summary(&result));
    Ok(result)
}

/// Nanoseconds per row for all functions of TA-Lib in one program.
fn one_pass(bars: &Bars) -> f64 {
    let definitions: Vec<_> = registry::definitions()
        .iter()
        .filter(|definition| talib_crate::function(definition).is_some())
        .collect();
    let mut samples: Vec<f64> = (0..7)
        .map(|_| {
            let (run, outputs) = own::all(&definitions, bars);
            Contender::of_outputs("all", bars, outputs, run).nanoseconds_per_row(60_000)
        })
        .collect();
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}

/// The best-known functions over data that does not fit the cache.
fn memory(library: &talib_c::TaLib) -> Result<Value, String> {
    let bars = Bars::walks(MANY);
    let mut rows = Vec::new();
    for (name, params, target) in MEMORY {
        let definition = registry::find(name).map_err(|error| error.to_string())?;
        let level = own::levels()[0];
        let own = own::contender(definition, params, &bars, level, PER_BATCH);
        let peers = peers(library, definition, params, &bars);
        let row = measure(definition, vec![own], peers, &bars, (5, 1))?.with_target(target);
        println!("{}", row.text());
        rows.push(row);
    }
    Ok(report::goals("memory", MANY, &rows))
}

fn peers<'a>(
    library: &'a talib_c::TaLib,
    definition: &'static Definition,
    params: &[f64],
    bars: &'a Bars,
) -> Vec<Contender<'a>> {
    [
        library.contender(definition, params, bars),
        talib_crate::contender(definition, params, bars),
        kand_crate::contender(definition, params, bars),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Median nanoseconds per row of each contender: so many samples, of so many rows at least.
fn measure(
    definition: &'static Definition,
    own: Vec<Contender<'_>>,
    peers: Vec<Contender<'_>>,
    bars: &Bars,
    (samples, rows): (usize, usize),
) -> Result<Row, String> {
    let owns = own.len();
    let mut contenders: Vec<_> = own.into_iter().chain(peers).collect();
    for contender in &mut contenders {
        contender.once();
    }
    let (first, others) = contenders.split_first().ok_or("no contender")?;
    let differing: Vec<_> = others
        .iter()
        .filter_map(|other| {
            let fault = first.agrees_with(other, bars).err()?;
            Some(format!("{}: {fault}", other.name))
        })
        .collect();
    let mut times = vec![Vec::with_capacity(samples); contenders.len()];
    for _ in 0..samples {
        for (contender, times) in contenders.iter_mut().zip(&mut times) {
            times.push(contender.nanoseconds_per_row(rows));
        }
    }
    let medians = times.into_iter().map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[samples / 2]
    });
    let names = contenders.iter().map(|contender| contender.name.clone());
    Ok(Row::new(
        definition.name,
        names.zip(medians).collect(),
        owns,
        differing,
    ))
}

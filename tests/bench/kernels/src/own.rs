//! The engine as callers use it: series as groups of one batch, with validity bits.

use financelake_indicators::{
    Batch, BlockExecutor, Call, Column, OutputColumn, Program, registry::Definition, simd::Level,
};

use crate::{
    contender::{Contender, Output},
    data::Bars,
};

/// The levels of this processor, best first.
pub fn levels() -> Vec<Level> {
    let mut levels = vec![Level::Avx512, Level::Avx2, Level::Portable];
    levels.retain(|level| level.available());
    levels
}

/// The engine on this level, with so many series per batch.
pub fn contender<'a>(
    definition: &'static Definition,
    params: &[f64],
    bars: &'a Bars,
    level: Level,
    series_per_batch: usize,
) -> Contender<'a> {
    let call = Call {
        function: definition.name.into(),
        inputs: (0..definition.inputs.len()).collect(),
        params: params.to_vec(),
    };
    let names = definition.inputs.iter().map(|input| input.name);
    let run = program(&[call], names.collect(), bars, level, series_per_batch);
    Contender::new(&format!("own {}", level.name()), definition, bars, run)
}

/// These functions with their defaults in one program, and the columns for what they give.
pub fn all<'a>(
    definitions: &[&'static Definition],
    bars: &'a Bars,
) -> (impl FnMut(&mut [Output]) + use<'a>, Vec<Output>) {
    let names = ["open", "high", "low", "close", "volume", "periods"];
    let column = |name: &str| {
        let name = match name {
            "real0" => "close",
            "real1" => "open",
            name => name,
        };
        names.iter().position(|known| *known == name)
    };
    let calls: Vec<_> = definitions
        .iter()
        .map(|definition| Call {
            function: definition.name.into(),
            inputs: definition
                .inputs
                .iter()
                .map(|input| column(input.name).expect("a column for each input"))
                .collect(),
            params: Vec::new(),
        })
        .collect();
    let outputs = definitions
        .iter()
        .flat_map(|definition| Output::of(definition, bars.rows()))
        .collect();
    let level = levels()[0];
    (program(&calls, names.to_vec(), bars, level, 8), outputs)
}

fn program<'a>(
    calls: &[Call],
    inputs: Vec<&'static str>,
    bars: &'a Bars,
    level: Level,
    series_per_batch: usize,
) -> impl FnMut(&mut [Output]) + use<'a> {
    let program = Program::compile(calls, inputs.len()).expect("good parameters");
    let outputs = program.outputs().len();
    let mut executor = BlockExecutor::at_level(program.into(), level);
    let series: Vec<_> = bars.series().collect();
    let most = series_per_batch.min(series.len()) * series[0].len();
    let mut validity = vec![vec![0; most.div_ceil(8)]; outputs];
    move |outputs| {
        for part in series.chunks(series_per_batch) {
            let rows = part[0].start..part[part.len() - 1].end;
            let starts: Vec<u32> = part
                .iter()
                .map(|series| (series.start - rows.start) as u32)
                .collect();
            let columns: Vec<_> = inputs
                .iter()
                .map(|input| Column {
                    values: &bars.column(input)[rows.clone()],
                    validity: None,
                })
                .collect();
            let mut fields: Vec<_> = outputs
                .iter_mut()
                .zip(&mut validity)
                .map(|(output, validity)| match output {
                    Output::Real(values) => OutputColumn::Real {
                        values: &mut values[rows.clone()],
                        validity,
                    },
                    Output::Integer(values) => OutputColumn::Integer {
                        values: &mut values[rows.clone()],
                        validity,
                    },
                })
                .collect();
            let batch = Batch {
                rows: rows.len(),
                columns: &columns,
                starts: &starts,
            };
            executor
                .run(&batch, &mut fields)
                .expect("a batch that fits");
        }
    }
}

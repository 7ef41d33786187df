//! The engine as callers use it: all series as groups of one batch, with validity bits.

use financelake_indicators::{
    Batch, BlockExecutor, Call, Column, OutputColumn, Program, registry, registry::OutputKind,
    simd::Level,
};

use crate::{
    Function,
    contender::Contender,
    data::{Bars, ROWS, SERIES, series},
};

/// The engine on the best level of this processor, then on the levels below it.
pub fn contenders<'a>(function: &Function, bars: &'a Bars) -> Vec<Contender<'a>> {
    [Level::Avx512, Level::Avx2, Level::Portable]
        .into_iter()
        .filter(|level| level.available())
        .take(2)
        .map(|level| contender(function, bars, level))
        .collect()
}

fn contender<'a>(function: &Function, bars: &'a Bars, level: Level) -> Contender<'a> {
    let definition = registry::find(function.name).expect("a function of the registry");
    let call = Call {
        function: function.name.into(),
        inputs: (0..definition.inputs.len()).collect(),
        params: function.params.to_vec(),
    };
    let columns: Vec<Column<'a>> = definition
        .inputs
        .iter()
        .map(|input| Column {
            values: bars.column(input.name),
            validity: None,
        })
        .collect();
    let program = Program::compile(&[call], columns.len()).expect("good parameters");
    let mut executor = BlockExecutor::at_level(program.into(), level);
    let starts: Vec<u32> = series().map(|rows| rows.start as u32).collect();
    let mut validity = vec![vec![0; (SERIES * ROWS).div_ceil(8)]; definition.outputs.len()];
    Contender::new(&format!("own {}", level.name()), move |outputs| {
        let mut reals = outputs.real.iter_mut();
        let mut integers = Some(&mut outputs.integer);
        let mut fields: Vec<OutputColumn<'_>> = definition
            .outputs
            .iter()
            .zip(&mut validity)
            .map(|(output, validity)| match output.kind {
                OutputKind::Real => OutputColumn::Real {
                    values: reals.next().expect("three at most"),
                    validity,
                },
                OutputKind::Integer => OutputColumn::Integer {
                    values: integers.take().expect("one at most"),
                    validity,
                },
            })
            .collect();
        let batch = Batch {
            rows: SERIES * ROWS,
            columns: &columns,
            starts: &starts,
        };
        executor
            .run(&batch, &mut fields)
            .expect("a batch that fits");
    })
}

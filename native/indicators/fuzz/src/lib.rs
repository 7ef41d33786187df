//! What both fuzz targets do: pick functions of the registry, and run rows through an executor.

use std::sync::Arc;

use arbitrary::Arbitrary;
use financelake_indicators::{
    Batch, BlockExecutor, Call, Column, OutputColumn, Program, registry, registry::OutputKind,
};

/// A function with parameters of any value, over the first columns.
#[derive(Debug, Arbitrary)]
pub struct AnyCall {
    function: u16,
    params: Vec<f64>,
}

/// Columns of every program: the most inputs that a function has.
pub const COLUMNS: usize = 8;

/// A program of these calls, if their parameters are good and its windows are short enough to be worth a fuzzer's time.
pub fn program(calls: &[AnyCall]) -> Option<Arc<Program>> {
    const MOST_BYTES: usize = 8 << 20;
    let definitions = registry::definitions();
    let calls: Vec<Call> = calls
        .iter()
        .map(|call| {
            let definition = &definitions[usize::from(call.function) % definitions.len()];
            Call {
                function: definition.name.into(),
                inputs: (0..definition.inputs.len()).collect(),
                params: call.params.clone(),
            }
        })
        .collect();
    let program = Program::compile(&calls, COLUMNS).ok()?;
    (program.memory() <= MOST_BYTES).then(|| Arc::new(program))
}

/// Values, and validity, of each output.
pub type Results = Vec<(Vec<u64>, Vec<u8>)>;

/// Runs the rows as one batch.
pub fn run(executor: &mut BlockExecutor, columns: &[Vec<f64>], starts: &[u32]) -> Results {
    let rows = columns[0].len();
    let program = Arc::clone(executor.program());
    let mut reals = vec![vec![0.0; rows]; program.outputs().len()];
    let mut integers = vec![vec![0; rows]; program.outputs().len()];
    let mut bits = vec![vec![0; rows.div_ceil(8)]; program.outputs().len()];
    let mut outputs: Vec<OutputColumn<'_>> = program
        .outputs()
        .iter()
        .zip(reals.iter_mut().zip(&mut integers).zip(&mut bits))
        .map(|(field, ((reals, integers), validity))| match field.kind {
            OutputKind::Real => OutputColumn::Real {
                values: reals,
                validity,
            },
            OutputKind::Integer => OutputColumn::Integer {
                values: integers,
                validity,
            },
        })
        .collect();
    let columns: Vec<Column<'_>> = columns
        .iter()
        .map(|values| Column {
            values,
            validity: None,
        })
        .collect();
    let batch = Batch {
        rows,
        columns: &columns,
        starts,
    };
    executor.run(&batch, &mut outputs).expect("a batch that fits");
    drop(outputs);
    let fields = program.outputs().iter().zip(reals.iter().zip(&integers));
    fields
        .zip(bits)
        .map(|((field, (reals, integers)), validity)| {
            let values = match field.kind {
                OutputKind::Real => reals.iter().map(|value| value.to_bits()).collect(),
                OutputKind::Integer => integers.iter().map(|&value| value as u64).collect(),
            };
            (values, validity)
        })
        .collect()
}

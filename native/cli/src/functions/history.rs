//! How many earlier rows each function needs until its values have the bits of the whole history, measured on given rows.

use std::{
    io::{self, Read},
    path::Path,
    sync::Arc,
};

use financelake_indicators::{
    Batch, BlockExecutor, Call, Column, OutputColumn, Params, Program,
    registry::{self, Definition, OutputKind},
};

use crate::failure::Failure;

/// Places to begin at, spread over the first half of the rows: an average of any length has then time to forget.
const STARTS: usize = 24;

/// Rows to measure on: a column per name.
pub(super) struct Table(Vec<(String, Vec<f64>)>);

impl Table {
    /// Reads text with a heading of input names and numbers between commas; `-` is the standard input.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let mut text = String::new();
        if path == Path::new("-") {
            io::stdin().read_to_string(&mut text)?;
        } else {
            text = std::fs::read_to_string(path).map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => {
                    Failure::Usage(format!("there is no file '{}'", path.display()))
                }
                _ => error.into(),
            })?;
        }
        let mut lines = text.lines();
        let names = lines.next().unwrap_or_default().split(',');
        let mut columns: Vec<_> = names.map(|name| (name.to_owned(), Vec::new())).collect();
        for (number, line) in lines.enumerate() {
            let mut fields = line.split(',');
            for (name, values) in &mut columns {
                let field = fields.next().unwrap_or_default();
                let value = field.parse().map_err(|_| {
                    let line = number + 2;
                    Failure::Usage(format!(
                        "line {line}: {name} is '{field}', which is not a number; give numbers between commas"
                    ))
                })?;
                values.push(value);
            }
        }
        Ok(Self(columns))
    }

    fn column(&self, name: &str) -> Result<&[f64], Failure> {
        let found = self.0.iter().find(|(known, _)| known == name);
        let missing = || {
            Failure::Usage(format!(
                "no column is called {name}, an input of a function; add it"
            ))
        };
        found.map(|(_, values)| &values[..]).ok_or_else(missing)
    }
}

/// For each function `{"rows": n, "window": w}`: the rows that must come before one, null if no number was enough, and
/// whether that is so for all data because a value is a function of a window.
pub(super) fn json(table: &Table) -> Result<serde_json::Value, Failure> {
    let mut all = serde_json::Map::new();
    for definition in registry::definitions() {
        let params = Params::resolve(definition, &[]).map_err(io::Error::other)?;
        let window = definition.is_windowed(&params);
        let rows = if window {
            Some(definition.lookback(&params))
        } else {
            measured(definition, table)?
        };
        let entry = serde_json::json!({ "rows": rows, "window": window });
        all.insert(definition.name.to_owned(), entry);
    }
    Ok(all.into())
}

/// The most rows that any of the starts needed.
fn measured(definition: &Definition, table: &Table) -> Result<Option<usize>, Failure> {
    let inputs = definition
        .inputs
        .iter()
        .map(|input| table.column(input.name));
    let inputs = inputs.collect::<Result<Vec<_>, _>>()?;
    let rows = inputs.first().map_or(0, |column| column.len());
    let call = Call {
        function: definition.name.to_owned(),
        inputs: (0..inputs.len()).collect(),
        params: vec![],
    };
    let program = Program::compile(&[call], inputs.len()).map_err(io::Error::other)?;
    let program = Arc::new(program);
    let whole = run(definition, &program, &inputs, 0)?;
    let mut most = 0;
    for place in 1..=STARTS {
        let start = place * rows / (2 * STARTS);
        let late = run(definition, &program, &inputs, start)?;
        let differing = whole.iter().zip(&late).filter_map(|(whole, late)| {
            let differs = |&row: &usize| whole[start + row] != late[row];
            (0..late.len()).rev().find(differs).map(|row| row + 1)
        });
        let needed = differing.max().unwrap_or(0);
        if start + needed >= rows {
            return Ok(None);
        }
        most = most.max(needed);
    }
    Ok(Some(most))
}

/// The bits of each output from the row on where it begins, and whether they are a value.
fn run(
    definition: &Definition,
    program: &Arc<Program>,
    inputs: &[&[f64]],
    start: usize,
) -> Result<Vec<Vec<(bool, u64)>>, Failure> {
    let columns: Vec<Column<'_>> = inputs
        .iter()
        .map(|column| Column {
            values: &column[start..],
            validity: None,
        })
        .collect();
    let rows = columns.first().map_or(0, |column| column.values.len());
    let count = definition.outputs.len();
    let mut reals = vec![vec![0.0; rows]; count];
    let mut integers = vec![vec![0; rows]; count];
    let mut validity = vec![vec![0; rows.div_ceil(8)]; count];
    let places = reals.iter_mut().zip(&mut integers).zip(&mut validity);
    let mut outputs: Vec<OutputColumn<'_>> = places
        .zip(definition.outputs)
        .map(
            |(((values, integers), validity), output)| match output.kind {
                OutputKind::Real => OutputColumn::Real { values, validity },
                OutputKind::Integer => OutputColumn::Integer {
                    values: integers,
                    validity,
                },
            },
        )
        .collect();
    let batch = Batch {
        rows,
        columns: &columns,
        starts: &[0],
    };
    BlockExecutor::new(Arc::clone(program))
        .run(&batch, &mut outputs)
        .map_err(io::Error::other)?;
    drop(outputs);
    let outputs = definition
        .outputs
        .iter()
        .zip(reals.iter().zip(&integers).zip(&validity));
    let bits = outputs.map(|(output, ((reals, integers), validity))| {
        let of_row = |row: usize| {
            let valid = validity[row / 8] >> (row % 8) & 1 == 1;
            let bits = match output.kind {
                OutputKind::Real => reals[row].to_bits(),
                OutputKind::Integer => u64::from(integers[row].cast_unsigned()),
            };
            (valid, bits)
        };
        (0..rows).map(of_row).collect()
    });
    Ok(bits.collect())
}

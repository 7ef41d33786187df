//! One row at a time.

use std::sync::Arc;

use crate::{
    BlockExecutor, Error, Program,
    batch::{Batch, Column, OutputColumn},
    registry::OutputKind,
};

/// Runs a program over single rows of one group: the same steps as the block executor, so the same bits, and a state
/// that either can go on from.
#[derive(Debug)]
pub struct TickExecutor {
    block: BlockExecutor,
    reals: Vec<f64>,
    integers: Vec<i32>,
    validity: Vec<u8>,
    results: Vec<Option<f64>>,
}

impl TickExecutor {
    /// An executor without history.
    pub fn new(program: Arc<Program>) -> Self {
        let outputs = program.outputs().len();
        Self {
            block: BlockExecutor::new(program),
            reals: vec![0.0; outputs],
            integers: vec![0; outputs],
            validity: vec![0; outputs],
            results: vec![None; outputs],
        }
    }

    /// The program.
    pub fn program(&self) -> &Arc<Program> {
        self.block.program()
    }

    /// Takes one row, a value per column of the program, and returns a value per output (whole numbers as `f64`).
    ///
    /// # Errors
    /// A row with another number of values than the program has columns.
    pub fn push(&mut self, row: &[Option<f64>]) -> Result<&[Option<f64>], Error> {
        let values: Vec<f64> = row.iter().map(|value| value.unwrap_or(f64::NAN)).collect();
        let columns: Vec<Column<'_>> = values
            .iter()
            .map(|value| Column {
                values: std::slice::from_ref(value),
                validity: None,
            })
            .collect();
        let program = Arc::clone(self.block.program());
        let mut outputs: Vec<OutputColumn<'_>> = Vec::with_capacity(program.outputs().len());
        let places = self
            .reals
            .iter_mut()
            .zip(&mut self.integers)
            .zip(&mut self.validity);
        for (field, ((real, integer), bits)) in program.outputs().iter().zip(places) {
            let validity = std::slice::from_mut(bits);
            outputs.push(match field.kind {
                OutputKind::Real => OutputColumn::Real {
                    values: std::slice::from_mut(real),
                    validity,
                },
                OutputKind::Integer => OutputColumn::Integer {
                    values: std::slice::from_mut(integer),
                    validity,
                },
            });
        }
        self.block.run(
            &Batch {
                rows: 1,
                columns: &columns,
                starts: &[],
            },
            &mut outputs,
        )?;
        for (index, field) in program.outputs().iter().enumerate() {
            let value = match field.kind {
                OutputKind::Real => self.reals[index],
                OutputKind::Integer => f64::from(self.integers[index]),
            };
            self.results[index] = (self.validity[index] & 1 == 1).then_some(value);
        }
        Ok(&self.results)
    }

    /// The same group of rows in batches: what it takes is history for the next row, and the other way round.
    pub fn block(&mut self) -> &mut BlockExecutor {
        &mut self.block
    }

    /// What [`push`](Self::push) would return for this row, which is not taken: the results of a bar that still forms.
    ///
    /// # Errors
    /// As for a push.
    pub fn peek(&self, row: &[Option<f64>]) -> Result<Vec<Option<f64>>, Error> {
        let mut forming = Self::new(Arc::clone(self.block.program()));
        forming.restore(&self.save())?;
        forming.push(row).map(<[_]>::to_vec)
    }

    /// Forgets the history.
    pub fn reset(&mut self) {
        self.block.reset();
    }

    /// The state as bytes; the same bytes as the block executor's after the same rows.
    pub fn save(&self) -> Vec<u8> {
        self.block.save()
    }

    /// Continues from a saved state.
    ///
    /// # Errors
    /// As for the block executor.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.block.restore(bytes)
    }
}

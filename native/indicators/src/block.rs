//! Batches in, columns out.

use std::sync::Arc;

use crate::{
    Error, Program,
    batch::{Batch, OutputColumn},
    domain::DomainState,
    output::clear_validity,
    simd::{Checked, Level},
    state,
};

/// Runs a program over batches of consecutive rows, carrying the state of the last group from batch to batch. Memory
/// depends on the program and the batch size, not on the length of a group.
#[derive(Debug)]
pub struct BlockExecutor {
    program: Arc<Program>,
    domains: Vec<DomainState>,
    level: Checked,
}

impl BlockExecutor {
    /// An executor without history.
    pub fn new(program: Arc<Program>) -> Self {
        Self::at_level(program, Level::detect())
    }

    /// An executor that uses this processor level, or the best one below it that exists. The bits are the same.
    pub fn at_level(program: Arc<Program>, level: Level) -> Self {
        let domains = program.domains().iter().map(DomainState::new).collect();
        Self {
            program,
            domains,
            level: Checked::new(level),
        }
    }

    /// The program that is run.
    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// Runs the next rows. Every row of every output is written, values and validity.
    ///
    /// # Errors
    /// A batch that does not fit itself, the program or the outputs; the state is then unchanged.
    pub fn run(
        &mut self,
        batch: &Batch<'_>,
        outputs: &mut [OutputColumn<'_>],
    ) -> Result<(), Error> {
        batch.check(self.program.columns())?;
        self.check_outputs(batch.rows, outputs)?;
        for output in &mut *outputs {
            clear_validity(output, batch.rows);
        }
        for (state, domain) in self.domains.iter_mut().zip(self.program.domains()) {
            state.run(self.level, domain, batch, outputs);
        }
        Ok(())
    }

    fn check_outputs(&self, rows: usize, outputs: &[OutputColumn<'_>]) -> Result<(), Error> {
        let fields = self.program.outputs();
        if outputs.len() != fields.len() {
            let (given, wanted) = (outputs.len(), fields.len());
            return Err(Error::BatchShape(format!(
                "{given} output columns given, the program has {wanted}"
            )));
        }
        for (index, (output, field)) in outputs.iter().zip(fields).enumerate() {
            if output.kind() != field.kind {
                let (given, wanted) = (output.kind(), field.kind);
                return Err(Error::BatchShape(format!(
                    "output {index} ({}) is {given:?}, it must be {wanted:?}",
                    field.name
                )));
            }
            let (values, bits) = output.sizes();
            if values < rows || bits < rows.div_ceil(8) {
                return Err(Error::BatchShape(format!(
                    "output {index} ({}) has room for {values} values and {bits} validity bytes, {rows} rows need \
                     {rows} and {}",
                    field.name,
                    rows.div_ceil(8)
                )));
            }
        }
        Ok(())
    }

    /// Forgets the history, as if the next row began a group.
    pub fn reset(&mut self) {
        self.domains.iter_mut().for_each(DomainState::reset);
    }

    /// The state as bytes, for [`restore`](Self::restore) in this or another process.
    pub fn save(&self) -> Vec<u8> {
        state::save(&self.program, &self.domains)
    }

    /// Continues from a saved state.
    ///
    /// # Errors
    /// Bytes that are not a state, are damaged, or were saved by another program. The executor is then as it was.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<(), Error> {
        state::restore(&self.program, self.level, bytes, &mut self.domains)
    }
}

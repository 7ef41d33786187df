//! Batches in, columns out.

use std::sync::Arc;

use crate::{
    Error, Program,
    batch::{Batch, OutputColumn},
    domain::DomainState,
    keyed::{Keyed, Memories},
    lane::Lane,
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
        self.run_keyed(batch, outputs, &[], &mut [])
    }

    /// The same; with a memory for each domain, groups go on where their keys stood.
    pub(crate) fn run_keyed(
        &mut self,
        batch: &Batch<'_>,
        outputs: &mut [OutputColumn<'_>],
        keys: &[u32],
        memories: &mut [Memories],
    ) -> Result<(), Error> {
        batch.check(self.program.columns())?;
        self.program.check_outputs(batch.rows, outputs)?;
        for output in &mut *outputs {
            clear_validity(output, batch.rows);
        }
        let mut memories = memories.iter_mut();
        for (state, domain) in self.domains.iter_mut().zip(self.program.domains()) {
            let keyed = memories.next().map(|memories| Keyed { keys, memories });
            state.run(self.level, domain, batch, outputs, keyed);
        }
        Ok(())
    }

    /// Of each domain what the group remembers that may go on in the next batch.
    pub(crate) fn carried(&mut self) -> impl Iterator<Item = &mut Lane> {
        self.domains.iter_mut().map(DomainState::carried_mut)
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

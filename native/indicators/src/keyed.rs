//! Many series at once, a few rows of each: the memory of all series as columns.

use std::sync::Arc;

use crate::{
    BlockExecutor, Error, Program,
    batch::{Batch, OutputColumn},
    lane::Lane,
    program::Domain,
    simd::Level,
};

/// Runs a program over micro-batches: each batch has the next rows of some of many series. The same steps as the block
/// executor, so the same bits, and states that either can go on from.
///
/// What the series remember lies in one array per set of input columns, the numbers of a series side by side. So a
/// micro-batch costs one call and nothing is allocated per series.
#[derive(Debug)]
pub struct KeyedExecutor {
    block: BlockExecutor,
    /// One per domain of the program.
    memories: Vec<Memories>,
    keys: usize,
}

impl KeyedExecutor {
    /// An executor for series with keys from 0 to below `keys`, all without history.
    pub fn new(program: Arc<Program>, keys: usize) -> Self {
        Self::at_level(program, keys, Level::detect())
    }

    /// The same at this processor level, or the best one below it that exists. The bits are the same.
    pub fn at_level(program: Arc<Program>, keys: usize, level: Level) -> Self {
        let domains = program.domains().iter();
        let memories = domains.map(|domain| Memories::new(domain, keys)).collect();
        Self {
            block: BlockExecutor::at_level(program, level),
            memories,
            keys,
        }
    }

    /// The program that is run.
    pub fn program(&self) -> &Arc<Program> {
        self.block.program()
    }

    /// Runs the next rows of some series: those of `keys[i]` begin at `batch.starts[i]`, in order. Every row of every
    /// output is written, values and validity.
    ///
    /// # Errors
    /// A batch that does not fit itself, the program or the outputs; a first row without a key; more or fewer keys than
    /// starts; a key twice, or one that the executor does not have. All states are then unchanged.
    pub fn run(
        &mut self,
        keys: &[u32],
        batch: &Batch<'_>,
        outputs: &mut [OutputColumn<'_>],
    ) -> Result<(), Error> {
        self.check(keys, batch)?;
        self.block
            .run_keyed(batch, outputs, keys, &mut self.memories)
    }

    fn check(&self, keys: &[u32], batch: &Batch<'_>) -> Result<(), Error> {
        let refuse = |text: String| Err(Error::BatchShape(text));
        let (given, starts) = (keys.len(), batch.starts.len());
        if given != starts {
            return refuse(format!("{given} keys given for {starts} starts of series"));
        }
        if batch.rows > 0 && batch.starts.first() != Some(&0) {
            return refuse("the first row has no key; write 0 as the first start".into());
        }
        let mut sorted = keys.to_vec();
        sorted.sort_unstable();
        if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            return refuse(format!(
                "key {} comes twice; put the rows of a series together, in order",
                pair[0]
            ));
        }
        match sorted.last() {
            Some(&last) if last as usize >= self.keys => refuse(format!(
                "key {last} is unknown; the executor was made for {} keys, from 0",
                self.keys
            )),
            _ => Ok(()),
        }
    }

    /// Forgets the history of this series.
    ///
    /// # Errors
    /// An unknown key.
    pub fn reset(&mut self, key: u32) -> Result<(), Error> {
        let key = self.known(key)?;
        for memories in &mut self.memories {
            memories.forget(key);
        }
        Ok(())
    }

    /// The state of this series as bytes, the same bytes as the block executor's after the same rows.
    ///
    /// # Errors
    /// An unknown key.
    pub fn save(&mut self, key: u32) -> Result<Vec<u8>, Error> {
        let key = self.known(key)?;
        for (memories, lane) in self.memories.iter().zip(self.block.carried()) {
            memories.fetch(key, lane);
        }
        Ok(self.block.save())
    }

    /// Continues this series from a saved state.
    ///
    /// # Errors
    /// An unknown key, or bytes that the block executor would refuse. The series is then as it was.
    pub fn restore(&mut self, key: u32, bytes: &[u8]) -> Result<(), Error> {
        let key = self.known(key)?;
        self.block.restore(bytes)?;
        for (memories, lane) in self.memories.iter_mut().zip(self.block.carried()) {
            memories.store(key, lane);
        }
        Ok(())
    }

    fn known(&self, key: u32) -> Result<usize, Error> {
        if (key as usize) < self.keys {
            return Ok(key as usize);
        }
        Err(Error::BatchShape(format!(
            "key {key} is unknown; the executor was made for {} keys, from 0",
            self.keys
        )))
    }
}

/// What all series remember in one domain.
#[derive(Debug)]
pub(crate) struct Memories {
    /// Numbers of a series.
    width: usize,
    /// Rows that each series has had.
    rows: Vec<u64>,
    values: Vec<f64>,
}

impl Memories {
    fn new(domain: &Domain, keys: usize) -> Self {
        let width = Lane::stored(&domain.plan);
        Self {
            width,
            rows: vec![0; keys],
            values: vec![0.0; keys * width],
        }
    }

    fn fetch(&self, key: usize, lane: &mut Lane) {
        let values = &self.values[key * self.width..][..self.width];
        lane.fetch(self.rows[key], values);
    }

    fn store(&mut self, key: usize, lane: &Lane) {
        self.rows[key] = lane.row;
        lane.store(&mut self.values[key * self.width..][..self.width]);
    }

    fn forget(&mut self, key: usize) {
        self.rows[key] = 0;
        self.values[key * self.width..][..self.width].fill(0.0);
    }
}

/// The keys of a batch, by the index of their segment, and what they remember in a domain.
pub(crate) struct Keyed<'a> {
    pub(crate) keys: &'a [u32],
    pub(crate) memories: &'a mut Memories,
}

impl Keyed<'_> {
    pub(crate) fn fetch(&self, index: usize, lane: &mut Lane) {
        self.memories.fetch(self.keys[index] as usize, lane);
    }

    pub(crate) fn store(&mut self, index: usize, lane: &Lane) {
        self.memories.store(self.keys[index] as usize, lane);
    }
}

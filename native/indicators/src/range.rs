//! One long series in parts, side by side on several threads.
//!
//! A part does not know what the rows before it left behind. So each begins some rows early, without history, and is compared
//! where it meets the part before: if both remember the same bits there, all that follows is the same too. If they do not, as
//! with running totals, which forget nothing, the part is run again from what is right. So the bits never depend on the
//! parts; only the time does.

use std::{ops::Range, sync::Arc, thread};

use crate::{
    BlockExecutor, Error, Program,
    batch::{Batch, Column, OutputColumn, all_set, bit},
    output::all_finite,
    registry::OutputKind,
    simd::{Checked, Level},
};

/// Parts end at whole bytes of validity, and at cache lines of values.
const BORDER: usize = 64;
/// Rows that a part runs at a time before it begins to count.
const WARM_BATCH: usize = 8192;

/// Runs a program over the rows of one group at a time, in parts that run side by side.
#[derive(Debug)]
pub struct RangeExecutor {
    program: Arc<Program>,
    level: Level,
    parts: usize,
    /// Rows that a part begins early; nothing if no number of rows is enough.
    warm_up: Option<usize>,
}

/// How a run went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    /// Parts that the rows were cut into.
    pub all: usize,
    /// Parts that had to be run again, because they did not meet the part before.
    pub again: usize,
}

impl RangeExecutor {
    /// An executor that cuts into so many parts, one thread each.
    pub fn new(program: Arc<Program>, parts: usize) -> Self {
        Self::at_level(program, parts, Level::detect())
    }

    /// The same at this processor level, or the best one below it that exists. The bits are the same.
    pub fn at_level(program: Arc<Program>, parts: usize, level: Level) -> Self {
        let warm_up = program.settling();
        Self {
            program,
            level,
            parts: parts.max(1),
            warm_up,
        }
    }

    /// Begins each part so many rows early, instead of as many as the program usually needs to forget what was before.
    /// Fewer cost less, but parts that do not meet are run again. Programs that never forget are run in one part still.
    #[must_use]
    pub fn with_warm_up(mut self, rows: usize) -> Self {
        self.warm_up = self.warm_up.map(|_| rows);
        self
    }

    /// Runs the rows of one group, which begins with the first. Every row of every output is written, values and validity.
    ///
    /// # Errors
    /// A batch that does not fit itself, the program or the outputs, or with more than one group.
    pub fn run(&self, batch: &Batch<'_>, outputs: &mut [OutputColumn<'_>]) -> Result<Parts, Error> {
        batch.check(self.program.columns())?;
        self.program.check_outputs(batch.rows, outputs)?;
        if batch.starts.iter().any(|&start| start > 0) {
            return Err(Error::BatchShape(
                "a range is one group; give the rows of each group by themselves".into(),
            ));
        }
        let ranges = self.ranges(batch.rows);
        let mut places = cut(outputs, &ranges);
        let mut parts = thread::scope(|scope| {
            let running: Vec<_> = ranges
                .iter()
                .zip(&mut places)
                .map(|(range, place)| scope.spawn(|| Part::run(self, batch, range.clone(), place)))
                .collect();
            let finish = |part: thread::ScopedJoinHandle<'_, Result<Part, Error>>| match part.join()
            {
                Ok(part) => part,
                Err(panic) => std::panic::resume_unwind(panic),
            };
            running
                .into_iter()
                .map(finish)
                .collect::<Result<Vec<_>, _>>()
        })?
        .into_iter();
        let mut again = 0;
        let all = ranges.len();
        let Some(mut right) = parts.next() else {
            return Ok(Parts { all, again });
        };
        for ((part, range), place) in parts.zip(&ranges[1..]).zip(&mut places[1..]) {
            if part.settled && part.before == right.executor.save() {
                right = part;
            } else {
                again += 1;
                on_rows(batch, range.clone(), |rows| right.executor.run(rows, place))?;
            }
        }
        Ok(Parts { all, again })
    }

    /// The rows of each part. Parts that would not be longer than what they begin early are not worth it.
    fn ranges(&self, rows: usize) -> Vec<Range<usize>> {
        let worth = self.warm_up.map_or(1, |early| rows / early.max(BORDER));
        let parts = self.parts.min(worth).max(1);
        let border = |part: usize| rows * part / parts / BORDER * BORDER;
        let end = |part: usize| if part == parts { rows } else { border(part) };
        (0..parts).map(|part| border(part)..end(part + 1)).collect()
    }
}

/// A part that was run.
struct Part {
    /// Whether it began early enough to have seen all that its windows hold. If not, it may remember the right numbers by
    /// chance, where they are zero, and still lack streams that are not saved. No function of today has such a stream.
    settled: bool,
    /// What it remembered where it began to count.
    before: Vec<u8>,
    executor: BlockExecutor,
}

impl Part {
    fn run(
        range: &RangeExecutor,
        batch: &Batch<'_>,
        rows: Range<usize>,
        place: &mut [OutputColumn<'_>],
    ) -> Result<Self, Error> {
        let program = &range.program;
        let mut executor = BlockExecutor::at_level(Arc::clone(program), range.level);
        let early = rows.start.saturating_sub(range.warm_up.unwrap_or(0)) / BORDER * BORDER;
        let fields = program.outputs().iter();
        let mut unused: Vec<Unused> = fields.map(|field| Unused::of(field.kind)).collect();
        for from in (early..rows.start).step_by(WARM_BATCH) {
            let to = rows.start.min(from + WARM_BATCH);
            let mut columns: Vec<_> = unused.iter_mut().map(Unused::column).collect();
            on_rows(batch, from..to, |rows| executor.run(rows, &mut columns))?;
        }
        let mut settled = true;
        for (lane, domain) in executor.carried().zip(program.domains()) {
            let columns = domain.columns.iter();
            let columns: Vec<_> = columns.map(|&column| batch.columns[column]).collect();
            let row = existing(Checked::new(range.level), &columns, rows.start);
            settled &= lane.row >= row.min(domain.plan.deepest() as u64);
            lane.row = row;
        }
        let before = executor.save();
        on_rows(batch, rows, |rows| executor.run(rows, place))?;
        Ok(Self {
            settled,
            before,
            executor,
        })
    }
}

/// How many of the first rows exist for calls on these columns: mostly all, which is found out in a fraction of the time.
fn existing(level: Checked, columns: &[Column<'_>], rows: usize) -> u64 {
    let whole = |column: &Column<'_>| {
        column.validity.is_none_or(|bits| all_set(bits, rows))
            && all_finite(level, &column.values[..rows])
    };
    if columns.iter().all(whole) {
        return rows as u64;
    }
    let exists = |row: usize| {
        columns.iter().all(|column| {
            column.validity.is_none_or(|bits| bit(bits, row)) && column.values[row].is_finite()
        })
    };
    (0..rows).filter(|&row| exists(row)).count() as u64
}

/// Does something with some rows of a batch, which go on with the group; they begin at a border.
fn on_rows<R>(batch: &Batch<'_>, rows: Range<usize>, work: impl FnOnce(&Batch<'_>) -> R) -> R {
    let columns = batch.columns.iter().map(|column| Column {
        values: &column.values[rows.clone()],
        validity: column.validity.map(|bits| &bits[rows.start / 8..]),
    });
    work(&Batch {
        rows: rows.len(),
        columns: &columns.collect::<Vec<_>>(),
        starts: &[],
    })
}

/// Cuts the columns into those of each part.
fn cut<'a>(
    outputs: &'a mut [OutputColumn<'_>],
    ranges: &[Range<usize>],
) -> Vec<Vec<OutputColumn<'a>>> {
    let mut parts: Vec<_> = ranges.iter().map(|_| Vec::new()).collect();
    for output in outputs {
        let mut rest = match output {
            OutputColumn::Real { values, validity } => OutputColumn::Real { values, validity },
            OutputColumn::Integer { values, validity } => {
                OutputColumn::Integer { values, validity }
            }
        };
        for (part, range) in parts.iter_mut().zip(ranges) {
            let (first, others) = rest.split_at(range.len());
            part.push(first);
            rest = others;
        }
    }
    parts
}

/// Room for results of rows before a part begins to count.
struct Unused {
    kind: OutputKind,
    reals: Vec<f64>,
    integers: Vec<i32>,
    validity: Vec<u8>,
}

impl Unused {
    fn of(kind: OutputKind) -> Self {
        let real = kind == OutputKind::Real;
        Self {
            kind,
            reals: vec![0.0; if real { WARM_BATCH } else { 0 }],
            integers: vec![0; if real { 0 } else { WARM_BATCH }],
            validity: vec![0; WARM_BATCH / 8],
        }
    }

    fn column(&mut self) -> OutputColumn<'_> {
        match self.kind {
            OutputKind::Real => OutputColumn::Real {
                values: &mut self.reals,
                validity: &mut self.validity,
            },
            OutputKind::Integer => OutputColumn::Integer {
                values: &mut self.integers,
                validity: &mut self.validity,
            },
        }
    }
}

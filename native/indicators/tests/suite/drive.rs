//! Running programs over rows, in the ways that a caller can, and the plainest way to compare them with.

use std::{ops::Range, sync::Arc};

use financelake_indicators::{
    Batch, BlockExecutor, Call, Column, Error, OutputColumn, Program, TickExecutor,
    registry::{self, Definition, OutputKind},
    simd::Level,
};

use crate::data::{BAR, Bars, NAMES, column_of};

/// Values of one output, row by row; `None` is NULL.
pub(crate) type Values = Vec<Option<f64>>;

/// Rows to run over: columns in the order of [`NAMES`](crate::data::NAMES), which rows are valid, and the rows where
/// groups begin, of which the first is 0.
#[derive(Debug, Clone)]
pub(crate) struct Rows {
    pub(crate) columns: Vec<Vec<f64>>,
    pub(crate) valid: Vec<Option<Vec<bool>>>,
    pub(crate) starts: Vec<usize>,
}

impl Rows {
    pub(crate) fn len(&self) -> usize {
        self.columns[0].len()
    }

    /// Whether the call sees this row.
    pub(crate) fn exists(&self, call: &Call, row: usize) -> bool {
        call.inputs.iter().all(|&input| {
            self.columns[input][row].is_finite()
                && self.valid[input].as_ref().is_none_or(|valid| valid[row])
        })
    }

    /// The rows of each group.
    pub(crate) fn groups(&self) -> Vec<Range<usize>> {
        let ends = self.starts.iter().skip(1).copied().chain([self.len()]);
        self.starts
            .iter()
            .zip(ends)
            .map(|(&start, end)| start..end)
            .collect()
    }
}

impl Rows {
    /// These rows of these groups, one after the other.
    pub(crate) fn gather(&self, parts: &[Range<usize>]) -> Self {
        let ends = parts.iter().scan(0, |end, part| {
            *end += part.len();
            Some(*end - part.len())
        });
        Self {
            columns: self.columns.iter().map(|c| gathered(c, parts)).collect(),
            valid: self
                .valid
                .iter()
                .map(|valid| valid.as_ref().map(|valid| gathered(valid, parts)))
                .collect(),
            starts: ends.collect(),
        }
    }
}

fn gathered<V: Copy>(values: &[V], parts: &[Range<usize>]) -> Vec<V> {
    let parts = parts.iter().map(|part| &values[part.clone()]);
    parts.collect::<Vec<_>>().concat()
}

impl From<Bars> for Rows {
    fn from(bars: Bars) -> Self {
        let starts = if bars.0[0].is_empty() {
            vec![]
        } else {
            vec![0]
        };
        Self {
            columns: bars.0.into(),
            valid: vec![None; NAMES.len()],
            starts,
        }
    }
}

/// A call of the definition on the columns that its inputs name.
pub(crate) fn call(definition: &Definition, params: &[f64]) -> Call {
    Call {
        function: definition.name.into(),
        inputs: definition
            .inputs
            .iter()
            .map(|input| column_of(input.name))
            .collect(),
        params: params.to_vec(),
    }
}

pub(crate) fn program(calls: &[Call]) -> Arc<Program> {
    let inputs = calls.iter().flat_map(|call| &call.inputs);
    let beyond = inputs.max().is_some_and(|&last| last >= BAR);
    let columns = if beyond { NAMES.len() } else { BAR };
    Arc::new(Program::compile(calls, columns).unwrap_or_else(|error| panic!("{error}")))
}

/// Levels that this processor can run.
pub(crate) fn levels() -> Vec<Level> {
    [Level::Portable, Level::Avx2, Level::Avx512]
        .into_iter()
        .filter(|level| level.available())
        .collect()
}

/// Runs the rows of the range as one batch.
pub(crate) fn batch(executor: &mut BlockExecutor, rows: &Rows, range: Range<usize>) -> Vec<Values> {
    let program = Arc::clone(executor.program());
    once(&program, rows, range, |batch, outputs| {
        executor.run(batch, outputs)
    })
}

/// Gives the rows of the range to an executor, and checks what is promised about every batch.
pub(crate) fn once(
    program: &Program,
    rows: &Rows,
    range: Range<usize>,
    run: impl FnOnce(&Batch<'_>, &mut [OutputColumn<'_>]) -> Result<(), Error>,
) -> Vec<Values> {
    let count = range.len();
    let bitmaps: Vec<Option<Vec<u8>>> = rows
        .valid
        .iter()
        .map(|valid| valid.as_ref().map(|valid| pack(&valid[range.clone()])))
        .collect();
    let columns: Vec<Column<'_>> = rows
        .columns
        .iter()
        .zip(&bitmaps)
        .take(program.columns())
        .map(|(values, bits)| Column {
            values: &values[range.clone()],
            validity: bits.as_deref(),
        })
        .collect();
    let starts: Vec<u32> = rows
        .starts
        .iter()
        .filter(|start| range.contains(start))
        .map(|start| (start - range.start) as u32)
        .collect();
    let fields = program.outputs().to_vec();
    // Rubbish, which must be overwritten.
    let mut reals = vec![vec![1e300; count]; fields.len()];
    let mut integers = vec![vec![77; count]; fields.len()];
    let mut bits = vec![vec![0xff; count.div_ceil(8)]; fields.len()];
    let mut outputs: Vec<OutputColumn<'_>> = fields
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
    let batch = Batch {
        rows: count,
        columns: &columns,
        starts: &starts,
    };
    run(&batch, &mut outputs).unwrap_or_else(|error| panic!("{error}"));
    let value = |output: usize, row: usize| match fields[output].kind {
        OutputKind::Real => reals[output][row],
        OutputKind::Integer => f64::from(integers[output][row]),
    };
    for (output, bits) in bits.iter().enumerate() {
        assert!(
            (count..bits.len() * 8).all(|bit| !is_set(bits, bit)),
            "output {output}: validity bits after the last row"
        );
        for row in 0..count {
            if is_set(bits, row) {
                assert!(value(output, row).is_finite(), "output {output}, row {row}");
            } else {
                let bits = value(output, row).to_bits();
                assert_eq!(bits, 0, "output {output}, row {row}: NULL is written as 0");
            }
        }
    }
    (0..fields.len())
        .map(|output| {
            (0..count)
                .map(|row| is_set(&bits[output], row).then(|| value(output, row)))
                .collect()
        })
        .collect()
}

/// Runs all rows in batches that end at the cuts.
pub(crate) fn batches(executor: &mut BlockExecutor, rows: &Rows, cuts: &[usize]) -> Vec<Values> {
    let mut all = vec![Values::new(); executor.program().outputs().len()];
    let mut from = 0;
    for &to in cuts.iter().chain([&rows.len()]) {
        append(&mut all, batch(executor, rows, from..to));
        from = to;
    }
    all
}

/// Runs rows of the range one at a time.
pub(crate) fn ticks(executor: &mut TickExecutor, rows: &Rows, range: Range<usize>) -> Vec<Values> {
    let mut all: Vec<Values> = Vec::new();
    for row in range {
        if rows.starts.contains(&row) {
            executor.reset();
        }
        let values: Vec<Option<f64>> = rows
            .columns
            .iter()
            .zip(&rows.valid)
            .take(executor.program().columns())
            .map(|(column, valid)| {
                let valid = valid.as_ref().is_none_or(|valid| valid[row]);
                valid.then_some(column[row])
            })
            .collect();
        let results = executor.push(&values).expect("the columns of the program");
        all.resize(results.len(), Values::new());
        for (all, &result) in all.iter_mut().zip(results) {
            all.push(result);
        }
    }
    all
}

pub(crate) fn append(all: &mut [Values], more: Vec<Values>) {
    for (all, more) in all.iter_mut().zip(more) {
        all.extend(more);
    }
}

/// The plainest way: each call alone, each group alone, only the rows that exist, one batch, no vector instructions.
pub(crate) fn plainly(calls: &[Call], rows: &Rows) -> Vec<Values> {
    let mut all = Vec::new();
    for call in calls {
        let program = program(std::slice::from_ref(call));
        let mut values = vec![vec![None; rows.len()]; program.outputs().len()];
        for group in rows.groups() {
            let kept: Vec<usize> = group.filter(|&row| rows.exists(call, row)).collect();
            let compact = Rows {
                columns: rows
                    .columns
                    .iter()
                    .map(|column| kept.iter().map(|&row| column[row]).collect())
                    .collect(),
                valid: vec![None; NAMES.len()],
                starts: vec![],
            };
            let mut executor = BlockExecutor::at_level(Arc::clone(&program), Level::Portable);
            let results = batch(&mut executor, &compact, 0..kept.len());
            for (values, results) in values.iter_mut().zip(results) {
                for (&row, result) in kept.iter().zip(results) {
                    values[row] = result;
                }
            }
        }
        all.extend(values);
    }
    all
}

/// Where the bits differ first, in words.
pub(crate) fn difference(given: &[Values], wanted: &[Values]) -> Option<String> {
    if given.len() != wanted.len() {
        return Some(format!("{} outputs, not {}", given.len(), wanted.len()));
    }
    for (output, (given, wanted)) in given.iter().zip(wanted).enumerate() {
        if given.len() != wanted.len() {
            let (given, wanted) = (given.len(), wanted.len());
            return Some(format!("output {output} has {given} rows, not {wanted}"));
        }
        for (row, (given, wanted)) in given.iter().zip(wanted).enumerate() {
            if given.map(f64::to_bits) != wanted.map(f64::to_bits) {
                return Some(format!(
                    "output {output}, row {row}: {given:?} instead of {wanted:?}"
                ));
            }
        }
    }
    None
}

/// The definition of this name.
pub(crate) fn find(name: &str) -> &'static Definition {
    registry::find(name).unwrap_or_else(|error| panic!("{error}"))
}

fn pack(valid: &[bool]) -> Vec<u8> {
    let mut bits = vec![0; valid.len().div_ceil(8)];
    for (row, _) in valid.iter().enumerate().filter(|(_, valid)| **valid) {
        bits[row / 8] |= 1 << (row % 8);
    }
    // Bits past the last row mean nothing.
    if let (Some(last), left @ 1..) = (bits.last_mut(), valid.len() % 8) {
        *last |= 0xff << left;
    }
    bits
}

fn is_set(bits: &[u8], row: usize) -> bool {
    bits[row / 8] >> (row % 8) & 1 == 1
}

//! Running an executor over columns that are given by their addresses.

use financelake_indicators::registry::OutputKind;
use financelake_indicators::{Batch, BlockExecutor, Column, OutputColumn};

use crate::memory::{Lent, bitmap_bytes};
use crate::{Refusal, Result};

/// The addresses of one call, as the caller gave them.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// Number of rows of every column.
    pub rows: usize,
    /// `f64` values of each input column.
    pub input_values: Vec<i64>,
    /// Validity bitmap of each input column; 0: no row is NULL.
    pub input_validity: Vec<i64>,
    /// Ascending `u32` row numbers at which a new group begins.
    pub starts: i64,
    /// How many of them.
    pub starts_count: usize,
    /// Values of each output, of its kind.
    pub output_values: Vec<i64>,
    /// Validity bitmap of each output.
    pub output_validity: Vec<i64>,
}

/// The type of an output's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `f64`.
    Real,
    /// `f32`.
    Single,
    /// `i32`.
    Integer,
}

/// Where the values of an output go.
#[derive(Debug)]
pub enum Values<'a> {
    /// Of [`Kind::Real`].
    Real(&'a mut [f64]),
    /// Of [`Kind::Single`].
    Single(&'a mut [f32]),
    /// Of [`Kind::Integer`].
    Integer(&'a mut [i32]),
}

/// What can run over columns.
pub trait Executor {
    /// Number of input columns.
    fn columns(&self) -> usize;
    /// The kind of each output.
    fn kinds(&self) -> Vec<Kind>;
    /// Runs the next rows; values and validity of each output, in the order and of the kinds of [`kinds`](Self::kinds).
    ///
    /// # Errors
    /// Batches that the engine refuses; nothing was written then, and the state is as before.
    fn run(&mut self, batch: &Batch<'_>, outputs: Vec<(Values<'_>, &mut [u8])>) -> Result<()>;
}

impl Executor for BlockExecutor {
    fn columns(&self) -> usize {
        self.program().columns()
    }

    fn kinds(&self) -> Vec<Kind> {
        let outputs = self.program().outputs().iter();
        outputs
            .map(|field| match field.kind {
                OutputKind::Real => Kind::Real,
                OutputKind::Integer => Kind::Integer,
            })
            .collect()
    }

    fn run(&mut self, batch: &Batch<'_>, outputs: Vec<(Values<'_>, &mut [u8])>) -> Result<()> {
        let mut columns = Vec::with_capacity(outputs.len());
        for (values, validity) in outputs {
            columns.push(match values {
                Values::Real(values) => OutputColumn::Real { values, validity },
                Values::Integer(values) => OutputColumn::Integer { values, validity },
                Values::Single(_) => return Err(Refusal::argument("an indicator gives no f32")),
            });
        }
        Ok(Self::run(self, batch, &mut columns)?)
    }
}

/// Runs the next rows and writes every value and every validity bit of every output.
///
/// # Errors
/// Addresses that cannot be, memory that overlaps, and batches that the engine refuses. Nothing was written then, and the
/// state is as before.
///
/// # Safety
/// What is checked is listed in [`crate::memory`]. That the memory is allocated, that long, and left alone by other
/// threads until the call returns is the caller's promise.
pub unsafe fn run<E: Executor>(executor: &mut E, at: &Addresses) -> Result<()> {
    let (columns, kinds) = (executor.columns(), executor.kinds());
    let rows = at.rows;
    for (what, given, wanted) in [
        ("inputValues", at.input_values.len(), columns),
        ("inputValidity", at.input_validity.len(), columns),
        ("outputValues", at.output_values.len(), kinds.len()),
        ("outputValidity", at.output_validity.len(), kinds.len()),
    ] {
        if given != wanted {
            return Err(Refusal::argument(format!(
                "{what} has {given} addresses, the calls need {wanted}"
            )));
        }
    }
    if rows == 0 {
        return Ok(());
    }
    let mut lent = Lent::default();
    let bits = bitmap_bytes(rows);
    let starts = lent.read::<u32>(at.starts, at.starts_count, "starts")?;
    let mut inputs = Vec::with_capacity(columns);
    for (index, (&values, &validity)) in at.input_values.iter().zip(&at.input_validity).enumerate()
    {
        let values = lent.read::<f64>(values, rows, &format!("values of input {index}"))?;
        let validity = match validity {
            0 => None,
            address => {
                Some(lent.read::<u8>(address, bits, &format!("validity of input {index}"))?)
            }
        };
        inputs.push((values, validity));
    }
    let mut outputs = Vec::with_capacity(kinds.len());
    let places = at.output_values.iter().zip(&at.output_validity);
    for (index, (kind, (&values, &validity))) in kinds.iter().zip(places).enumerate() {
        let what = format!("values of output {index}");
        let values = match kind {
            Kind::Real => Place::Real(lent.write::<f64>(values, rows, &what)?),
            Kind::Single => Place::Single(lent.write::<f32>(values, rows, &what)?),
            Kind::Integer => Place::Integer(lent.write::<i32>(values, rows, &what)?),
        };
        let validity = lent.write::<u8>(validity, bits, &format!("validity of output {index}"))?;
        outputs.push((values, validity));
    }
    lent.check_apart()?;

    // SAFETY: every address was checked for null, alignment and wrap-around, and written ranges overlap nothing else
    // of this call. That the memory is allocated, that long, and left alone by other threads until the call returns
    // is the caller's promise.
    let (starts, columns, outputs) = unsafe {
        let starts = std::slice::from_raw_parts(starts, at.starts_count);
        let columns: Vec<Column<'_>> = inputs
            .into_iter()
            .map(|(values, validity)| Column {
                values: std::slice::from_raw_parts(values, rows),
                validity: validity.map(|validity| std::slice::from_raw_parts(validity, bits)),
            })
            .collect();
        let outputs: Vec<(Values<'_>, &mut [u8])> = outputs
            .into_iter()
            .map(|(values, validity)| {
                let validity = std::slice::from_raw_parts_mut(validity, bits);
                let values = match values {
                    Place::Real(at) => Values::Real(std::slice::from_raw_parts_mut(at, rows)),
                    Place::Single(at) => Values::Single(std::slice::from_raw_parts_mut(at, rows)),
                    Place::Integer(at) => Values::Integer(std::slice::from_raw_parts_mut(at, rows)),
                };
                (values, validity)
            })
            .collect();
        (starts, columns, outputs)
    };
    let batch = Batch {
        rows,
        columns: &columns,
        starts,
    };
    executor.run(&batch, outputs)
}

/// The address of the values of an output.
enum Place {
    Real(*mut f64),
    Single(*mut f32),
    Integer(*mut i32),
}

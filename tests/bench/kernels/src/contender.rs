//! One implementation of one function, with its own output columns.

use financelake_indicators::registry::{Definition, OutputKind};

use crate::data::{Bars, ROWS};

/// A column that a function writes.
pub enum Output {
    Real(Vec<f64>),
    Integer(Vec<i32>),
}

impl Output {
    /// Columns for what the function gives.
    pub fn of(definition: &Definition, rows: usize) -> Vec<Self> {
        let kinds = definition.outputs.iter().map(|output| output.kind);
        let column = |kind| match kind {
            OutputKind::Real => Self::Real(vec![f64::NAN; rows]),
            OutputKind::Integer => Self::Integer(vec![0; rows]),
        };
        kinds.map(column).collect()
    }

    fn at(&self, row: usize) -> f64 {
        match self {
            Self::Real(values) => values[row],
            Self::Integer(values) => values[row].into(),
        }
    }
}

pub struct Contender<'a> {
    pub name: String,
    rows: usize,
    outputs: Vec<Output>,
    run: Box<dyn FnMut(&mut [Output]) + 'a>,
}

impl<'a> Contender<'a> {
    pub fn new(
        name: &str,
        definition: &Definition,
        bars: &Bars,
        run: impl FnMut(&mut [Output]) + 'a,
    ) -> Self {
        Self::of_outputs(name, bars, Output::of(definition, bars.rows()), run)
    }

    pub fn of_outputs(
        name: &str,
        bars: &Bars,
        outputs: Vec<Output>,
        run: impl FnMut(&mut [Output]) + 'a,
    ) -> Self {
        Self {
            name: name.into(),
            rows: bars.rows(),
            outputs,
            run: Box::new(run),
        }
    }

    /// Computes all series once.
    pub fn once(&mut self) {
        (self.run)(&mut self.outputs);
    }

    /// CPU time of this thread per row, over so many rows at least.
    pub fn nanoseconds_per_row(&mut self, rows: usize) -> f64 {
        let rounds = rows.div_ceil(self.rows);
        let start = cpu_time();
        for _ in 0..rounds {
            self.once();
        }
        (cpu_time() - start) * 1e9 / (rounds * self.rows) as f64
    }

    /// Compares the last quarter of each series, where different beginnings have worn off.
    pub fn agrees_with(&self, other: &Self, bars: &Bars) -> Result<(), String> {
        for rows in bars.series() {
            for row in rows.start + ROWS / 4 * 3..rows.end {
                for (ours, theirs) in self.outputs.iter().zip(&other.outputs) {
                    let (ours, theirs) = (ours.at(row), theirs.at(row));
                    let both_missing = ours.is_nan() && theirs.is_nan();
                    let close = (ours - theirs).abs() <= 1e-8 * theirs.abs().max(1.0);
                    if !both_missing && !close {
                        return Err(format!("row {row}: {theirs}, ours is {ours}"));
                    }
                }
            }
        }
        Ok(())
    }
}

fn cpu_time() -> f64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the clock exists on every Linux and macOS, and `time` is a valid place for its value.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

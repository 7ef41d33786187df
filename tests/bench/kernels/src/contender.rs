//! One implementation of one function, with its own output columns.

use crate::data::{ROWS, SERIES, series};

/// Room for what the functions here give.
pub struct Outputs {
    pub real: [Vec<f64>; 3],
    pub integer: Vec<i32>,
}

pub struct Contender<'a> {
    pub name: String,
    outputs: Outputs,
    run: Box<dyn FnMut(&mut Outputs) + 'a>,
}

impl<'a> Contender<'a> {
    pub fn new(name: &str, run: impl FnMut(&mut Outputs) + 'a) -> Self {
        Self {
            name: name.into(),
            outputs: Outputs {
                real: std::array::from_fn(|_| vec![f64::NAN; SERIES * ROWS]),
                integer: vec![0; SERIES * ROWS],
            },
            run: Box::new(run),
        }
    }

    /// Computes all series once.
    pub fn once(&mut self) {
        (self.run)(&mut self.outputs);
    }

    /// CPU time of this thread per row, over some rounds.
    pub fn nanoseconds_per_row(&mut self, rounds: usize) -> f64 {
        let start = cpu_time();
        for _ in 0..rounds {
            self.once();
        }
        (cpu_time() - start) * 1e9 / (rounds * SERIES * ROWS) as f64
    }

    /// Compares the last quarter of each series, where different beginnings have worn off.
    pub fn agrees_with(&self, other: &Self) -> Result<(), String> {
        for rows in series() {
            for row in rows.start + ROWS / 4 * 3..rows.end {
                let real = self.outputs.real.iter().zip(&other.outputs.real);
                for (ours, theirs) in real.map(|(ours, theirs)| (ours[row], theirs[row])) {
                    // An output that we do not write is not compared.
                    let off = (ours - theirs).abs() > 1e-8 * theirs.abs().max(1.0);
                    if !ours.is_nan() && (off || theirs.is_nan()) {
                        return Err(format!("row {row}: {theirs}, ours is {ours}"));
                    }
                }
                let (ours, theirs) = (self.outputs.integer[row], other.outputs.integer[row]);
                if ours != theirs {
                    return Err(format!("row {row}: {theirs}, ours is {ours}"));
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

//! Any bytes as a state: they are refused, or an executor goes on from them; it never panics.
#![no_main]

use arbitrary::Arbitrary;
use financelake_indicators::BlockExecutor;
use financelake_indicators_fuzz::{AnyCall, COLUMNS, program, run};
use libfuzzer_sys::fuzz_target;

#[derive(Debug, Arbitrary)]
struct Input {
    calls: [AnyCall; 2],
    /// A saved state with these bytes changed, or nothing but bytes.
    changes: Option<Vec<(u16, u8)>>,
    bytes: Vec<u8>,
    rows: Vec<[f64; COLUMNS]>,
}

fuzz_target!(|input: Input| {
    let Some(program) = program(&input.calls) else {
        return;
    };
    let columns: Vec<Vec<f64>> = (0..COLUMNS)
        .map(|column| input.rows.iter().map(|row| row[column]).collect())
        .collect();
    let mut executor = BlockExecutor::new(program);
    run(&mut executor, &columns, &[]);
    let bytes = match input.changes {
        Some(changes) => {
            let mut bytes = executor.save();
            for (at, value) in changes {
                let at = usize::from(at) % bytes.len();
                bytes[at] = value;
            }
            bytes
        }
        None => input.bytes,
    };
    let before = executor.save();
    match executor.restore(&bytes) {
        Ok(()) => drop(run(&mut executor, &columns, &[])),
        Err(_) => assert_eq!(executor.save(), before, "a refused state changes nothing"),
    }
});

//! Any rows and parameters: no panic, and the same bits for one batch, for two, and over a saved state.
#![no_main]

use arbitrary::Arbitrary;
use financelake_indicators::BlockExecutor;
use financelake_indicators_fuzz::{AnyCall, COLUMNS, program, run};
use libfuzzer_sys::fuzz_target;

#[derive(Debug, Arbitrary)]
struct Input {
    calls: [AnyCall; 2],
    rows: Vec<[f64; COLUMNS]>,
    starts: Vec<u8>,
    cut: u16,
}

fuzz_target!(|input: Input| {
    let Some(program) = program(&input.calls) else {
        return;
    };
    let rows = input.rows.len();
    let columns: Vec<Vec<f64>> = (0..COLUMNS)
        .map(|column| input.rows.iter().map(|row| row[column]).collect())
        .collect();
    let mut starts: Vec<u32> = input.starts.iter().map(|&start| start.into()).collect();
    starts.retain(|&start| (start as usize) < rows);
    starts.sort_unstable();
    starts.dedup();
    let whole = run(&mut BlockExecutor::new(program.clone()), &columns, &starts);

    // Cut at a multiple of eight, so that validity bytes can be put together.
    let cut = usize::from(input.cut) % (rows + 1) / 8 * 8;
    let part = |from: usize, to: usize| -> (Vec<Vec<f64>>, Vec<u32>) {
        let columns = columns.iter().map(|column| column[from..to].to_vec());
        let starts = starts.iter().map(|&start| start as usize);
        let starts = starts.filter(|start| (from..to).contains(start));
        (columns.collect(), starts.map(|start| (start - from) as u32).collect())
    };
    let (head, tail) = (part(0, cut), part(cut, rows));
    let mut first = BlockExecutor::new(program.clone());
    let before = run(&mut first, &head.0, &head.1);
    let mut second = BlockExecutor::new(program);
    second.restore(&first.save()).expect("its own state");
    let after = run(&mut second, &tail.0, &tail.1);
    for (whole, (before, after)) in whole.iter().zip(before.into_iter().zip(after)) {
        assert_eq!(whole.0, [before.0, after.0].concat());
        assert_eq!(whole.1, [before.1, after.1].concat());
    }
});

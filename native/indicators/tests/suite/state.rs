//! Saved states: taken back by the program that made them, refused by every other.

use std::sync::Arc;

use financelake_indicators::{BlockExecutor, Call, Error, TickExecutor};

use crate::{
    data,
    drive::{self, Rows, difference},
};

/// A call with default parameters on the first columns.
fn executor(function: &str, params: &[f64]) -> BlockExecutor {
    let call = drive::call(drive::find(function), params);
    BlockExecutor::new(drive::program(&[call]))
}

fn warmed(function: &str, params: &[f64]) -> BlockExecutor {
    let mut executor = executor(function, params);
    drive::batch(&mut executor, &Rows::from(data::walk(60)), 0..60);
    executor
}

fn refusal(executor: &mut BlockExecutor, state: &[u8]) -> String {
    executor
        .restore(state)
        .expect_err("this state must be refused")
        .to_string()
}

#[test]
fn another_function_refuses_the_state() {
    let state = warmed("sma", &[5.0]).save();
    assert_eq!(
        refusal(&mut executor("ema", &[5.0]), &state),
        "state refused: it was saved by sma.1[3](5) of 5, this program is ema.1[3](5) of 5; replay the history"
    );
}

#[test]
fn other_parameters_refuse_the_state() {
    let state = warmed("bbands", &[5.0, 2.0]).save();
    assert_eq!(
        refusal(&mut executor("bbands", &[5.0, 2.5]), &state),
        "state refused: it was saved by bbands.2[3](5,2,2,0) of 5, this program is bbands.2[3](5,2.5,2,0) of 5; \
         replay the history"
    );
    let spelled_out = &[5.0, 2.0, 2.0, 0.0];
    assert_eq!(executor("bbands", spelled_out).restore(&state), Ok(()));
}

#[test]
fn other_columns_refuse_the_state() {
    let state = warmed("sma", &[5.0]).save();
    let other = Call {
        function: "sma".into(),
        inputs: vec![2],
        params: vec![5.0],
    };
    let mut executor = BlockExecutor::new(drive::program(&[other]));
    assert!(matches!(
        executor.restore(&state),
        Err(Error::StateMismatch { .. })
    ));
}

#[test]
fn another_format_is_refused() {
    let mut state = warmed("sma", &[5.0]).save();
    state[4] = 1;
    assert_eq!(
        refusal(&mut executor("sma", &[5.0]), &state),
        "state refused: it has format 1, this version reads format 2; replay the history"
    );
}

#[test]
fn bytes_of_something_else_are_refused() {
    for bytes in [&b""[..], b"PAR1 and more", &[0; 100]] {
        assert_eq!(
            refusal(&mut executor("sma", &[5.0]), bytes),
            "state refused: these bytes are not a saved indicator state"
        );
    }
}

#[test]
fn a_state_that_was_cut_off_is_refused() {
    let state = warmed("macd", &[]).save();
    for length in 4..state.len() {
        let message = refusal(&mut executor("macd", &[]), &state[..length]);
        assert!(message.contains("cut off"), "{length} bytes: {message}");
    }
}

#[test]
fn a_state_with_more_bytes_is_refused() {
    let mut state = warmed("macd", &[]).save();
    state.extend([0; 8]);
    let message = refusal(&mut executor("macd", &[]), &state);
    assert!(message.contains("altered"), "{message}");
}

#[test]
fn every_flipped_bit_is_noticed() {
    let state = warmed("sma", &[5.0]).save();
    for bit in 0..state.len() * 8 {
        let mut altered = state.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        let message = refusal(&mut executor("sma", &[5.0]), &altered);
        let expected = match bit / 8 {
            0..4 => "not a saved indicator state",
            4..8 => "it has format",
            _ => "its checksum is wrong, so it was cut off or altered; replay the history",
        };
        assert!(message.contains(expected), "bit {bit}: {message}");
    }
}

/// A state whose checksum is right and whose content is not: made by another version of the program, or on purpose.
#[test]
fn a_state_of_the_wrong_size_is_refused() {
    let good = warmed("sma", &[5.0]).save();
    for change in [8, 800] {
        let mut longer = good[..good.len() - 8].to_vec();
        longer.extend(vec![0; change]);
        let mut shorter = good[..good.len() - 16].to_vec();
        for state in [&mut longer, &mut shorter] {
            let sum = state.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
            });
            state.extend(sum.to_le_bytes());
            assert_eq!(
                refusal(&mut executor("sma", &[5.0]), state),
                "state refused: its size does not fit its content; replay the history"
            );
        }
    }
}

#[test]
fn a_refused_state_leaves_the_executor_as_it_was() {
    let rows = Rows::from(data::walk(100));
    let mut wanted = executor("macd", &[]);
    let mut given = executor("macd", &[]);
    drive::batch(&mut wanted, &rows, 0..60);
    drive::batch(&mut given, &rows, 0..60);
    let mut state = given.save();
    let end = state.len();
    state[end - 20] ^= 1;
    refusal(&mut given, &state);
    let given = drive::batch(&mut given, &rows, 60..100);
    let wanted = drive::batch(&mut wanted, &rows, 60..100);
    assert_eq!(difference(&given, &wanted), None);
}

#[test]
fn states_have_the_size_of_what_is_remembered() {
    // Header 12, description, rows seen 8, values, checksum 8.
    for (function, params, values) in [
        ("ema", &[20.0][..], 1),
        ("rsi", &[14.0], 2 + 1),
        ("sma", &[3.0], 2),
        ("vwap", &[], 2),
    ] {
        let executor = warmed(function, params);
        let description = executor.program().description().len();
        let wanted = 12 + description + 8 + 8 * values + 8;
        assert_eq!(executor.save().len(), wanted, "{function}");
    }
}

/// Streams that are maps of others are left out: of a window its rows are saved, not the blocks of its tree.
#[test]
fn states_of_windows_are_their_rows() {
    for (function, params, values) in [
        ("bbands", &[20.0][..], 19),
        ("stddev", &[50.0], 49),
        ("linearreg", &[14.0], 13),
        ("trix", &[5.0], 1 + 3),
    ] {
        let executor = warmed(function, params);
        let description = executor.program().description().len();
        let wanted = 12 + description + 8 + 8 * values + 8;
        assert_eq!(executor.save().len(), wanted, "{function}");
    }
}

/// What a stream keeps for each of its series, in its state store.
#[test]
fn five_common_indicators_take_few_bytes() {
    let names = ["sma", "ema", "rsi", "macd", "bbands"];
    let periods = [&[20.0][..], &[20.0], &[14.0], &[], &[20.0]];
    let call = |(name, params): (&str, &[f64])| Call {
        function: name.into(),
        inputs: vec![3],
        params: params.to_vec(),
    };
    let calls: Vec<Call> = names.into_iter().zip(periods).map(call).collect();
    let mut executor = BlockExecutor::new(drive::program(&calls));
    drive::batch(&mut executor, &Rows::from(data::walk(60)), 0..60);
    // Rows seen, six recurrences, nineteen rows of the window.
    let words = 8 * (1 + 6 + 19);
    let description = executor.program().description().len();
    assert_eq!(executor.save().len(), 12 + description + words + 8);
}

#[test]
fn a_reset_executor_is_a_new_one() {
    let mut used = warmed("macd", &[]);
    used.reset();
    assert_eq!(used.save(), executor("macd", &[]).save());

    let mut used = TickExecutor::new(Arc::clone(used.program()));
    drive::ticks(&mut used, &Rows::from(data::walk(60)), 1..60);
    used.reset();
    assert_eq!(used.save(), executor("macd", &[]).save());
}

#[test]
fn fingerprints_and_descriptions_stay() {
    let calls = [
        drive::call(drive::find("rsi"), &[]),
        drive::call(drive::find("bbands"), &[20.0, 2.5]),
    ];
    let program = drive::program(&calls);
    assert_eq!(
        program.description(),
        "rsi.1[3](14) bbands.2[3](20,2.5,2,0) of 5"
    );
    assert_eq!(program.fingerprint(), 12571903260931424378);
}

/// Bytes that an earlier build saved: whoever changes their layout must raise the format, whoever changes the arithmetic
/// the definition's version.
#[test]
fn a_state_of_an_earlier_build_is_taken_and_written() {
    let saved = [
        &b"FLIS\x02\0\0\0\x10\0\0\0ema.1[3](3) of 5"[..],
        &5u64.to_le_bytes(),
        &4f64.to_le_bytes(),
        &0x1494_4269_26fe_e32b_u64.to_le_bytes(),
    ]
    .concat();
    let mut bars = data::constant(6);
    bars.0[3] = vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let rows = Rows::from(bars);

    let mut writer = executor("ema", &[3.0]);
    drive::batch(&mut writer, &rows, 0..5);
    assert_eq!(writer.save(), saved);

    let mut reader = executor("ema", &[3.0]);
    assert_eq!(reader.restore(&saved), Ok(()));
    assert_eq!(drive::batch(&mut reader, &rows, 5..6), [[Some(5.0)]]);
}

#[test]
fn a_row_that_is_peeked_at_gives_what_a_push_would_and_is_not_taken() {
    let rows = Rows::from(data::walk(80));
    let row = |at: usize| -> Vec<Option<f64>> {
        rows.columns[..5]
            .iter()
            .map(|column| Some(column[at]))
            .collect()
    };
    for function in ["sma", "macd", "sar", "median", "cdlengulfing"] {
        let mut ticks = TickExecutor::new(Arc::clone(executor(function, &[]).program()));
        for at in 0..79 {
            ticks.push(&row(at)).expect("a whole row");
        }
        let before = ticks.save();
        let forming = ticks.peek(&row(0)).expect("a whole row");
        let peeked = ticks.peek(&row(79)).expect("a whole row");
        assert_eq!(ticks.save(), before, "{function}");
        assert_eq!(
            ticks.push(&row(79)).expect("a whole row"),
            peeked,
            "{function}"
        );
        assert!(
            function.starts_with("cdl") || forming != peeked,
            "{function}"
        );
    }
}

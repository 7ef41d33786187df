//! Calls and batches that are refused: each message says what was given, why it is wrong and what to write.

use financelake_indicators::{
    Batch, BlockExecutor, Call, Column, OutputColumn, Params, Program, TickExecutor,
    registry::{self, ParamKind},
};

use crate::{data::NAMES, drive};

fn call(function: &str, inputs: &[usize], params: &[f64]) -> Call {
    Call {
        function: function.into(),
        inputs: inputs.to_vec(),
        params: params.to_vec(),
    }
}

fn refusal(function: &str, inputs: &[usize], params: &[f64]) -> String {
    Program::compile(&[call(function, inputs, params)], 3)
        .expect_err("this call must be refused")
        .to_string()
}

#[test]
fn an_unknown_function_comes_with_names_like_it() {
    for (given, hint) in [
        ("rsii", "did you mean rsi?"),
        ("RSI", "did you mean rsi?"),
        ("maccd", "did you mean macd?"),
        ("bands", "did you mean bbands?"),
        ("stochastic", "did you mean stoch?"),
        ("obvv", "did you mean obv?"),
        ("bbandz", "did you mean bbands?"),
        ("xyzzy", "`financelake functions` lists all"),
        ("", "`financelake functions` lists all"),
    ] {
        let message = refusal(given, &[0], &[]);
        assert_eq!(message, format!("unknown indicator \"{given}\"; {hint}"));
    }
    let several = refusal("ima", &[0], &[]);
    assert!(
        several.contains("ema or ") && several.contains(" or sma"),
        "{several}"
    );
    let many = refusal("m", &[0], &[]);
    assert!(many.split(" or ").count() <= 6, "{many}");
}

#[test]
fn a_wrong_number_of_inputs_or_a_missing_column() {
    assert_eq!(
        refusal("atr", &[0], &[]),
        "atr takes 3 input(s) (high, low, close), 1 given"
    );
    assert_eq!(
        refusal("sma", &[3], &[]),
        "sma reads column 3, but there are 3 column(s), numbered from 0"
    );
}

#[test]
fn parameters_out_of_range() {
    assert_eq!(
        refusal("sma", &[0], &[0.0]),
        "sma: timeperiod = 0 is out of range; write 1 to 100000"
    );
    assert_eq!(
        refusal("sma", &[0], &[2.5]),
        "sma: timeperiod = 2.5 is not a whole number; write 1 to 100000"
    );
    assert_eq!(
        refusal("sma", &[0], &[20.0, 1.0]),
        "sma takes at most 1 parameter(s) (timeperiod), 2 given"
    );
    assert_eq!(
        refusal("obv", &[0, 1], &[1.0]),
        "obv takes at most 0 parameter(s) (none), 1 given"
    );
    for odd in [f64::NAN, f64::INFINITY, -1.0, 100_001.0] {
        let message = refusal("sma", &[0], &[odd]);
        assert!(
            message.ends_with("is out of range; write 1 to 100000"),
            "{message}"
        );
    }
    for definition in registry::definitions() {
        for (index, param) in definition.params.iter().enumerate() {
            let mut params: Vec<_> = definition.params[..=index]
                .iter()
                .map(|param| match param.kind {
                    ParamKind::AtMostNext => param.min,
                    _ => param.default,
                })
                .collect();
            for (value, accepted) in [
                (param.min, true),
                (param.max, param.kind != ParamKind::AtMostNext),
                (param.min.next_down(), false),
                (param.max.next_up(), false),
                (f64::NAN, false),
            ] {
                params[index] = value;
                let call = drive::call(definition, &params);
                let compiled = Program::compile(&[call], NAMES.len()).is_ok();
                assert_eq!(compiled, accepted, "{} {params:?}", definition.name);
            }
        }
    }
}

#[test]
fn odd_numbers_where_a_window_has_two_halves() {
    assert_eq!(
        refusal("frama", &[0, 1], &[15.0]),
        "frama: timeperiod = 15 is not an even number; write an even number from 2 to 100000"
    );
    assert_eq!(
        refusal("frama", &[0, 1], &[100_002.0]),
        "frama: timeperiod = 100002 is out of range; write 2 to 100000"
    );
}

#[test]
fn a_least_that_is_larger_than_the_most() {
    assert_eq!(
        refusal("mavp", &[0, 1], &[31.0]),
        "mavp: minperiod = 31 is larger than maxperiod = 30; write a smaller minperiod or a larger maxperiod"
    );
    assert!(Params::resolve(drive::find("mavp"), &[30.0, 30.0]).is_ok());
}

#[test]
fn moving_averages_that_do_not_exist() {
    assert_eq!(
        refusal("bbands", &[0], &[20.0, 2.0, 2.0, 16.0]),
        "bbands: matype = 16 is out of range; write 0 to 15"
    );
    assert_eq!(
        refusal("bbands", &[0], &[20.0, 2.0, 2.0, 0.5]),
        "bbands: matype = 0.5 is not a whole number; write 0 to 15"
    );
}

/// The error of a batch of `sma(2)` over one column.
fn batch_refusal(
    rows: usize,
    columns: &[Column<'_>],
    starts: &[u32],
    outputs: &mut [OutputColumn<'_>],
) -> String {
    let program = Program::compile(&[call("sma", &[0], &[2.0])], 1).expect("a good call");
    let batch = Batch {
        rows,
        columns,
        starts,
    };
    BlockExecutor::new(program.into())
        .run(&batch, outputs)
        .expect_err("this batch must be refused")
        .to_string()
}

#[test]
fn batches_that_do_not_fit() {
    let values = [1.0; 10];
    let column = Column {
        values: &values,
        validity: None,
    };
    let short_bits = Column {
        values: &values,
        validity: Some(&[0xff]),
    };
    let refused = |rows, columns: &[Column<'_>], starts: &[u32]| {
        let (mut values, mut validity) = ([0.0; 16], [0; 2]);
        let output = OutputColumn::Real {
            values: &mut values,
            validity: &mut validity,
        };
        batch_refusal(rows, columns, starts, &mut [output])
    };
    assert_eq!(
        refused(10, &[], &[]),
        "batch refused: 0 columns given, the program has 1"
    );
    assert_eq!(
        refused(11, &[column], &[]),
        "batch refused: column 0 has 10 values for 11 rows"
    );
    assert_eq!(
        refused(10, &[short_bits], &[]),
        "batch refused: column 0 has 1 validity bytes for 10 rows"
    );
    assert_eq!(
        refused(10, &[column], &[4, 4]),
        "batch refused: group starts 4 and 4 are not ascending"
    );
    assert_eq!(
        refused(10, &[column], &[4, 10]),
        "batch refused: group start 10 is outside the 10 rows"
    );
    assert_eq!(
        batch_refusal(10, &[column], &[], &mut []),
        "batch refused: 0 output columns given, the program has 1"
    );
    let (mut integers, mut reals, mut bits) = ([0; 10], [0.0; 10], [0; 1]);
    let integers = OutputColumn::Integer {
        values: &mut integers,
        validity: &mut bits,
    };
    assert_eq!(
        batch_refusal(10, &[column], &[], &mut [integers]),
        "batch refused: output 0 (value) is Integer, it must be Real"
    );
    let reals = OutputColumn::Real {
        values: &mut reals,
        validity: &mut bits,
    };
    assert_eq!(
        batch_refusal(10, &[column], &[], &mut [reals]),
        "batch refused: output 0 (value) has room for 10 values and 1 validity bytes, 10 rows need 10 and 2"
    );
}

#[test]
fn a_row_with_too_few_values() {
    let program = drive::program(&[drive::call(drive::find("sma"), &[])]);
    let error = TickExecutor::new(program)
        .push(&[Some(1.0)])
        .expect_err("one value for five columns");
    assert_eq!(
        error.to_string(),
        "batch refused: 1 columns given, the program has 5"
    );
}

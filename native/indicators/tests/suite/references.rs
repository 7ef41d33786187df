//! Functions that TA-Lib does not have against what other libraries compute: `tests/references` says which and how.

use financelake_indicators::{BlockExecutor, Call, Program};

use crate::{
    drive::{self, Rows, Values},
    table,
};

const TABLE: &str = include_str!("../references/references.csv");

/// A column of the table: its name, and a value per row, NaN where the field is empty.
struct Column {
    name: &'static str,
    values: Vec<f64>,
}

fn columns() -> Vec<Column> {
    let mut lines = TABLE.lines();
    let names = lines.next().expect("a heading").split(',');
    let mut columns: Vec<Column> = names
        .map(|name| Column {
            name,
            values: Vec::new(),
        })
        .collect();
    for line in lines {
        for (column, field) in columns.iter_mut().zip(line.split(',')) {
            let value = if field.is_empty() { "NaN" } else { field };
            column.values.push(value.parse().expect("a number"));
        }
    }
    columns
}

/// `function[session](parameters).output`.
struct Reference {
    function: &'static str,
    session: Option<&'static str>,
    params: Vec<f64>,
    output: &'static str,
}

fn parse(name: &'static str) -> Option<Reference> {
    let (call, output) = name.rsplit_once('.')?;
    let (call, params) = match call.strip_suffix(')').and_then(|call| call.split_once('(')) {
        Some((call, params)) => {
            let numbers = params
                .split(' ')
                .map(|param| param.parse().expect("a number"));
            (call, numbers.collect())
        }
        None => (call, Vec::new()),
    };
    let (function, session) = match call.strip_suffix(']').and_then(|call| call.split_once('[')) {
        Some((function, session)) => (function, Some(session)),
        None => (call, None),
    };
    Some(Reference {
        function,
        session,
        params,
        output,
    })
}

fn ours(reference: &Reference, columns: &[Column]) -> Values {
    let definition = drive::find(reference.function);
    let inputs = definition.inputs.iter().map(|input| {
        let name = match input.name {
            "session" => reference.session.expect("the column of the session"),
            "anchor" => "first",
            name => name,
        };
        let place = columns.iter().position(|column| column.name == name);
        place.unwrap_or_else(|| panic!("the table has no column {name}"))
    });
    let inputs: Vec<usize> = inputs.collect();
    let bars = |&input: &usize| columns[input].values.clone();
    let rows = Rows {
        columns: inputs.iter().map(bars).collect(),
        valid: vec![None; inputs.len()],
        starts: vec![0],
    };
    let call = Call {
        function: reference.function.into(),
        inputs: (0..inputs.len()).collect(),
        params: reference.params.clone(),
    };
    let program = Program::compile(&[call], inputs.len()).expect("a call of the registry");
    let mut outputs = definition.outputs.iter();
    let output = outputs.position(|output| output.name == reference.output);
    let output = output.unwrap_or_else(|| panic!("no output {}", reference.output));
    drive::batch(
        &mut BlockExecutor::new(program.into()),
        &rows,
        0..rows.len(),
    )
    .swap_remove(output)
}

#[test]
fn values_are_those_of_other_libraries() {
    let columns = columns();
    let mut faults = Vec::new();
    for column in &columns {
        let Some(reference) = parse(column.name) else {
            continue;
        };
        let given = ours(&reference, &columns);
        let scale = column
            .values
            .iter()
            .fold(0.0, |scale: f64, x| scale.max(x.abs()));
        let pairs = column.values.iter().zip(given).enumerate();
        let mut compared = 0;
        for (row, (&wanted, given)) in pairs.filter(|(_, (wanted, _))| wanted.is_finite()) {
            let near = given.is_some_and(|given| (given - wanted).abs() <= 1e-9 * scale);
            if !near {
                faults.push(format!(
                    "{}, row {row}: {given:?} instead of {wanted}",
                    column.name
                ));
            }
            compared += 1;
        }
        assert!(compared >= 50, "{}: {compared} rows", column.name);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_function_that_ta_lib_lacks_has_references() {
    let columns = columns();
    for definition in table::published() {
        let mut references = columns.iter().filter_map(|column| parse(column.name));
        let known = references.any(|reference| reference.function == definition.name);
        assert!(
            known,
            "{}: add it to tests/references/generate.py",
            definition.name
        );
    }
}

//! The page `docs/functions.md`. Everything on it that is about one function comes from the registry.

use std::io::{self, Write};

use financelake_indicators::{
    Params,
    registry::{self, Definition, OutputKind, ParamKind, Parity, Source},
};

use super::signature;

const TOP: &str = "\
<!-- Written by `make docs` from the native registry; edits are lost. -->
# Functions

Technical indicators as window functions of Spark SQL. [sql.md](sql.md) explains how to call them; here is what each
one computes. `SELECT * FROM financelake_functions()` and `DESCRIBE FUNCTION EXTENDED ta_rsi` print the same inside a
session.

What holds for all:

* **Order.** Rows are taken in the order of the window, oldest first. A result depends on its own row and rows before it.
* **Inputs** are numeric columns, read as DOUBLE. **Parameters** are constants and may be left out from the right.
* **NULL.** A row with a NULL, NaN or infinite input gives NULL and is passed over, as if it were not there. The first
  rows of a group, up to the lookback, give NULL. A result that is not a finite number is NULL.
* **Closeness.** `make test` holds every function to TA-Lib. \"Same bits\" is meant literally; otherwise the limit is a
  share of the largest value so far, because TA-Lib's running sums carry rounding errors along and these do not.
* The examples use a table `bars` and, in SQL, `WINDOW w AS (PARTITION BY series ORDER BY ts, seq)`; in Scala and
  Python `w` is `Window.partitionBy(\"series\").orderBy(\"ts\", \"seq\")`. In Scala, `import io.financelake.functions._`.
";

/// Writes the page.
pub(crate) fn write(out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "{TOP}\n| function | group | what it is |\n| --- | --- | --- |"
    )?;
    for definition in registry::definitions() {
        let Definition {
            name,
            group,
            summary,
            ..
        } = definition;
        writeln!(
            out,
            "| [`ta_{name}`](#ta_{name}) | {group} | {} |",
            subject(summary)
        )?;
    }
    registry::definitions()
        .iter()
        .try_for_each(|definition| section(out, definition))
}

fn section(out: &mut impl Write, definition: &Definition) -> io::Result<()> {
    let name = definition.name;
    writeln!(
        out,
        "\n## ta_{name}\n\n{}\n\n    ta_{}\n",
        definition.summary,
        signature(definition)
    )?;
    if !definition.params.is_empty() {
        writeln!(
            out,
            "| parameter | default | range | what it is |\n| --- | --- | --- | --- |"
        )?;
        for param in definition.params {
            let whole = if param.kind == ParamKind::Real {
                ""
            } else {
                ", whole"
            };
            writeln!(
                out,
                "| `{}` | {} | {} to {}{whole} | {} |",
                param.name,
                number(param.default),
                number(param.min),
                number(param.max),
                param.doc
            )?;
        }
        writeln!(out)?;
    }
    writeln!(
        out,
        "* gives {}; {}\n* {}\n",
        returned(definition),
        lookback(definition)?,
        closeness(definition)
    )?;
    examples(out, definition)
}

fn examples(out: &mut impl Write, definition: &Definition) -> io::Result<()> {
    let name = definition.name;
    let inputs = || definition.inputs.iter().map(|input| input.name.to_owned());
    let columns = || inputs().map(|input| format!("col(\"{input}\")"));
    let constants = || definition.params.iter().map(|param| number(param.default));
    let join = |parts: Vec<String>| parts.join(", ");

    let sql = join(inputs().chain(constants()).collect());
    let scala = join(columns().chain(constants()).collect());
    let python = join(
        inputs()
            .map(|input| format!("\"{input}\""))
            .chain(constants().map(|value| format!("F.lit({value})")))
            .collect(),
    );
    let (select, from) = match definition.outputs {
        [_] => (
            format!("series, ts, ta_{name}({sql}) OVER w AS {name}"),
            "FROM bars WINDOW w AS (PARTITION BY series ORDER BY ts, seq)".to_owned(),
        ),
        _ => (
            format!("series, ts, {name}.*"),
            format!(
                "FROM (SELECT *, ta_{name}({sql}) OVER w AS {name}\n      \
                 FROM bars WINDOW w AS (PARTITION BY series ORDER BY ts, seq))"
            ),
        ),
    };
    writeln!(out, "```sql\nSELECT {select}\n{from};\n```\n")?;
    // A word of Scala's, which needs quotes as a method.
    let method = if name == "var" { "`var`" } else { name };
    writeln!(
        out,
        "```scala\nbars.withColumn(\"{name}\", {method}({scala}).over(w))\n```\n"
    )?;
    writeln!(
        out,
        "```python\nbars.withColumn(\"{name}\", F.call_function(\"ta_{name}\", {python}).over(w))\n```"
    )
}

/// The summary up to its first colon or semicolon.
fn subject(summary: &str) -> &str {
    summary
        .split_once([':', ';'])
        .map_or(summary, |(subject, _)| subject)
        .trim_end_matches('.')
}

/// `DOUBLE`, or the struct with its fields.
fn returned(definition: &Definition) -> String {
    let sql_type = |kind| match kind {
        OutputKind::Real => "DOUBLE",
        OutputKind::Integer => "INT",
    };
    match definition.outputs {
        [single] => sql_type(single.kind).to_owned(),
        several => {
            let fields: Vec<_> = several
                .iter()
                .map(|output| format!("{}: {}", output.name, sql_type(output.kind)))
                .collect();
            format!("`STRUCT<{}>`", fields.join(", "))
        }
    }
}

fn lookback(definition: &Definition) -> io::Result<String> {
    let params = Params::resolve(definition, &[]).map_err(io::Error::other)?;
    let rows = match definition.lookback(&params) {
        0 => "no row of a group is".to_owned(),
        1 => "the first row of a group is".to_owned(),
        rows => format!("the first {rows} rows of a group are"),
    };
    let with = if definition.params.is_empty() {
        ""
    } else {
        " with the default parameters"
    };
    Ok(format!("{rows} NULL{with} (lookback)"))
}

fn closeness(definition: &Definition) -> String {
    let Source::TaLib(oracle) = definition.source else {
        return "held to its formula".to_owned();
    };
    match definition.parity {
        Parity::Bits => format!("the same bits as TA-Lib's `{oracle}`"),
        Parity::Windowed(0.0) => {
            format!("the same value as TA-Lib's `{oracle}` has when it is asked for this row alone")
        }
        Parity::Scaled(limit) => format!("within {} of TA-Lib's `{oracle}`", number(limit)),
        Parity::Absolute(limit) => format!("at most {} off TA-Lib's `{oracle}`", number(limit)),
        Parity::Inputs(limit) => format!(
            "within {} of the inputs of TA-Lib's `{oracle}`",
            number(limit)
        ),
        Parity::Windowed(limit) => format!(
            "within {} of TA-Lib's `{oracle}` for the rows of each window",
            number(limit)
        ),
    }
}

/// `14`, `0.5`, `3e37`.
fn number(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || (1e-4..1e15).contains(&size) {
        value.to_string()
    } else {
        format!("{value:e}")
    }
}

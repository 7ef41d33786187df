//! The only list of indicators. SQL functions, their descriptions, generated helpers, documentation and tests all
//! come from it.

use serde::Serialize;

use crate::{
    Error, Params, definitions,
    graph::{Graph, Series},
};

/// An input of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Input {
    /// Name, for a price or volume series the usual column's.
    pub name: &'static str,
}

/// Kind of a parameter. All are carried as `f64`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ParamKind {
    /// A whole number, mostly a number of rows.
    Integer,
    /// An even whole number.
    #[serde(rename = "integer")]
    Even,
    /// A whole number that must not be larger than the parameter after it.
    #[serde(rename = "integer")]
    AtMostNext,
    /// Any number in the range.
    Real,
    /// A moving average, by TA-Lib's code.
    MaType,
}

/// A parameter of a function.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Param {
    /// TA-Lib's name in lower case.
    pub name: &'static str,
    /// Kind of its values.
    pub kind: ParamKind,
    /// Value when it is omitted: TA-Lib 0.8.3's, or the source's.
    #[serde(serialize_with = "number")]
    pub default: f64,
    /// Smallest allowed value: TA-Lib 0.8.3's.
    #[serde(serialize_with = "number")]
    pub min: f64,
    /// Largest allowed value: TA-Lib 0.8.3's.
    #[serde(serialize_with = "number")]
    pub max: f64,
    /// What it means, with its unit.
    pub doc: &'static str,
}

/// Kind of an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputKind {
    /// `f64`.
    Real,
    /// `i32`.
    Integer,
}

/// An output of a function. A single output is called `value`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Output {
    /// Name, for several outputs the field's.
    pub name: &'static str,
    /// Kind of its values.
    pub kind: OutputKind,
}

/// Where a function comes from, which is also what tests compare it with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The function of TA-Lib 0.8.3 of this name: the `ta-lib` crate, run on the same rows.
    TaLib(&'static str),
    /// A publication: its formula, computed for every row anew from the rows that it needs.
    Published(&'static str),
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TaLib(name) => write!(f, "TA-Lib 0.8.3, {name}"),
            Self::Published(text) => f.write_str(text),
        }
    }
}

/// How close the values are to the source's. Tests hold each definition to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Parity {
    /// The same bits.
    Bits,
    /// The same up to this share of each value.
    Relative(f64),
    /// The same up to this share of the largest value so far; TA-Lib's running sums are what differs.
    Scaled(f64),
    /// The same but for this much, where the range of the values is fixed.
    Absolute(f64),
    /// The same up to this share of the largest input so far: differences of averages, which keep the rounding of what
    /// cancels.
    Inputs(f64),
    /// The same up to this share of the largest value so far, if TA-Lib is started anew for every row: its running
    /// sums lose digits to values that left the window long ago, which a ratio of two of them shows for ever, and which
    /// decides whether a value on a threshold is above it. 0 is the same bits.
    Windowed(f64),
}

/// Builds the graph of a call: inputs and parameters to outputs.
pub type Build = fn(&mut Graph, &[Series], &Params) -> Vec<Series>;

/// An indicator.
#[derive(Debug, Clone, Copy)]
pub struct Definition {
    /// TA-Lib's name in lower case, or one that it does not have.
    pub name: &'static str,
    /// TA-Lib's group, or one that it does not have.
    pub group: &'static str,
    /// One sentence for people.
    pub summary: &'static str,
    /// What is computed, in the notation of the pages of the documentation, which explains it.
    pub formula: &'static str,
    /// Inputs, in order.
    pub inputs: &'static [Input],
    /// Parameters, in order; all optional from the right.
    pub params: &'static [Param],
    /// Outputs, in order.
    pub outputs: &'static [Output],
    /// Closeness to the source.
    pub parity: Parity,
    /// Where it comes from.
    pub source: Source,
    /// Raised when the arithmetic changes: states of an older version are then refused.
    pub version: u32,
    /// Whether the name without prefix may be offered in SQL.
    pub short: bool,
    /// Rows at the start of a group that stay NULL although the graph has values, for patterns that TA-Lib starts late.
    pub held_back: usize,
    /// The graph.
    pub build: Build,
}

impl Definition {
    /// Whether a value depends on its own row and the lookback rows before it, and on no other.
    pub fn is_windowed(&self, params: &Params) -> bool {
        self.graph(params).0.is_windowed()
    }

    /// How close the values are to the source's, in words.
    pub fn closeness(&self) -> String {
        let of = match self.source {
            Source::TaLib(_) => "TA-Lib's",
            Source::Published(_) => "the formula's",
        };
        match self.parity {
            Parity::Bits => format!("the same bits as {of}"),
            Parity::Windowed(0.0) => {
                format!("the same bits as {of} if that is asked for this row alone")
            }
            Parity::Relative(limit) => format!("off {of} by at most {limit:e} of the value"),
            Parity::Scaled(limit) => {
                format!("off {of} by at most {limit:e} of the largest value so far")
            }
            Parity::Absolute(limit) => format!("off {of} by at most {limit:e}"),
            Parity::Inputs(limit) => {
                format!("off {of} by at most {limit:e} of the largest input so far")
            }
            Parity::Windowed(limit) => format!(
                "off {of} by at most {limit:e} of the largest value so far, if that is asked for each row alone"
            ),
        }
    }

    /// Rows at the start of a group for which the outputs are NULL.
    pub fn lookback(&self, params: &Params) -> usize {
        let (graph, outputs) = self.graph(params);
        self.lookback_of(&graph, &outputs)
    }

    /// The graph of a call by itself, and its outputs.
    fn graph(&self, params: &Params) -> (Graph, Vec<Series>) {
        let mut graph = Graph::new(self.inputs.len());
        let inputs: Vec<Series> = (0..self.inputs.len()).map(Graph::input).collect();
        let outputs = (self.build)(&mut graph, &inputs, params);
        (graph, outputs)
    }

    pub(crate) fn lookback_of(&self, graph: &Graph, outputs: &[Series]) -> usize {
        outputs
            .iter()
            .map(|&output| graph.warm_up(output))
            .fold(self.held_back, usize::max)
    }
}

/// All indicators, by name.
pub fn definitions() -> &'static [Definition] {
    &definitions::ALL
}

/// The indicator of this name, as TA-Lib spells it in lower case.
///
/// # Errors
/// Unknown name; the message says which names look like it.
pub fn find(name: &str) -> Result<&'static Definition, Error> {
    definitions()
        .iter()
        .find(|definition| definition.name == name)
        .ok_or_else(|| {
            let near = near(&name.to_lowercase());
            let hint = if near.is_empty() {
                "`financelake functions` lists all".into()
            } else {
                format!("did you mean {}?", near.join(" or "))
            };
            Error::UnknownFunction {
                given: name.into(),
                hint,
            }
        })
}

/// Names that are offered for one that is unknown.
const MOST_HINTS: usize = 6;

/// The names that look most like this one: but for capitals, else but for one letter, else as a part.
fn near(wanted: &str) -> Vec<&'static str> {
    type Like = fn(&str, &str) -> bool;
    let likes: [Like; 4] = [
        |known, wanted| known == wanted,
        off_by_one,
        |known, wanted| known.len() > 2 && wanted.contains(known),
        |known, wanted| wanted.len() > 2 && known.contains(wanted),
    ];
    let names = || definitions().iter().map(|definition| definition.name);
    let found = likes.map(|like| {
        names()
            .filter(|known| like(known, wanted))
            .take(MOST_HINTS)
            .collect()
    });
    let mut found = found.into_iter().filter(|names: &Vec<_>| !names.is_empty());
    found.next().unwrap_or_default()
}

/// Whether the words are equal but for one letter that was changed, added or left out.
fn off_by_one(a: &str, b: &str) -> bool {
    let (a, b): (Vec<_>, Vec<_>) = (a.chars().collect(), b.chars().collect());
    let same = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let rest = |word: &[char], from: usize| word.get(from..).unwrap_or(&[]).to_vec();
    rest(&a, same + 1) == rest(&b, same + 1)
        || rest(&a, same + 1) == rest(&b, same)
        || rest(&a, same) == rest(&b, same + 1)
}

/// The registry as JSON, `{"version":1,"functions":[...]}`: what other languages generate their functions from.
pub fn json() -> serde_json::Value {
    let functions: Vec<_> = definitions()
        .iter()
        .map(|definition| {
            let lookback =
                Params::resolve(definition, &[]).map(|params| definition.lookback(&params));
            serde_json::json!({
                "name": definition.name,
                "group": definition.group,
                "summary": definition.summary,
                "formula": definition.formula,
                "source": definition.source.to_string(),
                "closeness": definition.closeness(),
                "short": definition.short,
                "inputs": definition.inputs.iter().map(|input| input.name).collect::<Vec<_>>(),
                "params": definition.params,
                "outputs": definition.outputs,
                "lookback": lookback.unwrap_or_default(),
            })
        })
        .collect();
    serde_json::json!({ "version": 1, "functions": functions })
}

/// Whole numbers without a decimal point: readers in other languages take `14`, not `14.0`, for an integer.
fn number<S: serde::Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if value.fract() == 0.0 && value.abs() < 9e15 {
        serializer.serialize_i64(*value as i64)
    } else {
        serializer.serialize_f64(*value)
    }
}

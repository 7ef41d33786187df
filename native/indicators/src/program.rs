//! Calls compiled together: checked once, with one graph for all calls that see the same rows.
//!
//! Calls over the same columns share a *domain*: the same rows are NULL for all of them, so their graphs can share nodes
//! and one memory.

use crate::{
    Error, Params,
    batch::OutputColumn,
    graph::{Graph, Plan, Series},
    lane::Source,
    registry::{self, Definition, OutputKind},
};

/// One function applied to columns of the program.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Call {
    /// Name in the registry.
    pub function: String,
    /// Column index of each input.
    pub inputs: Vec<usize>,
    /// Parameters; omitted ones on the right take their defaults.
    #[serde(default)]
    pub params: Vec<f64>,
}

/// One output of the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputField {
    /// Index of the call that it belongs to.
    pub call: usize,
    /// Name in the definition.
    pub name: &'static str,
    /// Kind of its values.
    pub kind: OutputKind,
}

/// Where an output of the program comes from.
pub(crate) struct Sink {
    /// Index in the program's outputs.
    pub(crate) slot: usize,
    pub(crate) source: Source,
    /// Rows of a group that stay NULL.
    pub(crate) lookback: usize,
    /// Kind of its values.
    pub(crate) kind: OutputKind,
    /// Whether the map that computes it writes the column itself.
    pub(crate) direct: bool,
}

/// Calls that see the same rows.
pub(crate) struct Domain {
    /// Columns of the program, ascending: the first wires of the graph.
    pub(crate) columns: Vec<usize>,
    pub(crate) plan: Plan,
    pub(crate) sinks: Vec<Sink>,
}

/// Checked calls, ready to run.
pub struct Program {
    columns: usize,
    outputs: Vec<OutputField>,
    domains: Vec<Domain>,
    text: String,
}

impl std::fmt::Debug for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Program").field(&self.text).finish()
    }
}

struct Resolved<'a> {
    definition: &'static Definition,
    params: Params,
    inputs: &'a [usize],
}

impl Program {
    /// Checks the calls and builds their graphs.
    ///
    /// # Errors
    /// The first call that does not fit the registry or the number of columns.
    pub fn compile(calls: &[Call], columns: usize) -> Result<Self, Error> {
        let resolved = calls
            .iter()
            .map(|call| resolve(call, columns))
            .collect::<Result<Vec<_>, _>>()?;
        let mut outputs = Vec::new();
        for (call, Resolved { definition, .. }) in resolved.iter().enumerate() {
            outputs.extend(definition.outputs.iter().map(|output| OutputField {
                call,
                name: output.name,
                kind: output.kind,
            }));
        }
        let texts: Vec<_> = resolved.iter().map(describe).collect();
        let text = format!("{} of {columns}", texts.join(" "));
        Ok(Self {
            columns,
            outputs,
            domains: domains(&resolved),
            text,
        })
    }

    /// Number of input columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The outputs, in the order of the calls and of each definition.
    pub fn outputs(&self) -> &[OutputField] {
        &self.outputs
    }

    /// The calls with their resolved parameters and versions: equal texts mean interchangeable states.
    pub fn description(&self) -> &str {
        &self.text
    }

    /// A number for [`description`](Self::description) and the format of states: FNV-1a, the same in every build.
    pub fn fingerprint(&self) -> u64 {
        crate::state::hash(self.text.as_bytes())
    }

    /// The most bytes that an executor of this program keeps for histories; what a batch needs beyond that does not
    /// depend on the periods.
    pub fn memory(&self) -> usize {
        self.domains.iter().map(crate::domain::most_bytes).sum()
    }

    /// Checks that the columns can take the outputs of so many rows.
    pub(crate) fn check_outputs(
        &self,
        rows: usize,
        outputs: &[OutputColumn<'_>],
    ) -> Result<(), Error> {
        let fields = self.outputs();
        if outputs.len() != fields.len() {
            let (given, wanted) = (outputs.len(), fields.len());
            return Err(Error::BatchShape(format!(
                "{given} output columns given, the program has {wanted}"
            )));
        }
        for (index, (output, field)) in outputs.iter().zip(fields).enumerate() {
            if output.kind() != field.kind {
                let (given, wanted) = (output.kind(), field.kind);
                return Err(Error::BatchShape(format!(
                    "output {index} ({}) is {given:?}, it must be {wanted:?}",
                    field.name
                )));
            }
            let (values, bits) = output.sizes();
            if values < rows || bits < rows.div_ceil(8) {
                return Err(Error::BatchShape(format!(
                    "output {index} ({}) has room for {values} values and {bits} validity bytes, {rows} rows need \
                     {rows} and {}",
                    field.name,
                    rows.div_ceil(8)
                )));
            }
        }
        Ok(())
    }

    /// Rows after which the outputs usually have the same bits, whatever was before them; nothing if some of them depend on
    /// all rows of a group, as running totals do.
    pub fn settling(&self) -> Option<usize> {
        let mut domains = self.domains.iter();
        domains.try_fold(0, |most, domain| Some(domain.plan.settling()?.max(most)))
    }

    pub(crate) fn domains(&self) -> &[Domain] {
        &self.domains
    }
}

fn resolve(call: &Call, columns: usize) -> Result<Resolved<'_>, Error> {
    let definition = registry::find(&call.function)?;
    if call.inputs.len() != definition.inputs.len() {
        let names: Vec<_> = definition.inputs.iter().map(|input| input.name).collect();
        return Err(Error::InputCount {
            function: definition.name,
            expected: definition.inputs.len(),
            names: names.join(", "),
            given: call.inputs.len(),
        });
    }
    if let Some(&given) = call.inputs.iter().find(|&&input| input >= columns) {
        return Err(Error::NoSuchColumn {
            function: definition.name,
            given,
            columns,
        });
    }
    let params = Params::resolve(definition, &call.params)?;
    Ok(Resolved {
        definition,
        params,
        inputs: &call.inputs,
    })
}

/// `rsi.1[0](14)`: name, version, columns, parameters.
fn describe(call: &Resolved<'_>) -> String {
    let list = |items: Vec<String>| items.join(",");
    let inputs = list(call.inputs.iter().map(ToString::to_string).collect());
    let params = list(
        call.params
            .values()
            .iter()
            .map(ToString::to_string)
            .collect(),
    );
    format!(
        "{}.{}[{inputs}]({params})",
        call.definition.name, call.definition.version
    )
}

fn domains(calls: &[Resolved<'_>]) -> Vec<Domain> {
    let mut found: Vec<(Vec<usize>, Graph, Vec<Sink>)> = Vec::new();
    let mut slot = 0;
    for call in calls {
        let mut columns = call.inputs.to_vec();
        columns.sort_unstable();
        columns.dedup();
        let at = found
            .iter()
            .position(|(known, ..)| *known == columns)
            .unwrap_or_else(|| {
                let graph = Graph::new(columns.len());
                found.push((columns, graph, Vec::new()));
                found.len() - 1
            });
        let (columns, graph, sinks) = &mut found[at];
        let inputs: Vec<Series> = call
            .inputs
            .iter()
            .map(|input| Graph::input(columns.partition_point(|column| column < input)))
            .collect();
        let outputs = (call.definition.build)(graph, &inputs, &call.params);
        let lookback = call.definition.lookback_of(graph, &outputs);
        for (output, field) in outputs.iter().zip(call.definition.outputs) {
            sinks.push(Sink {
                slot,
                source: output.0,
                lookback,
                kind: field.kind,
                direct: false,
            });
            slot += 1;
        }
    }
    let finish = |(columns, graph, mut sinks): (Vec<usize>, Graph, Vec<Sink>)| {
        let plan = graph.finish(&mut sinks);
        Domain {
            columns,
            plan,
            sinks,
        }
    };
    found.into_iter().map(finish).collect()
}

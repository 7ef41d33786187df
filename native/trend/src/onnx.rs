//! A model as an ONNX graph, for programs that run those.
//!
//! The graph takes windows in the units of the bars, `x` of `[n, window, features]`, and scales them itself. It gives
//! `probabilities` of `[n, 3]` and the most likely class, `prediction` of `[n]`. The card is among the file's properties.
//!
//! ONNX is Protocol Buffers; the few messages of a graph are written by hand, for a generator would be more than all of it.

use crate::model::CARD;
use crate::weights::{DENSE, GATES, HIDDEN_BIAS, HIDDEN_WEIGHTS, INPUT_BIAS, INPUT_WEIGHTS, LSTM};
use crate::{CLASSES, Error, LARGEST_SCALED, Model, Result};

/// Version of the file format: that of ONNX 1.12, which everything in use reads.
const FORMAT: u64 = 8;
/// Version of the operators.
const OPERATORS: u64 = 17;
/// ONNX has the gates in the order input, output, forget, cell.
const ORDER: [usize; GATES] = [0, 3, 1, 2];
/// Types of ONNX.
const FLOAT: u64 = 1;
const INT64: u64 = 7;

impl Model {
    /// The model as an ONNX file.
    ///
    /// # Errors
    /// Never for a model that was read.
    pub fn to_onnx(&self) -> Result<Vec<u8>> {
        let card = self.card();
        let json = serde_json::to_string(card).map_err(|error| Error::card(error.to_string()))?;
        let operators = Message::default().text(1, "").number(2, OPERATORS);
        let property = Message::default().text(1, CARD).text(2, &json);
        Ok(Message::default()
            .number(1, FORMAT)
            .text(2, "financelake")
            .message(7, self.graph())
            .message(8, operators)
            .message(14, property)
            .0)
    }

    fn graph(&self) -> Message {
        let card = self.card();
        let [first, second] = card.sizes.units;
        let (features, dense) = (card.features.len(), card.sizes.dense);
        let tensor = |index| self.weights().tensor(index);
        let low: Vec<f32> = card.features.iter().map(|f| f.min as f32).collect();
        // A feature without a range is 0, whatever its value.
        let factor = card
            .features
            .iter()
            .map(|feature| match feature.max - feature.min {
                width if width > 0.0 => (1.0 / width) as f32,
                _ => 0.0,
            });
        let mut graph = Message::default()
            .node("Sub", &["x", "low"], &["above"], &[])
            .node("Mul", &["above", "factor"], &["share"], &[])
            .node("Clip", &["share", "least", "most"], &["scaled"], &[])
            .node(
                "Transpose",
                &["scaled"],
                &["steps"],
                &[("perm", Attribute::Numbers(&[1, 0, 2]))],
            )
            .lstm("steps", "l1", first, &["l1.all"])
            .node("Squeeze", &["l1.all", "one"], &["between"], &[])
            .lstm("between", "l2", second, &["", "l2.last"])
            .node("Squeeze", &["l2.last", "zero"], &["hidden"], &[])
            .dense("hidden", "fc1", "sums")
            .node("Relu", &["sums"], &["shown"], &[])
            .dense("shown", "fc2", "logits")
            .node(
                "Softmax",
                &["logits"],
                &["probabilities"],
                &[("axis", Attribute::Number(1))],
            )
            .node(
                "ArgMax",
                &["probabilities"],
                &["prediction"],
                &[
                    ("axis", Attribute::Number(1)),
                    ("keepdims", Attribute::Number(0)),
                ],
            )
            .text(2, "trend")
            .floats("low", &[features], &low)
            .floats("factor", &[features], &factor.collect::<Vec<_>>())
            .floats("least", &[], &[-LARGEST_SCALED as f32])
            .floats("most", &[], &[LARGEST_SCALED as f32])
            .whole("zero", 0)
            .whole("one", 1);
        for (layer, (inputs, units)) in [(features, first), (first, second)].into_iter().enumerate()
        {
            let name = |what| format!("l{}.{what}", layer + 1);
            let gates = |index, width| reordered(tensor(LSTM[layer] + index), units, width);
            let bias = [gates(INPUT_BIAS, 1), gates(HIDDEN_BIAS, 1)].concat();
            let rows = GATES * units;
            graph = graph
                .floats(
                    &name("w"),
                    &[1, rows, inputs],
                    &gates(INPUT_WEIGHTS, inputs),
                )
                .floats(&name("r"), &[1, rows, units], &gates(HIDDEN_WEIGHTS, units))
                .floats(&name("b"), &[1, 2 * rows], &bias);
        }
        for (layer, (inputs, outputs)) in
            [(second, dense), (dense, CLASSES)].into_iter().enumerate()
        {
            let (weights, bias) = (DENSE[layer], DENSE[layer] + 1);
            graph = graph
                .floats(
                    &format!("fc{}.w", layer + 1),
                    &[outputs, inputs],
                    tensor(weights),
                )
                .floats(&format!("fc{}.b", layer + 1), &[outputs], tensor(bias));
        }
        let size = |count: usize| Size::Fixed(count);
        graph
            .message(
                11,
                value("x", FLOAT, &[Size::Any, size(card.window), size(features)]),
            )
            .message(
                12,
                value("probabilities", FLOAT, &[Size::Any, size(CLASSES)]),
            )
            .message(12, value("prediction", INT64, &[Size::Any]))
    }
}

/// Rows of gates in the order of ONNX.
fn reordered(values: &[f32], units: usize, width: usize) -> Vec<f32> {
    let size = units * width;
    ORDER
        .iter()
        .flat_map(|gate| &values[gate * size..(gate + 1) * size])
        .copied()
        .collect()
}

/// A size of a tensor.
enum Size {
    /// The number of windows, which each call decides.
    Any,
    Fixed(usize),
}

/// What goes into a graph or comes out of it.
fn value(name: &str, kind: u64, sizes: &[Size]) -> Message {
    let shape = sizes.iter().fold(Message::default(), |shape, size| {
        let size = match size {
            Size::Any => Message::default().text(2, "n"),
            Size::Fixed(count) => Message::default().number(1, *count as u64),
        };
        shape.message(1, size)
    });
    let tensor = Message::default().number(1, kind).message(2, shape);
    Message::default()
        .text(1, name)
        .message(2, Message::default().message(1, tensor))
}

/// A property of an operator.
enum Attribute<'a> {
    Number(u64),
    Numbers(&'a [u64]),
}

/// A message of Protocol Buffers: fields one after the other.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    fn number(mut self, field: u64, value: u64) -> Self {
        self.varint(field << 3);
        self.varint(value);
        self
    }

    fn bytes(mut self, field: u64, bytes: &[u8]) -> Self {
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }

    fn text(self, field: u64, text: &str) -> Self {
        self.bytes(field, text.as_bytes())
    }

    fn message(self, field: u64, message: Self) -> Self {
        self.bytes(field, &message.0)
    }

    /// Adds an operator to a graph.
    fn node(
        self,
        operator: &str,
        from: &[&str],
        to: &[&str],
        properties: &[(&str, Attribute<'_>)],
    ) -> Self {
        let mut node = Self::default();
        for name in from {
            node = node.text(1, name);
        }
        for name in to {
            node = node.text(2, name);
        }
        node = node.text(4, operator);
        for (name, attribute) in properties {
            let named = Self::default().text(1, name);
            node = node.message(
                5,
                match attribute {
                    Attribute::Number(value) => named.number(3, *value).number(20, 2),
                    Attribute::Numbers(values) => values
                        .iter()
                        .fold(named, |named, value| named.number(8, *value))
                        .number(20, 7),
                },
            );
        }
        self.message(1, node)
    }

    fn lstm(self, from: &str, layer: &str, units: usize, to: &[&str]) -> Self {
        let [w, r, b] = ["w", "r", "b"].map(|what| format!("{layer}.{what}"));
        let hidden_size = Attribute::Number(units as u64);
        self.node(
            "LSTM",
            &[from, &w, &r, &b],
            to,
            &[("hidden_size", hidden_size)],
        )
    }

    fn dense(self, from: &str, layer: &str, to: &str) -> Self {
        let (w, b) = (format!("{layer}.w"), format!("{layer}.b"));
        self.node(
            "Gemm",
            &[from, &w, &b],
            &[to],
            &[("transB", Attribute::Number(1))],
        )
    }

    /// Adds a constant to a graph.
    fn tensor(self, name: &str, kind: u64, sizes: &[usize], bytes: &[u8]) -> Self {
        let tensor = sizes
            .iter()
            .fold(Self::default(), |tensor, size| {
                tensor.number(1, *size as u64)
            })
            .number(2, kind)
            .text(8, name)
            .bytes(9, bytes);
        self.message(5, tensor)
    }

    fn floats(self, name: &str, sizes: &[usize], values: &[f32]) -> Self {
        let bytes: Vec<u8> = values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        self.tensor(name, FLOAT, sizes, &bytes)
    }

    fn whole(self, name: &str, value: i64) -> Self {
        self.tensor(name, INT64, &[1], &value.to_le_bytes())
    }
}

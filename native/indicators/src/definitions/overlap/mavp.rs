//! Moving average with a period for each row.

use crate::definitions::{CLOSE, VALUE, ma_type, period};
use crate::{
    MaType, averages,
    graph::{Graph, Series},
    map,
    registry::{Definition, Input, Param, ParamKind, Parity, Source},
};

pub(super) const MAVP: Definition = Definition {
    name: "mavp",
    group: "Overlap Studies",
    summary: "Moving average with a period for each row: periods is cut to whole numbers from minperiod to maxperiod; \
              all those averages are computed.",
    formula: "ma(x, p, matype), with p = periods of the row, rounded down and held to minperiod to maxperiod",
    inputs: &[CLOSE, Input { name: "periods" }],
    params: &[
        Param {
            kind: ParamKind::AtMostNext,
            max: 10_000.0,
            ..period("minperiod", 2, 1, "fewest rows of an average")
        },
        Param {
            max: 10_000.0,
            ..period("maxperiod", 30, 1, "most rows of an average")
        },
        ma_type!("matype", 0, "kind of moving average"),
    ],
    outputs: VALUE,
    parity: Parity::Scaled(1e-11),
    source: Source::TaLib("MAVP"),
    version: 2,
    short: true,
    held_back: 0,
    build: |graph, inputs, params| {
        let (least, most, kind) = (params.period(0), params.period(1), params.ma_type(2));
        let begin = warm_up(most, kind);
        let mut chosen = average(graph, inputs[0], least, kind, begin);
        for period in least + 1..=most {
            let longer = average(graph, inputs[0], period, kind, begin);
            [chosen] = graph.map(Choose, [chosen, longer, inputs[1]], [period as f64]);
        }
        vec![chosen]
    },
};

/// An average; if it depends on where it began, it begins so that its first value is in this row, as TA-Lib's do.
fn average(graph: &mut Graph, input: Series, period: usize, kind: MaType, begin: usize) -> Series {
    let windowed = matches!(
        kind,
        MaType::Sma | MaType::Wma | MaType::Trima | MaType::Hma | MaType::Alma | MaType::Disabled
    );
    let skip = if windowed {
        0
    } else {
        begin - warm_up(period, kind)
    };
    let input = if skip == 0 {
        input
    } else {
        let [later] = graph.map(Later, [input, input.lag(skip)], []);
        later
    };
    averages::moving_average(graph, input, period, kind)
}

/// Rows before the first value of an average.
fn warm_up(period: usize, kind: MaType) -> usize {
    let mut graph = Graph::new(1);
    let average = averages::moving_average(&mut graph, Graph::input(0), period, kind);
    graph.warm_up(average)
}

map! {
    /// The longer average, if the row asks for as many rows.
    Choose: [chosen, longer, wanted], [period] => 1 { [if wanted >= period { longer } else { chosen }] }
}

map! {
    /// The same values, from the row on for which there is an earlier one.
    Later: [x, _earlier], [] => 1 { [x] }
}

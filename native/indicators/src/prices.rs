//! Prices of a bar that many indicators begin with. The graph builds each of them once, whoever asks for it.

use crate::{
    graph::{Graph, Series},
    map,
};

/// Half of high + low.
pub fn median(graph: &mut Graph, high: Series, low: Series) -> Series {
    let [median] = graph.map(Median, [high, low], []);
    median
}

/// A third of high + low + close.
pub fn typical(graph: &mut Graph, high: Series, low: Series, close: Series) -> Series {
    let [typical] = graph.map(Typical, [high, low, close], []);
    typical
}

/// Largest of high - low and the distances of both from the close before.
pub fn true_range(graph: &mut Graph, high: Series, low: Series, close: Series) -> Series {
    let [range] = graph.map(TrueRange, [high, low, close.lag(1)], []);
    range
}

/// High - low.
pub fn range(graph: &mut Graph, high: Series, low: Series) -> Series {
    let [range] = graph.map(Range, [high, low], []);
    range
}

/// Volume times the place of the close between low, -1, and high, 1; none without a range.
pub fn money_flow_volume(
    graph: &mut Graph,
    high: Series,
    low: Series,
    close: Series,
    volume: Series,
) -> Series {
    let [flow] = graph.map(MoneyFlowVolume, [high, low, close, volume], []);
    flow
}

map! {
    /// High - low.
    Range: [high, low], [] => 1 { [high - low] }
}

map! {
    /// Volume times the place of the close between low, -1, and high, 1; none without a range.
    MoneyFlowVolume: [high, low, close, volume], [] => 1 {
        let range = high - low;
        let place = (close - low - (high - close)) / range;
        [if range > 0.0 { place * volume } else { 0.0 }]
    }
}

map! {
    /// Half of high + low.
    Median: [high, low], [] => 1 { [(high + low) / 2.0] }
}

map! {
    /// A third of high + low + close.
    Typical: [high, low, close], [] => 1 { [(high + low + close) / 3.0] }
}

map! {
    /// Largest of high - low and the distances of both from the close before.
    TrueRange: [high, low, close_before], [] => 1 {
        let range = high - low;
        let above = (close_before - high).abs();
        let range = if above > range { above } else { range };
        let below = (close_before - low).abs();
        [if below > range { below } else { range }]
    }
}

//! What was measured, as a line for people and as JSON.

use serde_json::{Value, json};

use crate::{
    Function, SAMPLES,
    contender::Contender,
    data::{ROWS, SERIES},
};

/// The result for one function.
pub struct Row {
    name: &'static str,
    target: f64,
    /// Nanoseconds per row, ours first.
    times: Vec<(String, f64)>,
    owns: usize,
}

impl Row {
    pub fn new(
        function: &Function,
        contenders: &[Contender<'_>],
        nanoseconds: &[f64],
        owns: usize,
    ) -> Self {
        let names = contenders.iter().map(|contender| contender.name.clone());
        Self {
            name: function.name,
            target: function.target,
            times: names.zip(nanoseconds.iter().copied()).collect(),
            owns,
        }
    }

    fn fastest_peer(&self) -> &(String, f64) {
        let by_time = |a: &&(String, f64), b: &&(String, f64)| a.1.total_cmp(&b.1);
        self.times[self.owns..]
            .iter()
            .min_by(by_time)
            .expect("a peer")
    }

    /// How many times faster the engine is, on the best level, than the fastest peer.
    fn ratio(&self) -> f64 {
        self.fastest_peer().1 / self.times[0].1
    }

    pub fn reached(&self) -> bool {
        self.ratio() >= self.target
    }

    pub fn text(&self) -> String {
        let times: Vec<_> = self
            .times
            .iter()
            .map(|(name, time)| format!("{name} {time:.2}"))
            .collect();
        format!(
            "{:<13} {:.2}x {:<12} (target {:.1}x{})  ns/row: {}",
            self.name,
            self.ratio(),
            self.fastest_peer().0,
            self.target,
            if self.reached() { "" } else { ", MISSED" },
            times.join(", ")
        )
    }
}

pub fn json(rows: &[Row], machine: Value) -> Value {
    let functions: Vec<_> = rows
        .iter()
        .map(|row| {
            let rounded = |value: f64| (value * 1e3).round() / 1e3;
            let times: serde_json::Map<_, _> = row
                .times
                .iter()
                .map(|(name, time)| (name.clone(), json!(rounded(*time))))
                .collect();
            json!({
                "function": row.name,
                "ns_per_row": times,
                "fastest_peer": row.fastest_peer().0,
                "ratio": rounded(row.ratio()),
                "target": row.target,
                "reached": row.reached(),
            })
        })
        .collect();
    json!({
        "benchmark": "kernels",
        "method": format!(
            "{SERIES} series of {ROWS} rows, one thread, median CPU time of {SAMPLES} interleaved samples"
        ),
        "peers": { "TA-Lib C": "TA-Lib wheel 0.8.2", "ta-lib crate": "0.8.3", "kand": "0.2.2" },
        "machine": machine,
        "functions": functions,
    })
}

//! What was measured, as lines for people and as JSON.

use serde_json::{Value, json};

use crate::data::ROWS;

/// The result for one function.
pub struct Row {
    name: &'static str,
    target: Option<f64>,
    /// Nanoseconds per row, ours first.
    times: Vec<(String, f64)>,
    owns: usize,
    /// Peers whose values are not ours, and where.
    differing: Vec<String>,
}

impl Row {
    pub fn new(
        name: &'static str,
        times: Vec<(String, f64)>,
        owns: usize,
        differing: Vec<String>,
    ) -> Self {
        Self {
            name,
            target: None,
            times,
            owns,
            differing,
        }
    }

    pub fn with_target(self, target: f64) -> Self {
        Self {
            target: Some(target),
            ..self
        }
    }

    fn fastest_peer(&self) -> &(String, f64) {
        let by_time = |a: &&(String, f64), b: &&(String, f64)| a.1.total_cmp(&b.1);
        let peers = self.times[self.owns..].iter();
        peers.min_by(by_time).expect("a peer")
    }

    /// How many times faster the engine is, on the best level, than the fastest peer.
    fn ratio(&self) -> f64 {
        self.fastest_peer().1 / self.times[0].1
    }

    fn reached(&self) -> bool {
        self.target.is_none_or(|target| self.ratio() >= target)
    }

    pub fn text(&self) -> String {
        let times: Vec<_> = self
            .times
            .iter()
            .map(|(name, time)| format!("{name} {time:.2}"))
            .collect();
        let missed = if self.reached() { "" } else { ", MISSED" };
        let target = self
            .target
            .map(|target| format!(" (target {target:.1}x{missed})"));
        let differing = match self.differing.as_slice() {
            [] => String::new(),
            some => format!("; other values: {}", some.join("; ")),
        };
        format!(
            "{:<20} {:.2}x {:<12}{}  ns/row: {}{differing}",
            self.name,
            self.ratio(),
            self.fastest_peer().0,
            target.unwrap_or_default(),
            times.join(", ")
        )
    }

    fn json(&self) -> Value {
        let times: serde_json::Map<_, _> = self
            .times
            .iter()
            .map(|(name, time)| (name.clone(), json!(rounded(*time))))
            .collect();
        let mut row = json!({
            "function": self.name,
            "ns_per_row": times,
            "fastest_peer": self.fastest_peer().0,
            "ratio": rounded(self.ratio()),
        });
        if let Some(target) = self.target {
            row["target"] = json!(target);
            row["reached"] = json!(self.reached());
        }
        if !self.differing.is_empty() {
            row["other_values"] = json!(self.differing);
        }
        row
    }
}

fn rounded(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}

fn rows_json(rows: &[Row]) -> Vec<Value> {
    rows.iter().map(Row::json).collect()
}

/// Functions with a goal each.
pub fn goals(name: &str, series: usize, rows: &[Row]) -> Value {
    let reached = rows.iter().filter(|row| row.reached()).count();
    println!("{reached} of {} targets reached", rows.len());
    json!({
        "benchmark": name,
        "method": method(series),
        "functions": rows_json(rows),
    })
}

/// All functions that a peer has, and all of ours in one pass.
pub fn catalogue(series: usize, rows: &[Row], slowest: f64, one_pass: f64) -> Value {
    let logarithms: f64 = rows.iter().map(|row| row.ratio().ln()).sum();
    let below: Vec<_> = rows
        .iter()
        .filter(|row| row.ratio() < slowest)
        .map(|row| row.name)
        .collect();
    json!({
        "benchmark": "catalogue",
        "method": method(series),
        "geometric_mean": rounded((logarithms / rows.len() as f64).exp()),
        "below": { "ratio": slowest, "functions": below },
        "one_pass_ns_per_row": rounded(one_pass),
        "functions": rows_json(rows),
    })
}

pub fn summary(catalogue: &Value) -> String {
    let functions = catalogue["functions"].as_array().map_or(0, Vec::len);
    format!(
        "{functions} functions: geometric mean {}x the fastest peer of each (wanted 2); below {}x: {}; all in one \
         pass: {} ns/row (wanted 600)",
        catalogue["geometric_mean"],
        catalogue["below"]["ratio"],
        catalogue["below"]["functions"],
        catalogue["one_pass_ns_per_row"],
    )
}

fn method(series: usize) -> String {
    format!(
        "{series} series of {ROWS} rows, one thread, median CPU time of interleaved samples; TA-Lib is called through its \
         tables of functions, series by series"
    )
}

pub fn document(mut result: Value, machine: Value) -> Value {
    result["peers"] = json!({
        "TA-Lib C": "TA-Lib wheel 0.8.2",
        "ta-lib crate": "0.8.3",
        "kand": "0.2.2",
    });
    result["machine"] = machine;
    result
}

//! The memory of one group: for each wire of the graph the last values that someone still looks back at, for each
//! recurrence its state.

use crate::graph::Plan;

/// Rows that are worked on at a time: small enough that the wires of a graph stay in the nearest cache.
pub(crate) const BLOCK: usize = 256;

/// Values of one stream: history, then the rows of the current step.
#[derive(Debug, Default)]
pub(crate) struct Wire {
    values: Vec<f64>,
    /// Where the rows of the current step begin.
    at: usize,
    history: usize,
}

impl Wire {
    fn new(history: usize) -> Self {
        Self {
            values: vec![0.0; Self::length(history)],
            at: history,
            history,
        }
    }

    /// A long history is moved rarely, a short one with every step: both cost less than a copy per row.
    pub(crate) fn length(history: usize) -> usize {
        history + history.max(BLOCK)
    }

    /// The rows of the step, `lag` rows back.
    #[inline(always)]
    pub(crate) fn rows(&self, lag: usize, rows: usize) -> &[f64] {
        &self.values[self.at - lag..][..rows]
    }

    /// The rows of the step, to be written.
    #[inline(always)]
    pub(crate) fn fresh(&mut self, rows: usize) -> &mut [f64] {
        &mut self.values[self.at..][..rows]
    }

    fn make_room(&mut self, rows: usize) {
        if self.at + rows > self.values.len() {
            self.values.copy_within(self.at - self.history..self.at, 0);
            self.at = self.history;
        }
    }
}

/// A stream as someone reads it: a wire and how many rows back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Source {
    pub(crate) wire: usize,
    pub(crate) lag: usize,
}

impl Source {
    #[inline(always)]
    pub(crate) fn rows(self, wires: &[Wire], rows: usize) -> &[f64] {
        wires[self.wire].rows(self.lag, rows)
    }
}

/// The memory of one group.
#[derive(Debug)]
pub(crate) struct Lane {
    /// Rows that the group has had before the current step.
    pub(crate) row: u64,
    pub(crate) wires: Vec<Wire>,
    /// One number per recurrence: its value, or the sum that will seed it.
    pub(crate) states: Vec<f64>,
}

impl Lane {
    pub(crate) fn new(plan: &Plan) -> Self {
        let wires = plan
            .histories
            .iter()
            .map(|&history| Wire::new(history))
            .collect();
        Self {
            row: 0,
            wires,
            states: vec![0.0; plan.recurrences],
        }
    }

    /// Forgets the group. Old values stay in the wires; no row that is not a warm-up row can see them.
    pub(crate) fn reset(&mut self) {
        self.row = 0;
        self.states.fill(0.0);
    }

    pub(crate) fn begin(&mut self, rows: usize) {
        for wire in &mut self.wires {
            wire.make_room(rows);
        }
    }

    pub(crate) fn end(&mut self, rows: usize) {
        for wire in &mut self.wires {
            wire.at += rows;
        }
        self.row += rows as u64;
    }

    /// Appends the memory as bytes: rows seen, states, and of each wire the values that exist.
    pub(crate) fn save(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.row.to_le_bytes());
        for state in &self.states {
            bytes.extend(state.to_bits().to_le_bytes());
        }
        for wire in &self.wires {
            for value in &wire.values[wire.at - self.kept(wire)..wire.at] {
                bytes.extend(value.to_bits().to_le_bytes());
            }
        }
    }

    /// Takes the memory from the front of the words; `None` if there are too few.
    pub(crate) fn load(&mut self, words: &mut impl Iterator<Item = u64>) -> Option<()> {
        self.row = words.next()?;
        for state in &mut self.states {
            *state = f64::from_bits(words.next()?);
        }
        for index in 0..self.wires.len() {
            let kept = self.kept(&self.wires[index]);
            let wire = &mut self.wires[index];
            wire.at = wire.history;
            for value in &mut wire.values[wire.history - kept..wire.history] {
                *value = f64::from_bits(words.next()?);
            }
        }
        Some(())
    }

    fn kept(&self, wire: &Wire) -> usize {
        usize::try_from(self.row).map_or(wire.history, |row| row.min(wire.history))
    }
}

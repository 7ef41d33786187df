//! The memory of one group: for each wire of the graph the last values that someone still looks back at, for each
//! recurrence its state.

use std::ops::RangeInclusive;

use crate::graph::Plan;

/// Fewest and most rows of a step.
const STEP: RangeInclusive<usize> = 256..=2048;
/// Bytes that the wires of a step should not exceed in one lane, so that they stay in the nearest cache.
const NEAR_BYTES: usize = 48 << 10;

/// Bytes of a cache line, and values on it.
const LINE_BYTES: usize = 64;
const LINE: usize = LINE_BYTES / 8;
/// Cache lines over which the beginnings of wires are spread.
const SKEWS: usize = 32;

/// Rows of this plan that are worked on at a time.
pub(crate) fn step(plan: &Plan) -> usize {
    let rows = NEAR_BYTES / (8 * plan.histories.len().max(1)) / 64 * 64;
    rows.clamp(*STEP.start(), *STEP.end())
}

/// Values of one stream: history, then the rows of the current step.
#[derive(Debug, Default)]
pub(crate) struct Wire {
    values: Vec<f64>,
    /// Where the rows of the current step begin.
    at: usize,
    /// Where they begin after a move, on the border of a cache line.
    first: usize,
    history: usize,
    /// First row of a group that has a value.
    warm_up: usize,
}

impl Wire {
    fn new(index: usize, history: usize, warm_up: usize, step: usize) -> Self {
        let values = vec![0.0; Self::length(history, step)];
        let border = values.as_ptr().align_offset(LINE_BYTES);
        // Without an answer nothing is lost but speed.
        let border = if border < LINE { border } else { 0 };
        // Wires that begin at the same place of a page would drive each other out of the cache.
        let skew = index * 5 % SKEWS * LINE;
        let first = border + history.next_multiple_of(LINE) + skew;
        Self {
            values,
            at: first,
            first,
            history,
            warm_up,
        }
    }

    /// A wire for the history alone.
    fn short(history: usize, warm_up: usize) -> Self {
        Self {
            values: vec![0.0; history],
            at: history,
            first: history,
            history,
            warm_up,
        }
    }

    /// A long history is moved rarely, a short one with every step: both cost less than a copy per row.
    fn length(history: usize, step: usize) -> usize {
        (LINE - 1) + SKEWS * LINE + history.next_multiple_of(LINE) + history.max(step)
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
            let past = self.at - self.history..self.at;
            self.values.copy_within(past, self.first - self.history);
            self.at = self.first;
        }
    }

    /// How many values someone may still look back at, after so many rows of the group.
    fn kept(&self, row: u64) -> usize {
        let existing = row.saturating_sub(self.warm_up as u64);
        usize::try_from(existing).map_or(self.history, |existing| existing.min(self.history))
    }

    /// These values.
    fn past(&self, row: u64) -> &[f64] {
        &self.values[self.at - self.kept(row)..self.at]
    }

    /// Sets the step to begin so many rows before the remembered ones end.
    pub(crate) fn place_before_present(&mut self, rows: usize) {
        self.at = self.first - rows;
    }

    /// Their place in a wire that goes on after so many rows.
    fn restart(&mut self, row: u64) -> &mut [f64] {
        self.at = self.first;
        let kept = self.kept(row);
        &mut self.values[self.at - kept..self.at]
    }
}

/// A stream as someone reads it: a wire and how many rows back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Source {
    pub(crate) wire: usize,
    pub(crate) lag: usize,
}

/// Where the streams of a lane stand during a step.
#[derive(Clone, Copy)]
pub(crate) struct Streams<'a> {
    /// The inputs, when they are read where the caller has them; else they are wires like all others.
    columns: &'a [&'a [f64]],
    at: usize,
    wires: &'a [Wire],
}

impl<'a> Streams<'a> {
    /// The rows of the step.
    #[inline(always)]
    pub(crate) fn rows(self, source: Source, rows: usize) -> &'a [f64] {
        match self.columns.get(source.wire) {
            Some(column) => &column[self.at - source.lag..][..rows],
            None => self.wires[source.wire].rows(source.lag, rows),
        }
    }
}

/// The memory of one group.
#[derive(Debug)]
pub(crate) struct Lane {
    /// Rows that the group has had before the current step.
    pub(crate) row: u64,
    /// The row of the input columns at which the step begins, if inputs are read there. Their wires are then behind.
    place: Option<usize>,
    pub(crate) wires: Vec<Wire>,
    /// Of each recurrence its value, or the sum that will seed it; of each scan its memory.
    pub(crate) states: Vec<f64>,
}

impl Lane {
    /// Memory of the lane of this index, for steps of so many rows at most.
    pub(crate) fn new(index: usize, plan: &Plan, step: usize) -> Self {
        let wires = plan
            .histories
            .iter()
            .zip(&plan.warm_ups)
            .zip(index * plan.histories.len()..)
            .map(|((&history, &warm_up), index)| Wire::new(index, history, warm_up, step))
            .collect();
        Self::of(wires, plan.states)
    }

    /// Memory with these histories, not for steps.
    pub(crate) fn short(histories: &[usize], warm_ups: &[usize]) -> Self {
        let wires = histories.iter().zip(warm_ups);
        let wires = wires.map(|(&history, &warm_up)| Wire::short(history, warm_up));
        Self::of(wires.collect(), 0)
    }

    fn of(wires: Vec<Wire>, states: usize) -> Self {
        Self {
            row: 0,
            place: None,
            wires,
            states: vec![0.0; states],
        }
    }

    /// Bytes of a lane for steps of so many rows.
    pub(crate) fn bytes(plan: &Plan, step: usize) -> usize {
        let histories = plan.histories.iter();
        let lengths = histories.map(|&history| Wire::length(history, step));
        8 * lengths.sum::<usize>()
    }

    /// Forgets the group. Old values stay in the wires; no row that is not a warm-up row can see them.
    pub(crate) fn reset(&mut self) {
        self.row = 0;
        self.place = None;
        self.states.fill(0.0);
    }

    /// Prepares a step that begins at this row of the input columns. They are read where they are from row `reached` on, from
    /// which the longest look back does not go beyond the group's rows.
    pub(crate) fn begin(&mut self, inputs: &[&[f64]], at: usize, reached: usize, rows: usize) {
        self.place = (at >= reached).then_some(at);
        for wire in &mut self.wires[self.place.map_or(0, |_| inputs.len())..] {
            wire.make_room(rows);
        }
        if self.place.is_none() {
            for (wire, input) in self.wires.iter_mut().zip(inputs) {
                wire.fresh(rows).copy_from_slice(&input[at..][..rows]);
            }
        }
    }

    pub(crate) fn end(&mut self, inputs: &[&[f64]], rows: usize) {
        for wire in &mut self.wires[self.place.map_or(0, |_| inputs.len())..] {
            wire.at += rows;
        }
        self.place = self.place.map(|at| at + rows);
        self.row += rows as u64;
    }

    /// Takes over what someone may still look back at, before the columns go away.
    pub(crate) fn remember(&mut self, inputs: &[&[f64]]) {
        if let Some(at) = self.place.take() {
            for (wire, input) in self.wires.iter_mut().zip(inputs) {
                wire.at = wire.first;
                let past = &mut wire.values[wire.first - wire.history..wire.first];
                past.copy_from_slice(&input[at - wire.history..at]);
            }
        }
    }

    pub(crate) fn streams<'a>(&'a self, inputs: &'a [&'a [f64]]) -> Streams<'a> {
        Streams {
            columns: self.place.map_or(&[], |_| inputs),
            at: self.place.unwrap_or_default(),
            wires: &self.wires,
        }
    }

    /// The streams before this wire, and the wires from it on.
    pub(crate) fn split<'a>(
        &'a mut self,
        inputs: &'a [&'a [f64]],
        first: usize,
    ) -> (Streams<'a>, &'a mut [Wire]) {
        let (streams, from, _) = self.split_with_states(inputs, first);
        (streams, from)
    }

    /// The same, and the numbers that recurrences and scans keep.
    pub(crate) fn split_with_states<'a>(
        &'a mut self,
        inputs: &'a [&'a [f64]],
        first: usize,
    ) -> (Streams<'a>, &'a mut [Wire], &'a mut [f64]) {
        let (wires, from) = self.wires.split_at_mut(first);
        let streams = Streams {
            columns: self.place.map_or(&[], |_| inputs),
            at: self.place.unwrap_or_default(),
            wires,
        };
        (streams, from, &mut self.states)
    }

    /// Appends the memory as bytes: rows seen, states, and of each saved wire the values that exist.
    pub(crate) fn save(&self, plan: &Plan, bytes: &mut Vec<u8>) {
        bytes.extend(self.row.to_le_bytes());
        let wires = self.wires.iter().enumerate();
        let saved = wires.filter(|(wire, _)| plan.saves(*wire));
        let past = saved.flat_map(|(_, wire)| wire.past(self.row));
        for value in self.states.iter().chain(past) {
            bytes.extend(value.to_bits().to_le_bytes());
        }
    }

    /// How many values a saved memory of so many rows has.
    pub(crate) fn saved_values(&self, plan: &Plan, row: u64) -> usize {
        let wires = self.wires.iter().enumerate();
        let saved = wires.filter(|(wire, _)| plan.saves(*wire));
        self.states.len() + saved.map(|(_, wire)| wire.kept(row)).sum::<usize>()
    }

    /// Takes over a saved memory of so many rows.
    pub(crate) fn load(&mut self, plan: &Plan, row: u64, values: impl Iterator<Item = f64>) {
        self.row = row;
        self.place = None;
        let wires = self.wires.iter_mut().enumerate();
        let saved = wires.filter(|(wire, _)| plan.saves(*wire));
        let past = saved.flat_map(|(_, wire)| wire.restart(row));
        for (place, value) in self.states.iter_mut().chain(past).zip(values) {
            *place = value;
        }
    }

    /// How many numbers [`store`](Self::store) takes.
    pub(crate) fn stored(plan: &Plan) -> usize {
        plan.states + plan.histories.iter().sum::<usize>()
    }

    /// Copies out all that the group remembers, between steps: the states, then of each wire as many values as someone may
    /// look back at, whether they exist yet or not.
    pub(crate) fn store(&self, to: &mut [f64]) {
        let (states, mut past) = to.split_at_mut(self.states.len());
        states.copy_from_slice(&self.states);
        for wire in &self.wires {
            let (place, rest) = past.split_at_mut(wire.history);
            place.copy_from_slice(&wire.values[wire.at - wire.history..wire.at]);
            past = rest;
        }
    }

    /// Goes on as the group that was stored after so many rows.
    pub(crate) fn fetch(&mut self, row: u64, from: &[f64]) {
        self.row = row;
        self.place = None;
        let (states, mut past) = from.split_at(self.states.len());
        self.states.copy_from_slice(states);
        for wire in &mut self.wires {
            let (values, rest) = past.split_at(wire.history);
            wire.at = wire.first;
            wire.values[wire.first - wire.history..wire.first].copy_from_slice(values);
            past = rest;
        }
    }

    /// Takes over what these wires of another lane remember after so many rows, as much as both have.
    pub(crate) fn copy(&mut self, from: &Self, row: u64, chosen: impl Fn(usize) -> bool) {
        let pairs = self.wires.iter_mut().zip(&from.wires).enumerate();
        for (_, (wire, from)) in pairs.filter(|(wire, _)| chosen(*wire)) {
            let past = from.past(row);
            let place = wire.restart(row);
            let both = place.len().min(past.len());
            let start = place.len() - both;
            place[start..].copy_from_slice(&past[past.len() - both..]);
        }
    }
}

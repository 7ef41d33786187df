//! Running one domain over a batch: which rows exist, which lane holds which group, and the steps of all lanes.

use crate::{
    batch::{Batch, OutputColumn, bit},
    lane::{BLOCK, Lane},
    output::{self, Place},
    program::Domain,
    recurrence,
    simd::Checked,
};

/// Lanes that run side by side when recurrences of several groups can hide each other's latency.
const LANES: usize = 8;
/// Bytes that the lanes of a domain may take together, as long as there is more than one.
const LANE_BYTES: usize = 8 << 20;

/// Rows of one group within a batch, counted in rows that exist for the domain.
#[derive(Debug, Clone, Copy)]
struct Segment {
    from: usize,
    to: usize,
    begins: bool,
}

/// A segment that is being worked on.
#[derive(Debug, Clone, Copy)]
struct Job {
    lane: usize,
    at: usize,
    to: usize,
    last: bool,
}

/// The memory of a domain between batches.
#[derive(Debug)]
pub(crate) struct DomainState {
    lanes: Vec<Lane>,
    /// The lane of the group that may go on in the next batch.
    carried: usize,
    width: usize,
    kept: Vec<u32>,
    compacted: Vec<Vec<f64>>,
    segments: Vec<Segment>,
}

impl DomainState {
    pub(crate) fn new(domain: &Domain) -> Self {
        let widest = domain
            .plan
            .stages
            .iter()
            .map(|stage| stage.recurrences.len())
            .max()
            .unwrap_or(0);
        let affordable = LANE_BYTES / domain.plan.bytes().max(1);
        let useful = LANES.checked_div(widest).unwrap_or(1);
        Self {
            lanes: vec![Lane::new(&domain.plan)],
            carried: 0,
            width: useful.min(affordable).max(1),
            kept: Vec::new(),
            compacted: vec![Vec::new(); domain.columns.len()],
            segments: Vec::new(),
        }
    }

    pub(crate) fn reset(&mut self) {
        self.lanes[self.carried].reset();
    }

    pub(crate) fn carried(&self) -> &Lane {
        &self.lanes[self.carried]
    }

    pub(crate) fn carried_mut(&mut self) -> &mut Lane {
        &mut self.lanes[self.carried]
    }

    /// Runs the batch. `clean` says of each column whether all its values are there and finite.
    pub(crate) fn run(
        &mut self,
        level: Checked,
        domain: &Domain,
        batch: &Batch<'_>,
        clean: &[bool],
        outputs: &mut [OutputColumn<'_>],
    ) {
        let dense = domain.columns.iter().all(|&column| clean[column]);
        if dense {
            self.segments.clear();
            cut(&mut self.segments, batch.starts, batch.rows, |row| row);
        } else {
            self.compact(domain, batch);
            for sink in &domain.sinks {
                output::clear(&mut outputs[sink.slot], batch.rows);
            }
        }
        let kept = std::mem::take(&mut self.kept);
        let compacted = std::mem::take(&mut self.compacted);
        let inputs: Vec<&[f64]> = if dense {
            domain
                .columns
                .iter()
                .map(|&column| &batch.columns[column].values[..batch.rows])
                .collect()
        } else {
            compacted.iter().map(Vec::as_slice).collect()
        };
        let kept_rows = if dense { None } else { Some(kept.as_slice()) };
        self.steps(level, domain, &inputs, kept_rows, outputs);
        self.kept = kept;
        self.compacted = compacted;
    }

    /// Leaves out the rows that do not exist.
    fn compact(&mut self, domain: &Domain, batch: &Batch<'_>) {
        let columns = || domain.columns.iter().map(|&column| batch.columns[column]);
        let exists = |row: usize| {
            columns().all(|column| {
                column.validity.is_none_or(|bits| bit(bits, row)) && column.values[row].is_finite()
            })
        };
        self.kept.clear();
        self.kept.extend(
            (0..batch.rows)
                .filter(|&row| exists(row))
                .map(|row| row as u32),
        );
        for (compacted, column) in self.compacted.iter_mut().zip(columns()) {
            compacted.clear();
            compacted.extend(self.kept.iter().map(|&row| column.values[row as usize]));
        }
        let kept = &self.kept;
        self.segments.clear();
        cut(&mut self.segments, batch.starts, batch.rows, |row| {
            kept.partition_point(|&kept| (kept as usize) < row)
        });
    }

    fn steps(
        &mut self,
        level: Checked,
        domain: &Domain,
        inputs: &[&[f64]],
        kept: Option<&[u32]>,
        outputs: &mut [OutputColumn<'_>],
    ) {
        let mut jobs: [Option<Job>; LANES] = [None; LANES];
        let mut next = 0;
        loop {
            self.refill(domain, &mut jobs[..self.width], &mut next);
            let mut active = [0; LANES];
            let mut count = 0;
            let mut rows = BLOCK;
            for job in jobs.iter().flatten() {
                active[count] = job.lane;
                count += 1;
                rows = rows.min(job.to - job.at);
            }
            if count == 0 {
                return;
            }
            let active = &active[..count];
            for job in jobs.iter().flatten() {
                let lane = &mut self.lanes[job.lane];
                lane.begin(rows);
                for (wire, input) in lane.wires.iter_mut().zip(inputs) {
                    wire.fresh(rows).copy_from_slice(&input[job.at..][..rows]);
                }
            }
            evaluate(level, domain, &mut self.lanes, active, rows);
            for slot in &mut jobs {
                let Some(job) = slot else { continue };
                let lane = &mut self.lanes[job.lane];
                let place = kept.map_or(Place::From(job.at), |kept| {
                    Place::Rows(&kept[job.at..][..rows])
                });
                for sink in &domain.sinks {
                    let nulls = (sink.lookback as u64).saturating_sub(lane.row);
                    let nulls = usize::try_from(nulls).map_or(rows, |nulls| nulls.min(rows));
                    let values = sink.source.rows(&lane.wires, rows);
                    output::write(level, &mut outputs[sink.slot], &place, values, nulls);
                }
                lane.end(rows);
                job.at += rows;
                if job.at == job.to {
                    if job.last {
                        self.carried = job.lane;
                    }
                    *slot = None;
                }
            }
        }
    }

    /// Gives waiting segments to free lanes. The lane that is carried in stays reserved until the first segment has it.
    fn refill(&mut self, domain: &Domain, jobs: &mut [Option<Job>], next: &mut usize) {
        for slot in 0..jobs.len() {
            while jobs[slot].is_none() && *next < self.segments.len() {
                let segment = self.segments[*next];
                *next += 1;
                let last = *next == self.segments.len();
                let lane = if segment.begins {
                    let busy = |lane: &usize| jobs.iter().flatten().any(|job| job.lane == *lane);
                    let lane = (0..).find(|lane| !busy(lane)).unwrap_or_default();
                    if lane == self.lanes.len() {
                        self.lanes.push(Lane::new(&domain.plan));
                    }
                    self.lanes[lane].reset();
                    lane
                } else {
                    self.carried
                };
                if segment.from < segment.to {
                    jobs[slot] = Some(Job {
                        lane,
                        at: segment.from,
                        to: segment.to,
                        last,
                    });
                } else if last {
                    self.carried = lane;
                }
            }
        }
    }
}

/// Cuts a batch at its group starts; `position` tells how many existing rows come before a row.
fn cut(
    segments: &mut Vec<Segment>,
    starts: &[u32],
    rows: usize,
    position: impl Fn(usize) -> usize,
) {
    let total = position(rows);
    let first = starts
        .first()
        .map_or(total, |&start| position(start as usize));
    if starts.first() != Some(&0) {
        segments.push(Segment {
            from: 0,
            to: first,
            begins: false,
        });
    }
    for (index, &start) in starts.iter().enumerate() {
        let to = starts
            .get(index + 1)
            .map_or(total, |&next| position(next as usize));
        segments.push(Segment {
            from: position(start as usize),
            to,
            begins: true,
        });
    }
}

/// One step of all active lanes: their inputs are in place, afterwards all wires are.
fn evaluate(level: Checked, domain: &Domain, lanes: &mut [Lane], active: &[usize], rows: usize) {
    for stage in &domain.plan.stages {
        for &lane in active {
            let wires = &mut lanes[lane].wires;
            for node in &stage.maps {
                let (before, from) = wires.split_at_mut(node.first);
                let outputs = &mut from[..node.outputs];
                (node.pass)(level, before, &node.inputs, &node.constants, outputs, rows);
            }
        }
        if !stage.recurrences.is_empty() {
            recurrence::run(level, &stage.recurrences, lanes, active, rows);
        }
    }
}

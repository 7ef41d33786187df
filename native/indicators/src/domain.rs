//! Running one domain over a batch: which rows exist, which lane holds which group, and the steps of all lanes.

use crate::{
    batch::{Batch, Column, OutputColumn, all_set, bit},
    graph::{Plan, Stage},
    keyed::Keyed,
    lane::{self, Lane},
    output::{self, Place, Target},
    program::Domain,
    recurrence, scan,
    simd::Checked,
};

/// Lanes that run side by side when recurrences of several groups can hide each other's latency.
const LANES: usize = 8;
/// Bytes that the lanes of a domain may take together, as long as there is more than one: about a second-level cache.
const LANE_BYTES: usize = 1 << 20;

/// Rows of one group within a batch, counted in rows that exist for the domain.
#[derive(Debug, Clone, Copy)]
struct Segment {
    from: usize,
    to: usize,
    begins: bool,
    /// The index of its key, in batches of many keys.
    index: usize,
}

/// A segment that is being worked on.
#[derive(Debug, Clone, Copy)]
struct Job {
    lane: usize,
    /// The first row that can be looked back at in the columns: with keys, those before are of other groups. Without,
    /// a group that goes on is the first in its batch, and one that begins looks back at nothing.
    from: usize,
    at: usize,
    to: usize,
    last: bool,
    /// The index of the segment's key.
    index: usize,
}

/// The memory of a domain between batches.
#[derive(Debug)]
pub(crate) struct DomainState {
    lanes: Vec<Lane>,
    /// The lane of the group that may go on in the next batch.
    carried: usize,
    /// How many lanes are used.
    width: usize,
    /// Most rows of a step.
    step: usize,
    segments: Vec<Segment>,
    /// The first segment that waits.
    next: usize,
    jobs: [Option<Job>; LANES],
    /// Rows of the batch that exist, once it is known that some do not.
    kept: Vec<u32>,
    /// The values of these rows.
    compacted: Vec<Vec<f64>>,
}

/// How many lanes a domain may have: enough for the stage that needs the most to fill up.
fn width(domain: &Domain) -> usize {
    let useful = |stage: &Stage| {
        let of_recurrences = LANES.checked_div(stage.recurrences.len()).unwrap_or(1);
        let of_scans = if stage.scans.is_empty() {
            1
        } else {
            scan::TOGETHER
        };
        of_recurrences.max(of_scans)
    };
    let useful = domain.plan.stages.iter().map(useful).max().unwrap_or(1);
    let affordable = LANE_BYTES / lane_bytes(domain).max(1);
    useful.min(affordable).max(1)
}

fn lane_bytes(domain: &Domain) -> usize {
    Lane::bytes(&domain.plan, lane::step(&domain.plan))
}

/// The most that the lanes of a domain take.
pub(crate) fn most_bytes(domain: &Domain) -> usize {
    width(domain) * lane_bytes(domain)
}

impl DomainState {
    pub(crate) fn new(domain: &Domain) -> Self {
        let width = width(domain);
        let step = lane::step(&domain.plan);
        Self {
            lanes: vec![Lane::new(0, &domain.plan, step)],
            carried: 0,
            width,
            step,
            segments: Vec::new(),
            next: 0,
            jobs: [None; LANES],
            kept: Vec::new(),
            compacted: vec![Vec::new(); domain.columns.len()],
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

    /// Goes on from a saved memory of so many rows.
    pub(crate) fn load(&mut self, level: Checked, plan: &Plan, row: u64, values: &[[u8; 8]]) {
        let values = values.iter().map(|word| f64::from_le_bytes(*word));
        let lane = &mut self.lanes[self.carried];
        match &plan.recall {
            Some(recall) => recall.load(level, plan, lane, row, values),
            None => lane.load(plan, row, values),
        }
    }

    /// Runs the batch. It begins as if all rows existed; from the first value on that is not finite, the rows that do
    /// not exist are left out. With keys, each segment goes on where its key stood.
    pub(crate) fn run(
        &mut self,
        level: Checked,
        domain: &Domain,
        batch: &Batch<'_>,
        outputs: &mut [OutputColumn<'_>],
        mut keyed: Option<Keyed<'_>>,
    ) {
        cut(&mut self.segments, batch.starts, batch.rows);
        self.next = 0;
        let columns: Vec<Column<'_>> = domain
            .columns
            .iter()
            .map(|&column| batch.columns[column])
            .collect();
        let all_valid = |column: &Column<'_>| {
            let bits = column.validity;
            bits.is_none_or(|bits| all_set(bits, batch.rows))
        };
        if columns.iter().all(all_valid) {
            let inputs: Vec<&[f64]> = columns
                .iter()
                .map(|column| &column.values[..batch.rows])
                .collect();
            let keyed = keyed.as_mut();
            if self.steps(level, domain, &inputs, None, outputs, keyed) {
                return;
            }
        }
        self.compact(domain, &columns, batch.rows, outputs);
        let kept = std::mem::take(&mut self.kept);
        let compacted = std::mem::take(&mut self.compacted);
        let inputs: Vec<&[f64]> = compacted.iter().map(Vec::as_slice).collect();
        let keyed = keyed.as_mut();
        self.steps(level, domain, &inputs, Some(&kept), outputs, keyed);
        self.kept = kept;
        self.compacted = compacted;
    }

    /// Leaves the rows that do not exist out of what is still to do.
    fn compact(
        &mut self,
        domain: &Domain,
        columns: &[Column<'_>],
        rows: usize,
        outputs: &mut [OutputColumn<'_>],
    ) {
        let exists = |row: &usize| {
            columns.iter().all(|column| {
                column.validity.is_none_or(|bits| bit(bits, *row))
                    && column.values[*row].is_finite()
            })
        };
        self.kept.clear();
        self.kept
            .extend((0..rows).filter(exists).map(|row| row as u32));
        for (compacted, column) in self.compacted.iter_mut().zip(columns) {
            compacted.clear();
            compacted.extend(self.kept.iter().map(|&row| column.values[row as usize]));
        }
        for job in self.jobs.iter_mut().flatten() {
            job.from = self
                .kept
                .partition_point(|&kept| (kept as usize) < job.from);
        }
        let waiting = self.segments[self.next..].iter_mut();
        let begun = self.jobs.iter_mut().flatten();
        let left = waiting
            .map(|segment| (&mut segment.from, &mut segment.to))
            .chain(begun.map(|job| (&mut job.at, &mut job.to)));
        for (from, to) in left {
            for sink in &domain.sinks {
                output::clear(&mut outputs[sink.slot], *from..*to);
            }
            for row in [from, to] {
                *row = self.kept.partition_point(|&kept| (kept as usize) < *row);
            }
        }
    }

    /// Runs what is to do, of all rows, or of those that are kept. Stops before rows with a value that is not finite, and
    /// says whether it got to the end.
    fn steps(
        &mut self,
        level: Checked,
        domain: &Domain,
        inputs: &[&[f64]],
        kept: Option<&[u32]>,
        outputs: &mut [OutputColumn<'_>],
        mut keyed: Option<&mut Keyed<'_>>,
    ) -> bool {
        let mut finished = true;
        while let Some(rows) = self.refill(domain, inputs, keyed.as_deref_mut()) {
            let columns = kept.is_none().then_some(&mut *outputs);
            if !self.compute(level, domain, inputs, columns, rows) {
                finished = false;
                break;
            }
            for job in self.jobs.iter_mut().flatten() {
                let lane = &mut self.lanes[job.lane];
                let place = kept.map_or(Place::From(job.at), |kept| {
                    Place::Rows(&kept[job.at..][..rows])
                });
                for sink in &domain.sinks {
                    let nulls = (sink.lookback as u64).saturating_sub(lane.row);
                    let nulls = usize::try_from(nulls).map_or(rows, |nulls| nulls.min(rows));
                    let column = &mut outputs[sink.slot];
                    if sink.direct && kept.is_none() {
                        output::finish(level, column, job.at, rows, nulls);
                    } else {
                        let values = lane.streams(inputs).rows(sink.source, rows);
                        output::write(level, column, &place, values, nulls);
                    }
                }
                lane.end(inputs, rows);
                job.at += rows;
            }
        }
        for job in self.jobs.iter().flatten() {
            self.lanes[job.lane].remember(inputs);
        }
        self.lanes[self.carried].remember(inputs);
        finished
    }

    /// Computes one step of all jobs. With columns, maps whose results nobody else reads write them, and if an input is
    /// not finite, nothing has happened that lasts and `false` comes back.
    fn compute(
        &mut self,
        level: Checked,
        domain: &Domain,
        inputs: &[&[f64]],
        mut columns: Option<&mut [OutputColumn<'_>]>,
        rows: usize,
    ) -> bool {
        let Plan { stages, reach, .. } = &domain.plan;
        let mut active = [0; LANES];
        let mut count = 0;
        for job in self.jobs.iter().flatten() {
            active[count] = job.lane;
            count += 1;
            let lane = &mut self.lanes[job.lane];
            lane.begin(inputs, job.at, job.from + reach, rows);
            stages[0].map(level, lane, inputs, columns.as_deref_mut(), job.at, rows);
            // The maps have just brought the inputs near, and changed nothing that lasts.
            let finite = |input: &&[f64]| output::all_finite(level, &input[job.at..][..rows]);
            if columns.is_some() && !inputs.iter().all(finite) {
                return false;
            }
        }
        let active = &active[..count];
        for (depth, stage) in stages.iter().enumerate() {
            if depth > 0 {
                for job in self.jobs.iter().flatten() {
                    let lane = &mut self.lanes[job.lane];
                    stage.map(level, lane, inputs, columns.as_deref_mut(), job.at, rows);
                }
            }
            recurrence::run(
                level,
                &stage.recurrences,
                &mut self.lanes,
                active,
                inputs,
                rows,
            );
            for scan in &stage.scans {
                scan.run(level, &mut self.lanes, active, inputs, rows);
            }
        }
        true
    }

    /// Frees the lanes whose segments are done and gives them waiting ones. The lane that was carried in is safe: the
    /// segment that goes on with it is the first.
    /// Returns how many rows all jobs can go on, if there is one.
    fn refill(
        &mut self,
        domain: &Domain,
        inputs: &[&[f64]],
        mut keyed: Option<&mut Keyed<'_>>,
    ) -> Option<usize> {
        for slot in 0..self.width {
            loop {
                match self.jobs[slot] {
                    Some(job) if job.at < job.to => break,
                    Some(job) => {
                        if let Some(keyed) = &mut keyed {
                            let lane = &mut self.lanes[job.lane];
                            lane.remember(inputs);
                            keyed.store(job.index, lane);
                        }
                        if job.last {
                            self.carried = job.lane;
                        }
                        self.jobs[slot] = None;
                    }
                    None => {
                        let Some(&segment) = self.segments.get(self.next) else {
                            break;
                        };
                        self.next += 1;
                        let lane = self.lane_for(segment, domain);
                        if let Some(keyed) = &keyed {
                            keyed.fetch(segment.index, &mut self.lanes[lane]);
                        }
                        self.jobs[slot] = Some(Job {
                            lane,
                            from: if keyed.is_some() { segment.from } else { 0 },
                            at: segment.from,
                            to: segment.to,
                            last: self.next == self.segments.len(),
                            index: segment.index,
                        });
                    }
                }
            }
        }
        let jobs = self.jobs.iter().flatten();
        let rows = jobs.map(|job| job.to - job.at).min();
        rows.map(|rows| rows.min(self.step))
    }

    fn lane_for(&mut self, segment: Segment, domain: &Domain) -> usize {
        if !segment.begins {
            return self.carried;
        }
        let busy = |lane: &usize| self.jobs.iter().flatten().any(|job| job.lane == *lane);
        let lane = (0..LANES).find(|lane| !busy(lane)).unwrap_or_default();
        if lane == self.lanes.len() {
            self.lanes.push(Lane::new(lane, &domain.plan, self.step));
        }
        self.lanes[lane].reset();
        lane
    }
}

/// Cuts a batch at its group starts.
fn cut(segments: &mut Vec<Segment>, starts: &[u32], rows: usize) {
    segments.clear();
    let starts = || starts.iter().map(|&start| start as usize);
    let mut from = starts().next().unwrap_or(rows);
    if from > 0 {
        segments.push(Segment {
            from: 0,
            to: from,
            begins: false,
            index: 0,
        });
    }
    let ends = starts().skip(1).chain([rows]).take(starts().len());
    for (index, to) in ends.enumerate() {
        segments.push(Segment {
            from,
            to,
            begins: true,
            index,
        });
        from = to;
    }
}

impl Stage {
    /// Runs the maps in one lane; a map that only has warm-up rows in this step has nothing to do, which long windows that
    /// are read as a whole would pay for.
    fn map(
        &self,
        level: Checked,
        lane: &mut Lane,
        inputs: &[&[f64]],
        mut columns: Option<&mut [OutputColumn<'_>]>,
        at: usize,
        rows: usize,
    ) {
        let end = lane.row + rows as u64;
        for node in &self.maps {
            if end <= node.warm_up as u64 {
                continue;
            }
            let (streams, from) = lane.split(inputs, node.first);
            let target = match (columns.as_deref_mut(), &node.slots) {
                (Some(columns), Some(slots)) => Target::Columns { columns, slots, at },
                _ => Target::Wires(&mut from[..node.outputs]),
            };
            (node.pass)(level, streams, &node.inputs, &node.constants, target, rows);
        }
    }
}

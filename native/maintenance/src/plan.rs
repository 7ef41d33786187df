//! What an optimisation is going to do: a value, made from the state of a table and a policy alone.

use crate::error::{Error, Result};
use crate::predicate::Predicate;
use financelake_delta::{FileEntry, FileKey, TableState};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

const MIB: u64 = 1 << 20;

/// The values of a file's folder, as the log writes them.
pub type Partition = BTreeMap<String, Option<String>>;

/// The tag of files whose rows are in an order.
pub(crate) const ORDER_TAG: &str = "financelake.order";
/// Columns that an order may have.
const MOST_COLUMNS: usize = 4;

/// How columns make an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strategy {
    /// By the first column, within it by the second, and so on.
    Linear,
    /// Along the Z-order curve.
    Zorder,
    /// Along the Hilbert curve, which keeps neighbours together better.
    Hilbert,
}

impl Strategy {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Zorder => "zorder",
            Self::Hilbert => "hilbert",
        }
    }
}

impl std::str::FromStr for Strategy {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let all = [Self::Linear, Self::Zorder, Self::Hilbert];
        all.into_iter()
            .find(|strategy| strategy.name() == name)
            .ok_or_else(|| {
                Error::Argument(format!(
                    "the strategy is {name:?}; write linear, zorder or hilbert"
                ))
            })
    }
}

/// An order of rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The columns.
    pub columns: Vec<String>,
    /// How they make an order.
    pub strategy: Strategy,
}

impl Order {
    /// What files in this order are tagged with.
    pub(crate) fn tag(&self) -> String {
        format!("{}({})", self.strategy.name(), self.columns.join(","))
    }

    fn check(&self, state: &TableState) -> Result<()> {
        let refuse = |problem: String| {
            Err(Error::Argument(format!(
                "the order {}: {problem}",
                self.tag()
            )))
        };
        if self.columns.is_empty() || self.columns.len() > MOST_COLUMNS {
            return refuse(format!("name from 1 to {MOST_COLUMNS} columns"));
        }
        let schema: serde_json::Value = serde_json::from_str(state.schema()).unwrap_or_default();
        let fields: Vec<_> = schema["fields"].as_array().into_iter().flatten().collect();
        for (index, column) in self.columns.iter().enumerate() {
            if state.partition_columns().contains(column) {
                return refuse(format!(
                    "{column} names folders, in which all rows have the same value of it; leave it out"
                ));
            }
            if self.columns[..index].contains(column) {
                return refuse(format!("{column} is there twice"));
            }
            match fields.iter().find(|field| field["name"] == column.as_str()) {
                None => return refuse(format!("the table has no column {column}")),
                Some(field) if !field["type"].is_string() => {
                    return refuse(format!(
                        "{column} is a structure, a list or a map; name a column of values"
                    ));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}

/// What a table should be like.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Which files are looked at; all when it is `None`.
    pub condition: Option<String>,
    /// How large files should be, in MiB.
    pub target_mib: u64,
    /// A file that has lost more than this share of its rows is rewritten, however large it is.
    pub deleted_share: f64,
    /// The order of the rows in each folder; as they come when it is `None`.
    pub order: Option<Order>,
    /// Memory for sorting, in MiB, of all workers together.
    pub memory_mib: u64,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            condition: None,
            target_mib: 256,
            deleted_share: 0.05,
            order: None,
            memory_mib: 512,
        }
    }
}

/// Files that are read together and written anew.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Bin {
    /// Their folder.
    pub partition: Partition,
    /// The files.
    pub files: Vec<FileKey>,
    /// Their size.
    pub bytes: u64,
    /// Rows of them that are deleted, and will be left out.
    pub deleted_rows: u64,
    /// How many files are expected in their place.
    pub predicted_files: u64,
}

/// What is going to be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// The table's identifier.
    pub table: String,
    /// The version that was looked at.
    pub version: i64,
    /// The condition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// The order of the rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Order>,
    /// The size that files should have, in bytes.
    pub target_bytes: u64,
    /// Files of the table.
    pub files: usize,
    /// Files that the condition may concern.
    pub matching_files: usize,
    /// Files that are going to be read.
    pub rewritten_files: usize,
    /// Their size.
    pub rewritten_bytes: u64,
    /// How many files are expected in their place.
    pub predicted_files: u64,
    /// Memory that one worker needs at most: a finished file, and the row groups being read and written.
    pub memory_bytes: u64,
    /// The work.
    pub bins: Vec<Bin>,
}

/// Plans the optimisation of a table; `only` are the folders that are looked at, all when it is `None`.
///
/// # Errors
/// [`Error::Argument`] for a policy that cannot be followed.
pub fn plan(
    state: &TableState,
    policy: &Policy,
    only: Option<&BTreeSet<Partition>>,
) -> Result<Plan> {
    if !(1..=65_536).contains(&policy.target_mib) {
        return Err(Error::Argument(format!(
            "the target size is {} MiB; write a number from 1 to 65536",
            policy.target_mib
        )));
    }
    let target = policy.target_mib * MIB;
    if let Some(order) = &policy.order {
        order.check(state)?;
        if policy.memory_mib < 64 {
            return Err(Error::Argument(format!(
                "the memory for sorting is {} MiB; give at least 64",
                policy.memory_mib
            )));
        }
    }
    let condition = policy.condition.as_deref();
    let predicate = condition
        .map(|text| Predicate::parse(text, state))
        .transpose()?;
    let mut folders: BTreeMap<&Partition, Vec<&FileEntry>> = BTreeMap::new();
    let (mut files, mut matching) = (0, 0);
    for file in state.files() {
        files += 1;
        let wanted = only.is_none_or(|only| only.contains(&file.partition))
            && predicate
                .as_ref()
                .is_none_or(|predicate| predicate.may_match(file));
        if wanted {
            matching += 1;
            folders.entry(&file.partition).or_default().push(file);
        }
    }
    let bins: Vec<Bin> = folders
        .into_iter()
        .flat_map(|(partition, files)| match &policy.order {
            None => pack(partition, files, target, policy.deleted_share),
            Some(order) => sort(partition, files, target, policy.deleted_share, order),
        })
        .collect();
    Ok(Plan {
        table: state.id().to_owned(),
        version: state.version(),
        condition: policy.condition.clone(),
        order: policy.order.clone(),
        target_bytes: target,
        files,
        matching_files: matching,
        rewritten_files: bins.iter().map(|bin| bin.files.len()).sum(),
        rewritten_bytes: bins.iter().map(|bin| bin.bytes).sum(),
        predicted_files: bins.iter().map(|bin| bin.predicted_files).sum(),
        memory_bytes: target + 3 * crate::rewriter::ROW_GROUP_BYTES as u64,
        bins,
    })
}

/// The deleted rows of a file, and which share of it they are.
fn deleted(file: &FileEntry) -> (u64, f64) {
    let Some(vector) = &file.vector else {
        return (0, 0.0);
    };
    let rows = u64::try_from(vector.cardinality).unwrap_or(0);
    let total = file
        .statistics()
        .and_then(|statistics| statistics.num_records);
    // Without a count the file is taken to deserve a rewrite.
    (
        rows,
        total.map_or(1.0, |total| rows as f64 / total.max(1) as f64),
    )
}

/// Puts the files of a folder that are small or full of deleted rows into bins, oldest first, so that what was
/// written together stays together.
fn pack(
    partition: &Partition,
    mut files: Vec<&FileEntry>,
    target: u64,
    deleted_share: f64,
) -> Vec<Bin> {
    files.sort_by_key(|file| (file.time, file.key()));
    let mut bins: Vec<Bin> = Vec::new();
    let mut open: Option<(Bin, bool, u64)> = None;
    let mut close = |open: Option<(Bin, bool, u64)>| {
        // A single file is worth the work only for its deleted rows.
        bins.extend(
            open.filter(|(bin, worn, _)| *worn || bin.files.len() > 1)
                .map(|(bin, _, _)| bin),
        );
    };
    for file in files {
        let (rows, share) = deleted(file);
        let worn = share > deleted_share;
        let left = (file.size as f64 * (1.0 - share)) as u64;
        if left >= target / 4 * 3 && !worn {
            continue;
        }
        if open
            .as_ref()
            .is_some_and(|(_, _, filled)| filled + left > target)
        {
            close(open.take());
        }
        let (bin, any_worn, filled) = open.get_or_insert_with(|| {
            let bin = Bin {
                partition: partition.clone(),
                files: Vec::new(),
                bytes: 0,
                deleted_rows: 0,
                predicted_files: 1,
            };
            (bin, false, 0)
        });
        bin.files.push(file.key().clone());
        bin.bytes += file.size;
        bin.deleted_rows += rows;
        *any_worn |= worn;
        *filled += left;
        bin.predicted_files = filled.div_ceil(target).max(1);
    }
    close(open);
    bins
}

/// Puts the files of a folder that are not in the order yet, or too small, into one bin.
fn sort(
    partition: &Partition,
    mut files: Vec<&FileEntry>,
    target: u64,
    deleted_share: f64,
    order: &Order,
) -> Vec<Bin> {
    let tag = order.tag();
    let state = |file: &FileEntry| {
        let ordered = file.tag(ORDER_TAG).as_ref() == Some(&tag);
        let (rows, share) = deleted(file);
        (ordered, rows, share > deleted_share)
    };
    files.retain(|file| {
        let (ordered, _, worn) = state(file);
        !ordered || worn || file.size < target / 4 * 3
    });
    files.sort_by_key(|file| (file.time, file.key()));
    let needed = files.len() > 1
        || files
            .iter()
            .any(|file| matches!(state(file), (false, ..) | (.., true)));
    if !needed {
        return Vec::new();
    }
    let bytes = files.iter().map(|file| file.size).sum::<u64>();
    vec![Bin {
        partition: partition.clone(),
        bytes,
        deleted_rows: files.iter().map(|file| state(file).1).sum(),
        predicted_files: bytes.div_ceil(target).max(1),
        files: files.iter().map(|file| file.key().clone()).collect(),
    }]
}

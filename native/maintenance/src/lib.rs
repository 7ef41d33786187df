//! Maintenance of Delta tables: few large files instead of many small ones, and no file that nobody can reach.
//!
//! Every operation goes one way: read the state of the table, plan (a value that can be printed), apply. Rows never
//! change; what cannot be done without a risk to them is refused by name.
#![forbid(unsafe_code)]

mod checkpoint;
mod conform;
mod curve;
mod digest;
mod error;
mod fsck;
mod health;
mod layout;
mod optimize;
mod plan;
mod predicate;
mod readers;
mod recompute;
mod repair;
mod restore;
pub mod retention;
mod rewriter;
mod scalar;
mod side_by_side;
mod sorter;
mod source;
mod tokens;
mod vacuum;
mod work;

pub use checkpoint::{LogCare, checkpoint, expire_log};
pub use error::{Error, Result};
pub use fsck::{Check, Depth, Finding, fsck};
pub use health::{Health, health};
pub use optimize::{Report, optimize, prepare};
pub use plan::{Bin, Order, Partition, Plan, Policy, Strategy, plan};
pub use predicate::Predicate;
pub use readers::{Reader, checkpoints_beside, readers};
pub use recompute::{Recomputed, recompute};
pub use repair::{Repair, plan_repair, repair};
pub use restore::{Missing, Position, RestorePlan, Restored, Target, plan_restore, restore};
pub use vacuum::{Sweep, Unreachable, VacuumPolicy, sweep, vacuum};
pub use work::{Work, Written, assign, rewrite};

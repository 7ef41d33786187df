//! Technical indicators as causal state machines: a value depends on the rows up to its own, never on how the rows
//! were cut into batches.
//!
//! A *definition* ([`registry`]) turns inputs and parameters into a small graph ([`graph`]). Most nodes are *maps* over
//! current and lagged values ([`map`]), which vectorise, and *linear recurrences* ([`recurrence`]), which are interleaved
//! with their neighbours so that their latency is hidden. Windows are trees of maps ([`window`]), so a window has no
//! running sum that could drift. What neither can say is a function of a whole window ([`rolling`]) or a state machine
//! ([`scan`]). A [`Program`] compiles several calls at once and shares what they have in common.
//!
//! [`BlockExecutor`] runs a program over batches that may hold many groups; [`TickExecutor`] runs it one row at a time,
//! [`KeyedExecutor`] a few rows of each of many groups, [`RangeExecutor`] one long group in parts that run side by side.
//! All give the same bits, as does any cut into batches, any processor, and a state that was saved and restored.
//!
//! NULL rule, everywhere: a row where an input of a call is NULL, NaN or infinite yields NULL and does not exist for
//! that call; warm-up rows and results that are not finite are NULL.
//!
//! ```
//! use financelake_indicators::{Batch, BlockExecutor, Call, Column, OutputColumn, Program};
//!
//! // A 3-row mean of column 0, over two groups: rows 0 to 3, and row 4 on.
//! let call = Call { function: "sma".into(), inputs: vec![0], params: vec![3.0] };
//! let mut executor = BlockExecutor::new(Program::compile(&[call], 1)?.into());
//! let close = [1.0, 2.0, 3.0, 7.0, 10.0, 20.0, f64::NAN, 30.0];
//! let (mut values, mut validity) = ([0.0; 8], [0]);
//! executor.run(
//!     &Batch { rows: 8, columns: &[Column { values: &close, validity: None }], starts: &[0, 4] },
//!     &mut [OutputColumn::Real { values: &mut values, validity: &mut validity }],
//! )?;
//! assert_eq!(values, [0.0, 0.0, 2.0, 4.0, 0.0, 0.0, 0.0, 20.0]);
//! assert_eq!(validity, [0b1000_1100]); // rows 2, 3 and 7 are not NULL
//! # Ok::<(), financelake_indicators::Error>(())
//! ```
#![deny(unsafe_code)]

pub mod averages;
mod batch;
mod block;
mod chunks;
pub mod definitions;
mod domain;
mod elementary;
mod error;
pub mod graph;
mod keyed;
mod lane;
pub mod map;
pub mod ordered;
mod output;
mod params;
pub mod prices;
mod program;
mod range;
mod recall;
pub mod recurrence;
pub mod registry;
pub mod rolling;
pub mod scan;
pub mod simd;
mod state;
mod tick;
mod weighted;
pub mod window;

pub use batch::{Batch, Column, OutputColumn};
pub use block::BlockExecutor;
pub use error::Error;
pub use keyed::KeyedExecutor;
pub use params::{MaType, Params};
pub use program::{Call, OutputField, Program};
pub use range::{Parts, RangeExecutor};
pub use tick::TickExecutor;

//! Tests of the crate, driven by its registry: a new definition is covered as soon as it is listed.
//!
//! One binary, because all of them need the same data and the same way of running a program.

mod adaptive;
mod data;
mod distances;
mod drive;
mod exact;
mod formulas;
mod invariance;
mod keyed;
mod nulls;
mod odd;
mod oracle;
mod patterns;
mod random;
mod range;
mod references;
mod refusals;
mod registry;
mod state;
mod table;
mod windows;

//! The `financelake` command.
fn main() {}

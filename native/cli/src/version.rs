//! `financelake version`.

use std::io::{self, Write};

use financelake_indicators::simd::Level;

pub(crate) fn run() -> io::Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    writeln!(
        io::stdout().lock(),
        "financelake {version}, kernels {}",
        Level::detect().name()
    )
}

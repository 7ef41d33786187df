//! What several test files share: the repository's files and parsers on them.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::path::{Path, PathBuf};

use financelake_market::{Parser, ParserConfig};

/// 2026-12-01T00:00:00Z, after every row of the shipped data.
pub(crate) const RECEIVED: i64 = 1_796_083_200_000_000;

/// A path from the root of the repository.
pub(crate) fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

/// A text file from the root of the repository.
pub(crate) fn text(path: &str) -> String {
    let path = root(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The shipped instruments reference.
pub(crate) fn reference() -> String {
    text("data/reference/instruments.csv")
}

/// A JSON parser with the shipped reference and no other setting.
pub(crate) fn json_parser() -> Parser {
    parser(ParserConfig {
        reference: reference(),
        ..ParserConfig::default()
    })
}

/// A parser of a configuration that is known to be right.
pub(crate) fn parser(config: ParserConfig) -> Parser {
    Parser::new(&config).unwrap_or_else(|error| panic!("{error}"))
}
